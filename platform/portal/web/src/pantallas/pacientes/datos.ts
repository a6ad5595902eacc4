import type { TFunction } from 'i18next';
import { $api, renovar, type Esquemas } from '@/api/cliente';
import { edad } from '@/comun/edad';
import { usePuede } from '@/app/sesion';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { soloDia } from './texto';

export type Mascota = Esquemas['ConConducta_Mascota'];
export type Tutor = Esquemas['ConConducta_Tutor'];
export type Entrada = Esquemas['EntradaHistorial'];
export type HechoClinico = Esquemas['HechoClinico'];
export type Alerta = Esquemas['AlertasDeMascota']['alertas'][number];
export type Encontrado = Esquemas['Page_Encontrado']['items'][number];
export type Candidato = { tutor_id?: string; mascota_id?: string; nombre?: string; telefono?: string; motivos: string[] };

export const useMascota = (id: string) => $api.useQuery('get', '/api/v1/pacientes/{id}', { params: { path: { id } } });
export const useTutor = (id: string, activo = true) => $api.useQuery('get', '/api/v1/tutores/{id}', { params: { path: { id } } }, { enabled: activo });
export const useHechos = (id: string, activo = true) => $api.useQuery('get', '/api/v1/pacientes/{id}/hechos', { params: { path: { id } } }, { enabled: activo });
export const useAlertas = (id: string, activo = true) => $api.useQuery('get', '/api/v1/pacientes/{id}/alertas', { params: { path: { id }, query: { cerradas: true } } }, { enabled: activo });
export const useCurva = (id: string) => $api.useQuery('get', '/api/v1/pacientes/{id}/pesos/curva', { params: { path: { id } } });
export const useEspecies = () => $api.useQuery('get', '/api/v1/especies', { params: { query: { limite: 200 } } }, { staleTime: 30 * 60_000 });

/** Where the next dose is booked: its day, and the service that vaccinates, which the agenda calls `VAC`. */
export function useReservaDeVacuna() {
  const puede = usePuede();
  const consulta = $api.useQuery('get', '/api/v1/servicios', { params: { query: { limite: 200 } } }, { staleTime: 10 * 60_000, enabled: puede('cita.reservar', 'alguna') });
  const activos = (consulta.data?.items ?? []).filter((uno) => uno.activo);
  const servicio = (activos.find((uno) => uno.codigo === 'VAC') ?? activos.find((uno) => /vacun/i.test(uno.nombre)))?.id ?? '';
  return ({ id, nombre }: Pick<Mascota, 'id' | 'nombre'>, dia?: string) => ({ nueva: '1', mascota: id, nombre, servicio, ...(dia && dia > hoyEn(ZONA) ? { fecha: dia } : {}) });
}

/** After something was written about a pet: all that is told of it. */
export const renovarMascota = () =>
  renovar(
    '/api/v1/pacientes/{id}',
    '/api/v1/pacientes/{id}/historial',
    '/api/v1/pacientes/{id}/hechos',
    '/api/v1/pacientes/{id}/alertas',
    '/api/v1/pacientes/{id}/pesos/curva',
    '/api/v1/pacientes/{id}/fallecimiento',
    '/api/v1/tutores/{id}/mascotas',
    '/api/v1/pacientes',
    '/api/v1/alertas',
  );
export const renovarTutor = () => renovar('/api/v1/tutores/{id}', '/api/v1/tutores/{id}/consentimientos', '/api/v1/tutores/{id}/canales', '/api/v1/tutores/{id}/mascotas', '/api/v1/pacientes/{id}', '/api/v1/pacientes');

/** «Perro · Labrador · macho castrado · 4 años 2 meses». */
export function resumen(t: TFunction, mascota: Mascota, hoy: string): string {
  const sexo = mascota.sexo === 'desconocido' ? undefined : t(`pacientes:sexo_estado.${mascota.sexo}.${mascota.esterilizado === true ? 'si' : mascota.esterilizado === false ? 'no' : 'nose'}`);
  const anios = mascota.nacimiento && `${mascota.nacimiento_estimado ? '≈ ' : ''}${edad(t, mascota.nacimiento, mascota.fallecida_en ?? hoy)}`;
  return [mascota.especie.nombre, mascota.raza?.nombre, sexo, anios, mascota.color].filter(Boolean).join(' · ');
}

export const foto = (mascota: Pick<Mascota, 'id' | 'tiene_foto' | 'version'>) => (mascota.tiene_foto ? `/api/v1/pacientes/${mascota.id}/foto?v=${mascota.version}` : undefined);

export { soloDia };
