/** What the agenda shows first, as questions: for the screen, and for who asks them while the screen itself still loads. */
import { $api, consultas } from '@/api/cliente';
import type { YoSede } from '@/app/sesion';
import { hoyEn, lunes, sumarDias } from '@/comun/tiempo';

export const opcionesDeCitas = (sede_id: string, fecha: string, dias: number, con_anuladas: boolean) =>
  $api.queryOptions('get', '/api/v1/citas', { params: { query: { sede_id, fecha, dias, con_anuladas, limite: 500 } } }, { staleTime: 20_000 });
export const opcionesDeRol = (sede: string, fecha: string) =>
  $api.queryOptions('get', '/api/v1/sedes/{id}/rol', { params: { path: { id: sede }, query: { desde: lunes(fecha) } } }, { staleTime: 5 * 60_000 });
export const opcionesDeAmbientes = (sede_id: string) =>
  $api.queryOptions('get', '/api/v1/sedes/{sede_id}/ambientes', { params: { path: { sede_id }, query: { limite: 200 } } }, { staleTime: 10 * 60_000 });
export const opcionesDeBloqueos = (id: string, desde: string, hasta: string) =>
  $api.queryOptions('get', '/api/v1/sedes/{id}/bloqueos', { params: { path: { id }, query: { desde, hasta } } }, { staleTime: 60_000 });

/** The day in the address; today, if there is none. */
export const fechaDe = (escrita: string, hoy: string) => (/^\d{4}-\d\d-\d\d$/.test(escrita) ? escrita : hoy);
export function periodoDe({ vista, estado }: { vista: string; estado: string }, fecha: string) {
  const semana = vista === 'semana';
  return { semana, dias: semana ? 7 : 1, desdeDia: semana ? lunes(fecha) : fecha, conAnuladas: vista === 'lista' || estado === 'anulada' || estado === 'no_asistio' };
}

export function pedirPrimero(sede: YoSede, busca: URLSearchParams) {
  const fecha = fechaDe(busca.get('fecha') ?? '', hoyEn(sede.zona_horaria));
  const { desdeDia, dias, conAnuladas } = periodoDe({ vista: busca.get('vista') ?? '', estado: busca.get('estado') ?? '' }, fecha);
  void consultas.prefetchQuery(opcionesDeCitas(sede.id, desdeDia, dias, conAnuladas));
  void consultas.prefetchQuery(opcionesDeRol(sede.id, fecha));
  void consultas.prefetchQuery(opcionesDeAmbientes(sede.id));
  void consultas.prefetchQuery(opcionesDeBloqueos(sede.id, desdeDia, sumarDias(desdeDia, dias)));
}
