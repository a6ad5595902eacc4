import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function Esqueleto() {
  const { t } = useTranslation();
  return (
    <div className="inicio" role="status" aria-label={t('cargando')}>
      <Skeleton height={148} radius={12} className="inicio-citas" />
      <div className="cifras">
        {[0, 1, 2, 3].map((i) => (
          <Skeleton key={i} height={118} radius={12} />
        ))}
      </div>
      <Skeleton height={260} radius={12} />
      <Skeleton height={260} radius={12} />
    </div>
  );
}
