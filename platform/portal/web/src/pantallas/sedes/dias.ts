/** All that makes a day of a sede other than its week: holidays, special days, blocked times; one list, in order. */
import { keepPreviousData } from '@tanstack/react-query';
import { $api, renovar, type Esquemas } from '@/api/cliente';
import { diaEn, hoyEn, sumarDias } from '@/comun/tiempo';
import type { Sede } from './datos';

export type Excepcion = Esquemas['ExcepcionConfigurada'];
export type Bloqueo = Esquemas['Bloqueo'];
export type Feriado = Esquemas['Feriado'];
export type Suceso = { clase: 'feriado'; dia: string; feriado: Feriado } | { clase: 'excepcion'; dia: string; excepcion: Excepcion } | { clase: 'bloqueo'; dia: string; bloqueo: Bloqueo };

export const DIAS_A_LA_VISTA = 180;

/** What holds everywhere has no scope; a regional one has the beginning of the UBIGEOs that it is for. */
export const esDeAqui = (feriado: Pick<Feriado, 'ambito'>, ubigeo: string | null | undefined) => feriado.ambito === '' || (ubigeo ?? '').startsWith(feriado.ambito);

/** The platform may come to have a day that the chain has: both are listed. */
export const claveDe = (feriado: Feriado) => feriado.id ?? feriado.fecha + feriado.ambito;

export function aLaVista(sede: Sede) {
  const desde = hoyEn(sede.zona_horaria);
  return { desde, hasta: sumarDias(desde, DIAS_A_LA_VISTA) };
}

export function useDias(sede: Sede) {
  const query = aLaVista(sede);
  const params = { path: { id: sede.id }, query };
  const excepciones = $api.useQuery('get', '/api/v1/sedes/{id}/excepciones', { params }, { placeholderData: keepPreviousData });
  const bloqueos = $api.useQuery('get', '/api/v1/sedes/{id}/bloqueos', { params }, { placeholderData: keepPreviousData });
  const feriados = $api.useQuery('get', '/api/v1/feriados', { params: { query } }, { staleTime: 60 * 60_000 });
  const listos = excepciones.data && bloqueos.data && feriados.data;
  const sucesos: Suceso[] | undefined = listos && [
    ...feriados.data.filter((uno) => esDeAqui(uno, sede.ubigeo)).map((feriado) => ({ clase: 'feriado' as const, dia: feriado.fecha, feriado })),
    ...excepciones.data.map((excepcion) => ({ clase: 'excepcion' as const, dia: excepcion.fecha, excepcion })),
    ...bloqueos.data.map((bloqueo) => ({ clase: 'bloqueo' as const, dia: diaEn(bloqueo.desde, sede.zona_horaria), bloqueo })),
  ];
  sucesos?.sort((a, b) => a.dia.localeCompare(b.dia));
  const falla = [excepciones, bloqueos, feriados].find((una) => una.isError && una.data === undefined);
  return { sucesos, falla };
}

export const renovarFeriados = () => renovar('/api/v1/feriados', '/api/v1/sedes/{id}/rol', '/api/v1/sedes/{id}/de-turno', '/api/v1/sedes/{id}/hoy');
export const renovarDias = () => renovar('/api/v1/sedes/{id}/excepciones', '/api/v1/sedes/{id}/bloqueos', '/api/v1/sedes/{id}/rol', '/api/v1/sedes/{id}/hoy');
