/** A signed component goes up as it is: the server reads the manifest and the signature inside. */
import { Button, FileInput, Group, List, Modal, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useIr } from '@/app/direccion';
import { Falla, useEnvio } from '@/comun/formulario';
import { kib, releerTaller } from '../datos';

const MAXIMO = 32 << 20;

export function Subir({ abierto, cerrar }: { abierto: boolean; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const ir = useIr();
  const [archivo, setArchivo] = useState<File | null>(null);
  const { va, falla, enviar } = useEnvio();
  const grande = archivo !== null && archivo.size > MAXIMO;
  const subir = async () => {
    if (!archivo) return;
    const bien = await enviar(async () => {
      const hecha = await cuerpo(
        api.POST('/api/v1/complementos/versiones', {
          params: { header: { 'Idempotency-Key': llave() } },
          headers: { 'Content-Type': 'application/wasm' },
          body: archivo as never,
          bodySerializer: (uno: unknown) => uno as BodyInit,
        }),
      );
      if (!hecha) return;
      avisar({ tono: 'bien', titulo: t('hecho.subida', { nombre: hecha.nombre, version: hecha.version }), detalle: t('hecho.subida_detalle') });
      cerrar();
      setArchivo(null);
      ir(`/complementos/versiones/${hecha.digest}`);
    });
    if (bien) await releerTaller();
  };
  return (
    <Modal opened={abierto} onClose={cerrar} title={t('subir.titulo')} size="lg" closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Stack gap="sm">
        <Text size="sm">{t('subir.antes')}</Text>
        <List size="sm" type="ordered" spacing={2}>
          {['check', 'build', 'sign'].map((orden) => (
            <List.Item key={orden}>
              <code>huella-plugin {orden}</code> — {t(`subir.${orden}`)}
            </List.Item>
          ))}
        </List>
        <FileInput
          label={t('subir.archivo')}
          placeholder={t('subir.elija')}
          accept=".wasm,application/wasm"
          leftSection={<IconFileUpload size={17} aria-hidden />}
          value={archivo}
          onChange={setArchivo}
          clearable
          clearButtonProps={{ 'aria-label': t('form.vaciar') }}
          description={archivo ? kib(archivo.size) : t('subir.maximo')}
          error={grande ? t('subir.grande') : undefined}
        />
        <Falla>{falla}</Falla>
        <Group justify="flex-end">
          <Button variant="default" onClick={cerrar}>
            {t('cancelar')}
          </Button>
          <Button disabled={!archivo || grande} loading={va} onClick={() => void subir()}>
            {t('subir.boton')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
