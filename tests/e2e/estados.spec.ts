/** What every screen says while it reads, when nothing can be read, when there is nothing yet, and to who may not see it: its own words, and never a raw error. */
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TODAS, entrarYHallar } from './pantallas';

/** Who is signed in, and what keeps the page alive, is answered as ever. */
const SUYAS = /\/api\/v1\/(yo|portal\/|eventos|sesiones)/;
/** What people must not be shown, whatever happens. */
const CRUDO = /undefined|\[object|NaN|TypeError|\bnull\b|about:blank|Internal Server Error|problemas\/interno|Invalid Date|\{\{/;
const POR_PRUEBA = 12;
/** Nothing of them is read: a form to fill in, or a page that says no already. */
const SIN_LECTURA = new Set(['sin-permiso', 'no-existe', 'paciente-nuevo', 'ajustes']);
/** For everybody who is signed in. */
const DE_TODOS = /^(inicio|cuenta$|no-existe$)/;
const CARGA = '[role=status][aria-label="Cargando…"], .mantine-Skeleton-root, .mantine-Loader-root, [aria-busy=true]';

/** Errors of the page itself; refused requests are what this asks for. */
function vigilada(page: Page): string[] {
  const quejas: string[] = [];
  page.on('pageerror', (error) => quejas.push(error.message));
  return quejas;
}

async function ir(page: Page, ruta: string) {
  await page.goto(ruta);
  await page.locator('h1').first().waitFor();
  await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
}

/** A page of a list comes without rows; a list without pages likewise. In the page: its answers keep their cookies and headers. */
function vaciar(suyas: string) {
  const original = window.fetch;
  window.fetch = async (que, como) => {
    const respuesta = await original(que, como);
    const [metodo, url] = que instanceof Request ? [que.method, que.url] : [como?.method ?? 'GET', String(que)];
    if (metodo !== 'GET' || !respuesta.ok || !url.includes('/api/v1/') || new RegExp(suyas).test(url)) return respuesta;
    const dicho: unknown = await respuesta.clone().json().catch(() => undefined);
    const vacio = Array.isArray(dicho) ? [] : dicho && typeof dicho === 'object' && 'items' in dicho ? { ...dicho, items: [], siguiente: null } : undefined;
    return vacio ? new Response(JSON.stringify(vacio), { status: respuesta.status, headers: { 'content-type': 'application/json' } }) : respuesta;
  };
}

test('todas las pantallas del portal están aquí', () => {
  const registro = readFileSync(join(import.meta.dirname, '../../platform/portal/web/src/pantallas/index.ts'), 'utf8');
  const rutas = [...registro.matchAll(/ruta: '([^']+)'/g)].map(([, ruta]) => ruta ?? '');
  const fijas = new Set(rutas.filter((ruta) => !ruta.includes('$')));
  const vistas = TODAS.flatMap(({ pantallas }) => pantallas.map(({ ruta }) => ruta.replace(/[?#].*$/, '')));
  const es = (ruta: string) => new RegExp(`^${ruta.replace(/\$\w+/g, '[^/]+')}$`);
  expect(rutas.length, 'el registro se lee').toBeGreaterThan(50);
  expect(rutas.filter((ruta) => !vistas.some((vista) => (fijas.has(vista) ? vista === ruta : es(ruta).test(vista)))), 'pantallas que nadie mira').toEqual([]);
});

for (const { quien, pantallas } of TODAS.filter((una) => una.quien !== 'nadie'))
  for (let i = 0; i < pantallas.length; i += POR_PRUEBA) {
    const parte = pantallas.slice(i, i + POR_PRUEBA);
    const nombre = `${quien}, ${parte[0]?.clave} y las que siguen`;

    test(`cuando nada se puede leer: ${nombre}`, async ({ page }) => {
      test.setTimeout(180_000);
      const quejas = vigilada(page);
      const lugar = await entrarYHallar(page, quien);
      const rutas = parte.map(({ clave, ruta }) => ({ clave, a: lugar(ruta) }));
      let fallaron = 0;
      await page.route('**/api/v1/**', async (ruta) => {
        if (ruta.request().method() !== 'GET' || SUYAS.test(ruta.request().url())) return ruta.fallback();
        fallaron += 1;
        return ruta.fulfill({ status: 500, contentType: 'application/problem+json', json: { type: '/problemas/interno', title: 'Internal Server Error', status: 500, traza: '0123456789abcdef' } });
      });
      for (const { clave, a } of rutas) {
        fallaron = 0;
        await ir(page, a);
        const texto = await page.locator('body').innerText();
        expect.soft(texto, `${clave} no enseña nada crudo`).not.toMatch(CRUDO);
        if (SIN_LECTURA.has(clave)) continue;
        expect.soft(fallaron, `${clave} lee algo`).toBeGreaterThan(0);
        await expect.soft(page.getByRole('alert').filter({ hasText: /No se pudo|Algo falló|no se leyó/i }).first(), `${clave} dice que no se pudo`).toBeVisible({ timeout: 5_000 });
      }
      expect(quejas, 'la página no se cae').toEqual([]);
    });

    test(`cuando no hay nada: ${nombre}`, async ({ page }) => {
      test.setTimeout(180_000);
      const quejas = vigilada(page);
      const lugar = await entrarYHallar(page, quien);
      const rutas = parte.map(({ clave, ruta }) => ({ clave, a: lugar(ruta) }));
      await page.addInitScript(vaciar, SUYAS.source);
      for (const { clave, a } of rutas) {
        await ir(page, a);
        const principal = page.locator('main, [role=main], body').first();
        const texto = await principal.innerText();
        expect.soft(texto, `${clave} no enseña nada crudo`).not.toMatch(CRUDO);
        expect.soft(texto.trim().length, `${clave} dice algo`).toBeGreaterThan(20);
        await expect.soft(page.getByRole('heading', { name: /^No se pudo|^Algo falló/ }), `${clave}: vacío no es una falla`).toHaveCount(0);
      }
      expect(quejas, 'la página no se cae').toEqual([]);
    });

    test(`mientras lee: ${nombre}`, async ({ page }) => {
      test.setTimeout(180_000);
      const quejas = vigilada(page);
      const lugar = await entrarYHallar(page, quien);
      const rutas = parte.filter(({ clave }) => !SIN_LECTURA.has(clave)).map(({ clave, ruta }) => ({ clave, a: lugar(ruta) }));
      // Never answered: what is on its way ends with the page.
      await page.route('**/api/v1/**', (ruta) => (ruta.request().method() !== 'GET' || SUYAS.test(ruta.request().url()) ? ruta.fallback() : undefined));
      for (const { clave, a } of rutas) {
        await page.goto(a, { waitUntil: 'commit' });
        await page.locator('h1').first().waitFor();
        await expect.soft(page.locator(CARGA).filter({ visible: true }).first(), `${clave} guarda el lugar de lo que viene`).toBeVisible();
        expect.soft(await page.locator('body').innerText(), `${clave} no enseña nada crudo`).not.toMatch(CRUDO);
      }
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      expect(quejas, 'la página no se cae').toEqual([]);
    });

    test(`sin permiso: ${nombre}`, async ({ page }) => {
      test.setTimeout(180_000);
      const quejas = vigilada(page);
      const lugar = await entrarYHallar(page, quien);
      const rutas = parte.filter(({ clave }) => !DE_TODOS.test(clave)).map(({ clave, ruta }) => ({ clave, a: lugar(ruta) }));
      await page.route(/\/api\/v1\/yo$/, async (ruta) => {
        const respuesta = await ruta.fetch();
        const yo = (await respuesta.json()) as { cadena: { permisos: string[] }; sedes: { permisos: string[] }[] };
        await ruta.fulfill({ response: respuesta, json: { ...yo, cadena: { ...yo.cadena, permisos: [] }, sedes: yo.sedes.map((una) => ({ ...una, permisos: [] })) } });
      });
      for (const { clave, a } of rutas) {
        await ir(page, a);
        await expect.soft(page.getByRole('heading', { level: 1, name: 'No tiene permiso para esto' }), `${clave} lo dice`).toBeVisible();
      }
      expect(quejas, 'la página no se cae').toEqual([]);
    });
  }
