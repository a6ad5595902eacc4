/** Without a network the app opens, shows what it last knew and since when, and writes nothing; signing out leaves nothing. */
import { bloque, diaDe, Recepcion, type Hueco } from './agenda';
import { expect, ingresar, test } from './base';

/** What the service worker keeps. */
const guardado = (page: import('@playwright/test').Page) =>
  page.evaluate(async () => {
    const rutas: string[] = [];
    for (const nombre of await caches.keys()) for (const pedido of await (await caches.open(nombre)).keys()) rutas.push(new URL(pedido.url).pathname);
    return rutas;
  });
const copias = (page: import('@playwright/test').Page) =>
  page.evaluate(
    () =>
      new Promise<number>((listo, mal) => {
        const pedido = indexedDB.open('huella-copia', 1);
        pedido.onupgradeneeded = () => pedido.result.createObjectStore('agenda');
        pedido.onerror = () => mal(new Error('IndexedDB'));
        pedido.onsuccess = () => {
          const cuenta = pedido.result.transaction('agenda').objectStore('agenda').count();
          cuenta.onsuccess = () => {
            pedido.result.close();
            listo(cuenta.result);
          };
        };
      }),
  );

test('sin conexión, una recarga abre la agenda guardada; salir no deja nada', async ({ page, context, request }) => {
  test.setTimeout(120_000);
  const quien = await Recepcion.de(request);
  const hueco = (await quien.huecos(47))[0] as Hueco;
  const cita = await quien.reservar(hueco, 'kira');
  try {
    const ruta = `/agenda?fecha=${diaDe(hueco.inicio)}`;
    await ingresar(page, 'recepcion', ruta);
    await expect(bloque(page, cita.id)).toBeVisible();
    // The parts that came before the worker are handed to it a little later.
    await expect.poll(async () => (await guardado(page)).some((una) => /\/assets\/Agenda-.*\.js$/.test(una)), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => copias(page)).toBe(1);
    expect((await guardado(page)).filter((una) => una.startsWith('/api')), 'nada de la API').toEqual([]);

    await context.setOffline(true);
    const trabajador = context.serviceWorkers()[0];
    expect(await trabajador?.evaluate(() => fetch('/healthz').then(() => 'responde', () => 'no hay red')), 'tampoco el trabajador tiene red').toBe('no hay red');
    await page.reload();
    await expect(page.locator('.sin-red')).toContainText(/Sin conexión · datos de las \d\d:\d\d/);
    await expect(bloque(page, cita.id)).toBeVisible();
    await bloque(page, cita.id).focus();
    await page.keyboard.press('l');
    await expect(page.getByText('No se guardó: no hay conexión con el servidor.')).toBeVisible();

    await context.setOffline(false);
    await expect(page.getByText('En vivo')).toBeVisible({ timeout: 40_000 });
    await expect(page.locator('.sin-red')).toHaveCount(0);
    expect((await quien.cita(cita.id)).estado, 'nada se escribió').toBe('programada');
    await page.getByRole('button', { name: /^Su cuenta/ }).click();
    await page.getByRole('menuitem', { name: 'Cerrar sesión' }).click();
    await page.getByLabel('Correo').waitFor();
    expect(await copias(page), 'la copia se borró').toBe(0);
    await context.setOffline(true);
    await page.goto(ruta);
    await expect(page.getByText('No hay conexión con el servidor.')).toBeVisible();
    await expect(page.locator('[data-cita]')).toHaveCount(0);
  } finally {
    await context.setOffline(false);
    await quien.anular(cita);
  }
});
