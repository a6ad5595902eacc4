/**
 * The portal's figures of quality. What does not depend on how busy the machine is (how many interactions, bytes, shifts, the
 * page's own work, that a thing happened at all) is asserted; times of the clock are printed, median and 95th percentile, beside
 * what is asked of them, and asserted where a busy machine leaves room.
 */
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { abrirDia, bloque, diaDe, Recepcion, type Hueco } from './agenda';
import { URL_BASE } from './ajustes';
import { expect, ingresar, saltos, test, vigilar } from './base';

const VECES = 20;
const CITAS = 150;
const ROL = 'administrador_cadena' as const;

/** Prints them; answers the median and the 95th percentile. */
function decir(que: string, tiempos: number[], tope: string, unidad = 'ms'): { mediana: number; p95: number } {
  const orden = [...tiempos].sort((a, b) => a - b);
  const redondo = (n: number | undefined) => Math.round(n ?? 0);
  const [mediana, p95] = [redondo(orden[Math.floor(orden.length / 2)]), redondo(orden[Math.ceil(orden.length * 0.95) - 1])];
  console.log(`${que}: mediana ${mediana} ${unidad}, p95 ${p95} ${unidad}, n ${orden.length} (se pide ${tope})`);
  return { mediana, p95 };
}
/** A browser of its own, nothing cached, already signed in. */
async function frio(browser: Browser, estado: Awaited<ReturnType<BrowserContext['storageState']>>) {
  const contexto = await browser.newContext({ storageState: estado, baseURL: URL_BASE, locale: 'es-PE', timezoneId: 'America/Lima', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  return { contexto, page: await contexto.newPage() };
}

test('un paciente conocido se agenda en tres interacciones', async ({ page, request }) => {
  test.setTimeout(180_000);
  const quien = await Recepcion.de(request);
  const fecha = diaDe((await quien.huecos(86))[0]?.inicio ?? '');
  await ingresar(page, 'recepcion');
  await abrirDia(page, fecha);
  const tiempos: number[] = [];
  for (let vuelta = 0; vuelta < VECES; vuelta += 1) {
    const empieza = performance.now();
    let interacciones = 0;
    const hacer = async (accion: Promise<void>) => {
      interacciones += 1;
      await accion;
    };
    await hacer(page.keyboard.press('n'));
    await expect(page.getByRole('combobox', { name: 'Paciente' })).toBeFocused();
    await hacer(page.keyboard.type('lun').then(() => page.keyboard.press('Enter')));
    await expect(page.getByRole('button', { name: 'Reservar', exact: true })).toBeFocused();
    await hacer(page.keyboard.press('Enter'));
    await expect(page.getByText(/^Cita reservada: /)).toBeVisible();
    tiempos.push(performance.now() - empieza);
    expect(interacciones).toBeLessThanOrEqual(3);
    await page.keyboard.press('Control+z');
    await expect(page.getByText(/^Cita reservada: /)).toHaveCount(0);
  }
  expect(tiempos).toHaveLength(VECES);
  expect(decir('agendar a un paciente conocido, 3 interacciones', tiempos, '10 000 ms').p95, 'ms').toBeLessThanOrEqual(10_000);
});

test('la llegada es una tecla, y otro navegador la ve', async ({ page, request, browser }) => {
  test.setTimeout(180_000);
  const quien = await Recepcion.de(request);
  const hueco = (await quien.huecos(93))[0] as Hueco;
  const cita = await quien.reservar(hueco, 'max');
  try {
    await ingresar(page, 'recepcion');
    const otro = await frio(browser, await page.context().storageState());
    const quejas = vigilar(otro.page);
    await abrirDia(page, diaDe(hueco.inicio));
    await abrirDia(otro.page, diaDe(hueco.inicio));
    await expect(otro.page.getByText('En vivo')).toBeVisible();
    const aqui: number[] = [];
    const alla: number[] = [];
    /** Both clocks are this machine's. */
    const ver = (donde: Page, clase: string) =>
      donde.evaluate(
        ([id, cual]) =>
          new Promise<number>((listo) => {
            const mirar = () => (document.querySelector(`.ec-event[data-cita="${id}"]`)?.classList.contains(cual ?? '') ? listo(Date.now()) : requestAnimationFrame(mirar));
            mirar();
          }),
        [cita.id, clase],
      );
    for (let vuelta = 0; vuelta < VECES; vuelta += 1) {
      await bloque(page, cita.id).focus();
      const vistas = Promise.all([ver(page, 'st-en_espera'), ver(otro.page, 'st-en_espera')]);
      const empieza = Date.now();
      await page.keyboard.press('l');
      const [una, otra] = await vistas;
      aqui.push(una - empieza);
      alla.push(otra - empieza);
      const vuelven = Promise.all([ver(page, 'st-programada'), ver(otro.page, 'st-programada')]);
      await page.getByRole('button', { name: /^Deshacer/ }).last().click();
      await vuelven;
    }
    decir('anotar la llegada, 1 tecla', aqui, 'al instante');
    const { mediana } = decir('un cambio se ve en otro navegador, desde la tecla', alla, '500 ms');
    expect(alla).toHaveLength(VECES);
    // By the stream and not by the next look, which is half a minute away: four times what is asked, for a busy machine.
    expect(mediana, 'ms').toBeLessThanOrEqual(2_000);
    expect(quejas()).toEqual([]);
    await otro.contexto.close();
  } finally {
    await quien.anular(cita);
  }
});

type Item<T> = { items: T[] };
type Paciente = { mascota?: { id: string; fallecida_en?: string | null } | null };
type DatosServicio = { codigo: string; nombre: string; duracion_min: number; activo: boolean };

/** A service that takes neither a room nor a machine: each of its appointments is booked at the first try. Offered only while the day is filled. */
async function servicioDeMedida(quien: Recepcion, activo: boolean): Promise<string> {
  const datos: DatosServicio = { codigo: 'MEDIDA', nombre: 'Visita de medida', duracion_min: 15, activo };
  const { items } = await quien.api.leer<Item<{ id: string; codigo: string; version: number }>>('/servicios?inactivos=true&limite=200');
  const hay = items.find((s) => s.codigo === datos.codigo);
  if (!hay) return (await quien.api.enviar<{ id: string }>('POST', '/servicios', datos)).id;
  await quien.api.enviar('PUT', `/servicios/${hay.id}`, datos, { 'If-Match': `"${hay.version}"` });
  return hay.id;
}

async function mascotasVivas(quien: Recepcion, cuantas: number): Promise<string[]> {
  const vivas = new Set<string>();
  for (const nombre of ['luna', 'max', 'toby', 'kira', 'rocky', 'canela', 'loki', 'coco', 'nala', 'thor', 'pelusa', 'bruno']) {
    if (vivas.size >= cuantas) break;
    const { items } = await quien.api.leer<Item<Paciente>>(`/pacientes?buscar=${nombre}&limite=60`);
    for (const { mascota } of items) if (mascota && !mascota.fallecida_en) vivas.add(mascota.id);
  }
  return [...vivas];
}

/** A day of one sede that is full, written by the API: a quarter of an hour each, of every vet; what does not fit goes over it. Later runs find it full. */
async function diaLleno(quien: Recepcion): Promise<string> {
  const desde = diaDe(Date.now() + 120 * 86_400_000);
  const rol = await quien.api.leer<{ dias: { fecha: string; medicos: { medico_id: string; horas: { desde: string; hasta: string }[] }[] }[] }>(`/sedes/${quien.sede}/rol?desde=${desde}`);
  const dia = rol.dias.find((d) => d.fecha >= desde && d.medicos.length > 1);
  expect(dia, 'un día en que se atiende').toBeTruthy();
  const { fecha, medicos } = dia ?? { fecha: '', medicos: [] };
  const hay = (await quien.citas(fecha)).filter((c) => c.estado === 'programada');
  const faltan = CITAS - hay.length;
  if (faltan <= 0) return fecha;
  const mascotas = await mascotasVivas(quien, CITAS);
  const minutos = (texto: string) => Number(texto.slice(0, 2)) * 60 + Number(texto.slice(3, 5));
  const cuartos = medicos.flatMap(({ medico_id, horas }) =>
    horas.flatMap(({ desde, hasta }) => Array.from({ length: Math.floor((minutos(hasta) - minutos(desde)) / 15) }, (_, i) => ({ medico_id, inicio: new Date(Date.parse(`${fecha}T00:00:00-05:00`) + (minutos(desde) + i * 15) * 60_000).toISOString() }))),
  );
  const servicio_id = await servicioDeMedida(quien, true);
  // A few more than are missing: what an earlier run left half done, or the demonstration itself, is in the way of some.
  const pedidos = Array.from({ length: CITAS * 2 }, (_, i) => ({ ...cuartos[i % cuartos.length], mascota_id: mascotas[i % mascotas.length], ...(i >= cuartos.length ? { sobrecupo: true, sobrecupo_motivo: 'Día lleno de la medida' } : {}) }));
  let hechas = 0;
  const uno = async () => {
    for (let pedido = pedidos.shift(); pedido && hechas < faltan; pedido = pedidos.shift()) {
      hechas += 1;
      await quien.api.enviar('POST', '/citas/reservar', { sede_id: quien.sede, servicio_id, ...pedido }).catch(() => void (hechas -= 1));
    }
  };
  await Promise.all(Array.from({ length: 6 }, uno));
  await servicioDeMedida(quien, false);
  expect(hechas, 'el día está lleno').toBe(faltan);
  return fecha;
}

test('una agenda de 150 citas: cuánto tarda en frío, cuánto salta, cuánto pesa, cuánto estorba arrastrar', async ({ page, request, browser }) => {
  test.setTimeout(400_000);
  const quien = await Recepcion.de(request, ROL);
  const empieza = performance.now();
  const fecha = await diaLleno(quien);
  console.log(`el día lleno estuvo listo en ${Math.round((performance.now() - empieza) / 1000)} s`);
  const cuantas = (await quien.citas(fecha)).filter((c) => c.estado !== 'anulada' && c.estado !== 'no_asistio').length;
  await ingresar(page, ROL);
  const estado = await page.context().storageState();
  const ruta = `/agenda?sede=${quien.sede}&fecha=${fecha}`;
  const tiempos: number[] = [];
  const procesador: number[] = [];
  const pesos: number[] = [];
  let peor = 0;
  for (let vuelta = 0; vuelta < VECES; vuelta += 1) {
    const { contexto, page: nueva } = await frio(browser, estado);
    vigilar(nueva);
    const cdp = await contexto.newCDPSession(nueva);
    await cdp.send('Network.enable');
    // Of the page's own thread: unlike the clock it does not count who else the machine works for.
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    let bytes = 0;
    cdp.on('Network.loadingFinished', (e) => (bytes += e.encodedDataLength));
    await nueva.addInitScript((total) => {
      const mirar = () => {
        if (document.querySelectorAll('.ec-event[data-cita]').length >= total) (window as unknown as { lista: number }).lista = performance.now();
        else requestAnimationFrame(mirar);
      };
      mirar();
    }, cuantas);
    await nueva.goto(ruta, { waitUntil: 'commit' });
    await expect.poll(() => nueva.evaluate(() => (window as unknown as { lista?: number }).lista ?? 0), { timeout: 30_000 }).toBeGreaterThan(0);
    tiempos.push(await nueva.evaluate(() => (window as unknown as { lista: number }).lista));
    const { metrics } = await cdp.send('Performance.getMetrics');
    procesador.push((metrics.find((una) => una.name === 'TaskDuration')?.value ?? 0) * 1000);
    pesos.push(bytes / 1024);
    await nueva.waitForTimeout(400);
    peor = Math.max(peor, await saltos(nueva));
    await contexto.close();
  }
  decir(`agenda de ${cuantas} citas lista, en frío`, tiempos, '1 500 ms');
  expect(decir('  del procesador, en el hilo de la página', procesador, 'menos que el tope').mediana, 'ms de trabajo de la página').toBeLessThanOrEqual(1_500);
  expect(decir('  por la red hasta ahí, con la letra y la API', pesos, 'nada: el tope es de la primera pantalla', 'KB').mediana, 'KB, y algo vino').toBeGreaterThan(50);
  console.log(`  salto mayor ${peor.toFixed(3)} (se pide 0.05)`);
  expect(peor, 'saltos').toBeLessThanOrEqual(0.05);

  await page.setViewportSize({ width: 1440, height: 1440 });
  await abrirDia(page, fecha, `&sede=${quien.sede}`);
  await expect(page.locator('.ec-event[data-cita]')).toHaveCount(cuantas);
  await page.evaluate(() => {
    const w = window as unknown as { largas: number[] };
    w.largas = [];
    new PerformanceObserver((lista) => w.largas.push(...lista.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
  });
  const largas: number[] = [];
  for (let vuelta = 0; vuelta < VECES; vuelta += 1) {
    const caja = await page.locator('.ec-event[data-cita]').nth(vuelta * 5).boundingBox();
    if (!caja) continue;
    await page.evaluate(() => void ((window as unknown as { largas: number[] }).largas.length = 0));
    await page.mouse.move(caja.x + caja.width / 2, caja.y + 6);
    await page.mouse.down();
    for (let paso = 1; paso <= 40; paso += 1) await page.mouse.move(caja.x + caja.width / 2 + paso * 6, caja.y + 6 + paso * 5);
    // Back to where it was: nothing is written.
    await page.mouse.move(caja.x + caja.width / 2, caja.y + 6, { steps: 6 });
    await page.mouse.up();
    largas.push(...(await page.evaluate(() => [0, ...(window as unknown as { largas: number[] }).largas])));
  }
  console.log(`tarea más larga al arrastrar, ${VECES} arrastres de 40 pasos: ${Math.round(Math.max(...largas))} ms; de más de 50 ms hubo ${largas.filter((l) => l > 50).length} (se pide ninguna)`);
  // One that lasts twice as long is felt, on whatever machine.
  expect(Math.max(...largas), 'ms, la más larga al arrastrar').toBeLessThanOrEqual(100);
});

test('la primera pantalla por la red', async ({ page, browser }) => {
  await ingresar(page, 'recepcion');
  const estado = await page.context().storageState();
  // The very first one is the sign-in (`calidad.spec.ts`, with everything); this is the first of whoever is signed in.
  const { contexto, page: nueva } = await frio(browser, estado);
  const cdp = await contexto.newCDPSession(nueva);
  await cdp.send('Network.enable');
  const clases = new Map<string, string>();
  const bytes: Record<string, number> = {};
  cdp.on('Network.responseReceived', (e) => clases.set(e.requestId, e.type));
  cdp.on('Network.loadingFinished', (e) => {
    const clase = clases.get(e.requestId) ?? 'Other';
    bytes[clase] = (bytes[clase] ?? 0) + e.encodedDataLength;
  });
  await nueva.goto('/inicio');
  await nueva.getByRole('main').locator('h1').waitFor();
  await expect(nueva.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
  const kb = (...cuales: string[]) => cuales.reduce((suma, cual) => suma + (bytes[cual] ?? 0), 0) / 1024;
  const codigo = kb('Document', 'Script', 'Stylesheet');
  console.log(`inicio en frío: ${Math.round(codigo)} KB de página, guiones y estilos (se pide 250); letra ${Math.round(kb('Font'))} KB, API ${kb('Fetch', 'XHR').toFixed(1)} KB`);
  expect(codigo, 'algo vino').toBeGreaterThan(50);
  expect(codigo, 'KB').toBeLessThanOrEqual(250);
  await contexto.close();
});
