import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Pestanas } from '@/comun/Pestanas';
import type { Tono } from '@/comun/Pastilla';
import './alertas.css';

export const GRAVEDADES = ['critica', 'advertencia', 'info'] as const;
export type Gravedad = (typeof GRAVEDADES)[number];
export const ICONOS = { critica: IconAlertOctagon, advertencia: IconAlertTriangle, info: IconInfoCircle };
export const TONOS: Record<Gravedad, Tono> = { critica: 'grave', advertencia: 'aviso', info: 'nota' };

export function Partes({ titulo, detalle, acciones, filtros, children }: { titulo?: string; detalle?: ReactNode; acciones?: ReactNode; filtros?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation('alertas');
  const ensaya = usePuede()('alerta.ensayar', 'cadena');
  return (
    <Marco
      titulo={titulo ?? t('titulo')}
      detalle={detalle}
      acciones={acciones}
      partes={
        <Pestanas
          nombre={t('titulo')}
          lista={[
            { a: '/alertas', nombre: t('parte.abiertas') },
            { a: '/alertas/ensayos', nombre: t('parte.ensayos'), ve: ensaya },
          ]}
        />
      }
      filtros={filtros}
    >
      {children}
    </Marco>
  );
}
