import { useTranslation } from 'react-i18next';
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { usePuede } from '@/app/sesion';
import { MarcoConPartes, type DeUnaParte } from '@/comun/MarcoConPartes';
import type { Tono } from '@/comun/Pastilla';
import './alertas.css';

export const GRAVEDADES = ['critica', 'advertencia', 'info'] as const;
export type Gravedad = (typeof GRAVEDADES)[number];
export const ICONOS = { critica: IconAlertOctagon, advertencia: IconAlertTriangle, info: IconInfoCircle };
export const TONOS: Record<Gravedad, Tono> = { critica: 'grave', advertencia: 'aviso', info: 'nota' };

export function Partes(parte: DeUnaParte) {
  const { t } = useTranslation('alertas');
  const ensaya = usePuede()('alerta.ensayar', 'cadena');
  return (
    <MarcoConPartes
      nombre={t('titulo')}
      lista={[
        { a: '/alertas', nombre: t('parte.abiertas') },
        { a: '/alertas/ensayos', nombre: t('parte.ensayos'), ve: ensaya },
      ]}
      {...parte}
    />
  );
}
