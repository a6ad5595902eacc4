/** Everything of the chain in one file of an open format: it is theirs. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconClockOff, IconDownload, IconLoader, IconPackageExport, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { Segun, Vacio } from '@/app/estados';
import { Avance } from '@/comun/Avance';
import { Exportar } from '@/comun/Exportar';
import { Pregunta } from '@/comun/Forma';
import { Pastilla, type Tono } from '@/comun/Pastilla';
import { usePersonas } from '@/comun/Quien';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Partes } from './Partes';

type Exportacion = Esquemas['Exportacion'];
const TONO: Record<Exportacion['estado'], [Tono, Icon]> = { en_curso: ['nota', IconLoader], lista: ['bien', IconCheck], fallida: ['grave', IconAlertCircle], vencida: ['gris', IconClockOff] };
const tamano = (bytes: number) => (bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1_048_576).toLocaleString('es-PE', { maximumFractionDigits: 1 })} MB`);

export default function Exportaciones() {
  const { t } = useTranslation('integracion');
  const [pregunta, setPregunta] = useState(false);
  const consulta = $api.useQuery('get', '/api/v1/exportaciones', { params: { query: { limite: 50 } } }, { refetchInterval: (c) => (c.state.data?.items.some((una) => una.estado === 'en_curso') ? 1_000 : false) });
  const pedir = (
    <Button leftSection={<IconPackageExport size={17} aria-hidden />} disabled={consulta.data?.items.some((una) => una.estado === 'en_curso') ?? false} onClick={() => setPregunta(true)}>
      {t('exportaciones.pedir')}
    </Button>
  );
  return (
    <Partes
      detalle={t('exportaciones.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/exportaciones" />
          {pedir}
        </>
      }
    >
      <Segun consulta={consulta} vacio={({ items }) => (items.length === 0 ? <Vacio icono={IconPackageExport} titulo={t('exportaciones.nada')} detalle={t('exportaciones.nada_detalle')} /> : null)}>
        {({ items }) => (
          <ul className="panel lineas renglones">
            {items.map((una) => (
              <Una key={una.id} exportacion={una} />
            ))}
          </ul>
        )}
      </Segun>
      {pregunta && (
        <Pregunta
          titulo={t('exportaciones.pedir_titulo')}
          detalle={t('exportaciones.pedir_detalle')}
          si={t('exportaciones.pedir')}
          grave={false}
          cerrar={() => setPregunta(false)}
          hacer={async () => {
            await cuerpo(api.POST('/api/v1/exportaciones'));
            await renovar('/api/v1/exportaciones');
          }}
        />
      )}
    </Partes>
  );
}

function Una({ exportacion }: { exportacion: Exportacion }) {
  const { t } = useTranslation('integracion');
  const persona = usePersonas();
  const [tono, icono] = TONO[exportacion.estado];
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b>{fechaHora(exportacion.creado_en, ZONA)}</b>
          <Pastilla tono={tono} icono={icono}>
            {t(`exportaciones.estado.${exportacion.estado}`)}
          </Pastilla>
        </div>
        <div className="tenue chico num">{[persona(exportacion.creado_por), exportacion.bytes && tamano(exportacion.bytes), exportacion.filas && t('exportaciones.filas', { count: exportacion.filas }), exportacion.estado === 'lista' && exportacion.vence_en && t('exportaciones.hasta', { cuando: fechaHora(exportacion.vence_en, ZONA) })].filter(Boolean).join(' · ')}</div>
        {exportacion.estado === 'en_curso' && <Avance nombre={t('exportaciones.escribiendo')} hecho={exportacion.tablas} total={exportacion.de_tablas} detalle={t('exportaciones.tablas', { hechas: exportacion.tablas, total: exportacion.de_tablas })} />}
        {exportacion.error && <div className="chico">{exportacion.error}</div>}
        {exportacion.sha256 && exportacion.estado === 'lista' && <div className="tenue url">SHA-256 {exportacion.sha256}</div>}
      </div>
      {exportacion.estado === 'lista' && (
        <Button component="a" href={`/api/v1/exportaciones/${exportacion.id}/archivo`} download size="compact-sm" leftSection={<IconDownload size={15} aria-hidden />}>
          {t('exportaciones.bajar')}
        </Button>
      )}
    </li>
  );
}
