import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useIr } from '@/app/direccion';
import { Falla, useEnvio } from '@/comun/formulario';
import { ficha, releer, type Detalle } from '../datos';

/** The one act here that nothing takes back, so it asks. */
export function Desinstalar({ detalle, abierto, cerrar }: { detalle: Detalle; abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const ir = useIr();
  const { va, falla, enviar } = useEnvio();
  const quitar = async () => {
    if (!(await enviar(() => api.DELETE('/api/v1/complementos/{id}', { params: { path: { id: detalle.complemento } } })))) return;
    avisar({ tono: 'nota', titulo: t('hecho.desinstalado', { nombre: detalle.nombre }) });
    ir(detalle.version ? ficha(detalle.complemento) : '/complementos');
    await releer();
  };
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('desinstalar.titulo', { nombre: detalle.nombre })} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Stack gap="sm">
        <Text size="sm">{t('desinstalar.que')}</Text>
        <List size="sm" spacing={4}>
          {['configuracion', 'datos', 'direcciones', 'trabajo'].map((uno) => (
            <List.Item key={uno}>{t(`desinstalar.${uno}`)}</List.Item>
          ))}
        </List>
        <Text size="sm" c="dimmed">
          {t('desinstalar.queda')}
        </Text>
        <Falla>{falla}</Falla>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={cerrar}>
            {t('cancelar')}
          </Button>
          <Button color="red" loading={va} onClick={() => void quitar()}>
            {t('accion.desinstalar')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
