/** What stands in the way, by name, and what can be done about it: another time, or over it with a reason. */
import { Alert, Button, Group, Loader, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCalendarSearch, IconHourglass } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, consultas, cuerpo, type CitaEnAgenda } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';
import { usePuede } from '@/app/sesion';
import { fechaHora } from '@/comun/tiempo';
import { nombreCorto } from './datos';
import { decirEstorbos, tomadasDe, type Choque, type Estorbo, type Impedimento } from './estorbos';
import { useHorasLibres } from './libres';

const conocidas = () =>
  consultas
    .getQueriesData<{ items: CitaEnAgenda[] }>({ queryKey: ['get', '/api/v1/citas'] })
    .flatMap(([, pagina]) => pagina?.items ?? []);

/** The other appointment's patient: from what is on the screen, or asked for. */
async function nombrar(choque: Choque): Promise<string | undefined> {
  const fila = conocidas().find((cita) => cita.id === choque.cita_id);
  if (fila) return fila.mascota;
  if (!choque.mascota_id) return undefined;
  const mascota = await cuerpo(api.GET('/api/v1/pacientes/{id}', { params: { path: { id: choque.mascota_id } } })).catch(() => undefined);
  return mascota?.nombre;
}

export function Conflicto({ estorbo, zona, cerrar }: { estorbo: Estorbo; zona: string; cerrar: () => void }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const [motivo, setMotivo] = useState('');
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  const choques = estorbo.falla.extra<Choque[]>('conflictos') ?? [];
  const impedimentos = estorbo.falla.extra<Impedimento[]>('impedimentos') ?? [];
  const autorizable = estorbo.falla.extra<boolean>('autorizable') === true && puede('cita.sobrecupo');
  const nombres = useQuery({ queryKey: ['nombres-de-conflictos', choques.map((c) => c.cita_id).join()], queryFn: () => Promise.all(choques.map(nombrar).map((p) => p.then((n) => n ?? ''))), enabled: choques.length > 0, staleTime: 60_000 });
  const [desde] = useState(() => [estorbo.inicio, new Date().toISOString()].reduce((una, otra) => (+new Date(una) > +new Date(otra) ? una : otra)));
  const [tomadas, setTomadas] = useState(() => tomadasDe(estorbo.falla));
  const busca = { mascota_id: estorbo.mascota_id, cita_id: estorbo.cita_id, servicio_id: estorbo.servicio_id, sede_id: estorbo.sede_id, desde, tomadas };
  const huecos = useHorasLibres({ ...busca, medico_id: estorbo.medico_id }, 4);
  const otros = useHorasLibres(busca, 4);
  async function hacer(que: () => Promise<void>) {
    setVa(true);
    setFalla('');
    try {
      await que();
      cerrar();
    } catch (error) {
      setFalla(textoDeFalla(error));
      setTomadas((antes) => [...antes, ...tomadasDe(error)]);
    } finally {
      setVa(false);
    }
  }
  const opciones = [...(huecos.data ?? []).slice(0, 3), ...(otros.data ?? [])].filter(
    (hueco, i, todos) => todos.findIndex((otro) => otro.inicio === hueco.inicio && otro.medico_id === hueco.medico_id) === i,
  );
  return (
    <Modal opened onClose={cerrar} title={t('conflicto.titulo', { mascota: estorbo.mascota })} size="md" closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      <Stack>
        <Alert color="orange" variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
          <ul className="lista-llana">
            {decirEstorbos(t, { conflictos: choques, impedimentos }, estorbo.nombreDe, zona, nombres.data).map((dicho) => (
              <li key={dicho}>{dicho}</li>
            ))}
          </ul>
        </Alert>
        <div>
          <Text fw={600} size="sm" mb={6}>
            {t('conflicto.libres')}
          </Text>
          {opciones.length === 0 && (huecos.isPending || otros.isPending) ? (
            <Loader size="sm" />
          ) : opciones.length === 0 && (huecos.isError || otros.isError) ? (
            <Group gap="xs" role="alert">
              <Text size="sm" c="var(--mantine-color-error)">
                {textoDeFalla(otros.error ?? huecos.error)}
              </Text>
              <Button size="compact-sm" variant="default" onClick={() => void Promise.all([huecos.refetch(), otros.refetch()])}>
                {t('app:reintentar')}
              </Button>
            </Group>
          ) : opciones.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('conflicto.sin_libres')}
            </Text>
          ) : (
            <Stack gap={6}>
              {opciones.slice(0, 5).map((hueco) => (
                <Button
                  key={hueco.inicio + hueco.medico_id}
                  variant="default"
                  justify="flex-start"
                  leftSection={<IconCalendarSearch size={16} />}
                  disabled={va}
                  onClick={() => void hacer(() => estorbo.conHora(hueco))}
                >
                  {fechaHora(hueco.inicio, zona)} · {nombreCorto(estorbo.nombreDe(hueco.medico_id))}
                </Button>
              ))}
            </Stack>
          )}
        </div>
        {autorizable && (
          <form
            onSubmit={(evento) => {
              evento.preventDefault();
              if (motivo.trim().length >= 3) void hacer(() => estorbo.conSobrecupo(motivo.trim()));
            }}
          >
            <Group align="flex-end" gap="xs">
              <TextInput flex={1} label={t('conflicto.sobrecupo')} placeholder={t('conflicto.sobrecupo_ejemplo')} value={motivo} onChange={(e) => setMotivo(e.currentTarget.value)} maxLength={200} />
              <Button type="submit" color="orange.9" disabled={motivo.trim().length < 3} loading={va}>
                {t('conflicto.sobrecupo_boton')}
              </Button>
            </Group>
          </form>
        )}
        {estorbo.conEspera && (
          <Button
            variant="subtle"
            leftSection={<IconHourglass size={16} />}
            onClick={() => {
              cerrar();
              estorbo.conEspera?.();
            }}
          >
            {t('nueva.a_la_espera')}
          </Button>
        )}
        {falla && (
          <Text c="var(--mantine-color-error)" size="sm" role="alert">
            {falla}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
