/** What is done with the agenda's appointments: it is tried, and what stands in the way becomes a choice. */
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { llave, type CitaEnAgenda } from '@/api/cliente';
import { esProblema, Problema } from '@/api/problema';
import { avisarFalla } from '@/app/avisos';
import { usePuede } from '@/app/sesion';
import { movible, type Movimiento } from '@/comun/citas/estados';
import { mover } from '@/comun/citas/hacer';
import { minutosEntre } from '@/comun/tiempo';
import { esEstorbo, type Estorbo } from './estorbos';
import { useServicios, type Medico } from './datos';
import { anotarEspera, retirarEspera, type Espera } from './lado/datos';
import { reservarCita } from './nueva/reservar';

export type Alargada = { cita: CitaEnAgenda; minutos: number };
export type SerieFija = { cita: CitaEnAgenda; a: Movimiento; falla: Problema };
const sumar = (inicio: string, minutos: number) => new Date(+new Date(inicio) + minutos * 60_000).toISOString();
const ocupa = (cita: CitaEnAgenda) => movible(cita.estado) || cita.estado === 'en_consulta';

export function useActos({ zona, medicos, citas, listo, alHacer }: { zona: string; medicos: Medico[]; citas: CitaEnAgenda[]; listo: boolean; alHacer: () => void }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const servicios = useServicios(listo);
  const [estorbo, setEstorbo] = useState<Estorbo | null>(null);
  const [alargada, setAlargada] = useState<Alargada | null>(null);
  const [serie, setSerie] = useState<SerieFija | null>(null);
  const duraciones = useMemo(() => new Map((servicios.data?.items ?? []).map((uno) => [uno.id, uno.duracion_min])), [servicios.data]);
  const nombreDe = useCallback((id: string) => medicos.find((m) => m.id === id)?.titulo ?? t('columna.otro_medico'), [medicos, t]);
  const propia = useCallback((cita: CitaEnAgenda) => duraciones.get(cita.servicio_id), [duraciones]);
  const encima = useCallback(
    (de: CitaEnAgenda, medico: string, inicio: string, fin: string) => citas.find((otra) => otra.id !== de.id && otra.medico_id === medico && ocupa(otra) && +new Date(otra.inicio) < +new Date(fin) && +new Date(otra.fin) > +new Date(inicio)),
    [citas],
  );

  const intentar = useCallback(
    async (cita: CitaEnAgenda, a: Movimiento, deshacer?: () => void) => {
      const dura = minutosEntre(cita.inicio, cita.fin);
      const larga = cita.sobrecupo && propia(cita) !== undefined && propia(cita) !== dura ? { duracion_min: dura } : {};
      // An authorised length goes along; but with it the server lets it lie over another patient, so not there.
      const va = 'duracion_min' in larga && !a.duracion_min && puede('cita.sobrecupo') && !encima(cita, a.medico_id, a.inicio, sumar(a.inicio, dura));
      const motivo = cita.sobrecupo_motivo ?? t('otra_duracion');
      try {
        await mover(cita, va ? { ...a, ...larga, sobrecupo_motivo: motivo } : a, zona);
        alHacer();
      } catch (falla) {
        deshacer?.();
        if (esProblema(falla, 'serie-con-conflictos')) return setSerie({ cita, a, falla });
        if (!esEstorbo(falla)) return avisarFalla(falla);
        setEstorbo({
          falla,
          mascota: cita.mascota,
          mascota_id: cita.mascota_id,
          cita_id: cita.id,
          servicio_id: cita.servicio_id,
          sede_id: a.sede_id ?? cita.sede_id,
          medico_id: a.medico_id,
          inicio: a.inicio,
          nombreDe,
          // What is free then is a vet and some room: not always the room that was meant.
          conHora: async (otra) => {
            const { ambiente_id: _, ...sinAmbiente } = a;
            await mover(cita, { ...sinAmbiente, inicio: otra.inicio, medico_id: otra.medico_id }, zona);
          },
          conSobrecupo: async (sobrecupo_motivo) => void (await mover(cita, { ...a, ...larga, sobrecupo_motivo }, zona)),
        });
      }
    },
    [zona, nombreDe, alHacer, encima, propia, puede, t],
  );

  const guardarDuracion = useCallback(
    async (cita: CitaEnAgenda, duracion_min: number, sobrecupo_motivo: string | undefined) => {
      const a: Movimiento = { inicio: cita.inicio, medico_id: cita.medico_id, ...(cita.ambiente_id ? { ambiente_id: cita.ambiente_id } : {}) };
      await mover(cita, sobrecupo_motivo ? { ...a, duracion_min, sobrecupo_motivo } : { ...a, sobrecupo: false }, zona);
    },
    [zona],
  );
  /** By the mouse or the keys. Only another length than the service's own is asked about. */
  const alargar = useCallback(
    (cita: CitaEnAgenda, minutos: number, deshacer?: () => void) => {
      deshacer?.();
      if (minutos === propia(cita)) void guardarDuracion(cita, minutos, undefined).catch(avisarFalla);
      else setAlargada({ cita, minutos });
    },
    [propia, guardarDuracion],
  );

  /** Whoever waits gets a free time: booked, and off the list. The undo puts both back. */
  const dar = useCallback(
    async (espera: Espera, hueco: { sede_id: string; inicio: string; medico_id?: string | undefined }) => {
      const pedido = { sede_id: hueco.sede_id, zona, servicio_id: espera.preferencia.servicio_id, mascota: { id: espera.mascota_id, nombre: espera.mascota }, inicio: hueco.inicio, medico_id: hueco.medico_id };
      const hacer = async (cambio: Partial<typeof pedido>, mas: { sobrecupo?: boolean; sobrecupo_motivo?: string }) => {
        await reservarCita({ ...pedido, ...cambio }, llave(), mas, puede('cita.anular'), () => anotarEspera(espera.mascota_id, espera.preferencia, llave()));
        await retirarEspera(espera.id, t('espera.dada')).catch(avisarFalla);
      };
      try {
        await hacer({}, {});
      } catch (falla) {
        if (!esEstorbo(falla)) return avisarFalla(falla);
        setEstorbo({
          falla,
          mascota: espera.mascota,
          mascota_id: espera.mascota_id,
          servicio_id: pedido.servicio_id,
          sede_id: pedido.sede_id,
          medico_id: pedido.medico_id,
          inicio: pedido.inicio,
          nombreDe,
          conHora: (otra) => hacer({ inicio: otra.inicio, medico_id: otra.medico_id }, {}),
          conSobrecupo: (sobrecupo_motivo) => hacer({}, { sobrecupo: true, sobrecupo_motivo }),
        });
      }
    },
    [zona, nombreDe, puede, t],
  );
  return { estorbo, setEstorbo, alargada, setAlargada, serie, setSerie, intentar, alargar, guardarDuracion, propia, encima, dar, nombreDe };
}
