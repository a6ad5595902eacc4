/** The second factor from the first code to the last, and a password that was forgotten. */
import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { CADENA, CLAVE, correoDe } from './ajustes';
import { cliente, expect, ingresar, test } from './base';
import { cuantos, esperarCarta } from './correo';

const ROL = 'coordinacion_agenda' as const;
const LETRAS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 6238, as the telephone's app does it. `pasos`: so many half minutes from now. */
function codigo(secreto: string, pasos = 0): string {
  const bits = [...secreto.replace(/[\s=]/g, '').toUpperCase()].map((letra) => LETRAS.indexOf(letra).toString(2).padStart(5, '0')).join('');
  const clave = Buffer.from(bits.match(/.{8}/g)?.map((ocho) => parseInt(ocho, 2)) ?? []);
  const cuenta = Buffer.alloc(8);
  cuenta.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + pasos));
  const suma = createHmac('sha1', clave).update(cuenta).digest();
  const lugar = (suma.at(-1) ?? 0) & 15;
  return String((suma.readUInt32BE(lugar) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
async function salir(page: Page) {
  await page.getByRole('button', { name: /^Su cuenta/ }).click();
  await page.getByRole('menuitem', { name: 'Cerrar sesión' }).click();
  await page.getByLabel('Correo').waitFor();
}
async function entrar(page: Page, clave: string) {
  await page.goto('/ingresar');
  await page.getByLabel('Correo').fill(correoDe(ROL));
  await page.getByLabel('Contraseña', { exact: true }).fill(clave);
  await page.getByRole('button', { name: 'Ingresar' }).click();
}

test('el segundo factor: activarlo, entrar con él, con un código guardado, y quitarlo', async ({ page, request }) => {
  test.setTimeout(120_000);
  try {
    await ingresar(page, ROL, '/cuenta');
    const seccion = page.locator('section', { has: page.getByRole('heading', { name: 'Segundo factor' }) });
    await seccion.getByRole('button', { name: 'Activar' }).click();
    await seccion.getByLabel('Su contraseña').fill(CLAVE);
    await seccion.getByRole('button', { name: 'Seguir' }).click();
    await expect(seccion.getByRole('img', { name: 'Código QR para la aplicación' })).toBeVisible();
    const secreto = (await seccion.locator('code.secreto').textContent()) ?? '';
    await seccion.getByRole('textbox').fill('000000');
    await seccion.getByRole('button', { name: 'Confirmar' }).click();
    await expect(seccion.getByText(/código/i).last()).toBeVisible();
    await seccion.getByRole('textbox').fill(codigo(secreto));
    await seccion.getByRole('button', { name: 'Confirmar' }).click();
    await expect(seccion.getByText('Segundo factor activo')).toBeVisible();
    const guardados = await seccion.locator('.codigos li').allTextContents();
    expect(guardados).toHaveLength(10);
    await seccion.getByRole('button', { name: 'Ya los guardé' }).click();
    await expect(seccion.getByText('Activo', { exact: true })).toBeVisible();

    await salir(page);
    await entrar(page, CLAVE);
    await expect(page.getByRole('heading', { name: 'Segundo paso' })).toBeVisible();
    // Six digits are sent by themselves.
    await page.getByRole('textbox').first().fill('000000');
    await expect(page.getByRole('textbox').first()).toHaveAttribute('aria-invalid', 'true');
    // The one that confirmed is spent; the next one is good within the clock's tolerance.
    await page.getByRole('textbox').first().fill(codigo(secreto, 1));
    await page.getByRole('banner').waitFor();

    await salir(page);
    await entrar(page, CLAVE);
    await expect(page.getByRole('heading', { name: 'Segundo paso' })).toBeVisible();
    await page.getByRole('textbox').first().fill(guardados[0] ?? '');
    await page.getByRole('button', { name: 'Continuar' }).click();
    await page.getByRole('banner').waitFor();
    await page.goto('/cuenta');
    await expect(seccion.getByText('Le quedan 9 códigos de recuperación.')).toBeVisible();
    await seccion.getByRole('button', { name: 'Desactivar' }).click();
    await seccion.getByRole('textbox').fill(guardados[1] ?? '');
    await seccion.getByRole('button', { name: 'Desactivar' }).click();
    await expect(seccion.getByText('Inactivo')).toBeVisible();
  } finally {
    const jefa = await cliente(request, 'administrador_cadena');
    const { items } = await jefa.leer<{ items: { id: string; correo: string; segundo_factor?: boolean }[] }>('/usuarios?limite=200');
    const suya = items.find((una) => una.correo === correoDe(ROL));
    if (suya?.segundo_factor) await jefa.enviar('DELETE', `/usuarios/${suya.id}/segundo-factor`);
  }
});

test('una contraseña olvidada se elige de nuevo con el enlace del correo, que sirve una vez', async ({ page, request }) => {
  const nueva = `Puente-verde-${Date.now()}`;
  const elegir = async (clave: string) => {
    const desde = await cuantos(request);
    await page.goto('/ingresar');
    await page.getByRole('link', { name: /olvid/i }).click();
    await page.getByLabel('Correo').fill(correoDe(ROL));
    await page.getByRole('button').filter({ hasText: /enlace|correo|Enviar/i }).first().click();
    await expect(page.getByRole('status').getByRole('heading')).toBeVisible();
    const carta = await esperarCarta(request, correoDe(ROL), desde);
    const enlace = /https?:\/\/\S*\/cuenta\/restablecer#([\w.-]+)/.exec(carta)?.[1];
    expect(enlace, 'la carta trae el enlace').toBeTruthy();
    await page.goto('about:blank');
    await page.goto(`/cuenta/restablecer#${enlace}`);
    await page.getByLabel('Contraseña nueva').fill(clave);
    await page.getByRole('button').filter({ hasText: /Guardar|Cambiar|Elegir/ }).first().click();
    await expect(page.getByRole('link', { name: /Ingresar/ })).toBeVisible();
    return enlace ?? '';
  };
  const usado = await elegir(nueva);
  await entrar(page, nueva);
  await page.getByRole('banner').waitFor();
  await salir(page);
  const respuesta = await request.post(new URL('/api/v1/cuenta/restablecer', page.url().replace(`${CADENA}.localhost`, '127.0.0.1')).href, { data: { enlace: usado, contrasena: `${nueva}-otra` } });
  expect(respuesta.ok(), 'el enlace sirve una sola vez').toBe(false);
  await elegir(CLAVE);
  await entrar(page, CLAVE);
  await page.getByRole('banner').waitFor();
});
