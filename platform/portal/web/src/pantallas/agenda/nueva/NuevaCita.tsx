/** Booking: pet, Enter, Enter. Service, length and vet have a sensible start and can be changed; it can be repeated. */
import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { IconCalendarPlus, IconRepeat } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { llave, type Esquemas } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';
import { usePuede, type YoSede } from '@/app/sesion';
import { Cargando, Fallo } from '@/app/estados';
import { fechaHora } from '@/comun/tiempo';
import type { Mascota } from '@/comun/mascotas/BuscaMascota';
import { EligeMascota } from '@/comun/mascotas/EligeMascota';
import { esEstorbo, type Estorbo } from '../estorbos';
import { useServicios, type Medico } from '../datos';
import { FaltasDe } from '../Faltas';
import { deHueco, type Hueco } from '@/comun/citas/hueco';
import { Huecos } from './Huecos';
import { cadenciaDe, Repetir, REPETICION, useSimulacion, type Repeticion } from './Repetir';
import { cuerpoDeSerie, reservarCita, reservarSerie, type Pedido } from './reservar';

const SERVICIO = 'huella.servicio';

type Props = {
  sede: YoSede;
  hueco?: Hueco | undefined;
  /** What it is for, where that is known from before. */
  servicio?: string | undefined;
  medico?: string | undefined;
  mascota?: Mascota | undefined;
  medicos: Medico[];
  desde: string;
  /** The day that the agenda shows. */
  fecha: string;
  alEstorbo: (estorbo: Estorbo) => void;
  alEsperar?: ((de: { mascota?: Mascota | undefined; servicio_id?: string | undefined }) => void) | undefined;
  cerrar: () => void;
};

export function NuevaCita({ sede, hueco, servicio: conServicio, medico: conMedico, mascota: dada, medicos, desde, fecha: fechaDada, alEstorbo, alEsperar, cerrar }: Props) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const servicios = useServicios();
  const [mascota, setMascota] = useState<Mascota | undefined>(dada);
  const [servicio, setServicio] = useState<string | null>(hueco?.servicio_id ?? conServicio ?? null);
  const [medico, setMedico] = useState<string | null>(hueco?.medico_id ?? conMedico ?? null);
  const [motivo, setMotivo] = useState('');
  const [elegido, setElegido] = useState<Hueco | undefined>(hueco);
  const [repite, setRepite] = useState<Repeticion | undefined>();
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  const clave = useRef(llave());
  const boton = useRef<HTMLButtonElement>(null);
  const zona = sede.zona_horaria;
  const activos = useMemo(() => (servicios.data?.items ?? []).filter((uno) => uno.activo), [servicios.data]);
  const servicioId = servicio ?? activos.find((uno) => uno.id === sessionStorage.getItem(SERVICIO))?.id ?? activos.find((uno) => uno.codigo === 'CONS')?.id ?? activos[0]?.id;
  const nombreDe = (id: string) => medicos.find((m) => m.id === id)?.titulo ?? t('columna.otro_medico');
  // Chosen a pet: nothing is left but Enter.
  useEffect(() => {
    if (mascota) boton.current?.focus();
  }, [mascota]);
  useEffect(() => {
    clave.current = llave();
  }, [mascota, servicioId, medico, elegido, motivo, repite]);

  const conQuien = medico ?? elegido?.medico_id;
  const pedido: Pedido | undefined = mascota && servicioId && elegido ? { sede_id: sede.id, zona, servicio_id: servicioId, mascota, inicio: elegido.inicio, medico_id: conQuien, ambiente_id: elegido.ambiente_id, motivo } : undefined;
  const cadencia = repite && cadenciaDe(repite);
  const serie = pedido && conQuien && cadencia ? cuerpoDeSerie({ ...pedido, medico_id: conQuien }, cadencia, 'omitir') : undefined;
  const simulacion = useSimulacion(serie && { ...serie, motivo: null });
  const libres = simulacion.data && !simulacion.isPlaceholderData && !simulacion.isError ? simulacion.data.libres : undefined;
  const falta = !repite ? undefined : !mascota ? t('serie.falta_mascota') : !conQuien ? t('serie.falta_medico') : !cadencia ? t('serie.falta_cadencia') : undefined;

  async function reservar(mas: Partial<Esquemas['NuevaCita']> = {}) {
    if (!pedido) return;
    await reservarCita(pedido, Object.keys(mas).length > 0 ? llave() : clave.current, mas, puede('cita.anular', sede.id));
    sessionStorage.setItem(SERVICIO, pedido.servicio_id);
    cerrar();
  }
  async function enviar(evento: React.FormEvent) {
    evento.preventDefault();
    if (!pedido) return;
    setVa(true);
    setFalla('');
    try {
      if (!repite) await reservar();
      else if (serie) {
        // What the preview promised, and no less: a date that somebody took since then is told.
        const todas = libres === simulacion.data?.ocurrencias.length;
        await reservarSerie({ ...serie, si_hay_conflicto: todas ? 'rechazar' : 'omitir' }, pedido.mascota.nombre, zona, clave.current, puede('cita.anular', sede.id));
        cerrar();
      }
    } catch (error) {
      if (esEstorbo(error) && !repite)
        alEstorbo({
          falla: error,
          mascota: pedido.mascota.nombre,
          mascota_id: pedido.mascota.id,
          servicio_id: pedido.servicio_id,
          sede_id: sede.id,
          medico_id: conQuien,
          inicio: pedido.inicio,
          nombreDe,
          conHora: (otra) => reservar({ inicio: otra.inicio, medico_id: otra.medico_id, ambiente_id: null }),
          conSobrecupo: (sobrecupo_motivo) => reservar({ sobrecupo: true, sobrecupo_motivo }),
          ...(alEsperar ? { conEspera: () => alEsperar({ mascota: pedido.mascota as Mascota, servicio_id: pedido.servicio_id }) } : {}),
        });
      else {
        setFalla(textoDeFalla(error));
        if (repite) void simulacion.refetch();
      }
    } finally {
      setVa(false);
    }
  }
  // Registered first, and back to this very time.
  const vuelve = { agendar: '1', fecha: fechaDada, ...(elegido && hueco ? deHueco({ ...elegido, medico_id: conQuien, sede_id: elegido.sede_id ?? sede.id, servicio_id: servicioId }) : { servicio: servicioId ?? '', con: medico ?? '' }) };
  const rotulo = !repite ? t('nueva.reservar') : libres === undefined ? t('serie.reservar') : t('serie.reservar_tantas', { count: libres });
  return (
    <Modal opened onClose={cerrar} title={elegido && hueco ? `${t('nueva.titulo')} · ${fechaHora(elegido.inicio, zona)}` : t('nueva.titulo')} size={repite ? 'lg' : 'md'} centered={false} yOffset="9vh" closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      {servicios.isError ? (
        <Fallo falla={servicios.error} reintentar={() => void servicios.refetch()} />
      ) : (
        <form onSubmit={(evento) => void enviar(evento)}>
          <Stack gap="sm">
            <EligeMascota mascota={mascota} alElegir={setMascota} textos={{ cambiar: t('nueva.cambiar'), registrar: t('nueva.registrar') }} vuelve={vuelve} />
            {mascota && <FaltasDe mascota={mascota.id} />}
            <Group grow align="flex-start">
              <Select label={t('nueva.servicio')} data={activos.map((uno) => ({ value: uno.id, label: `${uno.nombre} · ${uno.duracion_min} min` }))} value={servicioId ?? null} onChange={setServicio} allowDeselect={false} searchable />
              <Select label={t('nueva.medico')} placeholder={t('nueva.cualquiera')} data={medicos.map((m) => ({ value: m.id, label: m.titulo }))} value={medico} onChange={(nuevo) => setMedico(nuevo)} clearable clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
            </Group>
            {!hueco && servicios.isPending && <Cargando filas={4} alto={49} />}
            {!hueco && servicioId && <Huecos sede={sede} servicio={servicioId} medico={medico} desde={desde} elegido={elegido} alElegir={setElegido} nombreDe={nombreDe} alEsperar={alEsperar && (() => alEsperar({ mascota, servicio_id: servicioId }))} />}
            {repite && <Repetir valor={repite} alCambiar={setRepite} quitar={() => setRepite(undefined)} inicio={elegido?.inicio} zona={zona} falta={falta} simulacion={simulacion} nombreDe={nombreDe} />}
            <Textarea label={t('nueva.motivo')} placeholder={t('app:opcional')} autosize minRows={1} maxRows={4} maxLength={500} value={motivo} onChange={(e) => setMotivo(e.currentTarget.value)} />
            {falla && (
              <Text c="var(--mantine-color-error)" size="sm" role="alert">
                {falla}
              </Text>
            )}
            <Group justify="flex-end">
              {!repite && (
                <Button variant="subtle" color="gray" mr="auto" leftSection={<IconRepeat size={16} />} onClick={() => setRepite(REPETICION)}>
                  {t('serie.repetir')}
                </Button>
              )}
              <Button variant="default" onClick={cerrar}>
                {t('app:cancelar')}
              </Button>
              <Button ref={boton} type="submit" loading={va} disabled={!pedido || (!!repite && !libres)} leftSection={<IconCalendarPlus size={17} />}>
                {rotulo}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
