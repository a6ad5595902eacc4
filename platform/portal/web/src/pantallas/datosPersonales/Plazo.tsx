/** The legal clock: how much is left, in words, and never by colour alone. */
import { IconAlertCircle, IconClock, IconClockPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Pastilla } from '@/comun/Pastilla';

const PRONTO = 3;

export function Plazo({ dias, vencido, parado }: { dias: number | undefined; vencido: boolean; parado?: boolean }) {
  const { t } = useTranslation('datosPersonales');
  if (parado)
    return (
      <Pastilla tono="gris" icono={IconClockPause}>
        {t('plazo.parado')}
      </Pastilla>
    );
  if (vencido || (dias !== undefined && dias < 0))
    return (
      <Pastilla tono="grave" icono={IconAlertCircle}>
        {t('plazo.vencido')}
      </Pastilla>
    );
  if (dias === undefined) return null;
  return (
    <Pastilla tono={dias <= PRONTO ? 'aviso' : 'nota'} icono={IconClock}>
      {dias === 0 ? t('plazo.hoy') : t('plazo.quedan', { count: dias })}
    </Pastilla>
  );
}
