import { Button, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Cargando, Fallo } from '@/app/estados';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { Copiable, UnaVez } from '@/comun/Secreto';
import { Marcas } from './Marcas';
import { EligeSedes } from './Sedes';

type Webhook = Esquemas['Webhook'];
export const renovarWebhooks = () => renovar('/api/v1/webhooks', '/api/v1/webhooks/{id}', '/api/v1/webhooks/{id}/entregas');

export function FormaWebhook({ webhook, listo, alCrear }: { webhook?: Webhook; listo: () => void; alCrear?: (creado: Esquemas['WebhookConSecreto']) => void }) {
  const { t } = useTranslation('integracion');
  const eventos = $api.useQuery('get', '/api/v1/webhooks/eventos', {}, { staleTime: 60 * 60_000 });
  const formulario = useForm({
    initialValues: { nombre: webhook?.nombre ?? '', url: webhook?.url ?? 'https://', eventos: webhook?.eventos ?? [], sedes: webhook?.sedes ?? [], activo: webhook?.activo ?? true },
    validate: { nombre: (v) => (v.trim() ? null : t('nombre_falta')), url: (v) => (/^https:\/\/.+/.test(v.trim()) ? null : t('webhooks.url_mala')), eventos: (v) => (v.length > 0 ? null : t('webhooks.eventos_falta')) },
  });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const guardar = () =>
    envio.enviar(async () => {
      const body = { nombre: v.nombre.trim(), url: v.url.trim(), eventos: v.eventos, sedes: v.sedes.length > 0 ? v.sedes : null, activo: v.activo };
      if (webhook) {
        await cuerpo(api.PUT('/api/v1/webhooks/{id}', { params: { path: { id: webhook.id }, header: { 'If-Match': version(webhook) } }, body }));
        avisar({ tono: 'bien', titulo: t('webhooks.guardado') });
        listo();
      } else alCrear?.(await cuerpo(api.POST('/api/v1/webhooks', { params: { header: { 'Idempotency-Key': llave() } }, body })));
      await renovarWebhooks();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t(webhook ? 'app:guardar' : 'webhooks.crear')} alEnviar={formulario.onSubmit(() => void guardar())}>
      <TextInput label={t('nombre')} maxLength={120} data-autofocus {...formulario.getInputProps('nombre')} />
      <TextInput label={t('webhooks.url')} description={t('webhooks.url_ayuda')} type="url" {...formulario.getInputProps('url')} />
      {eventos.isError ? <Fallo falla={eventos.error} /> : eventos.data ? <Marcas nombre={t('webhooks.eventos')} ayuda={t('webhooks.eventos_ayuda')} error={formulario.errors.eventos as string | undefined} lista={eventos.data} valor={v.eventos} alCambiar={(lista) => formulario.setFieldValue('eventos', lista)} /> : <Cargando filas={3} />}
      <EligeSedes valor={v.sedes} alCambiar={(sedes) => formulario.setFieldValue('sedes', sedes)} ayuda={t('webhooks.sedes_ayuda')} />
      {webhook && <Switch label={t('webhooks.avisar')} description={t('webhooks.avisar_ayuda')} {...formulario.getInputProps('activo', { type: 'checkbox' })} />}
    </Forma>
  );
}

export function SecretoNuevo({ webhook, listo }: { webhook: Esquemas['WebhookConSecreto']; listo: () => void }) {
  const { t } = useTranslation('integracion');
  return (
    <Stack>
      <UnaVez />
      {webhook.secreto && <Copiable nombre={t('webhooks.secreto')} valor={webhook.secreto} detalle={t('webhooks.secreto_ayuda')} />}
      <Button onClick={listo}>{t('ya_la_guarde')}</Button>
    </Stack>
  );
}
