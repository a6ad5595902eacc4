import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { PANTALLAS } from '@/pantallas';
import i18n from './i18n';
import { Fallo } from './estados';
import { NoEncontrada } from './NoEncontrada';
import type { Pantalla } from './pantalla';

/** Screens that do with the styles of the shell; they are the first that people see. */
const LIGERAS = new Set(['ingresar', 'olvido', 'contrasena', 'inicio', 'agenda', 'sala', 'cuenta']);

/** A screen's code and its texts come together; a failed import after a deploy is seen to in `main`. */
const traer = (pantalla: Pantalla) => Promise.all([pantalla.carga(), pantalla.permiso ? import('./guardia') : undefined, i18n.loadNamespaces(pantalla.clave), LIGERAS.has(pantalla.clave) ? undefined : import('./estilosResto')]);
const perezosa = (pantalla: Pantalla) =>
  lazyRouteComponent(async () => {
    const [modulo, guardia] = await traer(pantalla);
    return { default: guardia ? guardia.conPermiso(pantalla, modulo.default) : modulo.default };
  });
const traerConcha = () => import('./Concha');

/** The first screen's parts are asked for before anything is drawn: the router would begin only after that. */
export function adelantar(pantalla: Pantalla) {
  void Promise.all([traer(pantalla), pantalla.publica ? undefined : traerConcha()]).catch(() => undefined);
}

const raiz = createRootRoute({ component: Outlet, notFoundComponent: NoEncontrada });
const concha = createRoute({ getParentRoute: () => raiz, id: 'concha', component: lazyRouteComponent(traerConcha, 'Concha') });
const inicio = createRoute({
  getParentRoute: () => raiz,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inicio' as string });
  },
});

const ruta = (pantalla: Pantalla) => {
  const opciones = { path: pantalla.ruta, component: perezosa(pantalla) };
  return pantalla.publica ? createRoute({ getParentRoute: () => raiz, ...opciones }) : createRoute({ getParentRoute: () => concha, ...opciones });
};

const arbol = raiz.addChildren([
  inicio,
  ...PANTALLAS.filter((p) => p.publica).map(ruta),
  concha.addChildren(PANTALLAS.filter((p) => !p.publica).map(ruta)),
]);

export const router = createRouter({
  routeTree: arbol,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: false,
  // What breaks in a screen breaks there only, and says so in words.
  defaultErrorComponent: ({ error, reset }) => <Fallo falla={error} reintentar={reset} />,
  // Filters are words: `?q=123` is the text 123.
  parseSearch: (texto) => Object.fromEntries(new URLSearchParams(texto)),
  stringifySearch: (busca) => {
    const texto = new URLSearchParams(Object.entries(busca).filter(([, v]) => v !== undefined && v !== '') as [string, string][]).toString();
    return texto ? `?${texto}` : '';
  },
});
