/** The frame that the parts of this screen share. */
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import { MarcoConPartes, type DeUnaParte } from '@/comun/MarcoConPartes';
import './recordatorios.css';

export function Partes(parte: DeUnaParte) {
  const { t } = useTranslation('recordatorios');
  const configura = usePuede()('mensaje.configurar', 'cadena');
  return (
    <MarcoConPartes
      nombre={t('titulo')}
      lista={[
        { a: '/recordatorios', nombre: t('parte.previstos') },
        { a: '/recordatorios/mensajes', nombre: t('parte.mensajes') },
        { a: '/recordatorios/respuestas', nombre: t('parte.respuestas') },
        { a: '/recordatorios/resultados', nombre: t('parte.resultados') },
        { a: '/recordatorios/plantillas', nombre: t('parte.plantillas'), ve: configura },
        { a: '/recordatorios/ajustes', nombre: t('parte.ajustes'), ve: configura },
      ]}
      {...parte}
    />
  );
}
