import { IconCircleCheck, IconMailForward, IconShieldCheck, IconStethoscope, IconUserOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Enlace } from '@/app/direccion';
import { Pastilla } from '@/comun/Pastilla';
import { nombreDe, useNombreLugar, type Persona, type Rol } from './datos';

export function EstadoPersona({ persona }: { persona: Persona }) {
  const { t } = useTranslation('personal');
  if (!persona.activo)
    return (
      <Pastilla tono="gris" icono={IconUserOff}>
        {t('desactivada')}
      </Pastilla>
    );
  if (persona.invitacion_pendiente)
    return (
      <Pastilla tono="aviso" icono={IconMailForward}>
        {t('pendiente')}
      </Pastilla>
    );
  return (
    <Pastilla tono="bien" icono={IconCircleCheck}>
      {t('activa')}
    </Pastilla>
  );
}

export function Lista({ personas, roles }: { personas: Persona[]; roles: Rol[] }) {
  const { t } = useTranslation('personal');
  const lugar = useNombreLugar();
  const nombreRol = (una: Persona['asignaciones'][number]) => roles.find((rol) => rol.id === una.rol_id)?.nombre ?? una.rol;
  return (
    <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t('titulo')}>
      <table className="tabla tabla-apilada">
        <thead>
          <tr>
            <th scope="col">{t('persona')}</th>
            <th scope="col">{t('roles_y_sedes')}</th>
            <th scope="col" className="no-movil">
              {t('acceso')}
            </th>
            <th scope="col" className="no-movil">
              {t('estado')}
            </th>
          </tr>
        </thead>
        <tbody>
          {personas.map((persona) => (
            <tr key={persona.id}>
              <td>
                <Enlace a={`/personal/${persona.id}`} className="enlace-fila">
                  {nombreDe(persona)}
                </Enlace>{' '}
                {persona.es_medico && <IconStethoscope size={15} aria-label={t('medico')} role="img" style={{ verticalAlign: -2 }} />}
                <div className="tenue chico">{persona.correo}</div>
              </td>
              <td>
                {persona.asignaciones.length === 0 && <span className="tenue">{t('sin_roles')}</span>}
                {persona.asignaciones.map((una) => (
                  <div key={una.id}>
                    {nombreRol(una)} <span className="tenue chico">· {lugar(una.sede_id)}</span>
                  </div>
                ))}
              </td>
              <td className="no-movil">
                {persona.segundo_factor ? (
                  <Pastilla tono="bien" icono={IconShieldCheck}>
                    {t('con_segundo')}
                  </Pastilla>
                ) : (
                  <span className="tenue chico">{t('sin_segundo')}</span>
                )}
              </td>
              <td className="no-movil">
                <EstadoPersona persona={persona} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
