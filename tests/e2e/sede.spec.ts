/** Who runs one sede: all of it, and nothing of the others. */
import { unico, unaSede, cerrarSede } from './administracion';
import { cliente, expect, ingresar, test } from './base';

type Yo = { sedes: { id: string; nombre: string }[] };

test('ve y cambia su sede; de las demás, nada', async ({ page, request }) => {
  const propio = await cliente(request, 'administrador_sede');
  const cadena = await cliente(request, 'administrador_cadena');
  const mia = (await propio.leer<Yo>('/yo')).sedes[0];
  const otra = await unaSede(cadena);
  try {
    await ingresar(page, 'administrador_sede', '/sedes');
    await expect(page.getByRole('link', { name: mia?.nombre ?? '', exact: true })).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(2);
    await expect(page.getByRole('button', { name: 'Nueva sede' })).toHaveCount(0);

    await page.getByRole('link', { name: mia?.nombre ?? '', exact: true }).click();
    await expect(page.getByLabel('Nombre')).toHaveValue(mia?.nombre ?? '');
    await expect(page.getByRole('combobox', { name: 'Razón social (RUC)' })).toBeDisabled();
    await expect(page.getByText('Sede activa')).toHaveCount(0);

    for (const parte of ['datos', 'horario', 'ambientes']) {
      await page.goto(`/sedes/${otra.id}/${parte}`);
      await expect(page.getByRole('heading', { name: 'No tiene permiso para esto' })).toBeVisible();
      await expect(page.getByText(otra.nombre)).toHaveCount(0);
    }
    await page.goto('/puesta-en-marcha');
    await expect(page.getByRole('heading', { name: 'No tiene permiso para esto' })).toBeVisible();
  } finally {
    await cerrarSede(cadena, otra.id);
  }
});

test('agrega un equipo a su sede y lo deshace; bloquea horas suyas', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_sede');
  const mia = (await api.leer<Yo>('/yo')).sedes[0];
  const nombre = unico('Microscopio');
  await ingresar(page, 'administrador_sede', `/sedes/${mia?.id}/ambientes`);
  await page.getByRole('button', { name: 'Nuevo equipo' }).click();
  await page.getByRole('dialog').getByLabel('Nombre').fill(nombre);
  await page.getByRole('dialog').getByLabel('Clase de equipo').fill('Microscopio');
  await page.getByRole('dialog').getByRole('button', { name: 'Crear' }).click();
  await expect(page.getByText(`${nombre}: creado`)).toBeVisible();
  const leer = async () => (await api.leer<{ items: { nombre: string; tipo: string; activo: boolean }[] }>(`/sedes/${mia?.id}/equipos?limite=200`)).items.find((uno) => uno.nombre === nombre);
  expect(await leer()).toMatchObject({ tipo: 'microscopio', activo: true });
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect.poll(async () => (await leer())?.activo).toBe(false);

  // A room that nobody uses, a year's end away: no appointment of anybody is there.
  const motivo = unico('Mantenimiento');
  const dia = new Date(Date.now() + 150 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/sedes/${mia?.id}/dias?abrir=bloqueo`);
  const forma = page.getByRole('dialog');
  await forma.getByRole('combobox', { name: 'Qué se bloquea' }).click();
  await page.getByRole('option', { name: 'Un equipo' }).click();
  await forma.getByRole('combobox', { name: 'Equipo' }).click();
  await page.getByRole('option', { name: nombre }).click();
  await forma.getByLabel('Desde el día').fill(dia);
  await forma.getByLabel('Motivo').fill(motivo);
  await forma.getByRole('button', { name: 'Bloquear' }).click();
  await expect(page.getByText(motivo).first()).toBeVisible();
  await page.getByRole('button', { name: `Quitar: ${motivo}` }).click();
  await expect(page.getByRole('button', { name: `Quitar: ${motivo}` })).toHaveCount(0);
  const bloqueos = await api.leer<{ motivo: string }[]>(`/sedes/${mia?.id}/bloqueos?desde=${dia}`);
  expect(bloqueos.filter((uno) => uno.motivo === motivo)).toHaveLength(0);
});

test('un bloqueo sobre citas las muestra antes de hacerse', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_sede');
  const mia = (await api.leer<Yo>('/yo')).sedes[0];
  let dia = '';
  for (let i = 1; i < 20 && !dia; i++) {
    const fecha = new Date(Date.now() + i * 86_400_000).toISOString().slice(0, 10);
    if ((await api.leer<{ items: unknown[] }>(`/citas?sede_id=${mia?.id}&fecha=${fecha}`)).items.length > 0) dia = fecha;
  }
  expect(dia, 'la demo tiene citas por venir').not.toBe('');
  const motivo = unico('Reunión');
  await ingresar(page, 'administrador_sede');
  await page.goto(`/sedes/${mia?.id}/dias?abrir=bloqueo`);
  const forma = page.getByRole('dialog');
  await forma.getByLabel('Desde el día').fill(dia);
  await forma.getByLabel('Motivo').fill(motivo);
  await forma.getByRole('button', { name: 'Bloquear', exact: true }).click();
  await expect(forma.getByRole('alert')).toContainText(/Hay \d+ citas? en esas horas/);
  await expect(forma.getByRole('button', { name: 'Bloquear igual' })).toBeVisible();
  const bloqueos = await api.leer<{ motivo: string }[]>(`/sedes/${mia?.id}/bloqueos?desde=${dia}`);
  expect(bloqueos.filter((uno) => uno.motivo === motivo), 'nada se bloqueó todavía').toHaveLength(0);
});

test('invita solo a su sede, y no da más de lo que tiene; los roles y servicios los mira', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_sede');
  const mia = (await api.leer<Yo>('/yo')).sedes[0];
  await ingresar(page, 'administrador_sede');
  await page.goto('/personal?nueva=1');
  const forma = page.getByRole('dialog');
  await forma.getByLabel('Nombres').fill('Zacarías');
  await forma.getByLabel('Apellidos').fill('Prueba');
  await forma.getByLabel('Correo').fill(`${unico('z').slice(2)}@example.pe`);
  await expect(forma.getByRole('combobox', { name: 'Dónde' })).toHaveValue(mia?.nombre ?? '');
  await forma.getByRole('combobox', { name: 'Rol' }).click();
  await page.getByRole('option', { name: 'Administrador de la cadena' }).click();
  await forma.getByRole('button', { name: 'Enviar invitación' }).click();
  await expect(forma.getByRole('alert')).toBeVisible();
  expect((await api.leer<{ items: { nombres: string }[] }>('/usuarios?limite=200')).items.some((una) => una.nombres === 'Zacarías')).toBe(false);

  await page.goto('/roles');
  await expect(page.getByRole('table')).toBeVisible();
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  await page.goto('/ajustes/servicios');
  await expect(page.getByRole('table')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Nuevo servicio' })).toHaveCount(0);
  await page.goto('/ajustes/agenda');
  await expect(page.getByLabel('Anular con al menos')).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Guardar' })).toHaveCount(0);
});
