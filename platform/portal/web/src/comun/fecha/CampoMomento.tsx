/** A day and an hour of it: `2026-12-05T09:30`. */
import { Group, Input } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CampoFecha } from './CampoFecha';
import { CampoHora } from './CampoHora';

type Props = { label: string; description?: ReactNode; error?: ReactNode; valor: string; alCambiar: (momento: string) => void; maximo?: string; vaciable?: boolean };
const MEDIODIA = '12:00';

export function CampoMomento({ label, description, error, valor, alCambiar, maximo, vaciable }: Props) {
  const { t } = useTranslation('app');
  const [dia = '', hora = ''] = valor.split('T');
  // A day that is chosen first gets an hour, so that there is no half of a moment; not one that is still to come.
  const ponerDia = (nuevo: string) => {
    const momento = nuevo && `${nuevo}T${hora || MEDIODIA}`;
    alCambiar(maximo && momento > maximo ? maximo : momento);
  };
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Group grow gap="xs" align="flex-start" role="group" aria-label={label} mt={description ? 6 : 0}>
        <CampoFecha aria-label={`${label}: ${t('fecha.dia')}`} valor={dia} alCambiar={ponerDia} maximo={maximo?.slice(0, 10)} error={Boolean(error)} {...(vaciable ? { vaciable } : {})} />
        <CampoHora aria-label={`${label}: ${t('fecha.hora')}`} valor={hora} alCambiar={(nueva) => dia && alCambiar(`${dia}T${nueva}`)} disabled={!dia} error={Boolean(error)} />
      </Group>
    </Input.Wrapper>
  );
}
