/** Plugins as a chain has them: agreed to, set up, tried, switched on and off. Modules, off and on. */
import { accesible, expect, ingresar, test } from './base';
import { aviso, COSTA, entrar, programa } from './complementos';

// A click that finds nothing says so at once, and not when the whole test is out of time.
test.use({ actionTimeout: 12_000 });
const SMS = 'pe.huella.sms';

test('la cadena ve qué pide, consiente, configura, prueba, habilita en una sede, mira una corrida y lo quita', async ({ page, request }) => {
  test.setTimeout(120_000);
  const api = await programa(request, COSTA);
  await api('DELETE', `/complementos/${SMS}`);

  await entrar(page, COSTA, '/complementos');
  await page.getByRole('radiogroup', { name: 'Cómo lo tiene la cadena' }).getByText(/^Por instalar/).click();
  await expect(page).toHaveURL(/estado=disponible/);
  await page.reload();
  await page.getByLabel('Buscar', { exact: true }).fill('sms (vonage)');
  await expect(page.getByRole('heading', { level: 2 })).toHaveCount(1);
  await page.getByRole('link', { name: 'SMS (Vonage)' }).click();

  // What it asks for is on the page before anything is installed, each with its reason.
  const pide = page.getByRole('region', { name: /^Qué pide y para qué/ });
  await expect(pide.getByText('Conectarse con api.nexmo.com')).toBeVisible();
  await expect(pide.getByText('Para qué: Enviar mensajes de texto')).toBeVisible();
  await page.getByRole('button', { name: 'Instalar' }).click();
  const consentir = page.getByRole('dialog', { name: 'Instalar SMS (Vonage)' });
  await expect(consentir.getByText('Conectarse con api.nexmo.com')).toBeVisible();
  await expect(consentir.getByRole('button', { name: 'Consentir e instalar' })).toBeDisabled();
  await accesible(page, 'consentir');
  await consentir.getByLabel(/^Leí las 3 cosas que pide/).check();
  await consentir.getByRole('button', { name: 'Consentir e instalar' }).click();

  // A wrong configuration: the server's word stands at its field.
  await expect(page).toHaveURL(new RegExp(`/complementos/${SMS}/configuracion`));
  await page.getByLabel('Clave de la API').fill('no sirve!');
  await page.getByLabel(/^Secreto de la API/).fill('nadie-lo-ve');
  await page.getByRole('button', { name: 'Guardar', exact: true }).click();
  const campo = page.getByRole('textbox', { name: 'Clave de la API' });
  await expect(campo).toHaveAttribute('aria-invalid', 'true');
  await expect(campo).toBeFocused();
  await expect(page.getByText('no tiene el formato esperado')).toBeVisible();
  await expect(page.getByText('es obligatorio')).toBeVisible();
  await accesible(page, 'configuración con errores');
  // And a key that is too short, once the rest is well: what was kept stays kept.
  await campo.fill('a1b2c3d4');
  await page.getByRole('textbox', { name: /^Quién envía/ }).fill('Costa');
  await page.getByLabel(/^Secreto de firma/).fill('corta');
  await page.getByRole('button', { name: 'Guardar', exact: true }).click();
  await expect(page.getByText('debe tener al menos 16 bytes')).toBeVisible();
  await page.getByLabel(/^Secreto de firma/).fill('secreto-de-firma-de-prueba-de-32-letras');
  await page.getByRole('button', { name: 'Guardar', exact: true }).click();
  await expect(aviso(page, 'Configuración guardada')).toBeVisible();
  await expect(page.getByText(/^Guardado el /)).toHaveCount(2);
  expect(await page.content(), 'un secreto no vuelve a la página').not.toContain('nadie-lo-ve');

  await page.getByRole('button', { name: 'Probar conexión' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Funciona' })).toBeVisible();

  await page.getByRole('button', { name: 'Habilitar' }).click();
  const donde = page.getByRole('dialog', { name: /^¿Dónde trabaja/ });
  await donde.getByLabel('Solo en algunas sedes').check();
  await expect(donde.getByRole('button', { name: 'Habilitar' })).toBeDisabled();
  const sede = donde.getByRole('checkbox').first();
  await sede.check();
  await accesible(page, 'dónde se habilita');
  await donde.getByRole('button', { name: 'Habilitar' }).click();
  await expect(page.getByText(/^Habilitado en Costa/)).toBeVisible();
  const { dice: puesto } = await api<{ instalacion: { habilitado: boolean; sedes: string[] } }>('GET', `/complementos/${SMS}`);
  expect(puesto.instalacion).toMatchObject({ habilitado: true });
  expect(puesto.instalacion.sedes).toHaveLength(1);

  await page.getByRole('link', { name: 'Corridas', exact: true }).click();
  await expect(async () => {
    await page.getByRole('button', { name: 'Actualizar' }).click();
    await expect(page.getByRole('button', { name: /Probar conexión.*Bien/ }).first()).toBeVisible({ timeout: 1_500 });
  }).toPass();
  await page.getByRole('button', { name: /Probar conexión.*Bien/ }).first().click();
  const corrida = page.getByRole('dialog', { name: 'Una corrida' });
  await expect(corrida.getByText('Terminó como debía.')).toBeVisible();
  await expect(corrida.getByRole('progressbar')).toHaveCount(5);
  const bajada = page.waitForEvent('download');
  await corrida.getByRole('link', { name: 'Descargar para repetir' }).click();
  expect((await bajada).suggestedFilename()).toMatch(/^corrida-.*\.json$/);
  await accesible(page, 'una corrida');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Deshabilitar' }).click();
  await expect(page.getByText('Instalado, sin habilitar')).toBeVisible();
  await aviso(page, 'dejó de trabajar').getByRole('button', { name: /^Deshacer/ }).click();
  await expect(page.getByText(/^Habilitado en Costa/)).toBeVisible();

  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Desinstalar' }).click();
  const quitar = page.getByRole('dialog', { name: '¿Desinstalar SMS (Vonage)?' });
  await expect(quitar.getByText('Esto no se puede deshacer. Se borran:')).toBeVisible();
  await quitar.getByRole('button', { name: 'Desinstalar' }).click();
  await expect(page.getByText('Por instalar')).toBeVisible();
  expect((await api('GET', `/complementos/${SMS}/configuracion`)).status).toBe(404);
});

test('desactivar un módulo dice antes qué para; se deshace y vuelve', async ({ page, request }) => {
  const api = await programa(request, COSTA);
  const poner = async (activo: boolean) => {
    const { dice } = await api<{ version: number }>('GET', '/complementos/modulos');
    await api('PUT', '/complementos/modulos', { modulos: { importacion: activo } }, { 'If-Match': `"${dice.version}"` });
  };
  await poner(true);
  try {
    await entrar(page, COSTA, '/complementos/modulos');
    const interruptor = page.getByRole('switch', { name: 'Traer datos' });
    await expect(interruptor).toBeChecked();
    await interruptor.click();
    const pregunta = page.getByRole('dialog', { name: '¿Desactivar Traer datos?' });
    await expect(pregunta.getByText('subir archivos de otro sistema;')).toBeVisible();
    expect((await api('GET', '/importaciones')).status, 'antes de consentir todo sigue').toBe(200);
    await accesible(page, 'desactivar un módulo');
    await pregunta.getByRole('button', { name: 'Desactivar' }).click();
    await expect(interruptor).not.toBeChecked();
    await expect.poll(async () => (await api<{ type?: string }>('GET', '/importaciones')).dice.type).toBe('/problemas/modulo-desactivado');
    await aviso(page, 'desactivado').getByRole('button', { name: /^Deshacer/ }).click();
    await expect(interruptor).toBeChecked();
    await expect.poll(async () => (await api('GET', '/importaciones')).status).toBe(200);
    await expect(page.getByRole('switch', { name: 'Farmacia' })).toBeDisabled();
  } finally {
    await poner(true);
  }
});

test('quien no administra mira y no toca; la revisión es de la plataforma', async ({ page }) => {
  await ingresar(page, 'auditor', '/complementos');
  await page.getByRole('link', { name: 'WhatsApp' }).click();
  await expect(page.getByText('Conectarse con graph.facebook.com')).toBeVisible();
  await expect(page.getByRole('button', { name: /Deshabilitar|Más acciones/ })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Configuración' })).toHaveCount(0);
  await ingresar(page, 'administrador_cadena', '/complementos/revision');
  await expect(page.getByText('Solo la plataforma revisa y firma complementos.')).toBeVisible();
});

for (const ancho of [360, 820, 1440])
  test(`se usa a ${ancho} px, en claro y oscuro`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width: ancho, height: 860 });
    await ingresar(page, 'administrador_cadena', '/complementos');
    const rutas = ['/complementos', '/complementos/modulos', '/complementos/corridas', '/complementos/taller', '/complementos/pe.huella.whatsapp/resumen', '/complementos/pe.huella.whatsapp/configuracion', '/complementos/pe.huella.vacunas/configuracion', '/complementos/pe.huella.desparasitacion/configuracion', '/complementos/pe.huella.vacunas/corridas'];
    for (const ruta of rutas)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(ruta);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await accesible(page, `${ruta} a ${ancho}, ${colorScheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${ruta} cabe a lo ancho`).toBeLessThanOrEqual(0);
      }
  });
