/** The auditor: sees everything that was done, and cannot change anything. */
import { cerrarSede, unaSede, type Sede } from './administracion';
import { CADENA, correoDe, URL_API } from './ajustes';
import { accesible, cliente, expect, ingresar, test } from './base';

test('ve qué cambió, de qué a qué, y lo halla con los filtros', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(admin);
  try {
    const { id: _, version, ...datos } = await admin.leer<Sede>(`/sedes/${sede.id}`);
    await admin.enviar('PUT', `/sedes/${sede.id}`, { ...datos, ciudad: 'Tacna' }, { 'If-Match': `"${version}"` });
    await ingresar(page, 'auditor', `/auditoria?entidad=sede&id=${sede.id}`);
    const lineas = page.locator('.auditoria-linea');
    const cambio = lineas.filter({ hasText: /cambió sede/ });
    await expect(cambio).toHaveCount(1);
    await expect(lineas.filter({ hasText: /creó sede/ })).toHaveCount(1);
    await expect(lineas.first()).toContainText('Mariana');
    await cambio.locator('summary').click();
    const fila = cambio.getByRole('row', { name: /^ciudad/ });
    await expect(fila.locator('del')).toHaveText('Lima');
    await expect(fila.locator('ins')).toHaveText('Tacna');

    await page.getByRole('combobox', { name: 'Qué se hizo' }).click();
    await page.getByRole('option', { name: 'creó' }).click();
    await expect(page).toHaveURL(/accion=crear/);
    await expect(lineas).toHaveCount(1);
    await page.reload();
    await expect(lineas, 'el filtro está en la dirección').toHaveCount(1);
  } finally {
    await cerrarSede(admin, sede.id);
  }
});

test('mira la administración entera y en ninguna pantalla puede cambiar nada', async ({ page, request }) => {
  test.setTimeout(120_000);
  const api = await cliente(request, 'auditor');
  const sede = (await api.leer<{ items: Sede[] }>('/sedes')).items[0];
  const persona = (await api.leer<{ items: { id: string }[] }>('/usuarios')).items[0];
  await ingresar(page, 'auditor', '/auditoria');
  const principal = page.getByRole('main');
  const partes = ['datos', 'horario', 'dias', 'ambientes', 'medicos', 'turnos', 'reservas'].map((parte) => `/sedes/${sede?.id}/${parte}`);
  for (const ruta of ['/auditoria', '/auditoria/ingresos', '/ajustes', '/sedes', ...partes, '/feriados', '/traslados', '/personal', `/personal/${persona?.id}`, '/roles', '/por-que', '/ajustes/servicios', '/ajustes/agenda', '/ajustes/razones']) {
    await page.goto(ruta);
    await expect(principal.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
    await expect(page.getByRole('heading', { name: /^No tiene permiso|^No se pudo/ }), `${ruta} se ve`).toHaveCount(0);
    await expect(principal.getByRole('button', { name: /^(Nuev|Guardar|Crear|Invitar|Quitar[: ]|Dar|Desactivar|Reactivar|Enviar|Asignar|Bloquear|Día especial|Cambiar|Cerrar todas|Retirar)/ }), `botones en ${ruta}`).toHaveCount(0);
    await expect(principal.locator('.panel input[type="checkbox"]:enabled'), `casillas en ${ruta}`).toHaveCount(0);
    await expect(principal.getByRole('dialog')).toHaveCount(0);
  }
  for (const ruta of ['/sedes?nueva=1', '/personal?nueva=1', `/sedes/${sede?.id}/ambientes?abrir=ambiente`, '/ajustes/servicios?abrir=nuevo', '/roles?abrir=nuevo', '/feriados?abrir=nuevo']) {
    await page.goto(ruta);
    await expect(principal.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
    await expect(page.getByRole('dialog'), `${ruta} no abre una forma`).toHaveCount(0);
  }
  await page.goto('/puesta-en-marcha');
  await expect(page.getByRole('heading', { name: 'No tiene permiso para esto' })).toBeVisible();
});

test('la cadena de sellos dice hasta dónde está íntegra', async ({ page, request }) => {
  const api = await cliente(request, 'auditor');
  type Revision = { integra: boolean; eslabones: number; roto?: number };
  const ver = async () => (await api.leer<{ revision?: Revision }>('/auditoria/integridad')).revision;
  // The check runs by itself some minutes after the start.
  test.setTimeout(780_000);
  await expect.poll(ver, { message: 'los sellos se revisaron', timeout: 720_000, intervals: [2_000, 10_000] }).toBeTruthy();
  const revision = (await ver()) as Revision;
  await ingresar(page, 'auditor', '/auditoria');
  const sellos = page.getByRole('region', { name: 'Cadena de sellos' }).or(page.getByRole('alert', { name: 'Cadena de sellos' }));
  await expect(sellos).toContainText(revision.integra ? /Cadena de sellos íntegra hasta .*\d\d:\d\d/ : `Cadena de sellos rota en el sello ${revision.roto}`);
  expect(revision.integra, 'nadie tocó lo anotado').toBe(true);
  await expect(sellos).toContainText(new RegExp(`${revision.eslabones} sellos? comprobados?`));
});

test('una cadena rota se dice en rojo y con el sello en que se rompe', async ({ page }) => {
  // What the server would answer; there is no way to break a chain from outside, which is what it is for.
  await page.route('**/api/v1/auditoria/integridad', (ruta) => ruta.fulfill({ json: { revision: { revisada_en: '2026-11-28T08:00:00Z', integra: false, eslabones: 16, roto: 17, motivo: 'el renglón no corresponde a su sello', sin_sellar: 0 } } }));
  await ingresar(page, 'auditor', '/auditoria');
  const alerta = page.getByRole('alert', { name: 'Cadena de sellos' });
  await expect(alerta).toContainText('Cadena de sellos rota en el sello 17');
  await expect(alerta).toContainText('el renglón no corresponde a su sello');
  await accesible(page, 'cadena rota');
});

test('ve quién ingresó y quién no pudo, y llega a los ajustes que puede leer', async ({ page, request }) => {
  const { status } = await request.post(`${URL_API}/api/v1/sesiones`, { data: { cadena: CADENA, correo: correoDe('coordinacion_agenda'), contrasena: 'esta-no-es-la-clave' } }).then((r) => ({ status: r.status() }));
  expect(status).toBeGreaterThanOrEqual(400);
  await ingresar(page, 'auditor', '/auditoria');
  await page.getByRole('navigation', { name: 'Auditoría' }).getByRole('link', { name: 'Ingresos' }).click();
  const lineas = page.locator('.auditoria-linea');
  const suya = lineas.filter({ hasText: 'Beatriz' }).filter({ hasText: 'ingresó' }).first();
  await expect(suya, 'con qué, en palabras').toContainText(/Chrome en Linux/);
  await expect(suya.getByText('Chrome en Linux'), 'y entero, como lo dijo el navegador').toHaveAttribute('title', /^Mozilla\//);
  await page.getByRole('combobox', { name: 'Cómo le fue' }).click();
  await page.getByRole('option', { name: 'contraseña incorrecta' }).click();
  await expect(page).toHaveURL(/resultado=contrasena_incorrecta/);
  await expect(lineas.filter({ hasText: 'Valeria' }).first()).toContainText('contraseña incorrecta');
  await expect(lineas.filter({ hasText: 'ingresó' })).toHaveCount(0);
  await accesible(page, 'ingresos');
  await page.getByRole('navigation', { name: 'Principal' }).first().getByRole('link', { name: 'Ajustes' }).click();
  await page.getByRole('main').getByRole('link', { name: /^Servicios/ }).click();
  await expect(page).toHaveURL(/\/ajustes\/servicios/);
  await expect(page.getByRole('main').getByRole('button', { name: /^Nuevo/ })).toHaveCount(0);
});
