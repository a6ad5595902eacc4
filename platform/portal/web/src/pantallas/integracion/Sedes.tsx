import { MultiSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSesion } from '@/app/sesion';

/** None chosen is all of them. */
export function EligeSedes({ valor, alCambiar, ayuda }: { valor: string[]; alCambiar: (sedes: string[]) => void; ayuda?: string }) {
  const { t } = useTranslation('integracion');
  const { yo } = useSesion();
  return <MultiSelect label={t('sedes')} description={ayuda} placeholder={valor.length === 0 ? t('todas_las_sedes') : ''} searchable clearable clearButtonProps={{ 'aria-label': t('app:quitar') }} data={yo.sedes.map((una) => ({ value: una.id, label: una.nombre }))} value={valor} onChange={alCambiar} />;
}
export const useSedesDichas = () => {
  const { t } = useTranslation('integracion');
  const { yo } = useSesion();
  return (sedes: string[] | null | undefined) => (sedes && sedes.length > 0 ? sedes.map((id) => yo.sedes.find((una) => una.id === id)?.nombre ?? id).join(', ') : t('todas_las_sedes'));
};
