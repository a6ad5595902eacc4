import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Pestanas } from '@/comun/Pestanas';
import './integracion.css';

export function Partes({ titulo, detalle, acciones, filtros, children }: { titulo?: string; detalle?: ReactNode; acciones?: ReactNode; filtros?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation('integracion');
  const puede = usePuede();
  return (
    <Marco
      titulo={titulo ?? t('titulo')}
      detalle={detalle}
      acciones={acciones}
      partes={
        <Pestanas
          nombre={t('titulo')}
          lista={[
            { a: '/integracion', nombre: t('parte.claves'), ve: puede('integracion.administrar', 'cadena') },
            { a: '/integracion/webhooks', nombre: t('parte.webhooks'), ve: puede('webhook.administrar', 'cadena') },
            { a: '/integracion/trabajos', nombre: t('parte.trabajos'), ve: puede('trabajo.administrar', 'cadena') },
            { a: '/integracion/exportaciones', nombre: t('parte.exportaciones'), ve: puede('cadena.exportar', 'cadena') },
            { a: '/integracion/calendarios', nombre: t('parte.calendarios'), ve: puede('cita.ver', 'alguna') },
          ]}
        />
      }
      filtros={filtros}
    >
      {children}
    </Marco>
  );
}
