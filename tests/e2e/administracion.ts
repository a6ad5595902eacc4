/** Rows of a test's own for the administration: a sede, a person, a role; and the mail that the demonstration caught. */
import { expect, type APIRequestContext } from '@playwright/test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliente } from './base';

export type Api = Awaited<ReturnType<typeof cliente>>;
export type Sede = { id: string; nombre: string; codigo: string; version: number; [campo: string]: unknown };
export type Persona = { id: string; nombres: string; correo: string; activo: boolean; asignaciones: { id: string }[] };

const letras = (cuantas: number) => String.fromCharCode(...Array.from({ length: cuantas }, () => 97 + Math.floor(Math.random() * 26)));
export const unico = (raiz: string) => `${raiz} ${letras(6)}`;

/** A sede of the test's own; it sorts last, so that nobody gets it as theirs. */
export async function unaSede(api: Api): Promise<Sede> {
  const { items } = await api.leer<{ items: { id: string }[] }>('/entidades-legales');
  return api.enviar<Sede>('POST', '/sedes', { codigo: `ZZ-${letras(5).toUpperCase()}`, nombre: unico('Zeta'), ciudad: 'Lima', ubigeo: '150122', entidad_legal_id: items[0]?.id });
}
export async function cerrarSede(api: Api, id: string) {
  const { id: _, version, ...datos } = await api.leer<Sede>(`/sedes/${id}`);
  await api.enviar('PUT', `/sedes/${id}`, { ...datos, activa: false }, { 'If-Match': `"${version}"` });
}

export async function unMedico(api: Api, sede_id: string): Promise<Persona> {
  const { items } = await api.leer<{ items: { id: string; clave: string }[] }>('/roles?limite=200');
  const rol_id = items.find((rol) => rol.clave === 'veterinario')?.id;
  return api.enviar<Persona>('POST', '/usuarios', { nombres: 'Zoila', apellidos: unico('Prueba'), correo: `${letras(10)}@example.pe`, es_medico: true, cmvp: String(10_000 + Math.floor(Math.random() * 89_999)), asignaciones: [{ rol_id, sede_id }] });
}

/** The page of the mails that the demonstration did not send. */
function correo(): string {
  const archivo = join(process.env.HUELLA_DEMO_CARPETA ?? '', 'conexion.env');
  expect(existsSync(archivo), `HUELLA_DEMO_CARPETA lleva a la demo: ${archivo}`).toBe(true);
  return /^CORREO_PAGINA='([^']*)'$/m.exec(readFileSync(archivo, 'utf8'))?.[1] ?? '';
}

/** The address in the invitation that somebody got. */
export async function invitacionDe(request: APIRequestContext, para: string): Promise<string> {
  const pagina = correo();
  const fila = new RegExp(`${para.replaceAll('.', '\\.')}</td><td><a href="([^"]+)"`);
  let href = '';
  await expect.poll(async () => (href = fila.exec(await (await request.get(pagina)).text())?.[1] ?? ''), { message: `llegó un correo a ${para}`, timeout: 20_000 }).not.toBe('');
  const texto = await (await request.get(new URL(href, pagina).href)).text();
  const enlace = /\/cuenta\/aceptar#[^\s"<]+/.exec(texto)?.[0] ?? '';
  expect(enlace, 'el correo lleva el enlace').not.toBe('');
  return enlace;
}
