import { api, cuerpo, llave, renovar, version, type Esquemas } from '@/api/cliente';
import i18n from '@/app/i18n';
import { nombrar } from '@/comun/nombrar';
import { useTodas } from '@/comun/todas';

export type Clase = 'area' | 'ambiente' | 'equipo';
export type Local = Esquemas['Area'] | Esquemas['Ambiente'] | Esquemas['Equipo'];
export const TIPOS: Esquemas['AmbienteTipo'][] = ['consultorio', 'quirofano', 'bano', 'imagenes', 'laboratorio', 'hospitalizacion'];

export const estaActivo = (fila: Local) => ('activa' in fila ? fila.activa : fila.activo);

export const nombrarTipo = (fila: Local) => {
  if (!('tipo' in fila)) return '';
  const deAmbiente = (TIPOS as string[]).includes(fila.tipo);
  return deAmbiente ? i18n.t(`sedes:tipo.${fila.tipo}`) : nombrar(`sedes:equipo.${fila.tipo}`, fila.tipo);
};

export const useLocales = (sede_id: string) => ({
  area: useTodas<Esquemas['Area']>('/api/v1/sedes/{sede_id}/areas', sede_id, (query) => api.GET('/api/v1/sedes/{sede_id}/areas', { params: { path: { sede_id }, query } })),
  ambiente: useTodas<Esquemas['Ambiente']>('/api/v1/sedes/{sede_id}/ambientes', sede_id, (query) => api.GET('/api/v1/sedes/{sede_id}/ambientes', { params: { path: { sede_id }, query } })),
  equipo: useTodas<Esquemas['Equipo']>('/api/v1/sedes/{sede_id}/equipos', sede_id, (query) => api.GET('/api/v1/sedes/{sede_id}/equipos', { params: { path: { sede_id }, query } })),
});

export type DatosLocal = { nombre: string; tipo: string; area_id: string; activo: boolean };

export const valoresDe = (fila: Local | undefined): DatosLocal => ({
  nombre: fila?.nombre ?? '',
  tipo: fila && 'tipo' in fila ? fila.tipo : '',
  area_id: (fila && 'area_id' in fila && fila.area_id) || '',
  activo: fila ? estaActivo(fila) : true,
});

/** Makes or changes one, of whichever of the three kinds. */
export async function guardarLocal(clase: Clase, sede_id: string, fila: Local | undefined, v: DatosLocal): Promise<Local> {
  const nombre = v.nombre.trim();
  const crear = { path: { sede_id }, header: { 'Idempotency-Key': llave() } };
  const cambiar = fila && { path: { id: fila.id }, header: { 'If-Match': version(fila) } };
  const area = { nombre, activa: v.activo };
  const ambiente = { nombre, tipo: v.tipo as Esquemas['AmbienteTipo'], area_id: v.area_id || null, activo: v.activo };
  const equipo = { nombre, tipo: v.tipo, activo: v.activo };
  const enviar = {
    area: () => (cambiar ? cuerpo<Local>(api.PUT('/api/v1/areas/{id}', { params: cambiar, body: area })) : cuerpo<Local>(api.POST('/api/v1/sedes/{sede_id}/areas', { params: crear, body: area }))),
    ambiente: () => (cambiar ? cuerpo<Local>(api.PUT('/api/v1/ambientes/{id}', { params: cambiar, body: ambiente })) : cuerpo<Local>(api.POST('/api/v1/sedes/{sede_id}/ambientes', { params: crear, body: ambiente }))),
    equipo: () => (cambiar ? cuerpo<Local>(api.PUT('/api/v1/equipos/{id}', { params: cambiar, body: equipo })) : cuerpo<Local>(api.POST('/api/v1/sedes/{sede_id}/equipos', { params: crear, body: equipo }))),
  };
  const hecho = await enviar[clase]();
  await renovarLocales();
  return hecho;
}

export const renovarLocales = () => renovar('/api/v1/sedes/{sede_id}/areas', '/api/v1/sedes/{sede_id}/ambientes', '/api/v1/sedes/{sede_id}/equipos');
