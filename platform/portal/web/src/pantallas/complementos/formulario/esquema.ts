/**
 * What a plugin's configuration schema says, as far as a form can be made of it. The server takes any JSON Schema and is the one that
 * validates: what there is no field for is written as JSON, and what is wrong comes back with its place.
 */
import { createContext, useContext } from 'react';

export type Esquema = {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  oneOf?: Esquema[];
  properties?: Record<string, Esquema>;
  required?: string[];
  items?: Esquema;
  additionalProperties?: boolean | Esquema;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  $ref?: string;
  'x-secret'?: string;
  'x-key-slot'?: string;
};
export type Clase = 'opciones' | 'si_no' | 'numero' | 'texto' | 'etiquetas' | 'varias' | 'lista' | 'objeto' | 'mapa' | 'crudo';
export type Objeto = Record<string, unknown>;

export const Raiz = createContext<{ raiz: Esquema; errores: Record<string, string> }>({ raiz: {}, errores: {} });

const HONDO = 8;
/** Follows `$ref` within the document; what stands beside it wins. */
export function resolver(esquema: Esquema, raiz: Esquema, nivel = 0): Esquema {
  if (!esquema.$ref?.startsWith('#/') || nivel > HONDO) return esquema;
  const hallado = esquema.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((en, parte) => (en as Objeto | undefined)?.[parte.replaceAll('~1', '/').replaceAll('~0', '~')], raiz);
  const { $ref: _, ...propio } = esquema;
  return { ...resolver((hallado ?? {}) as Esquema, raiz, nivel + 1), ...propio };
}

const deConst = (esquema: Esquema) => esquema.oneOf?.every((una) => una.const !== undefined) === true;
const deOpciones = (esquema: Esquema) => Array.isArray(esquema.enum) || deConst(esquema);

export function claseDe(esquema: Esquema, raiz: Esquema): Clase {
  if (deOpciones(esquema)) return 'opciones';
  switch (esquema.type) {
    case 'boolean':
      return 'si_no';
    case 'integer':
    case 'number':
      return 'numero';
    case 'string':
      return 'texto';
    case 'array': {
      if (!esquema.items) return 'crudo';
      const dentro = resolver(esquema.items, raiz);
      if (deOpciones(dentro)) return 'varias';
      return dentro.type === 'string' ? 'etiquetas' : 'lista';
    }
    case 'object':
      if (esquema.properties) return 'objeto';
      return typeof esquema.additionalProperties === 'object' ? 'mapa' : 'crudo';
    default:
      return 'crudo';
  }
}

export type Opcion = { value: string; label: string; valor: unknown };
export const opcionesDe = (esquema: Esquema): Opcion[] => {
  const de = (valor: unknown, label?: string): Opcion => ({ value: JSON.stringify(valor), label: label ?? String(valor).replaceAll('_', ' '), valor });
  return esquema.enum ? esquema.enum.map((valor) => de(valor)) : (esquema.oneOf ?? []).map((una) => de(una.const, una.title));
};

/** What a new element starts as. */
export function inicial(esquema: Esquema, raiz: Esquema): unknown {
  if (esquema.default !== undefined) return structuredClone(esquema.default);
  switch (claseDe(esquema, raiz)) {
    case 'objeto':
    case 'mapa':
      return {};
    case 'lista':
    case 'etiquetas':
    case 'varias':
      return [];
    default:
      return undefined;
  }
}

/** Those that must be given come first; the document's own order is not kept by the server. */
export function ordenados(esquema: Esquema): [nombre: string, esquema: Esquema, requerido: boolean][] {
  const requeridos = new Set(esquema.required);
  const campos = Object.entries(esquema.properties ?? {}).map(([nombre, suyo]) => [nombre, suyo, requeridos.has(nombre)] as [string, Esquema, boolean]);
  return [...campos.filter(([, , requerido]) => requerido), ...campos.filter(([, , requerido]) => !requerido)];
}

export const puntero = (base: string, nombre: string | number) => `${base}/${String(nombre).replaceAll('~', '~0').replaceAll('/', '~1')}`;
export const rotulo = (nombre: string, esquema: Esquema) => esquema.title ?? nombre.charAt(0).toUpperCase() + nombre.slice(1).replaceAll('_', ' ');

/** What was said of a place, and with `hondo` of all that lies in it. */
export function useError(donde: string, hondo = false): string | undefined {
  const { errores } = useContext(Raiz);
  if (errores[donde]) return errores[donde];
  if (!hondo) return undefined;
  const dentro = Object.entries(errores).filter(([uno]) => uno.startsWith(`${donde}/`));
  return dentro.length ? dentro.map(([uno, dicho]) => `${uno.slice(donde.length + 1)}: ${dicho}`).join(' · ') : undefined;
}
export const useHayDentro = (donde: string) => Object.keys(useContext(Raiz).errores).some((uno) => uno === donde || uno.startsWith(`${donde}/`));
