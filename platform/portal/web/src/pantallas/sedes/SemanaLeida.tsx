import { useTranslation } from 'react-i18next';
import { Barra } from '@/comun/semana/Barra';
import { DIAS, escribirHoras, type Tramo } from '@/comun/semana/leer';

export function SemanaLeida({ tramos }: { tramos: Tramo[] }) {
  const { t } = useTranslation('sedes');
  return (
    <ul className="lineas semana-leida">
      {DIAS.map((dia) => {
        const horas = tramos.filter((tramo) => tramo.dia === dia);
        return (
          <li key={dia}>
            <span>{t(`semana.dia.${dia}`)}</span>
            <span className="num">{escribirHoras(horas) || <span className="tenue">{t('semana.cerrado')}</span>}</span>
            <Barra horas={horas} />
          </li>
        );
      })}
    </ul>
  );
}
