/** Every screen at three widths, light and dark. `HUELLA_CAPTURAS` says where; the sheet puts them side by side. */
import { expect } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingresar, test } from './base';

const CARPETA = process.env.HUELLA_CAPTURAS ?? 'test-results/capturas';
const ANCHOS = [
  [360, 780],
  [820, 1180],
  [1440, 900],
] as const;
const solo = process.env.HUELLA_CAPTURAS_SOLO;
const PANTALLAS: [nombre: string, ruta: string][] = [
  ['inicio', '/inicio'],
  ['agenda-dia', '/agenda?fecha=MANANA'],
  ['agenda-semana', '/agenda?fecha=MANANA&vista=semana'],
  ['agenda-lista', '/agenda?fecha=MANANA&vista=lista'],
  ['agenda-ambientes', '/agenda?fecha=MANANA&por=ambiente'],
  ['agenda-nueva', '/agenda?fecha=MANANA&nueva=1'],
  ['agenda-pendientes', '/agenda?fecha=MANANA&lado=esperas'],
  ['agenda-hueco', '/agenda?fecha=MANANA&buscar=1'],
  ['agenda-espera', '/agenda?fecha=MANANA&nueva=espera'],
  ['sala', '/sala'],
  ['sala-tv', '/sala?tv=1'],
  ['cuenta', '/cuenta'],
  ['reclamos', '/reclamos?estado=todos'],
  ['alertas', '/alertas'],
  ['recordatorios', '/recordatorios'],
  ['mensajes', '/recordatorios/mensajes?estado=todos&atendido=todos'],
];
/** These are of who runs the chain. */
const DE_ADMINISTRACION: [nombre: string, ruta: string][] = [
  ['sedes', '/sedes'],
  ['sede-horario', '/sedes/SEDE/horario'],
  ['sede-dias', '/sedes/SEDE/dias'],
  ['sede-ambientes', '/sedes/SEDE/ambientes'],
  ['sede-medicos', '/sedes/SEDE/medicos'],
  ['sede-reservas', '/sedes/SEDE/reservas'],
  ['traslados', '/traslados'],
  ['personal', '/personal'],
  ['roles', '/roles'],
  ['ajustes', '/ajustes'],
  ['servicios', '/ajustes/servicios'],
  ['puesta-en-marcha', '/puesta-en-marcha'],
];
/** What only who administers the chain sees. */
const DE_LA_CADENA: typeof PANTALLAS = [
  ['complementos', '/complementos'],
  ['complemento', '/complementos/pe.huella.whatsapp/resumen'],
  ['complemento-configuracion', '/complementos/pe.huella.vacunas/configuracion'],
  ['complementos-corridas', '/complementos/corridas'],
  ['modulos', '/complementos/modulos'],
];
const manana = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Lima' }).format(Date.now() + 86_400_000);

test('capturas', async ({ page }) => {
  mkdirSync(CARPETA, { recursive: true });
  const hechas: string[] = [];
  const tomar = async (nombre: string, esquemas: ('light' | 'dark')[] = ['light', 'dark']) => {
    for (const esquema of esquemas) {
      await page.emulateMedia({ colorScheme: esquema, reducedMotion: 'reduce' });
      for (const [width, height] of ANCHOS) {
        await page.setViewportSize({ width, height });
        await page.waitForTimeout(350);
        const archivo = `${nombre}-${width}-${esquema === 'light' ? 'claro' : 'oscuro'}.png`;
        await page.screenshot({ path: join(CARPETA, archivo) });
        hechas.push(archivo);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };
  await page.goto('/ingresar');
  await page.getByLabel('Correo').waitFor();
  await tomar('ingresar');
  for (const [rol, pantallas] of [['recepcion', PANTALLAS], ['administrador_cadena', [...DE_ADMINISTRACION, ...DE_LA_CADENA]]] as const) {
    await page.context().clearCookies();
    await ingresar(page, rol);
    const sede = await page.evaluate(async () => ((await (await fetch('/api/v1/yo')).json()) as { sedes: { id: string }[] }).sedes[0]?.id);
    for (const [nombre, ruta] of pantallas.filter(([n]) => !solo || solo.split(',').includes(n))) {
      await page.goto(ruta.replace('MANANA', manana()).replace('SEDE', sede ?? ''));
      await page.getByRole('main').locator('h1').waitFor();
      await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
      await page.waitForTimeout(500);
      await tomar(nombre);
    }
  }
  writeFileSync(join(CARPETA, 'hoja.html'), `<meta charset="utf-8"><body style="font:14px system-ui;background:#888">${hechas.map((a) => `<figure style="display:inline-block;margin:8px"><img src="${a}" height="340"><figcaption>${a}</figcaption></figure>`).join('')}`);
});
