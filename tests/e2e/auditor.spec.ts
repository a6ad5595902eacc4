/** The auditor: sees everything that was done, and cannot change anything. */
import { cerrarSede, unaSede, type Sede } from './administracion';
import { cliente, expect, ingresar, test } from './base';

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
  for (const ruta of ['/auditoria', '/sedes', ...partes, '/feriados', '/traslados', '/personal', `/personal/${persona?.id}`, '/roles', '/por-que', '/ajustes/servicios', '/ajustes/agenda', '/ajustes/razones']) {
    await page.goto(ruta);
    await expect(principal.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
    await expect(page.getByRole('heading', { name: /^No tiene permiso|^No se pudo/ }), `${ruta} se ve`).toHaveCount(0);
    await expect(principal.getByRole('button', { name: /^(Nuev|Guardar|Crear|Invitar|Quitar[: ]|Dar|Desactivar|Reactivar|Enviar|Asignar|Bloquear|Día especial|Cambiar|Cerrar todas|Retirar)/ }), `botones en ${ruta}`).toHaveCount(0);
    await expect(principal.locator('.panel input[type="checkbox"]:enabled'), `casillas en ${ruta}`).toHaveCount(0);
    await expect(principal.getByRole('dialog')).toHaveCount(0);
  }
  for (const ruta of ['/sedes?nueva=1', '/personal?nueva=1', `/sedes/${sede?.id}/ambientes?abrir=ambiente`, '/ajustes/servicios?abrir=nuevo', '/roles?abrir=nuevo']) {
    await page.goto(ruta);
    await expect(principal.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
    await expect(page.getByRole('dialog'), `${ruta} no abre una forma`).toHaveCount(0);
  }
  await page.goto('/puesta-en-marcha');
  await expect(page.getByRole('heading', { name: 'No tiene permiso para esto' })).toBeVisible();
});
