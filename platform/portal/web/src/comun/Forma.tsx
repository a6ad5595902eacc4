/** A form as all of them are: what the server said above, the fields, and what closes or sends it below. */
import { Button, Drawer, Group, Modal, Stack, Text } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Falla, useEnvio } from './formulario';

export function Botones({ va, listo, guardar, color, inactivo }: { va: boolean; listo?: (() => void) | undefined; guardar: string; color?: string | undefined; inactivo?: boolean | undefined }) {
  const { t } = useTranslation();
  return (
    <Group justify="flex-end" gap="xs" mt="xs">
      {listo && (
        <Button variant="default" onClick={listo}>
          {t('cancelar')}
        </Button>
      )}
      <Button type="submit" loading={va} {...(color ? { color } : {})} disabled={inactivo ?? false}>
        {guardar}
      </Button>
    </Group>
  );
}

type DeForma = { envio: { va: boolean; falla: string }; alEnviar: (evento?: FormEvent<HTMLFormElement>) => void; guardar: string; listo?: () => void; color?: string; inactivo?: boolean; children: ReactNode };

export function Forma({ envio, alEnviar, guardar, listo, color, inactivo, children }: DeForma) {
  return (
    <form noValidate onSubmit={alEnviar}>
      <Stack>
        <Falla>{envio.falla}</Falla>
        {children}
        <Botones va={envio.va} listo={listo} guardar={guardar} color={color} inactivo={inactivo} />
      </Stack>
    </form>
  );
}

/** Where forms are: at the right, over the page that they are about. */
export function Lateral({ titulo, abierto, cerrar, ancho = 'md', children }: { titulo: string; abierto: boolean; cerrar: () => void; ancho?: 'md' | 'lg' | 'xl'; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Drawer opened={abierto} onClose={cerrar} position="right" size={ancho} title={<b>{titulo}</b>} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      {abierto && children}
    </Drawer>
  );
}

/** For what cannot be taken back: one question, and what will happen. */
export function Pregunta({ titulo, detalle, si, hacer, cerrar, grave = true }: { titulo: string; detalle: ReactNode; si: string; hacer: () => Promise<unknown>; cerrar: () => void; grave?: boolean }) {
  const { t } = useTranslation();
  const envio = useEnvio();
  return (
    <Modal opened onClose={cerrar} title={titulo} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Forma
        envio={envio}
        guardar={si}
        listo={cerrar}
        {...(grave ? { color: 'red.8' } : {})}
        alEnviar={(evento) => {
          evento?.preventDefault();
          void envio.enviar(hacer).then((bien) => bien && cerrar());
        }}
      >
        <Text size="sm">{detalle}</Text>
      </Forma>
    </Modal>
  );
}
