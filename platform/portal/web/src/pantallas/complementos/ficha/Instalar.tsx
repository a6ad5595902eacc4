/** Nothing is installed before what it asks for was read and agreed to. */
import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useIr } from '@/app/direccion';
import { Falla, useEnvio } from '@/comun/formulario';
import { ficha, releer, type Detalle } from '../datos';
import { Permisos } from '../Partes';

export function Instalar({ detalle, abierto, cerrar }: { detalle: Detalle; abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const ir = useIr();
  const [leido, setLeido] = useState(false);
  const { va, falla, enviar } = useEnvio();
  const delicados = detalle.permisos.filter((uno) => uno.delicado).length;
  const instalar = async () => {
    const bien = await enviar(() =>
      api.POST('/api/v1/complementos/{id}/instalar', {
        params: { path: { id: detalle.complemento }, header: { 'Idempotency-Key': llave() } },
        body: { version: detalle.descrita, digest: detalle.descrita_digest, consiente: detalle.permisos.map((uno) => uno.clave) },
      }),
    );
    await releer();
    if (!bien) return;
    avisar({ tono: 'bien', titulo: t('hecho.instalado', { nombre: detalle.nombre }), detalle: t('hecho.instalado_detalle') });
    ir(ficha(detalle.complemento, 'configuracion'));
  };
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('instalar.titulo', { nombre: detalle.nombre })} size="lg" closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Stack gap="sm">
        <Text size="sm">{t('instalar.lea', { editor: detalle.editor })}</Text>
        <section aria-label={t('permiso.titulo')} className="panel cmp-dentro">
          <Permisos permisos={detalle.permisos} />
        </section>
        <Text size="sm" c="dimmed">
          {t('instalar.no_puede')}
        </Text>
        <Checkbox data-autofocus checked={leido} onChange={(e) => setLeido(e.currentTarget.checked)} label={detalle.permisos.length ? t('instalar.consiento', { count: detalle.permisos.length }) : t('instalar.consiento_nada')} description={delicados > 0 ? t('instalar.delicados', { count: delicados }) : undefined} />
        <Falla>{falla}</Falla>
        <Group justify="flex-end">
          <Button variant="default" onClick={cerrar}>
            {t('cancelar')}
          </Button>
          <Button disabled={!leido} loading={va} onClick={() => void instalar()}>
            {t('instalar.boton')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
