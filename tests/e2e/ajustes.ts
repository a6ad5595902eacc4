/** Where the server under test is and who signs in. Everything comes from outside: nothing of it is written here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `conexion.env` of the demo's folder, for whoever runs a test by hand. */
function deLaDemo(): Record<string, string> {
  const carpeta = process.env.HUELLA_DEMO_CARPETA;
  const archivo = carpeta && join(carpeta, 'conexion.env');
  if (!archivo || !existsSync(archivo)) return {};
  const lineas = readFileSync(archivo, 'utf8').matchAll(/^(HUELLA_\w+|CORREO_PAGINA)='([^']*)'$/gm);
  return Object.fromEntries([...lineas].map((linea) => [linea[1] ?? '', linea[2] ?? '']));
}

const entorno: Record<string, string | undefined> = { ...deLaDemo(), ...process.env };
const falta = (nombre: string): never => {
  throw new Error(`falta ${nombre}: lo pone cargo xtask, o conexion.env de la demo (HUELLA_DEMO_CARPETA)`);
};
const leer = (nombre: string) => entorno[nombre] ?? falta(nombre);

export const CADENA = entorno.HUELLA_DEMO_CADENA ?? 'andes';
/** A chain has its own address, so that nobody has to type its name. */
export const URL_BASE = (() => {
  const url = new URL(leer('HUELLA_URL'));
  if (/^(127\.0\.0\.1|localhost)$/.test(url.hostname)) url.hostname = entorno.HUELLA_E2E_HOST ?? `${CADENA}.localhost`;
  return url.origin;
})();
/** Other clients need no address of the chain: node does not know names below `localhost`. */
export const URL_API = new URL(leer('HUELLA_URL')).origin.replace('localhost', '127.0.0.1');
export const CLAVE = leer('HUELLA_DEMO_CLAVE');
/** The page where the demo's mail can be read. */
export const CORREO = () => leer('CORREO_PAGINA');
/** None given: the browser that Playwright brought. */
export const CHROMIUM = entorno.HUELLA_CHROMIUM || undefined;

const CORREOS = {
  recepcion: 'camila.torres@andes.example.pe',
  veterinario: 'lucia.arrieta@andes.example.pe',
  administrador_sede: 'gonzalo.benavides@andes.example.pe',
  administrador_cadena: 'mariana.salcedo@andes.example.pe',
  auditor: 'beatriz.ordonez@andes.example.pe',
  coordinacion_agenda: 'valeria.montes@andes.example.pe',
  farmacia: 'ivan.espinal@andes.example.pe',
};
export type Rol = keyof typeof CORREOS;
export const correoDe = (rol: Rol) => entorno[`HUELLA_DEMO_${rol.toUpperCase()}`] ?? CORREOS[rol];
