/** The start page of a sede: every figure leads to the rows that make it. */
import { cerrarSede, unaSede } from './administracion';
import { cliente, expect, ingresar, test } from './base';

test('cada estado del día lleva a la lista con tantas citas como dice', async ({ page }) => {
  await ingresar(page, 'recepcion');
  const estados = page.locator('.dia-estados li');
  await expect(estados.first()).toBeVisible();
  const cuantos = await estados.count();
  expect(cuantos, 'hoy hay citas').toBeGreaterThan(0);
  for (let i = 0; i < cuantos; i += 1) {
    const dicho = { cuantas: Number(await estados.nth(i).locator('b').innerText()), estado: await estados.nth(i).locator('span').innerText() };
    await estados.nth(i).getByRole('link').click();
    await expect(page).toHaveURL(/\/agenda\?.*estado=/);
    await expect(page.locator('.lista-quien'), `${dicho.estado}: ${dicho.cuantas}`).toHaveCount(dicho.cuantas);
    await page.goBack();
    await expect(estados.nth(i)).toBeVisible();
  }
});

test('cada cifra y cada médico llevan a su pantalla', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  const { sedes } = await admin.leer<{ sedes: { id: string }[] }>('/yo');
  const dias = await Promise.all(sedes.map(async ({ id }) => ({ id, hoy: await admin.leer<{ ocupacion: unknown[] }>(`/sedes/${id}/hoy`) })));
  // On Sundays only some sedes open.
  const abierta = dias.find(({ hoy }) => hoy.ocupacion.length > 0);
  if (!abierta) throw new Error('hoy no atiende nadie en ninguna sede');
  await ingresar(page, 'administrador_cadena', `/inicio?sede=${abierta.id}`);
  const cifras = page.locator('a.cifra');
  await expect(cifras.first()).toBeVisible();
  for (let i = 0; i < (await cifras.count()); i += 1) {
    const a = new URL((await cifras.nth(i).getAttribute('href')) ?? '', page.url());
    const faltas = a.search.includes('no_asistio') ? Number(await cifras.nth(i).locator('b').innerText()) : undefined;
    await cifras.nth(i).click();
    await expect(page).toHaveURL(new RegExp(`^[^?]*${a.pathname}([?#]|$)`));
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
    await expect(page.getByRole('heading', { name: /^No tiene permiso|^No se pudo|^No está aquí/ })).toHaveCount(0);
    if (faltas !== undefined) await expect(page.locator('.lista-quien'), 'quienes no vinieron hoy').toHaveCount(faltas);
    await page.goBack();
    await expect(cifras.nth(i)).toBeVisible();
  }
  const medico = page.locator('.ocupacion a').first();
  const nombre = await medico.innerText();
  await medico.click();
  await expect(page).toHaveURL(/\/agenda\?.*medico=/);
  await expect(page.getByRole('combobox', { name: 'Médico' })).not.toHaveValue('');
  await expect(page.locator('.ec .columna b').or(page.getByText(/^Cerrado|no atiende/)).first(), nombre).toBeVisible();
});

test('una sede sin nadie lo dice con palabras, y no con rayas', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(admin);
  try {
    await ingresar(page, 'administrador_cadena', `/inicio?sede=${sede.id}`);
    await expect(page.getByText('La sala está vacía.')).toBeVisible();
    await expect(page.locator('.dia-estados')).toHaveCount(0);
  } finally {
    await cerrarSede(admin, sede.id);
  }
});
