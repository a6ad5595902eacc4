/** What a chain owes to people for their data: requests, emergency openings, incidents, how long data is kept. */
import { accesible, cliente, expect, ingresar, test } from './base';
import { unaMascota, unico } from './mascotas';

test('recepción anota un pedido sobre sus datos; quien responde ve el plazo y lo atiende', async ({ page, request }) => {
  const { tutor } = await unaMascota(request, unico('Derecho'));
  await ingresar(page, 'recepcion', `/tutores/${tutor}`);
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Pide algo sobre sus datos' }).click();
  const cajon = page.getByRole('dialog');
  const pide = unico('Quiero ver mis datos');
  await cajon.getByLabel('Qué pide, con sus palabras').fill(pide);
  await cajon.getByRole('combobox', { name: 'Cómo se comprobó quién es' }).click();
  await page.getByRole('option', { name: 'Mostró su documento' }).click();
  await accesible(page, 'pedido');
  await cajon.getByRole('button', { name: 'Anotar pedido' }).click();
  const dicho = await page.getByText(/^Pedido n\.º \d+ anotado$/).textContent();
  const numero = /\d+/.exec(dicho ?? '')?.[0] ?? '';
  await page.context().clearCookies();
  await ingresar(page, 'administrador_cadena', '/datos-personales');
  const linea = page.getByRole('listitem').filter({ hasText: `N.º ${numero} ·` });
  await expect(linea).toContainText(/Quedan? \d+ días?/);
  await linea.getByRole('button', { name: `Abrir el pedido ${numero}` }).click();
  await expect(cajon).toContainText(pide);
  await cajon.getByRole('button', { name: 'Responder' }).click();
  await cajon.getByLabel('Qué se le responde').fill('Se le entrega la copia de su expediente.');
  await accesible(page, 'respuesta a un pedido');
  await cajon.getByRole('button', { name: 'Responder' }).click();
  await expect(cajon.getByRole('link', { name: 'Bajar el expediente que se entregó' })).toBeVisible();
  await expect(cajon).toContainText('Atendido');
});

test('una ficha de otra sede se abre por emergencia con un motivo, y otra persona dice si estuvo bien', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  const antes = await admin.leer<{ visibilidad: string; emergencia_horas: number; version: number }>('/ajustes/visibilidad');
  const poner = async (visibilidad: string, emergencia_horas: number) => {
    const { version } = await admin.leer<{ version: number }>('/ajustes/visibilidad');
    await admin.enviar('PUT', '/ajustes/visibilidad', { visibilidad, emergencia_horas }, { 'If-Match': `"${version}"` });
  };
  const motivo = unico('Llegó convulsionando');
  try {
    await poner('sede', 12);
    const recepcion = await cliente(request, 'recepcion');
    // The servers know of it within seconds; then some of a common name are of another sede.
    let ajena = '';
    await expect
      .poll(async () => {
        const { items } = await recepcion.leer<{ items: { restringida?: boolean; mascota?: { id: string } | null }[] }>('/pacientes?buscar=luna&limite=60');
        return (ajena = items.find((uno) => uno.restringida && uno.mascota)?.mascota?.id ?? '');
      })
      .not.toBe('');
    await ingresar(page, 'recepcion', `/pacientes/${ajena}`);
    await expect(page.getByRole('heading', { level: 1, name: 'Paciente de otra sede' })).toBeVisible();
    await page.getByLabel('Por qué la necesita ahora').fill('porque');
    await page.getByRole('button', { name: 'Abrir por emergencia' }).click();
    await expect(page.getByText('Escriba el motivo con algo más de detalle.')).toBeVisible();
    await accesible(page, 'paciente de otra sede');
    await page.getByLabel('Por qué la necesita ahora').fill(motivo);
    await page.getByRole('button', { name: 'Abrir por emergencia' }).click();
    await expect(page.getByText('Ficha abierta por emergencia')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1, name: 'Paciente de otra sede' })).toHaveCount(0);

    await page.context().clearCookies();
    await ingresar(page, 'administrador_cadena', '/datos-personales/aperturas');
    const linea = page.getByRole('listitem').filter({ hasText: motivo });
    await linea.getByRole('textbox', { name: 'Nota de la revisión (opcional)' }).fill('Vino a comprar alimento');
    await accesible(page, 'revisar una apertura');
    await linea.getByRole('button', { name: 'No debía' }).click();
    await expect(page.getByText('Apertura injustificada: se cerró')).toBeVisible();
    await expect(linea, 'ya no está por revisar').toHaveCount(0);
    await page.getByRole('combobox', { name: 'Cuáles' }).click();
    await page.getByRole('option', { name: 'Revisadas' }).click();
    await expect(linea).toContainText('«Vino a comprar alimento»');
    await expect(linea.getByText('Injustificada')).toBeVisible();
    // What was judged wrong is closed for whoever opened it.
    await expect.poll(async () => recepcion.leer<unknown>(`/pacientes/${ajena}`).then(() => 'se ve', () => 'no se ve')).toBe('no se ve');
  } finally {
    await poner(antes.visibilidad, antes.emergencia_horas);
  }
});

test('lo que se guarda se ensaya antes de activarlo, y un incidente tiene 48 horas', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  const antes = (await admin.leer<{ clase: string; activa: boolean; version: number }[]>('/conservacion')).find((una) => una.clase === 'expedientes');
  if (antes?.activa) await admin.enviar('PUT', '/conservacion/expedientes', { activa: false, meses: 24 }, { 'If-Match': `"${antes.version}"` });
  await ingresar(page, 'administrador_cadena', '/datos-personales/conservacion');
  const regla = page.getByRole('listitem').filter({ hasText: 'Expedientes entregados' });
  await regla.getByRole('textbox', { name: /^Meses que se guarda/ }).fill('24');
  await regla.getByRole('button', { name: 'Ensayar' }).click();
  await expect(page.getByText(/^Hoy (no )?vencer/)).toBeVisible();
  await expect(regla.getByRole('switch')).toBeEnabled();
  await regla.getByRole('switch').press('Space');
  await expect(regla).toContainText('Se borran cada noche');
  await expect(regla.getByRole('switch')).toBeEnabled();
  await regla.getByRole('switch').press('Space');
  await expect(regla).toContainText('Apagada');
  expect((await admin.leer<{ clase: string; activa: boolean; meses: number }[]>('/conservacion')).find((una) => una.clase === 'expedientes')).toMatchObject({ activa: false, meses: 24 });
  await page.goto('/datos-personales/incidentes?abrir=nuevo');
  const cajon = page.getByRole('dialog');
  const paso = unico('Se perdió una laptop');
  await cajon.getByLabel('Cuéntelo').fill(paso);
  await cajon.getByRole('combobox', { name: 'Qué datos' }).fill('teléfonos');
  await page.keyboard.press('Enter');
  await cajon.getByRole('button', { name: 'Registrar' }).click();
  const linea = page.getByRole('listitem').filter({ hasText: paso });
  await expect(linea).toContainText(/Quedan 4[78] horas para avisar/);
  await linea.getByRole('button', { name: 'Cerrar' }).click();
  await cajon.getByLabel('Qué se concluyó').fill('Estaba cifrada: no hacía falta avisar.');
  await cajon.getByRole('button', { name: 'Cerrar', exact: true }).last().click();
  await expect(linea).toContainText('Cerrado');
});
