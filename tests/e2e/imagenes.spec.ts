/** The pictures of the README, of invented data, each small enough to be looked at on a telephone. `HUELLA_IMAGENES` says where. */
import type { Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diaDe, Recepcion } from './agenda';
import { CADENA } from './ajustes';
import { cliente, expect, ingresar, test } from './base';

const CARPETA = process.env.HUELLA_IMAGENES ?? join(import.meta.dirname, '../../docs/imagenes');
const TOPE = 150 * 1024;

/** As sharp as fits. */
async function guardar(page: Page, nombre: string) {
  await page.waitForTimeout(600);
  const cdp = await page.context().newCDPSession(page);
  for (const quality of [90, 80, 70, 60, 50]) {
    const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length > TOPE) continue;
    mkdirSync(CARPETA, { recursive: true });
    writeFileSync(join(CARPETA, `${nombre}.webp`), bytes);
    console.log(`${nombre}.webp: ${Math.round(bytes.length / 1024)} KB`);
    return;
  }
  throw new Error(`${nombre} no cabe en ${TOPE / 1024} KB`);
}
async function quieta(page: Page) {
  await page.getByRole('main').locator('h1').waitFor();
  await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
}

type Hallado = { mascota?: { id: string; fallecida_en?: string | null } | null; restringida?: boolean };
const vivas = (items: Hallado[]) => items.flatMap(({ mascota, restringida }) => (mascota && !mascota.fallecida_en && !restringida ? [mascota.id] : []));

test('el día de la agenda', async ({ page, request }) => {
  // Tomorrow may be a day on which nobody works.
  const { inicio } = await (await Recepcion.de(request)).hueco(1);
  await ingresar(page, 'recepcion', `/agenda?fecha=${diaDe(inicio)}`);
  await page.locator('.ec .ec-event').first().waitFor();
  await quieta(page);
  await guardar(page, 'agenda-dia');
});

test('la sala, con gente en ella', async ({ page, request }) => {
  const quien = await Recepcion.de(request);
  const { por_llegar } = await quien.api.leer<{ por_llegar: { cita: { id: string } | null }[] }>(`/sedes/${quien.sede}/sala`);
  // As far as each of them goes.
  const PASOS = [['en_espera', 'en_consulta', 'por_cobrar'], ['en_espera', 'en_consulta'], ['en_espera', 'en_consulta'], ['en_espera'], ['en_espera']];
  for (const [i, pasos] of PASOS.entries()) {
    const cita = por_llegar[i]?.cita;
    if (cita) for (const paso of pasos) await quien.pasar(cita.id, paso).catch(() => undefined);
  }
  // Late in the day nobody is to come: then these are all.
  const { items } = await quien.api.leer<{ items: Hallado[] }>('/pacientes?buscar=thor&limite=40');
  const libres = vivas(items);
  for (const triaje of ['rojo', 'naranja', 'amarillo', 'verde'])
    for (let llego = false; !llego && libres.length > 0; )
      llego = await quien.api.enviar('POST', `/sedes/${quien.sede}/visitas`, { mascota_id: libres.pop(), servicio_id: quien.servicio, triaje }).then(
        () => true,
        () => false,
      );
  await ingresar(page, 'recepcion', '/sala');
  await page.locator('[data-clave]').first().waitFor();
  await quieta(page);
  await guardar(page, 'sala');
});

test('la página de un paciente', async ({ page, request }) => {
  const api = await cliente(request, 'veterinario');
  const { items } = await api.leer<{ items: Hallado[] }>('/pacientes?buscar=luna&limite=20');
  // Of those, the one with the most to show.
  const historias = await Promise.all(vivas(items).map(async (id) => ({ id, cuantas: (await api.leer<{ items: unknown[] }>(`/pacientes/${id}/historial`, { si_no: { items: [] } })).items.length })));
  const [hallada] = historias.sort((a, b) => b.cuantas - a.cuantas);
  if (!hallada) throw new Error('ninguna Luna en la demo');
  await ingresar(page, 'veterinario', `/pacientes/${hallada.id}`);
  await quieta(page);
  await guardar(page, 'paciente');
});

test('donde reserva un tutor', async ({ page }) => {
  await page.goto(`/reservar/${CADENA}`);
  await page.locator('.opciones a').first().click();
  await page.locator('#t-servicio').waitFor();
  await page.locator('.opciones a').first().click();
  await page.locator('.horas a').first().waitFor();
  await guardar(page, 'reservar');
});
