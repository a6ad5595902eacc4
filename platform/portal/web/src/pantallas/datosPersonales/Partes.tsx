import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Pestanas } from '@/comun/Pestanas';
import './datosPersonales.css';

export const ZONA = 'America/Lima';

export function Partes({ detalle, acciones, filtros, children }: { detalle?: ReactNode; acciones?: ReactNode; filtros?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation('datosPersonales');
  const puede = usePuede();
  return (
    <Marco
      titulo={t('titulo')}
      detalle={detalle}
      acciones={acciones}
      partes={
        <Pestanas
          nombre={t('titulo')}
          lista={[
            { a: '/datos-personales', nombre: t('parte.solicitudes'), ve: puede('derecho.atender', 'cadena') },
            { a: '/datos-personales/incidentes', nombre: t('parte.incidentes'), ve: puede('derecho.atender', 'cadena') },
            { a: '/datos-personales/conservacion', nombre: t('parte.conservacion'), ve: puede('conservacion.configurar', 'cadena') },
            { a: '/datos-personales/aperturas', nombre: t('parte.aperturas'), ve: puede('apertura.revisar', 'cadena') },
          ]}
        />
      }
      filtros={filtros}
    >
      {children}
    </Marco>
  );
}
