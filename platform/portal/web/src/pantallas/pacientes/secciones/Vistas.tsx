import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { nombrar } from '@/comun/nombrar';
import { Nada, Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import type { Mascota } from '../datos';

/** Who looked at or changed this record. */
export function Vistas({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const consulta = $api.useQuery('get', '/api/v1/auditoria/{entidad}/{id}', { params: { path: { entidad: 'mascota', id: mascota.id }, query: { limite: 6 } } });
  return (
    <Seccion titulo={t('vistas.titulo')}>
      <Segun consulta={consulta} vacio={({ items }) => (items.length === 0 ? <Nada>{t('vistas.nadie')}</Nada> : null)}>
        {({ items }) => (
          <>
            <ul className="lineas">
              {items.map((uno) => (
                <li key={uno.id}>
                  <b className="peso-medio">{uno.actor.nombre ?? nombrar(`pacientes:vistas.actor.${uno.actor.tipo}`, uno.actor.tipo)}</b> <span className="tenue">{nombrar(`pacientes:vistas.accion.${uno.accion}`, uno.accion)}</span>
                  <div className="tenue chico">{fechaHora(uno.en, ZONA)}</div>
                </li>
              ))}
            </ul>
            <Anchor component={Enlace} a="/auditoria" con={{ entidad: 'mascota', id: mascota.id }} size="sm">
              {t('vistas.todo')}
            </Anchor>
          </>
        )}
      </Segun>
    </Seccion>
  );
}
