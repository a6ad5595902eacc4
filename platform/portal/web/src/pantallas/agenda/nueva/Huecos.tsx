/** The next free times; the first is already chosen. */
import { Button, Group, Text, UnstyledButton } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Cargando, Fallo } from '@/app/estados';
import type { YoSede } from '@/app/sesion';
import { fechaHora } from '@/comun/tiempo';
import { nombreCorto } from '../datos';
import type { Hueco } from '@/comun/citas/hueco';

type Props = { sede: YoSede; servicio: string; medico: string | null; desde: string; elegido: Hueco | undefined; alElegir: (hueco: Hueco) => void; nombreDe: (medico: string) => string; alEsperar?: (() => void) | undefined };

export function Huecos({ sede, servicio, medico, desde, elegido, alElegir, nombreDe, alEsperar }: Props) {
  const { t } = useTranslation('agenda');
  const consulta = $api.useQuery('get', '/api/v1/disponibilidad', { params: { query: { servicio_id: servicio, sedes: sede.id, desde, limite: 8, ...(medico ? { medico_id: medico } : {}) } } });
  const huecos = consulta.data?.huecos;
  const elegir = useRef(alElegir);
  elegir.current = alElegir;
  useEffect(() => {
    if (huecos?.[0]) elegir.current({ inicio: huecos[0].inicio, medico_id: huecos[0].medico_id });
  }, [huecos]);
  // As high as eight times in two columns: the dialog does not grow under the pointer.
  if (consulta.isPending) return <Cargando filas={4} alto={49} />;
  if (consulta.isError) return <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />;
  const esperar = alEsperar && (
    <Button variant="subtle" size="compact-sm" leftSection={<IconHourglass size={15} />} onClick={alEsperar}>
      {t('nueva.a_la_espera')}
    </Button>
  );
  if (!huecos || huecos.length === 0)
    return (
      <div>
        <Text c="dimmed">{t('nueva.sin_huecos')}</Text>
        {esperar}
      </div>
    );
  return (
    <div className="huecos-zona">
      <Group justify="space-between" mb={4} gap="xs">
        <Text size="sm" fw={500}>
          {t('nueva.huecos')}
        </Text>
        {esperar}
      </Group>
      <div className="huecos" role="radiogroup" aria-label={t('nueva.huecos')}>
        {huecos.map((hueco) => {
          const este = elegido?.inicio === hueco.inicio && elegido.medico_id === hueco.medico_id;
          return (
            <UnstyledButton key={hueco.inicio + hueco.medico_id} role="radio" aria-checked={este} className="hueco" onClick={() => alElegir({ inicio: hueco.inicio, medico_id: hueco.medico_id })}>
              <b>{fechaHora(hueco.inicio, sede.zona_horaria)}</b>
              <span>{nombreCorto(nombreDe(hueco.medico_id))}</span>
            </UnstyledButton>
          );
        })}
      </div>
    </div>
  );
}
