/** Another length than the service's own takes somebody's time: it needs a reason. Back to the service's own needs none. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconMinus, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';
import { hora } from '@/comun/tiempo';

const PASO = 5;
const MAX = 8 * 60;

type Props = {
  cita: CitaEnAgenda;
  minutos: number;
  propios: number | undefined;
  zona: string;
  /** Whom it would overlap if it were so long. */
  seEncima: (fin: string) => CitaEnAgenda | undefined;
  alGuardar: (minutos: number, motivo: string | undefined) => Promise<void>;
  cerrar: () => void;
};

export function Alargar({ cita, minutos: pedidos, propios, zona, seEncima, alGuardar, cerrar }: Props) {
  const { t } = useTranslation('agenda');
  const [texto, setTexto] = useState(String(pedidos));
  const [motivo, setMotivo] = useState('');
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  const minutos = Number(texto);
  const vale = Number.isInteger(minutos) && minutos >= PASO && minutos <= MAX;
  const fin = new Date(+new Date(cita.inicio) + (vale ? minutos : 0) * 60_000).toISOString();
  const conMotivo = minutos !== propios;
  const otra = vale ? seEncima(fin) : undefined;
  const sumar = (cuanto: number) => setTexto(String(Math.min(MAX, Math.max(PASO, (vale ? minutos : pedidos) + cuanto))));
  async function guardar(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFalla('');
    try {
      await alGuardar(minutos, conMotivo ? motivo.trim() : undefined);
      cerrar();
    } catch (error) {
      setFalla(textoDeFalla(error));
    } finally {
      setVa(false);
    }
  }
  return (
    <Modal opened onClose={cerrar} title={t('alargar.titulo', { mascota: cita.mascota })} size="sm" closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      <form onSubmit={(evento) => void guardar(evento)}>
        <Stack gap="sm">
          <Group gap="xs" align="flex-end">
            <Button variant="default" px={10} aria-label={t('alargar.menos')} onClick={() => sumar(-PASO)}>
              <IconMinus size={16} />
            </Button>
            <TextInput w={104} type="number" step={PASO} min={PASO} max={MAX} label={t('alargar.minutos')} value={texto} onChange={(e) => setTexto(e.currentTarget.value)} data-autofocus={!conMotivo || undefined} />
            <Button variant="default" px={10} aria-label={t('alargar.mas')} onClick={() => sumar(PASO)}>
              <IconPlus size={16} />
            </Button>
            {vale && (
              <Text size="sm" className="num" pb={8}>
                {hora(cita.inicio, zona)} – {hora(fin, zona)}
              </Text>
            )}
          </Group>
          {otra && (
            <Alert color="orange" variant="light" p="xs" icon={<IconAlertTriangle size={18} />} role="alert">
              {t('alargar.encima', { mascota: otra.mascota, hora: hora(otra.inicio, zona) })}
            </Alert>
          )}
          {conMotivo ? (
            <>
              <TextInput label={t('alargar.motivo')} value={motivo} onChange={(e) => setMotivo(e.currentTarget.value)} maxLength={200} data-autofocus />
              <Group gap={6}>
                {(['tiempo', 'emergencia', 'varias'] as const).map((cual) => (
                  <Button key={cual} size="compact-sm" variant="default" onClick={() => setMotivo(t(`alargar.${cual}`))}>
                    {t(`alargar.${cual}`)}
                  </Button>
                ))}
              </Group>
            </>
          ) : (
            <Text size="sm" c="dimmed">
              {t('alargar.propia')}
            </Text>
          )}
          {falla && (
            <Text c="var(--mantine-color-error)" size="sm" role="alert">
              {falla}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={cerrar}>
              {t('app:cancelar')}
            </Button>
            <Button type="submit" loading={va} disabled={!vale || (conMotivo && motivo.trim().length < 3)}>
              {t('app:guardar')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
