/** Every screen at three widths, light and dark. `HUELLA_CAPTURAS` says where; the sheet puts them side by side. */
import type { Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diaDe } from './agenda';
import { test } from './base';
import { TODAS, abrir, entrarYHallar, type Quien } from './pantallas';

const CARPETA = process.env.HUELLA_CAPTURAS ?? 'test-results/capturas';
const ANCHOS = [
  [360, 780],
  [820, 1180],
  [1440, 900],
] as const;
const solo = process.env.HUELLA_CAPTURAS_SOLO?.split(',');
const pedida = (clave: string) => !solo || solo.includes(clave);

/** What has no address of its own: it is opened from a screen. */
const AL_PASO: { clave: string; quien: Quien; ruta: string; abre: (page: Page) => Promise<void> }[] = [
  {
    clave: 'cita',
    quien: 'recepcion',
    ruta: `/agenda?fecha=${diaDe(Date.now() + 86_400_000)}&vista=lista`,
    abre: async (page) => {
      await page.locator('.lista-quien').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    clave: 'paleta',
    quien: 'recepcion',
    ruta: '/inicio',
    abre: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Buscar o hacer' }).fill('luna');
      await page.getByRole('group', { name: 'Pacientes' }).waitFor();
    },
  },
  {
    clave: 'atajos',
    quien: 'recepcion',
    ruta: '/inicio',
    abre: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
];

async function tomar(page: Page, clave: string): Promise<string[]> {
  const hechas: string[] = [];
  for (const esquema of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: esquema, reducedMotion: 'reduce' });
    for (const [width, height] of ANCHOS) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(350);
      const archivo = `${clave}-${width}-${esquema === 'light' ? 'claro' : 'oscuro'}.png`;
      await page.screenshot({ path: join(CARPETA, archivo) });
      hechas.push(archivo);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  return hechas;
}

/** The contact sheet: a screen a row. */
function hoja(tomadas: Map<string, string[]>): string {
  const fila = ([clave, archivos]: [string, string[]]) =>
    `<section><h2>${clave}</h2>${archivos.map((a) => `<a href="${a}"><img src="${a}" alt="${a}" loading="lazy"></a>`).join('')}</section>`;
  const estilo = 'body{font:14px system-ui;background:#888;margin:16px}section{white-space:nowrap;overflow-x:auto}img{height:340px;margin:0 8px 8px 0}h2{margin:12px 0 4px}';
  return `<!doctype html><html lang="es"><meta charset="utf-8"><title>Pantallas</title><style>${estilo}</style>${[...tomadas].map(fila).join('')}`;
}

test('capturas', async ({ page }) => {
  test.setTimeout(1_500_000);
  mkdirSync(CARPETA, { recursive: true });
  const tomadas = new Map<string, string[]>();
  for (const { quien, pantallas } of TODAS) {
    const pedidas = pantallas.filter(({ clave }) => pedida(clave));
    const alPaso = AL_PASO.filter((una) => una.quien === quien && pedida(una.clave));
    if (pedidas.length + alPaso.length === 0) continue;
    const lugar = await entrarYHallar(page, quien);
    for (const { clave, ruta } of pedidas) {
      await abrir(page, lugar(ruta));
      tomadas.set(clave, await tomar(page, clave));
    }
    for (const { clave, ruta, abre } of alPaso) {
      await abrir(page, lugar(ruta));
      await abre(page);
      tomadas.set(clave, await tomar(page, clave));
    }
  }
  writeFileSync(join(CARPETA, 'hoja.html'), hoja(tomadas));
});
