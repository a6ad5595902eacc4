import { IconAlertTriangle, IconCheck, IconPlayerPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Esquemas } from '@/api/cliente';
import { Pastilla } from '@/comun/Pastilla';

export function EstadoWebhook({ webhook }: { webhook: Pick<Esquemas['Webhook'], 'activo' | 'fallando_desde' | 'pausado_en'> }) {
  const { t } = useTranslation('integracion');
  if (!webhook.activo)
    return (
      <Pastilla tono="gris" icono={IconPlayerPause}>
        {t(webhook.pausado_en ? 'webhooks.pausado_solo' : 'webhooks.en_pausa')}
      </Pastilla>
    );
  return webhook.fallando_desde ? (
    <Pastilla tono="aviso" icono={IconAlertTriangle}>
      {t('webhooks.fallando')}
    </Pastilla>
  ) : (
    <Pastilla tono="bien" icono={IconCheck}>
      {t('webhooks.activo')}
    </Pastilla>
  );
}
