/** The second factor from the first code to the last, and a password that was forgotten. */
import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { CADENA, CLAVE, correoDe } from './ajustes';
import { accesible, cliente, expect, ingresar, test } from './base';
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
  test.setTimeout(240_000);
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
    // Other codes need the app: the next code that was not used yet.
    await seccion.getByRole('button', { name: 'Otros códigos de recuperación' }).click();
    await seccion.getByRole('textbox').fill('000000');
    await seccion.getByRole('button', { name: 'Hacer otros códigos' }).click();
    await expect(seccion.getByRole('textbox')).toHaveAttribute('aria-invalid', 'true');
    await accesible(page, 'otros códigos');
    // A code serves once, so this waits for one that comes after the last that was used.
    let nuevos: string[] = [];
    await expect(async () => {
      await seccion.getByRole('textbox').fill(codigo(secreto, 1));
      await seccion.getByRole('button', { name: 'Hacer otros códigos' }).click();
      await expect(seccion.locator('.codigos li')).toHaveCount(10, { timeout: 3_000 });
    }).toPass({ timeout: 70_000, intervals: [5_000] });
    nuevos = await seccion.locator('.codigos li').allTextContents();
    expect(nuevos.filter((uno) => guardados.includes(uno)), 'ninguno es de antes').toEqual([]);
    await seccion.getByRole('button', { name: 'Ya los guardé' }).click();
    await expect(seccion.getByText('Le quedan 10 códigos de recuperación.')).toBeVisible();
    await seccion.getByRole('button', { name: 'Desactivar' }).click();
    await seccion.getByRole('textbox').fill(guardados[1] ?? '');
    await seccion.getByRole('button', { name: 'Desactivar' }).click();
    await expect(seccion.getByRole('textbox'), 'los de antes ya no sirven').toHaveAttribute('aria-invalid', 'true');
    await seccion.getByRole('textbox').fill(nuevos[0] ?? '');
    await seccion.getByRole('button', { name: 'Desactivar' }).click();
    await expect(seccion.getByText('Inactivo')).toBeVisible();
  } finally {
    const jefa = await cliente(request, 'administrador_cadena');
    const { items } = await jefa.leer<{ items: { id: string; correo: string; segundo_factor?: boolean }[] }>('/usuarios?limite=200');
    const suya = items.find((una) => una.correo === correoDe(ROL));
    if (suya?.segundo_factor) await jefa.enviar('DELETE', `/usuarios/${suya.id}/segundo-factor`);
  }
});

test('ve en qué equipos está su sesión, en palabras, y cierra la del que ya no usa', async ({ page, browser, baseURL }) => {
  const telefono = await browser.newContext({ baseURL: baseURL ?? '', locale: 'es-PE', timezoneId: 'America/Lima', userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1' });
  const otra = await telefono.newPage();
  await ingresar(otra, 'farmacia');
  await ingresar(page, 'farmacia', '/cuenta');
  const equipos = page.locator('.equipos').getByRole('listitem');
  const este = equipos.filter({ hasText: 'Este equipo' });
  await expect(este).toHaveCount(1);
  await expect(este).toContainText('Chrome en Linux');
  await expect(este.getByRole('button'), 'el propio no se cierra desde aquí').toHaveCount(0);
  const suyo = equipos.filter({ hasText: 'Safari en iOS' });
  const habia = await suyo.count();
  expect(habia).toBeGreaterThan(0);
  await accesible(page, 'equipos');
  await suyo.first().getByRole('button', { name: 'Cerrar la sesión de Safari en iOS' }).click();
  await expect(page.getByText('Sesión cerrada')).toBeVisible();
  await expect(suyo).toHaveCount(habia - 1);
  await expect(async () => {
    await otra.goto('/inicio');
    await expect(otra).toHaveURL(/\/ingresar/, { timeout: 1_500 });
  }, 'la sesión que se cerró ya no entra').toPass({ timeout: 15_000 });
  await telefono.close();
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

test('la contraseña se cambia en la cuenta y cierra las demás sesiones', async ({ page, request }) => {
  const nueva = `Camino-claro-${Date.now()}`;
  const cambiar = async (de: string, a: string) => {
    await page.goto('/cuenta');
    const seccion = page.locator('section', { has: page.getByRole('heading', { name: 'Contraseña', exact: true }) });
    await seccion.getByLabel('Contraseña actual').fill(de);
    await seccion.getByLabel('Contraseña nueva').fill(a);
    await seccion.getByLabel('La nueva, otra vez').fill(a);
    await seccion.getByRole('button', { name: 'Cambiar contraseña' }).click();
    return seccion;
  };
  await ingresar(page, ROL, '/cuenta');
  const otra = await cliente(request, ROL);
  const mal = await cambiar('esta-no-es', nueva);
  await expect(mal.getByLabel('Contraseña actual')).toHaveAttribute('aria-invalid', 'true');
  await accesible(page, 'cambiar la contraseña');
  await mal.getByLabel('La nueva, otra vez').fill('otra cosa');
  await mal.getByRole('button', { name: 'Cambiar contraseña' }).click();
  await expect(mal.getByText('No es igual a la de arriba.')).toBeVisible();
  await cambiar(CLAVE, nueva);
  await expect(page.getByText('Contraseña cambiada')).toBeVisible();
  try {
    await expect(otra.leer('/yo'), 'la otra sesión se cerró').rejects.toThrow();
    await salir(page);
    await entrar(page, nueva);
    await page.getByRole('banner').waitFor();
  } finally {
    await cambiar(nueva, CLAVE);
    await expect(page.getByText('Contraseña cambiada')).toBeVisible();
  }
});
