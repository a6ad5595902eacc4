import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAnotar, type Clase } from './abrir';

/** Opens the drawer that notes one more of a kind. */
export function BotonAnotar({ clase }: { clase: Clase }) {
  const { t } = useTranslation('pacientes');
  const anotar = useAnotar();
  return (
    <Tooltip label={t(`anotar.${clase}`)}>
      <ActionIcon variant="subtle" color="gray" aria-label={t(`anotar.${clase}`)} onClick={() => anotar(clase)}>
        <IconPlus size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
