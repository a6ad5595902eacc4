/** Bringing what another program had: choose what it is, drop the file. And what was brought before. */
import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { usePersonas } from '@/comun/Quien';
import { Nada, Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Estado, type Importacion } from './datos';
import { Subir } from './Subir';
import './importaciones.css';

export default function Importaciones() {
  const { t } = useTranslation('importaciones');
  const consulta = usePaginas('/api/v1/importaciones', {}, (cursor) => cuerpo(api.GET('/api/v1/importaciones', { params: { query: { limite: 25, ...cursor } } })));
  return (
    <Marco titulo={t('titulo')} detalle={t('detalle')}>
      <div className="importar">
        <Subir />
        <Seccion titulo={t('anteriores')} acciones={<Exportar chico de="/api/v1/importaciones" />}>
          {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
          {consulta.isPending && <Cargando filas={3} alto={52} />}
          {consulta.data && consulta.items.length === 0 && <Nada>{t('ninguna')}</Nada>}
          <ul className="lineas">
            {consulta.items.map((una) => (
              <Una key={una.id} importacion={una} />
            ))}
          </ul>
          <Mas consulta={consulta} />
        </Seccion>
      </div>
    </Marco>
  );
}

function Una({ importacion }: { importacion: Importacion }) {
  const { t } = useTranslation('importaciones');
  const persona = usePersonas();
  const cuentas = ['importada', 'deshecha'].includes(importacion.estado) ? [t('cuenta.nuevas', { count: importacion.nuevas }), importacion.actualizadas > 0 && t('cuenta.actualizadas', { count: importacion.actualizadas }), importacion.errores > 0 && t('cuenta.errores', { count: importacion.errores })] : [t('filas', { count: importacion.filas })];
  return (
    <li className="renglon">
      <div>
        <Anchor component={Enlace} a={`/importaciones/${importacion.id}`} fw={600} fz="inherit" c="inherit" underline="always">
          {importacion.nombre}
        </Anchor>
        <div className="tenue chico num">{[t(`tipo.${importacion.tipo}`), ...cuentas, fechaHora(importacion.creado_en, ZONA), persona(importacion.creado_por)].filter(Boolean).join(' · ')}</div>
      </div>
      <Estado estado={importacion.estado} />
    </li>
  );
}
