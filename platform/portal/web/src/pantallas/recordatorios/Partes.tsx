/** The frame that the parts of this screen share. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Pestanas } from '@/comun/Pestanas';
import './recordatorios.css';

export const MEDIOS = ['whatsapp', 'sms', 'correo'] as const;
export type Medio = (typeof MEDIOS)[number];

export function Partes({ detalle, acciones, filtros, children }: { detalle?: ReactNode; acciones?: ReactNode; filtros?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation('recordatorios');
  const configura = usePuede()('mensaje.configurar', 'cadena');
  return (
    <Marco
      titulo={t('titulo')}
      detalle={detalle}
      acciones={acciones}
      partes={
        <Pestanas
          nombre={t('titulo')}
          lista={[
            { a: '/recordatorios', nombre: t('parte.previstos') },
            { a: '/recordatorios/mensajes', nombre: t('parte.mensajes') },
            { a: '/recordatorios/respuestas', nombre: t('parte.respuestas') },
            { a: '/recordatorios/resultados', nombre: t('parte.resultados') },
            { a: '/recordatorios/plantillas', nombre: t('parte.plantillas'), ve: configura },
            { a: '/recordatorios/ajustes', nombre: t('parte.ajustes'), ve: configura },
          ]}
        />
      }
      filtros={filtros}
    >
      {children}
    </Marco>
  );
}
