/** The next page of a list, when there is one. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function Mas({ consulta }: { consulta: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const { t } = useTranslation();
  if (!consulta.hasNextPage) return null;
  return (
    <Button variant="subtle" fullWidth loading={consulta.isFetchingNextPage} onClick={() => void consulta.fetchNextPage()}>
      {t('ver_mas')}
    </Button>
  );
}
