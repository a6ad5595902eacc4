import { IconAlertTriangle, IconCircleCheck, IconClock, IconClockExclamation } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Esquemas } from '@/api/cliente';
import { Pastilla } from '@/comun/Pastilla';

export type Reclamo = Esquemas['Page_Reclamo']['items'][number];

/** How a sheet stands with its fifteen working days, in few words. */
export function Plazo({ reclamo }: { reclamo: Reclamo }) {
  const { t } = useTranslation('reclamos');
  const dias = reclamo.dias_habiles;
  if (dias == null)
    return (
      <Pastilla tono={reclamo.fuera_de_plazo ? 'aviso' : 'bien'} icono={IconCircleCheck}>
        {t(reclamo.fuera_de_plazo ? 'respondido_tarde' : 'respondido')}
      </Pastilla>
    );
  if (reclamo.fuera_de_plazo)
    return (
      <Pastilla tono="grave" icono={IconAlertTriangle}>
        {t('vencido', { count: Math.max(1, -dias) })}
      </Pastilla>
    );
  return (
    <Pastilla tono={dias <= 2 ? 'grave' : dias <= 5 ? 'aviso' : 'gris'} icono={dias <= 5 ? IconClockExclamation : IconClock}>
      {dias === 0 ? t('hoy') : t('quedan', { count: dias })}
    </Pastilla>
  );
}
