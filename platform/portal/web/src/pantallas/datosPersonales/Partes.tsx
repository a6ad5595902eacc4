import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import { MarcoConPartes, type DeUnaParte } from '@/comun/MarcoConPartes';
import './datosPersonales.css';

export function Partes(parte: DeUnaParte) {
  const { t } = useTranslation('datosPersonales');
  const puede = usePuede();
  return (
    <MarcoConPartes
      nombre={t('titulo')}
      lista={[
        { a: '/datos-personales', nombre: t('parte.solicitudes'), ve: puede('derecho.atender', 'cadena') },
        { a: '/datos-personales/incidentes', nombre: t('parte.incidentes'), ve: puede('derecho.atender', 'cadena') },
        { a: '/datos-personales/conservacion', nombre: t('parte.conservacion'), ve: puede('conservacion.configurar', 'cadena') },
        { a: '/datos-personales/aperturas', nombre: t('parte.aperturas'), ve: puede('apertura.revisar', 'cadena') },
      ]}
      {...parte}
    />
  );
}
