/** A series is changed as a whole or not at all: which of its dates stand in the way, and moving this one only. */
import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { fechaHora } from '@/comun/tiempo';
import type { SerieFija as Que } from './actos';
import { decirEstorbos, type Choque, type Impedimento } from './estorbos';

type NoCambia = { cita_id: string; inicio: string; problema: { detail?: string; title?: string; conflictos?: Choque[]; impedimentos?: Impedimento[] } };

export function SerieFija({ que, zona, nombreDe, alMoverSola, cerrar }: { que: Que; zona: string; nombreDe: (medico: string) => string; alMoverSola: () => void; cerrar: () => void }) {
  const { t } = useTranslation('agenda');
  const fijas = que.falla.extra<NoCambia[]>('no_cambian') ?? [];
  const decir = ({ problema }: NoCambia) => {
    const dichos = decirEstorbos(t, { conflictos: problema.conflictos ?? [], impedimentos: problema.impedimentos ?? [] }, nombreDe, zona);
    return dichos.length > 0 ? dichos.join(' ') : (problema.detail ?? problema.title);
  };
  return (
    <Modal opened onClose={cerrar} title={t('serie.no_se_movio')} closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      <Stack>
        <Alert color="orange" variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
          {que.falla.detalle}
          <ul className="lista-llana">
            {fijas.map((una) => (
              <li key={una.cita_id}>
                <b className="num">{fechaHora(una.inicio, zona)}</b> {decir(una)}
              </li>
            ))}
          </ul>
        </Alert>
        <Group justify="flex-end">
          <Button variant="default" onClick={cerrar}>
            {t('app:cerrar')}
          </Button>
          {!fijas.some((una) => una.cita_id === que.cita.id) && (
            <Button
              onClick={() => {
                cerrar();
                alMoverSola();
              }}
            >
              {t('serie.mover_sola')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
