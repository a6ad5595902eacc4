import { useTranslation } from 'react-i18next';
import { Marco } from '@/app/Marco';
import { Corridas } from './ficha/Corridas';
import { Area } from './Partes';

export default function TodasLasCorridas() {
  const { t } = useTranslation('complementos');
  return (
    <Marco titulo={t('titulo')} detalle={t('corrida.detalle')} partes={<Area />}>
      <Corridas />
    </Marco>
  );
}
