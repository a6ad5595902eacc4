/** The states that every screen has besides its own: empty, loading, failed, forbidden. */
import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconCloudOff, IconLock, IconMapSearch, IconMoodSad, type Icon } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problema, SinRed } from '@/api/problema';
import { usePuede } from './sesion';

function Estado({ icono: Icono, titulo, detalle, accion, alerta, nivel = 2 }: { nivel?: 1 | 2;  icono: Icon; titulo: string; detalle?: ReactNode; accion?: ReactNode; alerta?: boolean }) {
  return (
    <Stack className="estado" align="center" gap={6} role={alerta ? 'alert' : undefined}>
      <span className="estado-icono">
        <Icono size={30} stroke={1.5} aria-hidden />
      </span>
      <Title order={nivel} size="h4">
        {titulo}
      </Title>
      {detalle && (
        <Text size="sm" c="dimmed" maw={460} ta="center">
          {detalle}
        </Text>
      )}
      {accion && <div className="estado-accion">{accion}</div>}
    </Stack>
  );
}

export const Vacio = ({ icono = IconMapSearch, titulo, detalle, accion, nivel = 2 }: { nivel?: 1 | 2; icono?: Icon; titulo: string; detalle?: ReactNode; accion?: ReactNode }) => (
  <Estado icono={icono} titulo={titulo} detalle={detalle} accion={accion} nivel={nivel} />
);

/** Skeletons of the height that the content will have, so that nothing jumps. */
export function Cargando({ filas = 6, alto = 44 }: { filas?: number; alto?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" role="status" aria-label={t('cargando')}>
      {Array.from({ length: filas }, (_, i) => (
        <Skeleton key={i} height={alto} radius="md" />
      ))}
    </Stack>
  );
}

export function Fallo({ falla, reintentar }: { falla: unknown; reintentar?: () => void }) {
  const { t } = useTranslation();
  const boton = reintentar && (
    <Button variant="default" onClick={reintentar}>
      {t('reintentar')}
    </Button>
  );
  if (falla instanceof SinRed) return <Estado alerta icono={IconCloudOff} titulo={t('sin_red.titulo')} detalle={t('fallo.sin_red')} accion={boton} />;
  if (falla instanceof Problema && falla.status === 403) return <SinPermiso detalle={falla.detalle} />;
  if (falla instanceof Problema && falla.status === 404)
    return <Estado icono={IconMapSearch} titulo={t('fallo.no_existe')} detalle={t('fallo.no_existe_detalle')} />;
  const problema = falla instanceof Problema ? falla : undefined;
  const detalle = problema && problema.status < 500 ? (problema.detalle ?? problema.titulo) : t('fallo.detalle');
  return (
    <Estado
      alerta
      icono={IconMoodSad}
      titulo={t('fallo.titulo')}
      detalle={
        <>
          {detalle}
          {problema?.traza && <span className="traza">{t('fallo.codigo', { traza: problema.traza })}</span>}
        </>
      }
      accion={boton}
    />
  );
}

/** `nivel` 1 where it is the whole page. */
export function SinPermiso({ permiso, detalle, nivel = 2 }: { permiso?: string; detalle?: string | undefined; nivel?: 1 | 2 }) {
  const { t } = useTranslation();
  return <Estado nivel={nivel} icono={IconLock} titulo={t('sin_permiso.titulo')} detalle={detalle ?? t('sin_permiso.detalle', { permiso: permiso ?? '' })} />;
}

/** Shows its children to those who may; to others nothing, or what `si_no` says. */
export function Puede({ permiso, sede, si_no = null, children }: { permiso: string; sede?: string | 'cadena' | 'alguna'; si_no?: ReactNode; children: ReactNode }) {
  const puede = usePuede();
  return puede(permiso, sede) ? children : si_no;
}

/** A query's four states in one place. What was there stays on the screen while it is read again. */
export function Segun<T>({ consulta, cargando, vacio, children }: { consulta: UseQueryResult<T, unknown>; cargando?: ReactNode; vacio?: (datos: T) => ReactNode; children: (datos: T) => ReactNode }) {
  if (consulta.data === undefined) {
    if (consulta.isError) return <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />;
    return cargando ?? <Cargando />;
  }
  return vacio?.(consulta.data) ?? children(consulta.data);
}
