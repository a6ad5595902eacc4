/** What waits for reception: those on the waiting list, and what owners asked for by themselves. */
import { useState } from 'react';
import { $api, api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { enZona } from '@/comun/tiempo';

/** What somebody who waits is while dragged. */
export const ARRASTRE = 'application/x-huella-espera';

export type Espera = Esquemas['Page_Espera']['items'][number];
export type Preferencia = Espera['preferencia'];
export type Autoreserva = Esquemas['Page_SolicitudDeReserva']['items'][number];
export type Cambio = Esquemas['Page_SolicitudDeCambio']['items'][number];
export type HuecoLibre = Esquemas['Disponibilidad']['huecos'][number];

export const LIMITE = 100;
const FRESCO = { staleTime: 15_000, refetchInterval: 60_000 };

export const useEsperas = (sede: string, estado: 'activa' | 'ofrecida', activo: boolean) =>
  $api.useQuery('get', '/api/v1/esperas', { params: { query: { sede_id: sede, estado, limite: LIMITE } } }, { ...FRESCO, enabled: activo });
export const useAutoreservas = (sede: string, activo: boolean) =>
  $api.useQuery('get', '/api/v1/autoreservas', { params: { query: { sede_id: sede, estado: 'pendiente', limite: LIMITE } } }, { ...FRESCO, enabled: activo });
export const useCambios = (sede: string, activo: boolean) =>
  $api.useQuery('get', '/api/v1/citas/solicitudes', { params: { query: { sede_id: sede, abierta: true, limite: LIMITE } } }, { ...FRESCO, enabled: activo });

/** What is about to be sent is not shown any more. */
export function useOcultos() {
  const [ocultos, setOcultos] = useState<ReadonlySet<string>>(new Set());
  const ocultar = (id: string) => (oculta: boolean) =>
    setOcultos((antes) => {
      const despues = new Set(antes);
      if (oculta) despues.add(id);
      else despues.delete(id);
      return despues;
    });
  return { ocultos, ocultar };
}

/** Whether a free time is one that this entry waits for. */
export function leSirve(p: Preferencia, hueco: { inicio: string; fin: string; medico_id: string; sede_id: string }, zona: string): boolean {
  const inicio = enZona(hueco.inicio, zona);
  const fin = enZona(hueco.fin, zona);
  const dia = inicio.slice(0, 10);
  const semana = ((new Date(`${dia}T12:00:00Z`).getUTCDay() + 6) % 7) + 1;
  return (
    dia >= p.desde &&
    dia <= p.hasta &&
    (!p.dias?.length || p.dias.includes(semana)) &&
    (!p.hora_desde || inicio.slice(11) >= p.hora_desde.slice(0, 5)) &&
    (!p.hora_hasta || fin.slice(11) <= p.hora_hasta.slice(0, 5)) &&
    (!p.medico_id || p.medico_id === hueco.medico_id) &&
    p.sedes.includes(hueco.sede_id)
  );
}

export const releerEsperas = () => renovar('/api/v1/esperas', '/api/v1/citas', '/api/v1/disponibilidad');
export const anotarEspera = (mascota_id: string, preferencia: Preferencia, clave: string) =>
  cuerpo(api.POST('/api/v1/esperas', { params: { header: { 'Idempotency-Key': clave } }, body: { mascota_id, preferencia } })).finally(() => void releerEsperas());
export const retirarEspera = (id: string, motivo: string) => api.DELETE('/api/v1/esperas/{id}', { params: { path: { id }, query: { motivo } } }).finally(() => void releerEsperas());
