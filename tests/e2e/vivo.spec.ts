/** What others do appears by itself; without a network one can read, and is told so. */
import { bloque, diaDe, Recepcion } from './agenda';
import { expect, ingresar, test } from './base';

test('lo que cambia otra persona se ve al instante', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const huecos = await recepcion.huecos(37, 60);
  const fecha = diaDe(huecos[0]?.inicio ?? '');
  await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
  await page.locator('.ec .ec-body').waitFor();
  await expect(page.getByText('En vivo')).toBeVisible();
  const del_dia = huecos.filter((h) => diaDe(h.inicio) === fecha);
  const tiempos: number[] = [];
  for (let vuelta = 0; vuelta < 20; vuelta += 1) {
    const hueco = del_dia[0];
    if (!hueco) break;
    const cita = await recepcion.reservar(hueco, 'luna');
    const empieza = performance.now();
    await page.locator(`.ec-event[data-cita="${cita.id}"]`).waitFor({ state: 'attached', timeout: 10_000 });
    tiempos.push(performance.now() - empieza);
    await recepcion.anular(cita);
    await expect(bloque(page, cita.id)).toHaveCount(0);
  }
  tiempos.sort((a, b) => a - b);
  const p95 = tiempos[Math.ceil(tiempos.length * 0.95) - 1] ?? 0;
  console.log(`cambios en vivo: mediana ${Math.round(tiempos[Math.floor(tiempos.length / 2)] ?? 0)} ms, p95 ${Math.round(p95)} ms, n ${tiempos.length}`);
  expect(p95, 'ms').toBeLessThanOrEqual(500);
});

test('sin conexión la agenda se lee y no se escribe', async ({ page, context, request }) => {
  const recepcion = await Recepcion.de(request);
  const hueco = await recepcion.hueco(44);
  const cita = await recepcion.reservar(hueco, 'kira');
  try {
    await ingresar(page, 'recepcion', `/agenda?fecha=${diaDe(hueco.inicio)}`);
    await expect(bloque(page, cita.id)).toBeVisible();
    await context.setOffline(true);
    await expect(page.locator('.insignia')).toContainText('Sin conexión');
    await expect(bloque(page, cita.id)).toBeVisible();
    await bloque(page, cita.id).focus();
    await page.keyboard.press('l');
    await expect(page.getByText('No se guardó: no hay conexión con el servidor.')).toBeVisible();
    await expect(page.locator('.sin-red')).toContainText('Sin conexión · datos de las');
    await context.setOffline(false);
    await expect(page.getByText('En vivo')).toBeVisible({ timeout: 30_000 });
    expect((await recepcion.cita(cita.id)).estado).toBe('programada');
  } finally {
    await context.setOffline(false);
    await recepcion.anular(cita);
  }
});
