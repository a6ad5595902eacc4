import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import { MarcoConPartes, type DeUnaParte } from '@/comun/MarcoConPartes';
import './integracion.css';

export function Partes(parte: DeUnaParte) {
  const { t } = useTranslation('integracion');
  const puede = usePuede();
  return (
    <MarcoConPartes
      nombre={t('titulo')}
      lista={[
        { a: '/integracion', nombre: t('parte.claves'), ve: puede('integracion.administrar', 'cadena') },
        { a: '/integracion/webhooks', nombre: t('parte.webhooks'), ve: puede('webhook.administrar', 'cadena') },
        { a: '/integracion/trabajos', nombre: t('parte.trabajos'), ve: puede('trabajo.administrar', 'cadena') },
        { a: '/integracion/exportaciones', nombre: t('parte.exportaciones'), ve: puede('cadena.exportar', 'cadena') },
        { a: '/integracion/calendarios', nombre: t('parte.calendarios'), ve: puede('cita.ver', 'alguna') },
      ]}
      {...parte}
    />
  );
}
