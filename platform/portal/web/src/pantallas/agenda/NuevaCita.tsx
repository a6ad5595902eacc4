/** Booking: pet, Enter, Enter. Service, length and vet have a sensible start and can be changed. */
import { Button, Group, Modal, Select, Stack, Text, Textarea, UnstyledButton } from '@mantine/core';
import { IconCalendarPlus } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla, textoDeFalla } from '@/app/avisos';
import { usePuede, type YoSede } from '@/app/sesion';
import { Cargando, Fallo } from '@/app/estados';
import { fechaHora } from '@/comun/tiempo';
import type { Mascota } from '@/comun/mascotas/BuscaMascota';
import { EligeMascota } from '@/comun/mascotas/EligeMascota';
import { esEstorbo, type Estorbo } from './Conflicto';
import { nombreCorto, useServicios } from './datos';

export type Hueco = { inicio: string; medico_id?: string | undefined; ambiente_id?: string | undefined };

const SERVICIO = 'huella.servicio';

export function NuevaCita({ sede, hueco, mascota: dada, medicos, desde, alEstorbo, cerrar }: { sede: YoSede; hueco?: Hueco | undefined; mascota?: Mascota | undefined; medicos: { id: string; titulo: string }[]; desde: string; alEstorbo: (estorbo: Estorbo) => void; cerrar: () => void }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const servicios = useServicios();
  const [mascota, setMascota] = useState<Mascota | undefined>(dada);
  const [servicio, setServicio] = useState<string | null>(null);
  const [medico, setMedico] = useState<string | null>(hueco?.medico_id ?? null);
  const [motivo, setMotivo] = useState('');
  const [elegido, setElegido] = useState<Hueco | undefined>(hueco);
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  const clave = useRef(llave());
  const boton = useRef<HTMLButtonElement>(null);
  const activos = useMemo(() => (servicios.data?.items ?? []).filter((uno) => uno.activo), [servicios.data]);
  const servicioId = servicio ?? activos.find((uno) => uno.id === sessionStorage.getItem(SERVICIO))?.id ?? activos.find((uno) => uno.codigo === 'CONS')?.id ?? activos[0]?.id;
  // Chosen a pet: nothing is left but Enter.
  useEffect(() => {
    if (mascota) boton.current?.focus();
  }, [mascota]);
  useEffect(() => {
    clave.current = llave();
  }, [mascota, servicioId, medico, elegido, motivo]);

  async function reservar(mas: Partial<Esquemas['NuevaCita']> = {}) {
    if (!mascota || !servicioId || !elegido) return;
    const cita = await cuerpo(
      api.POST('/api/v1/citas/reservar', {
        params: { header: { 'Idempotency-Key': Object.keys(mas).length > 0 ? llave() : clave.current } },
        body: {
          sede_id: sede.id,
          servicio_id: servicioId,
          mascota_id: mascota.id,
          inicio: elegido.inicio,
          ...(medico ? { medico_id: medico } : elegido.medico_id ? { medico_id: elegido.medico_id } : {}),
          ...(elegido.ambiente_id ? { ambiente_id: elegido.ambiente_id } : {}),
          ...(motivo.trim() ? { motivo: motivo.trim() } : {}),
          ...mas,
        },
      }),
    );
    sessionStorage.setItem(SERVICIO, servicioId);
    void renovar('/api/v1/citas', '/api/v1/sedes/{id}/sala', '/api/v1/disponibilidad');
    avisar({
      tono: 'bien',
      titulo: t('app:cita.reservada', { mascota: mascota.nombre }),
      detalle: fechaHora(cita.inicio, sede.zona_horaria),
      deshacer: puede('cita.anular')
        ? () =>
            api
              .DELETE('/api/v1/citas/{id}', { params: { path: { id: cita.id }, query: { motivo: t('app:cita.reserva_deshecha') } } })
              .then(() => renovar('/api/v1/citas', '/api/v1/sedes/{id}/sala'), avisarFalla)
              .then(() => undefined)
        : undefined,
    });
    cerrar();
  }
  async function enviar(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFalla('');
    try {
      await reservar();
    } catch (error) {
      if (esEstorbo(error) && mascota && servicioId && elegido)
        alEstorbo({
          falla: error,
          mascota: mascota.nombre,
          servicio_id: servicioId,
          sede_id: sede.id,
          medico_id: medico ?? elegido.medico_id,
          inicio: elegido.inicio,
          nombreDe: (id) => medicos.find((m) => m.id === id)?.titulo ?? t('columna.otro_medico'),
          conHora: (otra) => reservar({ inicio: otra.inicio, medico_id: otra.medico_id }),
          conSobrecupo: (sobrecupo_motivo) => reservar({ sobrecupo: true, sobrecupo_motivo }),
        });
      else setFalla(textoDeFalla(error));
    } finally {
      setVa(false);
    }
  }
  return (
    <Modal opened onClose={cerrar} title={elegido && hueco ? `${t('nueva.titulo')} · ${fechaHora(elegido.inicio, sede.zona_horaria)}` : t('nueva.titulo')} size="md" centered={false} yOffset="9vh" closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      {servicios.isError ? (
        <Fallo falla={servicios.error} reintentar={() => void servicios.refetch()} />
      ) : (
        <form onSubmit={(evento) => void enviar(evento)}>
          <Stack gap="sm">
            <EligeMascota mascota={mascota} alElegir={setMascota} textos={{ cambiar: t('nueva.cambiar'), registrar: t('nueva.registrar') }} />
            <Group grow align="flex-start">
              <Select label={t('nueva.servicio')} data={activos.map((uno) => ({ value: uno.id, label: `${uno.nombre} · ${uno.duracion_min} min` }))} value={servicioId ?? null} onChange={setServicio} allowDeselect={false} searchable />
              <Select label={t('nueva.medico')} placeholder={t('nueva.cualquiera')} data={medicos.map((m) => ({ value: m.id, label: m.titulo }))} value={medico} onChange={(nuevo) => setMedico(nuevo)} clearable />
            </Group>
            {!hueco && servicios.isPending && <Cargando filas={4} alto={49} />}
            {!hueco && servicioId && <Huecos sede={sede} servicio={servicioId} medico={medico} desde={desde} elegido={elegido} alElegir={setElegido} medicos={medicos} />}
            <Textarea label={t('nueva.motivo')} placeholder={t('app:opcional')} autosize minRows={1} maxRows={4} maxLength={500} value={motivo} onChange={(e) => setMotivo(e.currentTarget.value)} />
            {falla && (
              <Text c="var(--mantine-color-error)" size="sm" role="alert">
                {falla}
              </Text>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={cerrar}>
                {t('app:cancelar')}
              </Button>
              <Button ref={boton} type="submit" loading={va} disabled={!mascota || !elegido} leftSection={<IconCalendarPlus size={17} />}>
                {t('nueva.reservar')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** The next free times; the first is already chosen. */
export function Huecos({ sede, servicio, medico, desde, elegido, alElegir, medicos }: { sede: YoSede; servicio: string; medico: string | null; desde: string; elegido: Hueco | undefined; alElegir: (hueco: Hueco) => void; medicos: { id: string; titulo: string }[] }) {
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
  if (!huecos || huecos.length === 0) return <Text c="dimmed">{t('nueva.sin_huecos')}</Text>;
  return (
    <div className="huecos-zona" role="radiogroup" aria-label={t('nueva.huecos')}>
      <Text size="sm" fw={500} mb={4}>
        {t('nueva.huecos')}
      </Text>
      <div className="huecos">
        {huecos.map((hueco) => {
          const este = elegido?.inicio === hueco.inicio && elegido.medico_id === hueco.medico_id;
          return (
            <UnstyledButton key={hueco.inicio + hueco.medico_id} role="radio" aria-checked={este} className="hueco" onClick={() => alElegir({ inicio: hueco.inicio, medico_id: hueco.medico_id })}>
              <b>{fechaHora(hueco.inicio, sede.zona_horaria)}</b>
              <span>{nombreCorto(medicos.find((m) => m.id === hueco.medico_id)?.titulo ?? t('columna.otro_medico'))}</span>
            </UnstyledButton>
          );
        })}
      </div>
    </div>
  );
}
