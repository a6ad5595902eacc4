/** Acts that reach every chain: what follows is said, and why it is done is kept. */
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { avisar } from '@/app/avisos';
import { Falla, useEnvio } from '@/comun/formulario';
import { releerTaller } from '../datos';

type Props = { abierto: boolean; cerrar: () => void; titulo: string; consecuencia: string; boton: string; peligro?: boolean; hacer: (motivo: string) => Promise<unknown> };
export function ConMotivo({ abierto, cerrar, titulo, consecuencia, boton, peligro, hacer }: Props) {
  const { t } = useTranslation('complementos');
  const form = useForm({ initialValues: { motivo: '' }, validate: { motivo: (uno) => (uno.trim() ? null : t('motivo.falta')) } });
  const { va, falla, enviar } = useEnvio(form as never);
  const mandar = form.onSubmit(async ({ motivo }) => {
    const bien = await enviar(() => hacer(motivo.trim()));
    if (!bien) return;
    avisar({ tono: 'bien', titulo: t('hecho.listo', { que: boton }) });
    form.reset();
    cerrar();
    await releerTaller();
  });
  return (
    <Modal opened={abierto} onClose={cerrar} title={titulo} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <form noValidate onSubmit={mandar}>
        <Stack gap="sm">
          <Text size="sm">{consecuencia}</Text>
          <Textarea label={t('motivo.etiqueta')} description={t('motivo.ayuda')} withAsterisk autosize minRows={2} maxLength={400} data-autofocus {...form.getInputProps('motivo')} />
          <Falla>{falla}</Falla>
          <Group justify="flex-end">
            <Button variant="default" onClick={cerrar}>
              {t('cancelar')}
            </Button>
            <Button type="submit" color={peligro ? 'red' : 'verde'} loading={va}>
              {boton}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
