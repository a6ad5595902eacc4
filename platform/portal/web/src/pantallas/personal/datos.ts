import { useTranslation } from 'react-i18next';
import { $api, api, renovar, type Esquemas } from '@/api/cliente';
import { usePuede, useSesion } from '@/app/sesion';
import { nombrar } from '@/comun/nombrar';
import { useTodas } from '@/comun/todas';

export type Persona = Esquemas['Usuario'];
export type Rol = Esquemas['Rol'];
export type Asignacion = Esquemas['Asignacion'];
export type Permiso = Esquemas['Entry'];

export const nombreDe = (persona: { nombres: string; apellidos: string }) => `${persona.nombres} ${persona.apellidos}`.trim();

export const useRoles = () => {
  const puede = usePuede();
  return useTodas<Rol>('/api/v1/roles', 'todas', (query) => api.GET('/api/v1/roles', { params: { query } }), puede('rol.ver', 'alguna'));
};

export const usePermisos = () => $api.useQuery('get', '/api/v1/permisos', {}, { staleTime: 60 * 60_000 });

/** What a permission lets one do. The API says it in Spanish; other languages have words of their own. */
export const describir = (permiso: Permiso) => nombrar(`personal:permiso.${permiso.clave}`, permiso.descripcion);

/** `cita.reservar` is of `cita`. */
export const moduloDe = (clave: string) => clave.split('.')[0] ?? clave;
export const nombrarModulo = (modulo: string) => nombrar(`personal:modulo.${modulo}`, modulo);

export function porModulo(permisos: Permiso[]): [modulo: string, suyos: Permiso[]][] {
  const grupos = new Map<string, Permiso[]>();
  for (const permiso of permisos) grupos.set(moduloDe(permiso.clave), [...(grupos.get(moduloDe(permiso.clave)) ?? []), permiso]);
  return [...grupos].sort(([a], [b]) => nombrarModulo(a).localeCompare(nombrarModulo(b)));
}

/** Where one may give roles: the chain (`''`) and the sedes in which one administers people. */
export function useLugares(permiso = 'usuario.administrar') {
  const { t } = useTranslation('personal');
  const puede = usePuede();
  const { yo } = useSesion();
  const sedes = yo.sedes.filter((sede) => sede.activa && puede(permiso, sede.id)).map((sede) => ({ value: sede.id, label: sede.nombre }));
  return puede(permiso, 'cadena') ? [...sedes, { value: 'cadena', label: t('toda_la_cadena') }] : sedes;
}

export function useNombreLugar() {
  const { t } = useTranslation('personal');
  const { yo } = useSesion();
  return (id: string | null | undefined) => (id ? (yo.sedes.find((sede) => sede.id === id)?.nombre ?? t('otra_sede')) : t('toda_la_cadena'));
}

/** The same people, the same roles: what is beside the list of people. */
export const usePartes = () => {
  const { t } = useTranslation('personal');
  const puede = usePuede();
  return [
    { a: '/personal', nombre: t('titulo'), ve: puede('usuario.ver', 'alguna') },
    { a: '/roles', nombre: t('roles.titulo'), ve: puede('rol.ver', 'alguna') },
    { a: '/por-que', nombre: t('porque.titulo'), ve: puede('usuario.ver', 'alguna') && puede('rol.ver', 'alguna') },
  ];
};

export const renovarPersonal = () => renovar('/api/v1/usuarios', '/api/v1/usuarios/{id}', '/api/v1/usuarios/{id}/asignaciones', '/api/v1/usuarios/{id}/sesiones');
