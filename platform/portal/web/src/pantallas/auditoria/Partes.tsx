/** The frame that the parts of this screen share. */
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import { MarcoConPartes, type DeUnaParte } from '@/comun/MarcoConPartes';
import './auditoria.css';

export function Partes(parte: DeUnaParte) {
  const { t } = useTranslation('auditoria');
  const puede = usePuede();
  return (
    <MarcoConPartes
      nombre={t('titulo')}
      lista={[
        { a: '/auditoria', nombre: t('parte.hechos'), ve: puede('auditoria.ver', 'alguna') },
        { a: '/auditoria/ingresos', nombre: t('parte.ingresos'), ve: puede('acceso.ver', 'cadena') },
      ]}
      {...parte}
    />
  );
}
