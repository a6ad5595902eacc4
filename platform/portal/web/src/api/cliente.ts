import createClient, { type Middleware } from 'openapi-fetch';
import createHooks from 'openapi-react-query';
import { QueryClient } from '@tanstack/react-query';
import type { components, paths } from './esquema';
import { Problema, SinRed } from './problema';

export type Esquemas = components['schemas'];
export type CitaEnAgenda = Esquemas['Page_CitaEnAgenda']['items'][number];
export type Estado = Esquemas['Estado'];
export type Yo = Esquemas['Yo'] & { bloqueada?: boolean; tiene_pin?: boolean };

/** What the shell has to know of any answer: that the session ended, was locked, or that the network is gone. */
export type Novedad = 'sin-sesion' | 'bloqueada' | 'sin-red' | 'con-red';
const oyentes = new Set<(novedad: Novedad) => void>();
export const alSaber = (oyente: (novedad: Novedad) => void) => {
  oyentes.add(oyente);
  return () => void oyentes.delete(oyente);
};
export const contar = (novedad: Novedad) => oyentes.forEach((oyente) => oyente(novedad));

const middleware: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && request.method !== 'HEAD') request.headers.set('x-portal', '1');
    return request;
  },
  async onResponse({ request, response }) {
    contar('con-red');
    if (response.ok) return response;
    const cuerpo = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    const problema = new Problema(response.status, cuerpo);
    // A proxy that finds nobody behind it is no answer of ours.
    if (response.status >= 502 && response.status <= 504 && !problema.tipo) throw new SinRed();
    const entrada = /\/portal\/(sesion|desbloqueo)$/.test(new URL(request.url).pathname);
    if (response.status === 401 && !entrada) contar('sin-sesion');
    if (response.status === 423) contar('bloqueada');
    throw problema;
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error;
    contar('sin-red');
    return new SinRed();
  },
};

/** The typed client. It throws `Problema` or `SinRed`; whoever gets past the await has an answer. */
export const api = createClient<paths, 'application/json'>({ baseUrl: '', querySerializer: { array: { style: 'form', explode: false } } });
api.use(middleware);
export const $api = createHooks(api);

/** The body of an answer that came (failures were thrown). */
export async function cuerpo<T>(respuesta: Promise<{ data?: T }>): Promise<T> {
  return (await respuesta).data as T;
}

/** A request to a path that the generated document does not know yet. */
export async function pedir<T>(metodo: string, ruta: string, datos?: unknown, encabezados: Record<string, string> = {}): Promise<T> {
  const crudo = api as unknown as { request(m: string, r: string, o: object): Promise<{ data?: T }> };
  const opciones = { body: datos, headers: encabezados, ...(datos === undefined ? {} : {}) };
  return (await crudo.request(metodo.toLowerCase(), ruta, opciones)).data as T;
}

/** `If-Match` of a row that carries its version. */
export const version = (fila: { version: number }) => `"${fila.version}"`;
/** One key per act: a repeated click or a retry does it once. */
export const llave = () => crypto.randomUUID();

export const consultas = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 15 * 60_000,
      networkMode: 'always',
      retry: (veces, falla) => !(falla instanceof Problema && falla.status < 500) && veces < 1,
    },
    mutations: { networkMode: 'always' },
  },
});

/** All cached answers of these paths are old: read again what is on a screen. */
export function renovar(...rutas: (keyof paths)[]) {
  return Promise.all(rutas.map((ruta) => consultas.invalidateQueries({ queryKey: ['get', ruta] })));
}
