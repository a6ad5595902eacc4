/** What owners of pets do by themselves, on a telephone, without an account: until the confirmation, the calendar and the way back. */
import type { Page } from '@playwright/test';
import { diaDe, Recepcion } from './agenda';
import { CADENA, URL_API, URL_BASE } from './ajustes';
import { accesible, expect, ingresar, test } from './base';
import { cuantos, esperarCarta } from './correo';

test.use({ viewport: { width: 390, height: 844 } });

const TOPE_BYTES = 60 * 1024;
type Sede = { id: string; nombre: string; ciudad: string };

/** The sede takes bookings; `aprobar`: only after somebody has looked at them. */
async function abrirSede(quien: Recepcion, aprobar: boolean): Promise<Sede> {
  const yo = await quien.api.leer<{ sedes: Sede[] }>('/yo');
  const sede = yo.sedes.find((una) => una.id === quien.sede) as Sede;
  const antes = await quien.api.leer<{ version: number }>(`/sedes/${sede.id}/autoreserva`, { si_no: undefined });
  const datos = {
    activa: true,
    servicios: [quien.servicio],
    medicos: [],
    especies: ['perro', 'gato'],
    antelacion_min: 60,
    dias_max: 60,
    abiertas_max: 3,
    por_dia_max: 100,
    retencion_min: 8,
    aprobar,
    aprobar_horas: 24,
    elige_medico: false,
    instrucciones: 'Traiga su cartilla de vacunas.',
    condiciones: 'Usamos sus datos para atender su cita.',
    condiciones_version: '2026-01',
  };
  await quien.api.enviar('PUT', `/sedes/${sede.id}/autoreserva`, datos, { 'If-Match': antes ? `"${antes.version}"` : '*' });
  return sede;
}
const direccion = (sede: Sede) => `/reservar/${CADENA}/${sede.id}`;

/** From the page of the sede to what comes after the code. Returns how many bytes of script came. */
async function hastaLosDatos(page: Page, request: Parameters<typeof cuantos>[0], sede: Sede, correo: string): Promise<void> {
  await page.goto(direccion(sede));
  await page.locator('#t-servicio').waitFor();
  await page.locator('.opciones a').first().click();
  await page.locator('.horas a').first().click();
  await page.getByLabel('Su correo', { exact: true }).fill(correo);
  const desde = await cuantos(request);
  await page.getByRole('button', { name: 'Enviar código' }).click();
  const carta = await esperarCarta(request, correo, desde);
  await page.getByLabel('Código que le llegó').fill(/\b(\d{6})\b/.exec(carta.replace(/\d{2}\/\d{2}\/\d{4}/g, ''))?.[1] ?? '');
  await page.getByRole('button', { name: 'Comprobar' }).click();
  await expect(page.locator('#reloj')).toContainText(/Le guardamos la hora [0-8]:\d\d/);
}
async function llenar(page: Page, mascota: string, boton: string) {
  await page.locator('#m-nombre').fill(mascota);
  await page.locator('#m-especie').selectOption('perro');
  await page.locator('#t-nombres').fill('Rosa');
  await page.locator('#t-apellidos').fill('De la Prueba');
  await page.getByLabel('Leí y acepto las condiciones.').check();
  await page.getByRole('button', { name: boton }).click();
}

test('un tutor reserva desde su teléfono en menos de un minuto, guarda la cita en su calendario y la anula', async ({ page, request }) => {
  test.setTimeout(90_000);
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const sede = await abrirSede(quien, false);
  let script = 0;
  page.on('response', (respuesta) => {
    if (/\.js(\?|$)/.test(respuesta.url())) void respuesta.body().then((cuerpo) => (script += cuerpo.length), () => undefined);
  });
  const empieza = Date.now();
  const marca = Date.now().toString(36);
  await hastaLosDatos(page, request, sede, `rosa.${marca}@correo.example.pe`);
  // The clock runs.
  const reloj = await page.locator('#reloj').textContent();
  await expect(page.locator('#reloj')).not.toHaveText(reloj ?? '');
  await accesible(page, 'datos de la reserva');
  await llenar(page, 'Canelo', 'Reservar');
  await expect(page.getByText('Su cita está reservada. Le enviamos un correo.')).toBeVisible();
  const segundos = (Date.now() - empieza) / 1000;
  console.log(`reserva del tutor: ${segundos.toFixed(1)} s, ${(script / 1024).toFixed(1)} KB de script sin comprimir`);
  expect(segundos, 'segundos').toBeLessThanOrEqual(60);
  expect(script, 'hay script').toBeGreaterThan(0);
  expect(script, 'bytes de script').toBeLessThanOrEqual(TOPE_BYTES);
  const ics = await page.locator('#hecho-calendario').getAttribute('href');
  const calendario = await request.get(`${URL_API}${ics}`);
  expect(calendario.headers()['content-type']).toContain('text/calendar');
  const texto = await calendario.text();
  expect(texto).toContain('BEGIN:VEVENT');
  expect(texto).toMatch(/DTSTART[^\r\n]*:\d{8}T\d{6}/);
  await page.getByRole('link', { name: 'Ver o anular la reserva' }).click();
  await expect(page.getByText('Canelo')).toBeVisible();
  await accesible(page, 'la reserva propia');
  await page.getByRole('button', { name: /[Aa]nular/ }).click();
  await expect(page.getByText(/anul/i).first()).toBeVisible();
});

test('sin JavaScript se llega hasta las horas', async ({ browser, request }) => {
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const sede = await abrirSede(quien, false);
  const contexto = await browser.newContext({ javaScriptEnabled: false, baseURL: URL_BASE, locale: 'es-PE' });
  const page = await contexto.newPage();
  await page.goto(`/reservar/${CADENA}`);
  await page.getByRole('link', { name: new RegExp(sede.nombre) }).click();
  await page.locator('.opciones a').first().click();
  await expect(page.locator('.horas a').first()).toBeVisible();
  await page.locator('.horas a').first().click();
  await expect(page.locator('.horas a[aria-current=time]')).toHaveCount(1);
  await contexto.close();
});

test('lo que la sede quiere aprobar aparece en recepción, que aprueba uno y rechaza otro', async ({ page, request, browser }) => {
  test.setTimeout(120_000);
  const quien = await Recepcion.de(request, 'administrador_cadena');
  const sede = await abrirSede(quien, true);
  const marca = Date.now().toString(36);
  const nombres = [`Aprobado${marca}`, `Rechazado${marca}`];
  for (const nombre of nombres) {
    const contexto = await browser.newContext({ baseURL: URL_BASE, locale: 'es-PE', viewport: { width: 390, height: 844 } });
    const suya = await contexto.newPage();
    await hastaLosDatos(suya, request, sede, `${nombre.toLowerCase()}@correo.example.pe`);
    await llenar(suya, nombre, 'Pedir la cita');
    await expect(suya.getByText('Recibimos su solicitud. La sede le responderá por correo.')).toBeVisible();
    await contexto.close();
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await ingresar(page, 'administrador_cadena', `/agenda?sede=${sede.id}&fecha=${diaDe(Date.now() + 86_400_000)}&lado=pedidos`);
  const lado = page.getByRole('complementary', { name: 'Pendientes' });
  const de = (nombre: string) => lado.locator('article').filter({ hasText: nombre });
  await expect(de(nombres[0] ?? '')).toContainText('Tutor nuevo');
  const { items } = await quien.api.leer<{ items: { cita_id: string; mascota: string }[] }>(`/autoreservas?sede_id=${sede.id}&estado=pendiente`);
  const cita = (nombre: string | undefined) => items.find((una) => una.mascota === nombre)?.cita_id ?? '';
  await de(nombres[0] ?? '').getByRole('button', { name: 'Aprobar' }).click();
  await expect(page.getByText(`Cita aprobada: ${nombres[0]}`)).toBeVisible();
  await expect(de(nombres[0] ?? '')).toHaveCount(0);
  expect((await quien.cita(cita(nombres[0]))).estado).toBe('programada');
  // A refusal goes out only when the eight seconds are over.
  await de(nombres[1] ?? '').getByRole('button', { name: 'Rechazar' }).click();
  await expect(de(nombres[1] ?? '')).toHaveCount(0);
  await page.getByRole('button', { name: /^Deshacer/ }).last().click();
  await expect(de(nombres[1] ?? '')).toBeVisible();
  await de(nombres[1] ?? '').getByRole('button', { name: 'Rechazar' }).click();
  const estado = async () => (await quien.api.leer<{ items: { cita_id: string; estado: string }[] }>(`/autoreservas?sede_id=${sede.id}&estado=rechazada`)).items.some((una) => una.cita_id === cita(nombres[1]));
  await expect.poll(estado, { timeout: 14_000 }).toBe(true);
  await quien.anular({ id: cita(nombres[0]) });
});
