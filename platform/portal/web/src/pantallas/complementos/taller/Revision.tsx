/** For who runs the platform: what waits for its signature, and the publishers. */
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Segun, SinPermiso } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Exportar } from '@/comun/Exportar';
import { Seccion } from '@/comun/Seccion';
import { useEsPlataforma } from '../datos';
import { Area } from '../Partes';
import { ListaEditores } from './ListaEditores';
import { Versiones } from './Versiones';

export default function Revision() {
  const { t } = useTranslation('complementos');
  const plataforma = useEsPlataforma();
  return (
    <Marco titulo={t('titulo')} detalle={t('revision.detalle')} partes={<Area />}>
      {plataforma ? <Mesa /> : <SinPermiso detalle={t('revision.solo_plataforma')} />}
    </Marco>
  );
}

function Mesa() {
  const { t } = useTranslation('complementos');
  const editores = $api.useQuery('get', '/api/v1/complementos/editores', { params: { query: { limite: 200 } } });
  return (
    <div className="cmp-columna">
      <Seccion titulo={t('revision.versiones')}>
        <Versiones inicial="en_revision" />
      </Seccion>
      <Seccion titulo={t('revision.editores')} cuenta={editores.data?.items.length} acciones={<Exportar chico icono nombre={t('revision.editores')} de="/api/v1/complementos/editores" />}>
        <Segun consulta={editores}>{({ items }) => <ListaEditores editores={items} />}</Segun>
      </Seccion>
    </div>
  );
}
