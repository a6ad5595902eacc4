import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { $api, consultas, type CitaEnAgenda, type Esquemas } from '@/api/cliente';
import type { YoSede } from '@/app/sesion';
import { enZona, sumarDias } from '@/comun/tiempo';
import type { Columna, Tramo } from './AgendaGrid';
import { opcionesDeAmbientes, opcionesDeBloqueos, opcionesDeCitas, opcionesDeRol } from './primero';

export type Dia = Esquemas['RolDeTurnos']['dias'][number];
export type Medico = { id: string; titulo: string };
export type Servicio = Esquemas['Page_Servicio']['items'][number];
export type Ambiente = Esquemas['Page_Ambiente']['items'][number];

export function useCitas(sede: string, fecha: string, dias: number, conAnuladas: boolean) {
  const consulta = useQuery({ ...opcionesDeCitas(sede, fecha, dias, conAnuladas), placeholderData: keepPreviousData });
  // Tomorrow is read too, so that it is there when the network is not.
  useEffect(() => {
    if (dias !== 1 || !consulta.isSuccess) return;
    const reloj = setTimeout(() => void consultas.prefetchQuery(opcionesDeCitas(sede, sumarDias(fecha, 1), 1, conAnuladas)).catch(() => undefined), 800);
    return () => clearTimeout(reloj);
  }, [sede, fecha, dias, conAnuladas, consulta.isSuccess]);
  return consulta;
}

export const useRol = (sede: string, fecha: string) => useQuery({ ...opcionesDeRol(sede, fecha), placeholderData: keepPreviousData });
export const useRoles = (sedes: string[], fecha: string) => useQueries({ queries: sedes.map((sede) => opcionesDeRol(sede, fecha)) });
/** The stream tells of the sede in use only: of the others it is asked now and then. */
export const useCitasDeSedes = (sedes: string[], fecha: string, conAnuladas: boolean) =>
  useQueries({ queries: sedes.map((sede) => ({ ...opcionesDeCitas(sede, fecha, 1, conAnuladas), refetchInterval: 15_000 })) });

export function medicosDe(dias: Dia[]): Medico[] {
  const mapa = new Map<string, string>();
  for (const dia of dias) for (const m of dia.medicos) mapa.set(m.medico_id, m.medico);
  return [...mapa].map(([id, titulo]) => ({ id, titulo })).sort((a, b) => a.titulo.localeCompare(b.titulo, 'es'));
}
export const opcionesDeServicios = $api.queryOptions('get', '/api/v1/servicios', { params: { query: { limite: 200 } } }, { staleTime: 10 * 60_000 });
export const useServicios = (activo = true) => useQuery({ ...opcionesDeServicios, enabled: activo });
/** Times that somebody is filling in, or that are offered or asked for: not free, and not yet an appointment. */
export const useRetenciones = (sede: string, activo: boolean) =>
  $api.useQuery('get', '/api/v1/retenciones', { params: { query: { sede_id: sede } } }, { staleTime: 10_000, refetchInterval: 60_000, enabled: activo });
export const useAmbientes = (sede: string, activo: boolean) => useQuery({ ...opcionesDeAmbientes(sede), enabled: activo });
export const useBloqueos = (sede: string, desde: string, hasta: string) => useQuery({ ...opcionesDeBloqueos(sede, desde, hasta), placeholderData: keepPreviousData });

const TITULOS = /^(dra?\.?|mv\.?)\s+/i;
/** "Lucía Arrieta Campos" → "Lucía Arrieta": a column is narrow. */
export const nombreCorto = (nombre: string) => {
  const [primero = '', ...resto] = nombre.replace(TITULOS, '').split(/\s+/);
  // "Del Águila", "De la Cruz" are one surname.
  const fin = resto.findIndex((palabra) => !/^(de|del|la|las|los)$/i.test(palabra));
  return [primero, ...resto.slice(0, fin + 1)].join(' ');
};

/** Who works that day, and whoever has appointments although he does not. */
export function columnasDeMedicos(dia: Dia | undefined, citas: CitaEnAgenda[], detalle: (horas: { desde: string; hasta: string }[]) => string): Columna[] {
  const columnas = new Map<string, Columna>();
  for (const medico of dia?.medicos ?? []) columnas.set(medico.medico_id, { id: medico.medico_id, titulo: nombreCorto(medico.medico), detalle: detalle(medico.horas) });
  for (const cita of citas) if (!columnas.has(cita.medico_id)) columnas.set(cita.medico_id, { id: cita.medico_id, titulo: nombreCorto(cita.medico), detalle: detalle([]) });
  return [...columnas.values()].sort((a, b) => a.titulo.localeCompare(b.titulo, 'es'));
}

/** What lies between the hours: there nobody works. */
export function huecosDe(dia: string, horas: { desde: string; hasta: string }[], desde: string, hasta: string): { desde: string; hasta: string }[] {
  const orden = [...horas].sort((a, b) => a.desde.localeCompare(b.desde));
  const cerrados: { desde: string; hasta: string }[] = [];
  let ultimo = desde;
  for (const tramo of orden) {
    if (tramo.desde > ultimo) cerrados.push({ desde: `${dia}T${ultimo}`, hasta: `${dia}T${tramo.desde}` });
    if (tramo.hasta > ultimo) ultimo = tramo.hasta;
  }
  if (ultimo < hasta) cerrados.push({ desde: `${dia}T${ultimo}`, hasta: `${dia}T${hasta}` });
  return cerrados;
}

/** Whole hours that hold the sede's day and every appointment (labels fall on the hour only then). */
export function limites(dias: Dia[], citas: CitaEnAgenda[], zona: string): [string, string] {
  const horas = [...dias.flatMap((dia) => dia.horas.flatMap((h) => [h.desde, h.hasta])), ...citas.flatMap((c) => [enZona(c.inicio, zona).slice(11), enZona(c.fin, zona).slice(11)])];
  if (horas.length === 0) return ['08:00', '20:00'];
  const orden = horas.sort();
  const primera = Number(orden[0]?.slice(0, 2));
  const ultima = orden.at(-1) ?? '20:00';
  const fin = Math.min(24, Number(ultima.slice(0, 2)) + (ultima.endsWith(':00') ? 0 : 1));
  return [`${String(primera).padStart(2, '0')}:00`, `${String(Math.max(fin, primera + 4)).padStart(2, '0')}:00`];
}

export function useFondo(sede: YoSede, dias: Dia[], columnas: Columna[], porMedico: boolean, medico: string | undefined, bloqueos: Esquemas['Bloqueo'][] | undefined, desde: string, hasta: string): Tramo[] {
  return useMemo(() => {
    const zona = sede.zona_horaria;
    const tramos: Tramo[] = [];
    for (const dia of dias) {
      if (medico !== undefined) {
        const horas = medico ? (dia.medicos.find((m) => m.medico_id === medico)?.horas ?? []) : dia.horas;
        tramos.push(...huecosDe(dia.fecha, horas, desde, hasta).map((t) => ({ ...t, clase: 'cerrado' as const })));
      } else {
        for (const columna of columnas) {
          const horas = porMedico ? (dia.medicos.find((m) => m.medico_id === columna.id)?.horas ?? []) : dia.horas;
          tramos.push(...huecosDe(dia.fecha, horas, desde, hasta).map((t) => ({ ...t, columna: columna.id, clase: 'cerrado' as const })));
        }
      }
    }
    for (const bloqueo of bloqueos ?? []) {
      const que = { desde: enZona(bloqueo.desde, zona), hasta: enZona(bloqueo.hasta, zona), clase: 'bloqueo' as const, titulo: bloqueo.motivo };
      const de_quien = porMedico ? bloqueo.medico_id : bloqueo.ambiente_id;
      const de_todos = !bloqueo.medico_id && !bloqueo.ambiente_id && !bloqueo.equipo_id;
      if (medico !== undefined) {
        if (de_todos || bloqueo.medico_id === medico) tramos.push(que);
      } else for (const columna of columnas) if (de_todos || columna.id === de_quien) tramos.push({ ...que, columna: columna.id });
    }
    return tramos;
  }, [sede, dias, columnas, porMedico, medico, bloqueos, desde, hasta]);
}
