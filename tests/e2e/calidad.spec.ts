/** What holds for every screen: WCAG 2.2 AA in light and dark, wide and narrow; nothing jumps; it is not heavy. */
import { diaDe } from './agenda';
import { accesible, expect, ingresar, saltos, test } from './base';
import { TODAS, abrir, entrarYHallar } from './pantallas';

const MANANA = diaDe(Date.now() + 86_400_000);

test('ingresar con errores', async ({ page }) => {
  await page.goto('/ingresar');
  await page.getByRole('button', { name: 'Ingresar' }).click();
  await expect(page.getByText('Escriba su correo')).toBeVisible();
  await accesible(page, 'ingresar con errores');
});

// A few screens a test: axe over all of them in three widths and two schemes takes minutes on a busy machine.
const POR_PRUEBA = 6;
for (const [ancho, alto] of [
  [1440, 900],
  [820, 1180],
  [360, 780],
] as const)
  for (const { quien, pantallas } of TODAS)
    for (let i = 0; i < pantallas.length; i += POR_PRUEBA) {
      const parte = pantallas.slice(i, i + POR_PRUEBA);
      test(`${quien} a ${ancho} px: ${parte[0]?.clave} y las que siguen`, async ({ page }) => {
        test.setTimeout(180_000);
        await page.setViewportSize({ width: ancho, height: alto });
        const lugar = await entrarYHallar(page, quien);
        for (const { clave, ruta } of parte) {
          await abrir(page, lugar(ruta));
          expect.soft(await saltos(page), `saltos en ${clave}`).toBeLessThanOrEqual(0.05);
          const ancho_real = await page.evaluate(() => document.documentElement.scrollWidth);
          expect.soft(ancho_real, `${clave} no se desborda`).toBeLessThanOrEqual(ancho);
          for (const colorScheme of ancho === 820 ? (['dark'] as const) : (['light', 'dark'] as const)) {
            await page.emulateMedia({ colorScheme });
            await page.waitForTimeout(150);
            await accesible(page, `${clave} a ${ancho} ${colorScheme}`);
          }
        }
      });
    }

test('los diálogos: cita, paleta, atajos', async ({ page }) => {
  await ingresar(page, 'recepcion', `/agenda?fecha=${MANANA}&vista=lista`);
  await page.locator('.lista-quien').first().click();
  await page.getByRole('dialog').waitFor();
  await accesible(page, 'cita');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Buscar o hacer' }).fill('luna');
  await page.getByRole('group', { name: 'Pacientes' }).waitFor();
  await accesible(page, 'paleta');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await accesible(page, 'atajos');
});

test('la primera pantalla pesa poco', async ({ page }) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  let bytes = 0;
  const guiones = new Set<string>();
  page.on('request', (pedido) => {
    const { pathname } = new URL(pedido.url());
    if (/^\/assets\/.*\.js$/.test(pathname)) guiones.add(pathname);
  });
  cdp.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength));
  await page.goto('/ingresar');
  await page.getByLabel('Correo').waitFor();
  await page.waitForTimeout(1_000);
  console.log(`ingresar: ${Math.round(bytes / 1024)} KB por la red, ${guiones.size} guiones`);
  expect(bytes / 1024, 'KB').toBeLessThanOrEqual(250);
  // Each costs a request and half a kilobyte of headers, and most of those that were one by one were smaller than that.
  expect(guiones.size, 'guiones').toBeLessThanOrEqual(16);
});
