/** The agenda in another calendar (Google, Outlook, a phone): read only, by a secret address. */
import { Button, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBan, IconCalendarShare, IconCheck, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { usePuede, useSesion } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Forma, Lateral, Pregunta } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { Pastilla } from '@/comun/Pastilla';
import { useNombreSede, usePersonas } from '@/comun/Quien';
import { Copiable, UnaVez } from '@/comun/Secreto';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Partes } from './Partes';

type Calendario = Esquemas['Page_Calendario']['items'][number];
export default function Calendarios() {
  const { t } = useTranslation('integracion');
  const [{ abrir }, cambiar] = useFiltros({ abrir: '' });
  const consulta = $api.useQuery('get', '/api/v1/calendarios', { params: { query: { limite: 100 } } });
  const nuevo = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
      {t('calendarios.nuevo')}
    </Button>
  );
  return (
    <Partes
      detalle={t('calendarios.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/calendarios" />
          {nuevo}
        </>
      }
    >
      <Segun consulta={consulta} vacio={({ items }) => (items.length === 0 ? <Vacio icono={IconCalendarShare} titulo={t('calendarios.nada')} detalle={t('calendarios.nada_detalle')} accion={nuevo} /> : null)}>
        {({ items }) => (
          <ul className="panel lineas renglones">
            {items.map((uno) => (
              <Uno key={uno.id} calendario={uno} />
            ))}
          </ul>
        )}
      </Segun>
      <Lateral titulo={t('calendarios.nuevo')} abierto={abrir === 'nuevo'} cerrar={() => cambiar({ abrir: '' })}>
        <Nuevo listo={() => cambiar({ abrir: '' })} />
      </Lateral>
    </Partes>
  );
}

function Uno({ calendario }: { calendario: Calendario }) {
  const { t } = useTranslation('integracion');
  const persona = usePersonas();
  const sede = useNombreSede();
  const [pregunta, setPregunta] = useState(false);
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b>{[calendario.medico_id && (persona(calendario.medico_id) ?? t('calendarios.un_medico')), calendario.sede_id ? sede(calendario.sede_id) : t('todas_las_sedes')].filter(Boolean).join(' · ')}</b>
          <Pastilla tono={calendario.revocado_en ? 'gris' : 'bien'} icono={calendario.revocado_en ? IconBan : IconCheck}>
            {t(calendario.revocado_en ? 'calendarios.revocado' : 'calendarios.sirve')}
          </Pastilla>
        </div>
        <div className="tenue chico num">{[persona(calendario.creado_por), fechaHora(calendario.creado_en, ZONA), calendario.usado_en ? t('calendarios.leido', { cuando: fechaHora(calendario.usado_en, ZONA) }) : t('calendarios.nunca_leido')].filter(Boolean).join(' · ')}</div>
      </div>
      {!calendario.revocado_en && (
        <Button size="compact-sm" variant="default" onClick={() => setPregunta(true)}>
          {t('revocar')}
        </Button>
      )}
      {pregunta && (
        <Pregunta
          titulo={t('calendarios.revocar_titulo')}
          detalle={t('calendarios.revocar_detalle')}
          si={t('revocar')}
          cerrar={() => setPregunta(false)}
          hacer={async () => {
            await api.DELETE('/api/v1/calendarios/{id}', { params: { path: { id: calendario.id } } });
            avisar({ tono: 'bien', titulo: t('calendarios.ya_revocado') });
            await renovar('/api/v1/calendarios');
          }}
        />
      )}
    </li>
  );
}

function Nuevo({ listo }: { listo: () => void }) {
  const { t } = useTranslation('integracion');
  const { yo, sede } = useSesion();
  const puede = usePuede();
  const medicos = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { es_medico: true, activo: true, limite: 200 } } }, { enabled: puede('usuario.ver', 'alguna') });
  const [ruta, setRuta] = useState<string>();
  const formulario = useForm({ initialValues: { sede_id: sede?.id ?? '', medico_id: yo.es_medico ? yo.id : '' }, validate: { sede_id: (v, { medico_id }) => (v || medico_id ? null : t('calendarios.falta')) } });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const crear = () =>
    envio.enviar(async () => {
      const hecho = await cuerpo(api.POST('/api/v1/calendarios', { params: { header: { 'Idempotency-Key': llave() } }, body: { sede_id: v.sede_id || null, medico_id: v.medico_id || null } }));
      setRuta(new URL(hecho.ruta ?? '', location.origin).href);
      await renovar('/api/v1/calendarios');
    });
  if (ruta)
    return (
      <Stack>
        <UnaVez />
        <Copiable nombre={t('calendarios.direccion')} valor={ruta} detalle={t('calendarios.direccion_ayuda')} />
        <Button onClick={listo}>{t('ya_la_guarde')}</Button>
      </Stack>
    );
  const quienes = yo.es_medico && !medicos.data ? [{ value: yo.id, label: `${yo.nombres} ${yo.apellidos}` }] : (medicos.data?.items ?? []).map((uno) => ({ value: uno.id, label: `${uno.nombres} ${uno.apellidos}` }));
  const quitar = { clearable: true, searchable: true, clearButtonProps: { 'aria-label': t('app:quitar') } } as const;
  return (
    <Forma envio={envio} listo={listo} guardar={t('calendarios.crear')} alEnviar={formulario.onSubmit(() => void crear())}>
      <Select {...quitar} label={t('calendarios.sede')} placeholder={t('todas_las_sedes')} data={yo.sedes.map((una) => ({ value: una.id, label: una.nombre }))} value={v.sede_id || null} onChange={(valor) => formulario.setFieldValue('sede_id', valor ?? '')} error={formulario.errors.sede_id} />
      <Select {...quitar} label={t('calendarios.medico')} placeholder={t('calendarios.todos_los_medicos')} data={quienes} value={v.medico_id || null} onChange={(valor) => formulario.setFieldValue('medico_id', valor ?? '')} error={formulario.errors.medico_id} />
      <p className="tenue chico">{t('calendarios.que_muestra')}</p>
    </Forma>
  );
}
