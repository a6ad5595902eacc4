/** One person: who, what they may do and where, how they sign in. */
import { Anchor, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace, useParametro } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Seccion } from '@/comun/Seccion';
import { Acceso } from './Acceso';
import { nombreDe, useRoles, type Persona } from './datos';
import { DatosPersona } from './DatosPersona';
import { Desactivar } from './Desactivar';
import { EstadoPersona } from './Lista';
import { Roles } from './RolesDePersona';
import '@/comun/listas.css';

/** Of the sedes where they work, some is administered by who looks; the API has the last word. */
const administra = (persona: Persona, puede: ReturnType<typeof usePuede>) => persona.asignaciones.some((una) => puede('usuario.administrar', una.sede_id ?? 'cadena')) || puede('usuario.administrar', 'cadena');

export default function UnaPersona() {
  const { t } = useTranslation('personal');
  const id = useParametro('id');
  const puede = usePuede();
  const consulta = $api.useQuery('get', '/api/v1/usuarios/{id}', { params: { path: { id } } });
  const roles = useRoles().data ?? [];
  const persona = consulta.data;
  return (
    <Marco
      titulo={persona ? nombreDe(persona) : t('persona')}
      detalle={
        <Group gap="sm">
          <Anchor component={Enlace} a="/personal" size="sm">
            {t('todos')}
          </Anchor>
          {persona && <EstadoPersona persona={persona} />}
          {persona && puede('auditoria.ver', 'alguna') && (
            <Anchor component={Enlace} a="/auditoria" con={{ actor: id }} size="sm">
              {t('que_hizo')}
            </Anchor>
          )}
        </Group>
      }
    >
      <Segun consulta={consulta}>
        {(una) => {
          const edita = administra(una, puede);
          return (
            <div className="locales">
              <Roles persona={una} roles={roles} edita={edita && una.activo} />
              <Seccion titulo={t('datos')}>
                <DatosPersona persona={una} edita={edita} />
              </Seccion>
              {edita && <Acceso persona={una} />}
              {edita && <Desactivar persona={una} />}
            </div>
          );
        }}
      </Segun>
    </Marco>
  );
}
