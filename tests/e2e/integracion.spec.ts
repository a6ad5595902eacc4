/** Other systems: keys shown once, webhooks that only go where they may, jobs, exports and calendars. */
import { URL_API } from './ajustes';
import { accesible, cliente, expect, ingresar, test } from './base';

const unico = (raiz: string) => `${raiz} ${Math.random().toString(36).slice(2, 8)}`;

test('una clave se crea con lo justo, se ve una vez, entra donde debe y se revoca', async ({ page, request }) => {
  const nombre = unico('Clave');
  await ingresar(page, 'administrador_cadena', '/integracion');
  await page.getByRole('button', { name: 'Nueva clave' }).first().click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('button', { name: 'Crear clave' }).click();
  await expect(cajon).toContainText('Marque al menos uno.');
  await cajon.getByRole('textbox', { name: 'Nombre', exact: true }).fill(nombre);
  await cajon.getByPlaceholder('Buscar').fill('sede.ver');
  await cajon.getByRole('checkbox').first().check();
  await accesible(page, 'nueva clave');
  await cajon.getByRole('button', { name: 'Crear clave' }).click();
  await expect(cajon.getByText('Guárdelo ahora')).toBeVisible();
  const clave = await cajon.getByRole('textbox', { name: 'Clave', exact: true }).inputValue();
  await accesible(page, 'secreto');
  await cajon.getByRole('button', { name: 'Ya la guardé' }).click();
  const con = (ruta: string) => request.get(`${URL_API}/api/v1${ruta}`, { headers: { Authorization: `Bearer ${clave}` } });
  expect((await con('/sedes')).status(), 'entra donde puede').toBe(200);
  expect((await con('/pacientes?buscar=luna')).status(), 'y no donde no').toBe(403);
  await page.reload();
  const linea = page.getByRole('listitem').filter({ hasText: nombre });
  await expect(linea).toContainText('En uso');
  await expect(page.getByText(clave), 'no se vuelve a mostrar').toHaveCount(0);
  await linea.getByRole('button', { name: 'Revocar' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revocar' }).click();
  await expect(linea).toContainText('Revocada');
  await expect.poll(async () => (await con('/sedes')).status()).toBe(401);
});

test('un webhook a una dirección interna se rechaza en su campo; a una pública se prueba, se ve su entrega y se reenvía', async ({ page }) => {
  const nombre = unico('Aviso');
  await ingresar(page, 'administrador_cadena', '/integracion/webhooks');
  await page.getByRole('button', { name: 'Nuevo webhook' }).first().click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('textbox', { name: 'Nombre', exact: true }).fill(nombre);
  await cajon.getByPlaceholder('Buscar').fill('cita.reservada');
  await cajon.getByRole('checkbox').first().check();
  await cajon.getByRole('textbox', { name: 'Dirección' }).fill('https://127.0.0.1:9/hook');
  await cajon.getByRole('button', { name: 'Crear webhook' }).click();
  await expect(cajon.getByRole('textbox', { name: 'Dirección' })).toHaveAttribute('aria-invalid', 'true');
  await accesible(page, 'webhook rechazado');
  // A name that never resolves: nothing leaves the machine, and the failed delivery is real.
  await cajon.getByRole('textbox', { name: 'Dirección' }).fill('https://receptor.invalid/hook');
  await cajon.getByRole('button', { name: 'Crear webhook' }).click();
  await expect(cajon.getByRole('textbox', { name: 'Secreto' })).not.toHaveValue('');
  await cajon.getByRole('button', { name: 'Ya la guardé' }).click();
  await page.getByRole('link', { name: nombre }).click();
  await page.getByRole('button', { name: 'Enviar una prueba' }).click();
  const entrega = page.getByRole('listitem').filter({ hasText: 'prueba' }).or(page.getByRole('listitem').filter({ hasText: 'ping' })).first();
  await expect(entrega).toContainText('Falló', { timeout: 30_000 });
  await entrega.getByText('Qué se envió').click();
  await expect(entrega.locator('pre').first()).toContainText(nombre);
  await accesible(page, 'entregas');
  await entrega.getByRole('button', { name: 'Enviar otra vez' }).click();
  await expect(page.getByText('Sale otra vez')).toBeVisible();
  await page.getByRole('button', { name: 'Cambiar el secreto' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cambiar el secreto' }).click();
  await expect(page.getByRole('textbox', { name: 'Secreto' })).not.toHaveValue('');
  await page.getByRole('button', { name: 'Ya la guardé' }).click();
  await expect(page.getByText(/El secreto anterior vale hasta/)).toBeVisible();
  await page.getByRole('button', { name: 'Borrar', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Borrar', exact: true }).click();
  await expect(page).toHaveURL(/\/integracion\/webhooks$/);
  await expect(page.getByRole('link', { name: nombre })).toHaveCount(0);
});

test('un calendario da su dirección una vez, se lee sin sesión, y revocado ya no', async ({ page, request }) => {
  await ingresar(page, 'administrador_cadena', '/integracion/calendarios');
  await page.getByRole('button', { name: 'Nuevo calendario' }).first().click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('button', { name: 'Crear calendario' }).click();
  const direccion = await cajon.getByRole('textbox', { name: 'Dirección para suscribirse' }).inputValue();
  await accesible(page, 'calendario creado');
  const leer = () => request.get(URL_API + new URL(direccion).pathname);
  const leido = await leer();
  expect(leido.status()).toBe(200);
  expect(await leido.text()).toContain('BEGIN:VCALENDAR');
  await cajon.getByRole('button', { name: 'Ya la guardé' }).click();
  await page.getByRole('button', { name: 'Revocar' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revocar' }).click();
  await expect(page.getByText('Ese calendario ya no sirve')).toBeVisible();
  await expect.poll(async () => (await leer()).status()).toBeGreaterThanOrEqual(400);
});

test('se piden todos los datos, se ve cuánto va, y se bajan', async ({ page, request }) => {
  test.setTimeout(150_000);
  await ingresar(page, 'administrador_cadena', '/integracion/exportaciones');
  await page.getByRole('button', { name: 'Pedir una exportación' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Pedir una exportación' }).click();
  const primera = page.getByRole('main').getByRole('listitem').first();
  await expect(primera).toContainText(/Escribiéndose|Lista/);
  await expect(primera).toContainText('Lista', { timeout: 120_000 });
  const bajada = page.waitForEvent('download');
  await primera.getByRole('link', { name: 'Bajar' }).click();
  expect((await bajada).suggestedFilename()).toMatch(/\.zip$/);
  const admin = await cliente(request, 'administrador_cadena');
  const { items } = await admin.leer<{ items: { estado: string; filas: number }[] }>('/exportaciones?limite=1');
  expect(items[0]?.filas).toBeGreaterThan(0);
});

test('los trabajos que fallaron, y lo que un médico ve de todo esto', async ({ page }) => {
  await ingresar(page, 'administrador_cadena', '/integracion/trabajos');
  await expect(page.getByRole('heading', { level: 2, name: 'Nada falló' }).or(page.getByRole('button', { name: 'Reintentar' }).first())).toBeVisible();
  await page.context().clearCookies();
  await ingresar(page, 'veterinario', '/integracion/calendarios');
  await expect(page.getByRole('navigation', { name: 'Integración' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Nuevo calendario' }).first()).toBeVisible();
  await page.goto('/integracion');
  await expect(page.getByRole('heading', { name: 'No tiene permiso' })).toBeVisible();
});

for (const ancho of [360, 1440])
  test(`se usa a ${ancho} px, en claro y oscuro`, async ({ page }) => {
    test.setTimeout(120_000);
    await page.setViewportSize({ width: ancho, height: 860 });
    await ingresar(page, 'administrador_cadena', '/integracion');
    for (const ruta of ['/integracion', '/integracion/webhooks', '/integracion/trabajos', '/integracion/exportaciones', '/integracion/calendarios', '/datos-personales', '/datos-personales/incidentes', '/datos-personales/conservacion', '/datos-personales/aperturas'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(ruta);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await accesible(page, `${ruta} a ${ancho}, ${colorScheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${ruta} cabe a lo ancho`).toBeLessThanOrEqual(0);
      }
  });
