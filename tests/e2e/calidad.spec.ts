/** What holds for every screen: WCAG 2.2 AA in light and dark, wide and narrow; nothing jumps; it is not heavy. */
import type { Page } from '@playwright/test';
import { diaDe } from './agenda';
import { accesible, expect, ingresar, saltos, test } from './base';

const MANANA = diaDe(Date.now() + 86_400_000);
const PANTALLAS: [nombre: string, ruta: string][] = [
  ['inicio', '/inicio'],
  ['agenda del día', `/agenda?fecha=${MANANA}`],
  ['agenda por ambiente', `/agenda?fecha=${MANANA}&por=ambiente`],
  ['agenda de la semana', `/agenda?fecha=${MANANA}&vista=semana`],
  ['agenda en lista', `/agenda?fecha=${MANANA}&vista=lista`],
  ['agenda con pendientes', `/agenda?fecha=${MANANA}&lado=esperas`],
  ['pedidos', `/agenda?fecha=${MANANA}&lado=pedidos`],
  ['buscar hueco', `/agenda?fecha=${MANANA}&buscar=1`],
  ['anotar en espera', `/agenda?fecha=${MANANA}&nueva=espera`],
  ['nueva cita', `/agenda?fecha=${MANANA}&nueva=1`],
  ['sala', '/sala'],
  ['pantalla de sala', '/sala?tv=1'],
  ['llegó sin cita', '/sala?sin_cita=1'],
  ['mi cuenta', '/cuenta'],
  ['alertas', '/alertas'],
  ['recordatorios por salir', '/recordatorios'],
  ['mensajes que no llegaron', '/recordatorios/mensajes'],
  ['respuestas', '/recordatorios/respuestas'],
  ['resultados', '/recordatorios/resultados'],
  ['calendarios', '/integracion/calendarios'],
  ['sin permiso', '/complementos'],
  ['no existe', '/nada-de-esto'],
];

/** What who runs the chain sees besides. `SEDE` is their first one. */
const DE_ADMINISTRACION: [nombre: string, ruta: string][] = [
  ['sedes', '/sedes'],
  ['nueva sede', '/sedes?nueva=1'],
  ['datos de una sede', '/sedes/SEDE/datos'],
  ['horario', '/sedes/SEDE/horario'],
  ['días especiales', '/sedes/SEDE/dias'],
  ['bloquear horas', '/sedes/SEDE/dias?abrir=bloqueo'],
  ['ambientes', '/sedes/SEDE/ambientes'],
  ['médicos', '/sedes/SEDE/medicos'],
  ['rol de la semana', '/sedes/SEDE/medicos?ver=semana'],
  ['turnos', '/sedes/SEDE/turnos'],
  ['nuevo turno', '/sedes/SEDE/turnos?abrir=turno'],
  ['reservas en línea', '/sedes/SEDE/reservas'],
  ['feriados', '/feriados'],
  ['traslados', '/traslados'],
  ['personal', '/personal'],
  ['una persona', '/personal/YO'],
  ['invitar', '/personal?nueva=1'],
  ['roles', '/roles'],
  ['nuevo rol', '/roles?abrir=nuevo'],
  ['por qué', '/por-que?usuario=YO&permiso=cita.ver&lugar=cadena'],
  ['ajustes', '/ajustes'],
  ['servicios', '/ajustes/servicios'],
  ['nuevo servicio', '/ajustes/servicios?abrir=nuevo'],
  ['agenda y faltas', '/ajustes/agenda'],
  ['pacientes y privacidad', '/ajustes/pacientes'],
  ['especies', '/ajustes/especies'],
  ['vacunas', '/ajustes/vacunas'],
  ['razones sociales', '/ajustes/razones'],
  ['puesta en marcha', '/puesta-en-marcha'],
  ['libro de reclamaciones', '/reclamos?estado=todos'],
];

const lista = async (page: Page) => {
  await page.locator('h1').first().waitFor();
  await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
  // Live events keep the network busy for ever; what is drawn late is what this waits for.
  await page.waitForTimeout(350);
};

test('ingresar y recuperar la contraseña', async ({ page }) => {
  for (const ruta of ['/ingresar', '/olvido', '/cuenta/restablecer#x', '/cuenta/aceptar']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(ruta);
      await lista(page);
      await accesible(page, `${ruta} ${colorScheme}`);
      expect(await saltos(page), `saltos en ${ruta}`).toBeLessThanOrEqual(0.05);
    }
  }
  await page.goto('/ingresar');
  await page.getByRole('button', { name: 'Ingresar' }).click();
  await expect(page.getByText('Escriba su correo')).toBeVisible();
  await accesible(page, 'ingresar con errores');
});

// A few screens a test: axe over all of them in two or three widths and two schemes takes minutes on a busy machine.
const POR_PRUEBA = 6;
for (const [ancho, alto] of [
  [1440, 900],
  [820, 1180],
  [360, 780],
] as const)
  for (let i = 0; i < PANTALLAS.length; i += POR_PRUEBA) {
  const parte = PANTALLAS.slice(i, i + POR_PRUEBA);
  test(`la atención a ${ancho} px: ${parte[0]?.[0]} y las que siguen`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width: ancho, height: alto });
    await ingresar(page, 'recepcion');
    for (const [nombre, ruta] of parte) {
      await page.goto(ruta);
      await lista(page);
      expect.soft(await saltos(page), `saltos en ${nombre}`).toBeLessThanOrEqual(0.05);
      const ancho_real = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(ancho_real, `${nombre} no se desborda`).toBeLessThanOrEqual(ancho);
      for (const colorScheme of ancho === 820 ? (['dark'] as const) : (['light', 'dark'] as const)) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(150);
        await accesible(page, `${nombre} a ${ancho} ${colorScheme}`);
      }
    }
  });
}

for (const ancho of [1440, 360])
  for (let i = 0; i < DE_ADMINISTRACION.length; i += POR_PRUEBA) {
    const parte = DE_ADMINISTRACION.slice(i, i + POR_PRUEBA);
    test(`la administración a ${ancho} px: ${parte[0]?.[0]} y las que siguen`, async ({ page }) => {
      test.setTimeout(180_000);
      await page.setViewportSize({ width: ancho, height: ancho > 800 ? 900 : 780 });
      await ingresar(page, 'administrador_cadena');
      const yo = await page.evaluate(async () => (await (await fetch('/api/v1/yo')).json()) as { id: string; sedes: { id: string }[] });
      for (const [nombre, ruta] of parte) {
        await page.goto(ruta.replace('SEDE', yo.sedes[0]?.id ?? '').replace('YO', yo.id));
        await lista(page);
        expect.soft(await saltos(page), `saltos en ${nombre}`).toBeLessThanOrEqual(0.05);
        expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), `${nombre} no se desborda`).toBeLessThanOrEqual(ancho);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.waitForTimeout(150);
          await accesible(page, `${nombre} a ${ancho} ${colorScheme}`);
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
  cdp.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength));
  await page.goto('/ingresar');
  await page.getByLabel('Correo').waitFor();
  await page.waitForTimeout(1_000);
  console.log(`ingresar: ${Math.round(bytes / 1024)} KB por la red`);
  expect(bytes / 1024, 'KB').toBeLessThanOrEqual(250);
});
