/** What a person may do, sede by sede: roles given and taken. */
import { Anchor, Button, Group, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { Nada, Seccion } from '@/comun/Seccion';
import { renovarPersonal, useLugares, useNombreLugar, type Asignacion, type Persona, type Rol } from './datos';

const dar = async (persona: string, rol_id: string, sede_id: string | null) => {
  const hecha = await cuerpo(api.POST('/api/v1/usuarios/{id}/asignaciones', { params: { path: { id: persona }, header: { 'Idempotency-Key': llave() } }, body: { rol_id, sede_id } }));
  await renovarPersonal();
  return hecha;
};
const quitar = async (id: string) => {
  await api.DELETE('/api/v1/asignaciones/{id}', { params: { path: { id } } });
  await renovarPersonal();
};

export function Roles({ persona, roles, edita }: { persona: Persona; roles: Rol[]; edita: boolean }) {
  const { t } = useTranslation('personal');
  const [abierto, setAbierto] = useState(false);
  const lugar = useNombreLugar();
  const puede = usePuede();
  const nombre = (una: Asignacion) => roles.find((rol) => rol.id === una.rol_id)?.nombre ?? una.rol;
  async function sacar(una: Asignacion) {
    try {
      await quitar(una.id);
      avisar({ tono: 'bien', titulo: t('rol_quitado', { rol: nombre(una), lugar: lugar(una.sede_id) }), deshacer: () => dar(persona.id, una.rol_id, una.sede_id ?? null).then(() => undefined, avisarFalla) });
    } catch (falla) {
      avisarFalla(falla);
    }
  }
  return (
    <Seccion
      titulo={t('roles_y_sedes')}
      acciones={
        edita &&
        !abierto && (
          <Button size="compact-sm" variant="light" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAbierto(true)}>
            {t('dar_rol')}
          </Button>
        )
      }
    >
      {persona.asignaciones.length === 0 && <Nada>{t('sin_roles_detalle')}</Nada>}
      <ul className="lineas">
        {persona.asignaciones.map((una) => (
          <li key={una.id} className="local">
            <div>
              <b>{nombre(una)}</b>
              <div className="tenue chico">{lugar(una.sede_id)}</div>
            </div>
            {edita && puede('usuario.administrar', una.sede_id ?? 'cadena') && (
              <Button variant="subtle" size="compact-sm" color="gray" aria-label={t('quitar_rol', { rol: nombre(una), lugar: lugar(una.sede_id) })} onClick={() => void sacar(una)}>
                {t('quitar')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {abierto && <Dar persona={persona} roles={roles} listo={() => setAbierto(false)} />}
      <Anchor component={Enlace} a="/por-que" con={{ usuario: persona.id }} size="sm">
        {t('porque.enlace')}
      </Anchor>
    </Seccion>
  );
}

function Dar({ persona, roles, listo }: { persona: Persona; roles: Rol[]; listo: () => void }) {
  const { t } = useTranslation('personal');
  const lugares = useLugares();
  const nombreLugar = useNombreLugar();
  const formulario = useForm({
    initialValues: { rol_id: '', sede_id: lugares.length === 1 ? (lugares[0]?.value ?? '') : '' },
    validate: { rol_id: (v) => (v ? null : t('falta.rol')), sede_id: (v) => (v ? null : t('falta.lugar')) },
  });
  const envio = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const sede_id = v.sede_id === 'cadena' ? null : v.sede_id;
      const hecha = await dar(persona.id, v.rol_id, sede_id);
      listo();
      avisar({ tono: 'bien', titulo: t('rol_dado', { rol: roles.find((rol) => rol.id === v.rol_id)?.nombre, lugar: nombreLugar(sede_id) }), deshacer: () => quitar(hecha?.id ?? '').catch(avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t('dar_rol')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Group grow align="flex-start">
        <Select label={t('rol')} allowDeselect={false} data={roles.map((rol) => ({ value: rol.id, label: rol.nombre }))} {...formulario.getInputProps('rol_id')} value={formulario.values.rol_id || null} />
        <Select label={t('donde')} allowDeselect={false} data={lugares} {...formulario.getInputProps('sede_id')} value={formulario.values.sede_id || null} />
      </Group>
    </Forma>
  );
}
