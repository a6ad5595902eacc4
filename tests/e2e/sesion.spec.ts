/** Signing in, locking, and what a session is not: a token that a script could read. */
import type { Page } from '@playwright/test';
import { CLAVE, correoDe } from './ajustes';
import { accesible, cliente, expect, ingresar, test } from './base';

test('una contraseña equivocada no dice cuál de las dos cosas falló', async ({ page }) => {
  await page.goto('/ingresar');
  await page.getByLabel('Correo').fill(correoDe('auditor'));
  await page.getByLabel('Contraseña', { exact: true }).fill('esta-no-es-la-clave');
  await page.getByRole('button', { name: 'Ingresar' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveURL(/\/ingresar/);
});

test('sin sesión lleva a ingresar y después a donde se iba', async ({ page }) => {
  await page.goto('/agenda?vista=lista');
  await expect(page).toHaveURL(/\/ingresar\?luego=/);
  await ingresar(page, 'recepcion', '/agenda?vista=lista');
  await expect(page).toHaveURL(/\/agenda\?.*vista=lista/);
});

test('ningún token queda al alcance de un script', async ({ page, context }) => {
  await ingresar(page, 'recepcion');
  const guardado = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie);
  expect(guardado).not.toMatch(/eyJ|__Host|token/i);
  const galleta = (await context.cookies()).find((c) => c.name === '__Host-huella');
  expect(galleta && [galleta.httpOnly, galleta.secure, galleta.sameSite], 'la galleta').toEqual([true, true, 'Lax']);
});

/** In `/cuenta`; gives the section that the PIN is in. */
async function guardarPin(page: Page) {
  const seccion = page.locator('section', { has: page.getByRole('heading', { name: 'PIN para bloquear' }) });
  await seccion.getByLabel('PIN nuevo').fill('2468');
  await seccion.getByLabel('Su contraseña').fill(CLAVE);
  await seccion.getByRole('button', { name: 'Guardar PIN' }).click();
  await expect(page.getByText('PIN guardado')).toBeVisible();
  return seccion;
}

test('se bloquea con PIN, no muestra nada, y se desbloquea', async ({ page }) => {
  await ingresar(page, 'veterinario', '/cuenta');
  await guardarPin(page);
  await page.keyboard.press('b');
  await page.keyboard.press('l');
  await expect(page.getByRole('heading', { name: 'Pantalla bloqueada' })).toBeVisible();
  await expect(page.getByRole('navigation')).toHaveCount(0);
  // A reload does not open it: the server is locked, not the page.
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Pantalla bloqueada' })).toBeVisible();
  await page.getByLabel('PIN', { exact: true }).fill('1357');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Ese PIN no es. Quedan 4 intentos.')).toBeVisible();
  await page.getByLabel('PIN', { exact: true }).fill('2468');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Mi cuenta' })).toBeVisible();
});

test('una sesión que se cierra en otra parte se retoma sin perder la página', async ({ page, request }) => {
  await ingresar(page, 'recepcion', '/agenda?vista=lista');
  await page.locator('h1').waitFor();
  const api = await cliente(request, 'recepcion');
  const sesiones = await api.leer<{ id: string; actual: boolean; creada_en: string }[]>('/sesiones');
  for (const sesion of sesiones.filter((una) => !una.actual)) await api.enviar('DELETE', `/sesiones/${sesion.id}`);
  await expect(page.getByRole('dialog', { name: 'Su sesión terminó' })).toBeVisible({ timeout: 20_000 });
  await page.getByRole('dialog').getByLabel('Contraseña', { exact: true }).fill(CLAVE);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page).toHaveURL(/\/agenda\?.*vista=lista/);
});

test('lo que abre la cabeza llega cuando se pide, también con el teclado, y devuelve el foco', async ({ page }) => {
  await ingresar(page, 'administrador_cadena');
  const cuenta = page.getByRole('button', { name: /^Su cuenta/ });
  for (let vez = 0; vez < 2; vez += 1) {
    await cuenta.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: 'Mi cuenta y seguridad' })).toBeVisible();
    await expect(cuenta).toHaveAttribute('aria-expanded', 'true');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menuitem', { name: 'Mi cuenta y seguridad' })).toHaveCount(0);
    await expect(cuenta).toBeFocused();
  }
  for (let vez = 0; vez < 2; vez += 1) {
    await page.keyboard.press('s');
    await expect(page.getByPlaceholder('Escriba el nombre de la sede')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByPlaceholder('Escriba el nombre de la sede')).toBeHidden();
    await expect(page.getByRole('button', { name: /^Sede: / })).toBeFocused();
  }
  await page.getByRole('button', { name: 'En vivo' }).click();
  await expect(page.getByText('Lo que cambian otras personas aparece al instante.')).toBeVisible();
});

test('quien no tiene que ver con citas empieza por lo suyo, y nada dice que se reconecta', async ({ page }) => {
  await ingresar(page, 'farmacia');
  const puede = page.getByRole('navigation', { name: 'Lo que puede abrir' });
  await expect(puede.getByRole('link', { name: /^Pacientes/ })).toBeVisible();
  await expect(page.getByText('No tiene permiso para esto')).toHaveCount(0);
  await expect(page.locator('.insignia')).toHaveCount(0);
  await accesible(page, 'inicio de farmacia');
  await puede.getByRole('link', { name: /^Pacientes/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Pacientes');
});

test('un equipo que nadie toca se bloquea solo, a los minutos que se eligieron', async ({ page }) => {
  await page.clock.install();
  await ingresar(page, 'veterinario', '/cuenta');
  const seccion = await guardarPin(page);
  await seccion.getByRole('combobox', { name: 'Bloquear si nadie toca el equipo' }).click();
  await page.getByRole('option', { name: 'Después de 5 minutos' }).click();
  await expect(page.getByText('Se bloquea después de 5 minutos')).toBeVisible();
  const bloqueada = page.getByRole('heading', { name: 'Pantalla bloqueada' });
  await page.clock.fastForward('04:00');
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 320);
  // Whoever uses it is not sent away: the minutes count from the last touch.
  await page.clock.fastForward('02:00');
  await page.waitForTimeout(500);
  await expect(bloqueada).toHaveCount(0);
  await page.clock.runFor('03:10');
  await expect(bloqueada).toBeVisible();
  await page.getByLabel('PIN', { exact: true }).fill('2468');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Mi cuenta' })).toBeVisible();
});
