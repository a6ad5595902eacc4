/** What these screens read, and what they make of it. */
import { $api, renovar, type Esquemas } from '@/api/cliente';
import { usePuede, useSesion } from '@/app/sesion';
import { conEspacio } from './Limites';

export type Complemento = Esquemas['Page_Complemento']['items'][number];
export type Detalle = Esquemas['ComplementoDetalle'];
export type Instalacion = Esquemas['InstalacionVista'];
export type Permiso = Esquemas['Permiso'];
export type Configuracion = Esquemas['Configuracion'];
export type Corrida = Esquemas['Page_CorridaBreve']['items'][number];
export type Version = Esquemas['VersionVista'];
export type Editor = Esquemas['Editor'];
export type EstadoVersion = Esquemas['EstadoVersion'];

export const MUNDOS = ['alerts', 'notification', 'payment', 'fiscal', 'delivery'] as const;

export const ficha = (id: string, parte = 'resumen') => `/complementos/${encodeURIComponent(id)}/${parte}`;

export type Standing = 'disponible' | 'instalado' | 'habilitado' | 'cuarentena' | 'retirado';
export function standing({ instalacion, version }: Pick<Complemento, 'instalacion' | 'version'>): Standing {
  if (!instalacion) return version ? 'disponible' : 'retirado';
  if (instalacion.cuarentena_desde) return 'cuarentena';
  if (instalacion.estado_version === 'retirada') return 'retirado';
  return instalacion.habilitado ? 'habilitado' : 'instalado';
}

/** A newer one that could be installed. */
export const hayNueva = ({ instalacion, digest }: Pick<Complemento, 'instalacion' | 'digest'>) => Boolean(instalacion && digest && digest !== instalacion.digest);

export const useDetalle = (id: string) => $api.useQuery('get', '/api/v1/complementos/{id}', { params: { path: { id } } });
export const useConfiguracion = (id: string, activo: boolean) => $api.useQuery('get', '/api/v1/complementos/{id}/configuracion', { params: { path: { id } } }, { enabled: activo, staleTime: 0 });

export const useAdministra = () => usePuede()('complemento.administrar', 'cadena');

/** Whether this is the chain of who runs the platform. Every administrator may review in name; only there does the server let them. */
export function useEsPlataforma(): boolean {
  const { yo } = useSesion();
  return yo.cadena.plataforma && yo.cadena.permisos.includes('complemento.revisar');
}

export const releer = () =>
  renovar(
    '/api/v1/complementos',
    '/api/v1/complementos/{id}',
    '/api/v1/complementos/{id}/configuracion',
    '/api/v1/complementos/{id}/actualizacion',
    '/api/v1/complementos/{id}/ganchos',
    '/api/v1/complementos/corridas',
  );
export const releerTaller = () => renovar('/api/v1/complementos/versiones', '/api/v1/complementos/versiones/{digest}', '/api/v1/complementos/editores', '/api/v1/complementos/editores/{clave}', '/api/v1/complementos');

/** What the schema asks for and nobody gave yet, by name. */
export function faltan(esquema: Detalle['esquema'], configuracion: Configuracion | undefined): string[] {
  if (!configuracion) return [];
  const requeridos = ((esquema as { required?: string[] } | undefined)?.required ?? []) as string[];
  const guardados = new Set([...configuracion.secretos, ...configuracion.claves].filter((uno) => uno.desde).map((uno) => uno.nombre));
  return requeridos.filter((nombre) => !guardados.has(nombre) && (configuracion.config as Record<string, unknown>)[nombre] === undefined);
}

export type EnPalabras = { clave: string; valores: Record<string, string>; tecnico?: string };
/** A permission's key as people read it: what it lets happen, and apart from that its exact bounds. */
export function enPalabras(permiso: Pick<Permiso, 'clave' | 'tipo'>): EnPalabras {
  const [, resto = ''] = /^[^:]*:(.*)$/s.exec(permiso.clave) ?? [];
  switch (permiso.tipo) {
    case 'servidor': {
      const [destino = '', metodos = '*', rutas = '*', entorno] = resto.split(' ');
      const host = destino.replace(/:443$/, '');
      return { clave: host.startsWith('*') ? 'servidor_familia' : 'servidor', valores: { host: host.replace(/^\*\./, '') }, tecnico: [metodos, rutas, entorno].map((una = '') => (una === '*' ? '' : una.replaceAll(',', ', '))).filter(Boolean).join(' · ') };
    }
    case 'firma': {
      const [ranura = '', algoritmo = ''] = resto.split(':');
      return { clave: algoritmo.startsWith('hmac') ? 'firma_compartida' : 'firma', valores: { ranura }, tecnico: algoritmo };
    }
    default:
      return { clave: permiso.tipo, valores: { que: permiso.tipo === 'estado' ? conEspacio(resto) : resto } };
  }
}

/** What it may be told from its key alone: what no version asks for any more is only a key. */
export function tipoDe(clave: string): Permiso['tipo'] {
  const raiz = clave.split(':')[0];
  return raiz === 'secreto' ? 'secreto_legible' : raiz === 'estado' || raiz === 'evento' || raiz === 'firma' ? raiz : 'servidor';
}

export const kib = (bytes: number) => `${Math.ceil(bytes / 1024).toLocaleString('es-PE')} KiB`;
