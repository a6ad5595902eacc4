/** An appointment of a series: this one, from this one on, or all that are to come. */
import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Alcance as Cual } from '@/comun/citas/estados';

const CUALES: Cual[] = ['esta', 'siguientes', 'todas'];

export function Alcance({ valor, alCambiar }: { valor: Cual; alCambiar: (valor: Cual) => void }) {
  const { t } = useTranslation('agenda');
  return <SegmentedControl fullWidth size="xs" aria-label={t('serie.alcance')} value={valor} onChange={(cual) => alCambiar(cual as Cual)} data={CUALES.map((cual) => ({ value: cual, label: t(`serie.${cual}`) }))} />;
}
