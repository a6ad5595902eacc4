/** The waiting room by mouse and by keys, and its screen on the wall, which tells nobody anything. */
import type { Page } from '@playwright/test';
import { diaDe, Recepcion, type Hueco } from './agenda';
import { accesible, expect, ingresar, test } from './base';

const carril = (page: Page, nombre: string) => page.locator('section', { has: page.getByRole('heading', { name: new RegExp(`^${nombre}`) }) });
type Fila = { mascota: string; tutor?: string | null; servicio?: string | null; medico?: string | null; cita: { id: string } | null; visita: { id: string } | null };

test('las teclas y el ratón pasan de columna, y se deshace', async ({ page, request }) => {
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const sala = await quien.api.leer<{ por_llegar: Fila[] }>(`/sedes/${quien.sede}/sala`);
  let fila = sala.por_llegar[0];
  let propia: { id: string } | undefined;
  if (!fila) {
    // After the last hour of the day nobody is to come: one that does, over the hours if need be.
    const [hueco] = await quien.huecos(0, 1);
    const hoy = diaDe(Date.now());
    if (hueco && diaDe(hueco.inicio) === hoy) propia = await quien.reservar(hueco, 'luna');
    else propia = await quien.reservar({ ...(hueco as Hueco), inicio: new Date(Math.ceil(Date.now() / 300_000) * 300_000 + 300_000).toISOString() }, 'luna', { sobrecupo: true, sobrecupo_motivo: 'Prueba de la sala' });
    fila = (await quien.api.leer<{ por_llegar: Fila[] }>(`/sedes/${quien.sede}/sala`)).por_llegar[0];
  }
  if (!fila?.cita) throw new Error('hoy no queda nadie por llegar');
  const id = fila.cita.id;
  const estado = async () => (await quien.cita(id)).estado;
  const antes = await estado();
  try {
    await ingresar(page, 'administrador_cadena', `/sala?sede=${quien.sede}`);
    const tarjeta = page.locator(`[data-clave="${id}"]`);
    await tarjeta.locator('.tarjeta-quien').focus();
    await page.keyboard.press('2');
    await expect(carril(page, 'En espera').locator(`[data-clave="${id}"]`)).toBeVisible();
    expect(await estado()).toBe('en_espera');
    // Whoever works by keys stays on the card.
    await expect(tarjeta.locator('.tarjeta-quien')).toBeFocused();
    await page.keyboard.press('5');
    await expect(page.getByText(/no se pasa a «Terminada»$/)).toBeVisible();
    await page.keyboard.press('3');
    await expect(carril(page, 'En consulta').locator(`[data-clave="${id}"]`)).toBeVisible();
    await tarjeta.dragTo(carril(page, 'Por cobrar').locator('.carril-filas'));
    await expect(carril(page, 'Por cobrar').locator(`[data-clave="${id}"]`)).toBeVisible();
    expect(await estado()).toBe('por_cobrar');
    // On a small laptop too a button says all of what it does.
    await page.setViewportSize({ width: 1280, height: 800 });
    const rotulos = page.locator('.tarjeta footer .mantine-Button-label');
    expect(await rotulos.count(), 'botones de las tarjetas').toBeGreaterThan(0);
    const cortados = (todos: Element[]) => todos.filter((uno) => uno.scrollWidth > uno.clientWidth + 1).map((uno) => uno.textContent);
    expect(await rotulos.evaluateAll(cortados), 'rótulos cortados').toEqual([]);
    await page.getByRole('button', { name: /^Deshacer/ }).last().click();
    await expect.poll(estado).toBe('en_consulta');
  } finally {
    // As it was, step by step as the server allows it.
    for (const paso of ['en_consulta', 'en_espera', 'confirmada', antes]) {
      const cita = await quien.cita(id);
      if (cita.estado !== paso) await quien.api.enviar('PUT', `/citas/${id}/estado`, { estado: paso }, { 'If-Match': `"${cita.version}"` }).catch(() => undefined);
    }
    if (propia) await quien.anular(propia);
  }
});

test('el reloj de quien espera corre, avisa cerca de su límite y dice cuando lo pasó', async ({ page, request }) => {
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const { items } = await quien.api.leer<{ items: { mascota?: { id: string; fallecida_en?: string | null } | null; restringida?: boolean }[] }>('/pacientes?buscar=thor&limite=40');
  let visita: { id: string } | undefined;
  // Very urgent: a vet should see them within 15 minutes.
  for (const { mascota, restringida } of items) if (mascota && !mascota.fallecida_en && !restringida) visita ??= await quien.api.enviar<{ id: string }>('POST', `/sedes/${quien.sede}/visitas`, { mascota_id: mascota.id, servicio_id: quien.servicio, triaje: 'naranja' }).catch(() => undefined);
  if (!visita) throw new Error('ninguna mascota puede llegar');
  try {
    await page.clock.install();
    await ingresar(page, 'administrador_cadena', `/sala?sede=${quien.sede}`);
    const reloj = page.locator(`[data-clave="${visita.id}"] .reloj`);
    await expect(reloj).toHaveText(/^[01] min$/);
    await expect(reloj).not.toHaveAttribute('data-tono');
    await page.clock.fastForward('12:00');
    await expect(reloj).toHaveText(/^1[23] min$/);
    await expect(reloj).toHaveAttribute('data-tono', 'cerca');
    await page.clock.fastForward('05:00');
    await expect(reloj, 'no solo por el color').toHaveText(/^1[78] min, pasó el objetivo$/);
    await expect(reloj).toHaveAttribute('data-tono', 'mal');
  } finally {
    await quien.api.enviar('DELETE', `/visitas/${visita.id}?motivo=prueba`);
  }
});

test('la pantalla de sala no dice más que el nombre de pila de la mascota', async ({ page, request }) => {
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const sala = await quien.api.leer<{ en_espera: Fila[]; en_consulta: Fila[] }>(`/sedes/${quien.sede}/sala`);
  const servicios = await quien.api.leer<{ items: { id: string; codigo: string }[] }>('/servicios?limite=200');
  const { items } = await quien.api.leer<{ items: { mascota?: { id: string; nombre: string; fallecida_en?: string | null } | null; tutor?: { nombre: string } | null }[] }>('/pacientes?buscar=rocky&limite=20');
  const hallado = items.find((i) => i.mascota && !i.mascota.fallecida_en);
  const visita = await quien.api.enviar<{ id: string }>('POST', `/sedes/${quien.sede}/visitas`, { mascota_id: hallado?.mascota?.id, servicio_id: servicios.items.find((s) => s.codigo === 'CONS')?.id, motivo: 'Motivo muy privado', triaje: 'rojo' });
  try {
    await ingresar(page, 'administrador_cadena', `/sala?sede=${quien.sede}&tv=1`);
    const tv = page.locator('.tv');
    await expect(tv.getByRole('listitem').filter({ hasText: hallado?.mascota?.nombre.split(' ')[0] ?? '' }).first()).toBeVisible();
    const texto = (await tv.innerText()).toLowerCase();
    for (const secreto of ['motivo muy privado', 'rojo', 'consulta general', hallado?.tutor?.nombre, ...[...sala.en_espera, ...sala.en_consulta].flatMap((f) => [f.tutor, f.servicio, f.medico])]) if (secreto) expect(texto, `la pantalla no dice ${secreto}`).not.toContain(secreto.toLowerCase());
    // It covers the menu and whoever is signed in.
    const encima = await page.evaluate(() => document.elementFromPoint(innerWidth - 60, 25)?.closest('.tv') !== null);
    expect(encima, 'tapa la cabecera').toBe(true);
    await page.keyboard.press('Escape');
    await expect(tv).toHaveCount(0);
  } finally {
    await quien.api.enviar('DELETE', `/visitas/${visita.id}?motivo=prueba`);
  }
});

test('los tiempos de espera se ven por día, hora, médico y triaje, con las cifras de siempre', async ({ page, request }) => {
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const hasta = diaDe(Date.now());
  const desde = diaDe(Date.now() - 27 * 86_400_000);
  type Tiempo = { de: string | number; visitas: number };
  const leer = () => quien.api.leer<{ total?: { visitas: number }; por_medico: Tiempo[]; por_dia: Tiempo[]; por_hora: Tiempo[]; por_triaje: Tiempo[] }>(`/sedes/${quien.sede}/sala/tiempos?desde=${desde}&hasta=${hasta}`);
  const tiempos = await leer();
  expect(tiempos.total?.visitas, 'quien vino estas semanas pasó a consulta').toBeGreaterThan(20);
  await ingresar(page, 'administrador_cadena', `/inicio?sede=${quien.sede}`);
  await page.getByRole('link', { name: /Espera promedio/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Tiempos de espera');
  await expect(page.locator('.tiempos-cifras dd').first()).toHaveText(String(tiempos.total?.visitas));
  for (const [titulo, filas] of [['Por día', tiempos.por_dia], ['Por hora de llegada', tiempos.por_hora], ['Por médico', tiempos.por_medico], ['Por triaje', tiempos.por_triaje]] as const) {
    const cuadro = page.getByRole('region', { name: titulo, exact: true });
    await cuadro.getByText('Ver como tabla').click();
    await expect(cuadro.locator('tbody tr'), titulo).toHaveCount(filas.length);
    const visitas = (await cuadro.locator('tbody td:nth-child(2)').allTextContents()).map(Number);
    expect(visitas.sort(), titulo).toEqual(filas.map((una) => una.visitas).sort());
  }
  await accesible(page, 'tiempos de espera');
  await page.getByText('7 días', { exact: true }).click();
  await expect(page).toHaveURL(/dias=7/);
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
