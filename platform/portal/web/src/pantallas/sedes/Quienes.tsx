/** Which sedes a holiday closes, and which work all the same. */
import { useTranslation } from 'react-i18next';
import type { Sede } from './datos';
import { esDeAqui } from './dias';

const CABEN = 4;

export function Quienes({ feriado, sedes }: { feriado: { ambito: string }; sedes: Sede[] }) {
  const { t } = useTranslation('sedes');
  const ahi = sedes.filter((una) => esDeAqui(feriado, una.ubigeo));
  const [cierran, abren] = [ahi.filter((una) => !una.atiende_feriados), ahi.filter((una) => una.atiende_feriados)];
  const nombrar = (unas: Sede[]) => [...unas.slice(0, CABEN).map((una) => una.nombre), ...(unas.length > CABEN ? [t('dias.y_mas', { count: unas.length - CABEN })] : [])].join(', ');
  const dicho =
    ahi.length === 0
      ? [t('feriados.sin_sedes')]
      : cierran.length === sedes.length
        ? [t('feriados.nadie')]
        : [...(cierran.length > 0 ? [t('feriados.cierran', { sedes: nombrar(cierran) })] : []), ...(abren.length > 0 ? [t('feriados.abren', { sedes: nombrar(abren) })] : [])];
  return <div className="tenue chico">{dicho.join(' · ')}</div>;
}
