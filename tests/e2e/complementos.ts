/** Plugins, for the tests of whoever uses them and of whoever publishes them. */
import type { APIRequestContext, Page } from '@playwright/test';
import { CADENA, CLAVE, URL_API, URL_BASE } from './ajustes';
import { expect } from './base';

// The second chain has no channels of its own: what a test installs there disturbs nobody.
export const COSTA = { cadena: 'costa', correo: 'jimena.oliva@costa.example.pe' };
export const PLATAFORMA = { cadena: 'plataforma', correo: 'operacion@huella.example.pe' };
type Quien = typeof COSTA;

export const de = (cadena: string, ruta: string) => URL_BASE.replace(`//${CADENA}.`, `//${cadena}.`) + ruta;

export async function entrar(page: Page, { cadena, correo }: Quien, destino: string) {
  await page.goto(de(cadena, `/ingresar?luego=${encodeURIComponent(destino)}`));
  await page.getByLabel('Correo').fill(correo);
  await page.getByLabel('Contraseña', { exact: true }).fill(CLAVE);
  await page.getByRole('button', { name: 'Ingresar' }).click();
  // The page to sign in has a heading too: whoever went on from there would not be in yet.
  await page.getByRole('banner').first().waitFor();
  await page.getByRole('main').locator('h1').waitFor();
}

/** The API as another program sees it. It answers with the status and does not complain. */
export async function programa(request: APIRequestContext, { cadena, correo }: Quien) {
  const sesion = await request.post(`${URL_API}/api/v1/sesiones`, { data: { cadena, correo, contrasena: CLAVE } });
  expect(sesion.ok(), 'el programa ingresa').toBe(true);
  const { token } = (await sesion.json()) as { token: string };
  return async <T = Record<string, unknown>>(method: string, ruta: string, data?: unknown, mas: Record<string, string> = {}) => {
    const hecho = await request.fetch(`${URL_API}/api/v1${ruta}`, { method, data, headers: { Authorization: `Bearer ${token}`, ...mas } });
    return { status: hecho.status(), dice: (await hecho.json().catch(() => ({}))) as T };
  };
}

export const aviso = (page: Page, texto: string | RegExp) => page.locator('.aviso').filter({ hasText: texto });
