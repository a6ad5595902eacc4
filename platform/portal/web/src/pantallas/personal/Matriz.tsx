import { IconCheck } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { cambiarPermiso } from './cambiarRol';
import { describir, nombrarModulo, porModulo, type Permiso, type Rol } from './datos';

type Props = { permisos: Permiso[]; roles: Rol[]; edita: boolean; abrir: (rol: string) => void };

export function Matriz({ permisos, roles, edita, abrir }: Props) {
  const { t } = useTranslation('personal');
  return (
    <div className="panel matriz-caja" tabIndex={0} role="region" aria-label={t('roles.titulo')}>
      <table className="tabla matriz">
        <thead>
          <tr>
            <th scope="col">{t('roles.permiso')}</th>
            {roles.map((rol) => (
              <th key={rol.id} scope="col">
                {edita ? (
                  <button type="button" className="enlace-boton" onClick={() => abrir(rol.id)} aria-label={t('roles.abrir', { rol: rol.nombre })}>
                    {rol.nombre}
                  </button>
                ) : (
                  rol.nombre
                )}
                {!rol.de_sistema && <div className="chico">{t('roles.propio')}</div>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {porModulo(permisos).map(([modulo, suyos]) => (
            <Fragment key={modulo}>
              <tr className="matriz-modulo">
                <th scope="colgroup" colSpan={roles.length + 1}>
                  {nombrarModulo(modulo)}
                </th>
              </tr>
              {suyos.map((permiso) => (
                <tr key={permiso.clave}>
                  <th scope="row">
                    {describir(permiso)}
                    {permiso.alcance === 'cadena' && <span className="matriz-alcance">{t('roles.solo_cadena')}</span>}
                  </th>
                  {roles.map((rol) => (
                    <td key={rol.id}>
                      <Celda rol={rol} permiso={permiso} edita={edita} />
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Celda({ rol, permiso, edita }: { rol: Rol; permiso: Permiso; edita: boolean }) {
  const { t } = useTranslation('personal');
  const tiene = rol.permisos.includes(permiso.clave);
  if (edita) return <input type="checkbox" checked={tiene} aria-label={`${rol.nombre}: ${describir(permiso)}`} onChange={(evento) => void cambiarPermiso(rol, permiso, evento.currentTarget.checked)} />;
  return tiene ? <IconCheck size={17} stroke={2.4} role="img" aria-label={t('si')} /> : <span className="tenue" aria-label={t('no')} role="img">·</span>;
}
