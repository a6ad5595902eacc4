/**
 * Every screen, a line each. A screen is a folder here with its component, its queries and its texts
 * (`textos.es.json`, `textos.en.json`; the folder's name is the namespace).
 */
import type { Pantalla } from '@/app/pantalla';

export const PANTALLAS: Pantalla[] = [
  { clave: 'ingresar', ruta: '/ingresar', publica: true, carga: () => import('./ingresar/Ingresar') },
];
