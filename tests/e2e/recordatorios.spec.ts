/** The desk of messages and alerts: what goes out, what did not arrive and is mended, words and rules tried before they are changed. */
import type { APIRequestContext, Page } from '@playwright/test';
import { Recepcion } from './agenda';
import { accesible, cliente, expect, ingresar, test } from './base';

type Mensaje = { id: string; estado: string; envios: { estado: string }[] };
const letras = () => String.fromCharCode(...Array.from({ length: 7 }, () => 97 + Math.floor(Math.random() * 26)));

/** An owner whom only mail reaches, and the confirmation that was sent for a booking. */
async function conCorreo(page: Page, request: APIRequestContext) {
  const admin = await cliente(request, 'administrador_cadena');
  const apellido = `Zz${letras()}`;
  const correo = `${apellido.toLowerCase()}@ejemplo.pe`;
  const { mascota, tutor } = await admin.enviar<{ mascota: { id: string }; tutor: { id: string } }>('POST', '/pacientes/registro?confirmar_duplicado=true', { mascota: { nombre: 'Bruno', especie: 'perro', sexo: 'macho', edad_meses: 30 }, tutor: { nombres: 'Sin', apellidos: apellido, correo } });
  // Whatever the chain wrote before, it is switched on where people do it.
  const leer = () => admin.leer<{ version: number; confirmaciones: boolean; canales: string[]; responder_a?: string } & Record<string, unknown>>('/ajustes/correos');
  const { version, ...antes } = await leer();
  await admin.enviar('PUT', '/ajustes/correos', { ...antes, confirmaciones: false }, { 'If-Match': `"${version}"` });
  await ingresar(page, 'administrador_cadena', '/recordatorios/ajustes');
  const citas = page.getByRole('region', { name: 'Citas: avisos, canales y silencio' });
  await citas.getByRole('switch', { name: 'Avisar de cada cita' }).check({ force: true });
  await citas.getByRole('button', { name: 'Guardar avisos' }).click();
  await expect(page.getByText('Avisos guardados')).toBeVisible();
  await expect.poll(async () => (await leer()).confirmaciones).toBe(true);
  const { version: _, confirmaciones: __, ...despues } = await leer();
  expect(despues, 'lo demás queda como estaba').toEqual(Object.fromEntries(Object.entries(antes).filter(([clave]) => clave !== 'confirmaciones')));
  const recepcion = await Recepcion.de(request);
  const hueco = (await recepcion.huecos(12))[0];
  await recepcion.api.enviar('POST', '/citas/reservar', { sede_id: recepcion.sede, servicio_id: recepcion.servicio, mascota_id: mascota.id, medico_id: hueco?.medico_id, inicio: hueco?.inicio });
  const estado = async () => (await admin.leer<{ items: Mensaje[] }>(`/mensajes?tutor_id=${tutor.id}&limite=5`)).items[0]?.estado;
  await expect.poll(estado, { message: 'la confirmación salió', timeout: 20_000 }).toBe('enviado');
  return { apellido, correo, tutor: tutor.id, estado, admin };
}

test('lo que no se pudo dice por qué en palabras; se corrige el contacto, se reenvía y llega', async ({ page, request }) => {
  const { apellido, correo, tutor, estado, admin } = await conCorreo(page, request);
  await ingresar(page, 'recepcion', '/recordatorios/mensajes?estado=enviado');
  const linea = page.getByRole('listitem').filter({ hasText: apellido });
  await expect(linea).toContainText('Cita reservada');
  await expect(linea).toContainText(correo);
  await linea.getByRole('button', { name: 'Reenviar' }).click();
  await page.getByRole('menuitem', { name: 'Solo por SMS' }).click();
  await expect.poll(estado, { timeout: 20_000 }).toBe('omitido');
  await page.goto('/recordatorios/mensajes?estado=omitido');
  await expect(linea).toContainText('El tutor no tiene celular anotado.');
  await accesible(page, 'mensajes');
  await linea.getByRole('button', { name: 'Corregir contacto' }).click();
  const cajon = page.getByRole('dialog');
  const celular = `9${String(Date.now()).slice(-8)}`;
  await cajon.getByLabel('Teléfono').fill(celular);
  await accesible(page, 'corregir contacto');
  await cajon.getByRole('button', { name: 'Guardar' }).click();
  await expect(cajon).toHaveCount(0);
  expect((await admin.leer<{ telefono: string }>(`/tutores/${tutor}`)).telefono).toBe(`+51${celular}`);
  await linea.getByRole('button', { name: 'Reenviar' }).click();
  await page.getByRole('menuitem', { name: 'Por los canales de siempre' }).click();
  await expect(page.getByText('Sale de nuevo')).toBeVisible();
  await expect.poll(estado, { timeout: 20_000 }).toBe('enviado');
});

test('una plantilla propia: se ve con ejemplos mientras se escribe, se guarda, y se vuelve a la de siempre', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('DELETE', '/plantillas-mensaje/cita_anulada/sms').catch(() => undefined);
  await ingresar(page, 'administrador_cadena', '/recordatorios/plantillas?canal=sms&tipo=cita_anulada');
  const texto = page.getByRole('textbox', { name: 'Texto' });
  await texto.fill('Se anuló la cita de ');
  await page.getByRole('button', { name: 'mascota', exact: true }).click();
  await expect(texto).toHaveValue('Se anuló la cita de {{ mascota }}');
  const vista = page.getByRole('region', { name: 'Cómo se verá' });
  await expect(vista).toContainText('Se anuló la cita de Luna');
  await accesible(page, 'plantilla corta');
  await texto.fill('{{ esto_no_existe }}');
  await page.getByRole('button', { name: 'Guardar' }).click();
  await expect(texto.or(page.getByRole('alert')).first()).toBeVisible();
  await expect(page.getByText(/esto_no_existe/).first()).toBeVisible();
  await texto.fill('Anulada: {{ mascota }}');
  await page.getByRole('button', { name: 'Guardar' }).click();
  await expect(page.getByText('Plantilla guardada')).toBeVisible();
  expect((await admin.leer<{ texto: string }>('/plantillas-mensaje/cita_anulada/sms')).texto).toBe('Anulada: {{ mascota }}');
  await page.getByRole('button', { name: 'Volver a la de la plataforma' }).click();
  await expect(page.getByText('Es la de la plataforma.')).toBeVisible();
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect.poll(async () => (await admin.leer<{ propia: boolean }>('/plantillas-mensaje/cita_anulada/sms')).propia).toBe(true);
  await admin.enviar('DELETE', '/plantillas-mensaje/cita_anulada/sms');
});

test('el correo se ve como saldrá, y lo que no se entiende se dice', async ({ page }) => {
  await ingresar(page, 'administrador_cadena', '/recordatorios/plantillas?canal=correo&tipo=cita_reservada');
  const vista = page.getByRole('region', { name: 'Cómo se verá' });
  await expect(vista).toContainText('Cita de Luna');
  await expect(vista.locator('iframe').contentFrame().getByText('Rosa Flores')).toBeVisible();
  await page.getByRole('textbox', { name: 'Asunto' }).fill('Nos vemos, {{ tutor }}');
  await expect(vista).toContainText('Nos vemos, Rosa Flores');
  await page.getByRole('textbox', { name: 'Asunto' }).fill('{{ tutor');
  await expect(vista.getByRole('alert')).toBeVisible();
  await accesible(page, 'plantilla de correo');
});

test('los ajustes se cambian por días que se entienden, y la cola dice si están apagados', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  type Ajustes = { version: number; activo: boolean; pasos: number[]; reglas?: { prefijo: string; activa: boolean }[] } & Record<string, unknown>;
  const { version, ...antes } = await admin.leer<Ajustes>('/ajustes/recordatorios');
  await admin.enviar('PUT', '/ajustes/recordatorios', { ...antes, activo: false, pasos: [-7, 0] }, { 'If-Match': `"${version}"` });
  await ingresar(page, 'administrador_cadena', '/recordatorios');
  await expect(page.getByRole('alert').filter({ hasText: 'Los recordatorios están apagados' })).toBeVisible();
  await page.getByRole('link', { name: 'Ir a los ajustes' }).click();
  const pasos = page.getByRole('group', { name: 'Cuándo se escribe' });
  await pasos.getByRole('textbox', { name: 'Cuántos días' }).fill('15');
  await pasos.getByRole('button', { name: 'Agregar' }).click();
  await pasos.getByRole('button', { name: 'Quitar: el mismo día' }).click();
  await page.getByRole('switch', { name: 'Enviar recordatorios' }).check({ force: true });
  // An exception is chosen by its name; what the API calls it nobody has to know.
  await page.getByRole('button', { name: 'Agregar una excepción' }).click();
  await page.getByRole('combobox', { name: 'De qué' }).last().click();
  await page.getByRole('option', { name: 'Vacunas · Rabia', exact: true }).click();
  await page.getByRole('switch', { name: 'Se recuerda' }).last().uncheck({ force: true });
  await accesible(page, 'ajustes de recordatorios');
  await page.getByRole('button', { name: 'Guardar', exact: true }).click();
  await expect(page.getByText('Guardado. Los recordatorios están encendidos')).toBeVisible();
  const ahora = await admin.leer<Ajustes>('/ajustes/recordatorios');
  expect([ahora.activo, ahora.pasos]).toEqual([true, [-15, -7]]);
  expect(ahora.reglas?.at(-1)).toMatchObject({ prefijo: 'vacunas.rabia', activa: false });
  await page.getByRole('link', { name: 'Por salir' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'apagados' })).toHaveCount(0);
  await admin.enviar('PUT', '/ajustes/recordatorios', antes, { 'If-Match': `"${ahora.version}"` });
});

test.describe('con las reglas instaladas', () => {
  test.beforeEach(async ({ request }) => {
    const admin = await cliente(request, 'administrador_cadena');
    const { items } = await admin.leer<{ items: { complemento: string; instalacion?: unknown }[] }>('/complementos?limite=100');
    expect(items.some((uno) => uno.complemento === 'pe.huella.vacunas' && uno.instalacion), 'la demo se inicia con complementos (cargo xtask plugins)').toBe(true);
  });

  test('una alerta se descarta con un motivo y se reabre', async ({ page, request }) => {
    const admin = await cliente(request, 'administrador_cadena');
    const nombre = `Zz${letras()}`;
    const { mascota } = await admin.enviar<{ mascota: { id: string } }>('POST', '/pacientes/registro?confirmar_duplicado=true', { mascota: { nombre, especie: 'perro', sexo: 'macho', edad_meses: 300 }, tutor: { nombres: 'Alerta', apellidos: nombre, telefono: '987112233' } });
    type Alertas = { alertas: { id: string; cerrada_en?: string; regla: string; titulo: string }[] };
    const abiertas = async () => (await admin.leer<Alertas>(`/pacientes/${mascota.id}/alertas`)).alertas.filter((una) => !una.cerrada_en).length;
    await expect.poll(abiertas, { timeout: 20_000 }).toBeGreaterThan(0);
    const cuantas = await abiertas();
    await ingresar(page, 'veterinario', '/alertas?regla=pe.huella.vacunas');
    const linea = page.getByRole('listitem').filter({ hasText: nombre }).first();
    await expect(linea).toBeVisible();
    await accesible(page, 'alertas');
    await linea.getByRole('button', { name: /^Descartar/ }).click();
    await page.getByRole('button', { name: 'Descartar', exact: true }).click();
    await expect(page.getByLabel('Por qué se descarta')).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('Por qué se descarta').fill('Se vacuna en su distrito');
    await page.getByRole('button', { name: 'Descartar', exact: true }).click();
    await expect.poll(abiertas).toBe(cuantas - 1);
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await expect.poll(abiertas).toBe(cuantas);
  });

  test('las alertas se filtran por las reglas que la cadena tiene instaladas', async ({ page, request }) => {
    const admin = await cliente(request, 'administrador_cadena');
    const { items } = await admin.leer<{ items: { complemento: string; nombre: string; instalacion?: unknown }[] }>('/complementos?mundo=alerts&limite=100');
    const instaladas = items.filter((uno) => uno.instalacion).map((uno) => uno.nombre);
    await ingresar(page, 'administrador_cadena', '/alertas');
    await page.getByRole('combobox', { name: 'Sobre qué' }).click();
    await expect(page.getByRole('option').first()).toBeVisible();
    expect((await page.getByRole('option').allTextContents()).sort()).toEqual(instaladas.sort());
  });

  test('un cambio de reglas se ensaya y se ve como diferencia, sin escribir nada', async ({ page, request }) => {
    test.setTimeout(120_000);
    const admin = await cliente(request, 'administrador_cadena');
    const primera = async () => (await admin.leer<{ items: { id: string; desde: string }[] }>('/alertas?limite=200')).items.map((una) => una.id).join();
    const antes = await primera();
    await ingresar(page, 'administrador_cadena', '/alertas/ensayos');
    await page.getByRole('button', { name: 'Nuevo ensayo' }).first().click();
    const cajon = page.getByRole('dialog');
    await cajon.getByRole('combobox', { name: 'Reglas' }).click();
    await page.getByRole('option', { name: 'Vacunas' }).click();
    await cajon.getByRole('combobox', { name: 'Pauta de base' }).click();
    await page.getByRole('option', { name: 'ninguna' }).click();
    await accesible(page, 'nuevo ensayo');
    await cajon.getByRole('button', { name: 'Ensayar' }).click();
    await expect(page).toHaveURL(/\/alertas\/ensayos\/[0-9a-f-]{36}/);
    const porRegla = page.getByRole('region', { name: 'Cambios por regla' });
    await expect(porRegla).toBeVisible({ timeout: 60_000 });
    const lista = page.getByRole('list', { name: 'Cambios, mascota por mascota' });
    await expect(lista.getByRole('img', { name: 'Hoy dice' }).first()).toBeVisible();
    await expect(lista.getByText('Desaparecen').first()).toBeVisible();
    await accesible(page, 'ensayo');
    await page.getByRole('combobox', { name: 'Qué cambia' }).click();
    await page.getByRole('option', { name: /^Aparecen/ }).click();
    await expect(page).toHaveURL(/cambio=nueva/);
    await expect(lista.getByText('Desaparecen')).toHaveCount(0);
    expect(await primera(), 'las alertas siguen como estaban').toBe(antes);
  });
});

for (const ancho of [360, 1440])
  test(`se usa a ${ancho} px, en claro y oscuro`, async ({ page }) => {
    test.setTimeout(150_000);
    await page.setViewportSize({ width: ancho, height: 860 });
    await ingresar(page, 'administrador_cadena', '/recordatorios');
    for (const ruta of ['/recordatorios', '/recordatorios/mensajes?estado=todos&atendido=todos', '/recordatorios/respuestas', '/recordatorios/resultados', '/recordatorios/plantillas', '/recordatorios/ajustes', '/alertas', '/alertas/ensayos'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(ruta);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await accesible(page, `${ruta} a ${ancho}, ${colorScheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${ruta} cabe a lo ancho`).toBeLessThanOrEqual(0);
      }
  });
