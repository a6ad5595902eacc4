/** The first day of a chain, step by step. It can be left and come back to: its state is the chain's own. */
import { useTranslation } from 'react-i18next';
import { Cargando, Fallo } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { useSesion } from '@/app/sesion';
import { Avance, Lista } from './Lista';
import { faltan, usePasos } from './pasos';
import '@/comun/seccion.css';

export default function Arranque() {
  const { t } = useTranslation('arranque');
  const { yo } = useSesion();
  const { pasos, falla, reintentar } = usePasos();
  return (
    <Marco titulo={t('titulo')} detalle={t('detalle', { cadena: yo.cadena.nombre })}>
      {falla ? (
        <Fallo falla={falla} reintentar={reintentar} />
      ) : !pasos ? (
        <Cargando filas={8} alto={60} />
      ) : (
        <div className="panel arranque">
          <Avance pasos={pasos} />
          {faltan(pasos).length === 0 && <p className="arranque-listo">{t('listo')}</p>}
          <Lista pasos={pasos} />
        </div>
      )}
    </Marco>
  );
}
