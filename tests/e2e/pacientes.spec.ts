/** Patients: found, registered without a twin, weighed, vaccinated, merged and taken apart again, mourned. */
import { diaDe, Recepcion } from './agenda';
import { accesible, cliente, expect, ingresar, test } from './base';
import { abrir, unaMascota, unico, type Mascota } from './mascotas';

test('halla a un paciente por su nombre y por el teléfono de su tutor, y lo abre con Enter', async ({ page, request }) => {
  const nombre = unico('Canela');
  const { id, telefono } = await unaMascota(request, nombre);
  await ingresar(page, 'recepcion', '/pacientes');
  await page.getByRole('search').getByRole('textbox').fill(telefono);
  await expect(page.getByRole('link', { name: new RegExp(nombre) })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`q=${telefono}`));
  await page.getByRole('search').getByRole('textbox').fill(nombre.toUpperCase());
  await expect(page.getByRole('link', { name: new RegExp(nombre) })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/pacientes/${id}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nombre);
});

test('al registrar avisa de quien ya está, y lo usa', async ({ page, request }) => {
  const { tutor, telefono } = await unaMascota(request, unico('Primera'));
  const nombre = unico('Segunda');
  await ingresar(page, 'recepcion', '/pacientes/nuevo');
  await page.getByRole('button', { name: 'Registrar', exact: true }).click();
  await expect(page.getByText('Escriba el nombre de la mascota.')).toBeVisible();
  await expect(page.getByText('Escriba el nombre del tutor.')).toBeVisible();
  await page.getByLabel('Teléfono').fill(telefono);
  await page.getByRole('button', { name: 'Usar este' }).click();
  await expect(page).toHaveURL(new RegExp(`tutor=${tutor}`));
  await page.getByLabel('Nombre de la mascota').fill(nombre);
  await page.getByRole('combobox', { name: 'Especie' }).click();
  await page.getByRole('option', { name: 'Perro' }).click();
  await accesible(page, 'registro');
  await page.getByRole('button', { name: 'Registrar', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nombre);
  const admin = await cliente(request, 'administrador_cadena');
  const { items } = await admin.leer<{ items: Mascota[] }>(`/tutores/${tutor}/mascotas`);
  expect(items.map((una) => una.nombre)).toContain(nombre);
});

test('el servidor reconoce a un repetido que el formulario no vio', async ({ page, request }) => {
  const nombre = unico('Gemela');
  const { tutor } = await unaMascota(request, nombre);
  await ingresar(page, 'recepcion', `/pacientes/nuevo?tutor=${tutor}&mascota=${encodeURIComponent(nombre)}`);
  await page.getByRole('combobox', { name: 'Especie' }).click();
  await page.getByRole('option', { name: 'Perro' }).click();
  await page.getByRole('button', { name: 'Registrar', exact: true }).click();
  const aviso = page.getByRole('alert').filter({ hasText: 'Puede que ya esté registrado' });
  await expect(aviso).toContainText('mismo nombre y especie');
  await accesible(page, 'registro con repetidos');
  await aviso.getByRole('button', { name: 'Registrar de todos modos' }).click();
  await expect(page).toHaveURL(/\/pacientes\/[0-9a-f-]{36}/);
});

test('anota un peso, pide confirmar uno raro y lo deshace', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Balanza'));
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/pesos`, { kg: 12 });
  await abrir(page, id);
  await page.keyboard.press('p');
  const cajon = page.getByRole('dialog');
  await cajon.getByLabel('Peso', { exact: true }).fill('24');
  await cajon.getByRole('button', { name: 'Anotar peso' }).click();
  await expect(cajon.getByRole('alert')).toContainText('llama la atención');
  await accesible(page, 'peso por confirmar');
  await cajon.getByRole('button', { name: 'Así es, anotar' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('img', { name: /^Curva de peso con 2 registros/ })).toBeVisible();
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect.poll(async () => (await admin.leer<Mascota>(`/pacientes/${id}`)).ultimo_peso?.kg).toBe(12);
});

test('aplica una vacuna con lote; la escalera dice la próxima, y desde ahí se reserva', async ({ page, request }) => {
  const nombre = unico('Vacuna');
  const { id } = await unaMascota(request, nombre);
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/vacunaciones`, { producto: 'Antirrábica', antigenos: ['rabia'], anterior: true, fecha: '2024-01-10', proxima: '2025-01-10' });
  await abrir(page, id);
  const vacunas = page.getByRole('region', { name: 'Vacunas' });
  await expect(vacunas.getByText('Vencida')).toBeVisible();
  await expect(vacunas.getByRole('link', { name: /^Reservar la próxima dosis/ })).toHaveAttribute('href', new RegExp(`/agenda\\?nueva=1&mascota=${id}`));
  await vacunas.getByRole('button', { name: 'Aplicar vacuna: Antirrábica' }).click();
  await page.getByRole('dialog').getByLabel('Lote').fill('E2E77');
  await page.getByRole('dialog').getByRole('button', { name: 'Anotar vacuna' }).click();
  await expect(vacunas.getByText('Al día')).toBeVisible();
  await expect(vacunas).toContainText('lote E2E77');
  await expect(vacunas.getByText('Vencida')).toHaveCount(0);
});

test('después de vacunar se reserva la próxima, con su día y su servicio', async ({ page, request }) => {
  const nombre = unico('Refuerzo');
  const { id } = await unaMascota(request, nombre);
  const recepcion = await Recepcion.de(request, 'administrador_cadena');
  const servicios = await recepcion.api.leer<{ items: { id: string; codigo: string; nombre: string }[] }>('/servicios?limite=200');
  const vacunacion = servicios.items.find((uno) => uno.codigo === 'VAC');
  const proxima = diaDe(Date.now() + 26 * 86_400_000);
  const [a = '', m = '', d = ''] = proxima.split('-');
  await abrir(page, id, 'administrador_cadena');
  const vacunas = page.getByRole('region', { name: 'Vacunas' });
  await vacunas.getByRole('button', { name: 'Aplicar vacuna' }).click();
  const cajon = page.getByRole('dialog');
  await cajon.getByLabel('Vacuna', { exact: true }).fill('Antirrábica');
  await page.keyboard.press('Escape');
  await cajon.getByRole('combobox', { name: 'Médico que la aplicó' }).click();
  await page.getByRole('option').first().click();
  await cajon.getByLabel('Próxima dosis').fill(`${d}/${m}/${a}`);
  await cajon.getByLabel('Lote').fill('E2E78');
  await cajon.getByRole('button', { name: 'Anotar vacuna' }).click();
  await page.getByRole('status').getByRole('button', { name: 'Reservar la próxima dosis' }).click();
  await expect(page).toHaveURL(new RegExp(`fecha=${proxima}`));
  const dialogo = page.getByRole('dialog');
  await expect(dialogo).toContainText(nombre);
  await expect(dialogo.getByRole('combobox', { name: 'Servicio' })).toHaveValue(new RegExp(`^${vacunacion?.nombre}`));
  await dialogo.getByRole('button', { name: 'Reservar', exact: true }).click();
  await expect(page.getByText(`Cita reservada: ${nombre}`)).toBeVisible();
  const { items } = await recepcion.api.leer<{ items: { origen: string; detalle: { cita_id?: string } }[] }>(`/pacientes/${id}/historial?tipos=cita`);
  const cita = await recepcion.api.leer<{ id: string; inicio: string; servicio_id: string }>(`/citas/${items[0]?.detalle.cita_id}`);
  expect(cita.servicio_id).toBe(vacunacion?.id);
  expect(diaDe(cita.inicio) >= proxima, `${cita.inicio} no es antes de ${proxima}`).toBe(true);
  await recepcion.anular(cita);
});

test('otro tutor se agrega y se quita, y las dos cosas se deshacen', async ({ page, request }) => {
  const { id, tutor } = await unaMascota(request, unico('Familia'));
  const otro = await unaMascota(request, unico('Vecina'));
  const admin = await cliente(request, 'administrador_cadena');
  const relaciones = async () => Object.fromEntries((await admin.leer<{ tutores: { relacion: string; tutor: { id: string } }[] }>(`/pacientes/${id}`)).tutores.map((uno) => [uno.tutor.id, uno.relacion]));
  await abrir(page, id, 'recepcion');
  const tutores = page.getByRole('region', { name: /^Tutores/ });
  const agregar = async () => {
    await tutores.getByRole('button', { name: 'Agregar tutor' }).click();
    const cajon = page.getByRole('dialog');
    await cajon.getByRole('textbox', { name: '¿Quién más responde por la mascota?' }).fill(otro.telefono);
    await cajon.getByRole('listitem').first().getByRole('button').click();
    await cajon.getByRole('radio', { name: 'Cuidador' }).check();
    await accesible(page, 'otro tutor');
    await cajon.getByRole('button', { name: 'Agregar tutor' }).click();
    await expect.poll(relaciones).toEqual({ [tutor]: 'propietario', [otro.tutor]: 'cuidador' });
  };
  await agregar();
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect.poll(relaciones).toEqual({ [tutor]: 'propietario' });
  await expect(tutores.getByText('Cuidador')).toHaveCount(0);
  await agregar();
  const quitar = tutores.getByRole('button', { name: /^Quitar a / });
  await quitar.click();
  await expect(tutores.getByText('Cuidador')).toHaveCount(0);
  expect(Object.values(await relaciones()), 'todavía no se envió').toContain('cuidador');
  await page.getByRole('button', { name: /^Deshacer/ }).last().click();
  await expect(tutores.getByText('Cuidador')).toBeVisible();
  await quitar.click();
  await expect.poll(relaciones, { timeout: 14_000 }).toEqual({ [tutor]: 'propietario' });
  // An owner is not taken away: somebody else becomes it.
  await expect(quitar).toHaveCount(0);
});

test('lo anotado mal se anula cuando pasaron los segundos para deshacerlo', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Anulada'));
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/vacunaciones`, { producto: 'Antirrábica', antigenos: ['rabia'], anterior: true, fecha: '2026-01-10' });
  const anulada = async () => (await admin.leer<{ items: { detalle: { anulado?: unknown } }[] }>(`/pacientes/${id}/historial?tipos=vacuna`)).items[0]?.detalle.anulado !== undefined;
  await abrir(page, id);
  const linea = page.locator('.entrada').filter({ hasText: 'Antirrábica' });
  const anular = async () => {
    await linea.getByRole('button', { name: /^Anular/ }).click();
    await page.getByLabel('Motivo').fill('Era de otra mascota');
    await page.getByRole('button', { name: 'Anular', exact: true }).last().click();
    await expect(linea.getByText('Anulado', { exact: true })).toBeVisible();
  };
  await anular();
  expect(await anulada(), 'todavía no se envió').toBe(false);
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect(linea.getByText('Anulado', { exact: true })).toHaveCount(0);
  await anular();
  await expect.poll(anulada, { timeout: 14_000 }).toBe(true);
  await expect(linea).toContainText('Era de otra mascota');
});

test('fusiona dos registros después de ver qué se mueve, y lo deshace', async ({ page, request }) => {
  const nombre = unico('Doble');
  const { id, tutor } = await unaMascota(request, nombre);
  const otra = await unaMascota(request, nombre, tutor);
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${otra.id}/pesos`, { kg: 9.5 });
  await abrir(page, id, 'recepcion');
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Fusionar con otro registro' }).click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('button', { name: new RegExp(nombre) }).click();
  await expect(cajon).toContainText('1 peso');
  await accesible(page, 'fusión');
  await cajon.getByRole('button', { name: 'Fusionar', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Peso' })).toContainText('9.5 kg');
  await page.reload();
  await page.getByRole('button', { name: 'Deshacer la fusión' }).click();
  await expect(page.getByRole('region', { name: 'Peso' })).toContainText('Todavía no se pesó.');
});

test('registra un fallecimiento y lo corrige', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Adios'));
  await abrir(page, id);
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Registrar fallecimiento' }).click();
  await page.getByRole('dialog').getByLabel('Causa').fill('Insuficiencia renal');
  await page.getByRole('dialog').getByRole('button', { name: 'Registrar fallecimiento' }).click();
  await expect(page.getByText(/falleció el/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Agendar' })).toHaveCount(0);
  await accesible(page, 'fallecida');
  await page.getByRole('button', { name: 'Fue un error' }).click();
  await page.getByLabel('Motivo').fill('Era otra mascota');
  await page.getByRole('button', { name: 'Corregir' }).click();
  await expect(page.getByRole('link', { name: 'Agendar' })).toBeVisible();
});

test('el historial se filtra, y el filtro está en la dirección', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Historia'));
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/pesos`, { kg: 11 });
  await admin.enviar('POST', `/pacientes/${id}/problemas`, { nombre: 'Otitis externa', cronico: false });
  await abrir(page, id);
  const historial = page.getByRole('region', { name: 'Historial' });
  await expect(historial.getByText('Otitis externa')).toBeVisible();
  await historial.getByText('Pesos', { exact: true }).click();
  await expect(page).toHaveURL(/tipos=peso/);
  await expect(historial.getByText('Otitis externa')).toHaveCount(0);
  await expect(historial.getByText('11 kg')).toBeVisible();
});

test('quien no es médico dice qué médico puso la vacuna', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Ajena'));
  await abrir(page, id, 'administrador_cadena');
  await page.keyboard.press('v');
  const cajon = page.getByRole('dialog');
  await cajon.getByLabel('Vacuna', { exact: true }).fill('Antirrábica');
  await cajon.getByRole('button', { name: 'Anotar vacuna' }).click();
  await expect(cajon).toContainText('Diga qué médico la aplicó.');
  await cajon.getByRole('combobox', { name: 'Médico que la aplicó' }).click();
  await page.getByRole('option').first().click();
  await accesible(page, 'vacuna con médico');
  await cajon.getByRole('button', { name: 'Anotar vacuna' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Vacunas' }).getByText('Al día')).toBeVisible();
});

test('pone la foto, agrega un microchip, lo retira y lo deshace', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Retrato'));
  await abrir(page, id, 'recepcion');
  const ficha = page.getByRole('region', { name: 'Ficha' });
  await ficha.locator('input[type=file]').setInputFiles({ name: 'foto.png', mimeType: 'image/png', buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 160, height: 160 } }) });
  await expect(ficha.getByRole('img', { name: /^Foto de Retrato/ })).toBeVisible();
  await expect.poll(() => ficha.locator('img.foto-ficha').evaluate((foto: HTMLImageElement) => foto.naturalWidth)).toBeGreaterThan(0);
  await ficha.getByRole('button', { name: 'Agregar microchip u otro' }).click();
  const cajon = page.getByRole('dialog');
  await cajon.getByLabel('Número').fill('1234');
  await cajon.getByRole('button', { name: 'Agregar' }).click();
  await expect(cajon).toContainText('Un microchip tiene quince dígitos.');
  const chip = `9410000${String(Date.now()).slice(-8)}`;
  await cajon.getByLabel('Número').fill(chip);
  await accesible(page, 'microchip');
  await cajon.getByRole('button', { name: 'Agregar' }).click();
  await expect(ficha).toContainText(chip);
  await ficha.getByRole('button', { name: `Quitar Microchip ${chip}` }).click();
  await expect(ficha).not.toContainText(chip);
  await page.getByRole('button', { name: /^Deshacer/ }).last().click();
  await expect(ficha).toContainText(chip);
});

test('transfiere la mascota a otro tutor y lo deshace', async ({ page, request }) => {
  const nombre = unico('Mudanza');
  const { id, tutor } = await unaMascota(request, nombre);
  const otro = await unaMascota(request, unico('Recibe'));
  const admin = await cliente(request, 'administrador_cadena');
  const dueno = async () => (await admin.leer<{ tutores: { relacion: string; tutor: { id: string } }[] }>(`/pacientes/${id}`)).tutores.find((uno) => uno.relacion === 'propietario')?.tutor.id;
  await abrir(page, id, 'recepcion');
  await page.getByRole('button', { name: 'Transferir a otro propietario' }).click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('textbox', { name: '¿Quién es el nuevo propietario?' }).fill(otro.telefono);
  await cajon.getByRole('listitem').first().getByRole('button').click();
  await cajon.getByRole('radio', { name: 'Cuidador' }).check();
  await accesible(page, 'transferencia');
  await cajon.getByRole('button', { name: 'Transferir' }).click();
  await expect.poll(dueno).toBe(otro.tutor);
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect.poll(dueno).toBe(tutor);
});

test('fusiona dos registros de un tutor y lo deshace; dice por dónde prefiere que le escriban', async ({ page, request }) => {
  const uno = await unaMascota(request, unico('Primero'));
  const otro = await unaMascota(request, unico('Repetido'));
  const admin = await cliente(request, 'administrador_cadena');
  const mascotas = async () => (await admin.leer<{ items: unknown[] }>(`/tutores/${uno.tutor}/mascotas`)).items.length;
  await ingresar(page, 'recepcion', `/tutores/${uno.tutor}`);
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Fusionar con otro registro' }).click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('textbox', { name: 'Registro repetido' }).fill(otro.telefono);
  await cajon.getByRole('listitem').first().getByRole('button').click();
  await expect(cajon).toContainText('Pasa al registro que queda');
  await accesible(page, 'fusión de tutores');
  await cajon.getByRole('button', { name: 'Fusionar', exact: true }).click();
  await expect.poll(mascotas).toBe(2);
  await page.reload();
  await page.getByRole('button', { name: 'Deshacer la fusión' }).click();
  await expect.poll(mascotas).toBe(1);
  const canales = page.getByRole('region', { name: 'Por dónde escribirle' });
  await canales.getByText('Como el tutor prefiere').click();
  await canales.getByRole('switch', { name: 'SMS' }).uncheck({ force: true });
  await canales.getByRole('button', { name: 'Correo antes' }).click();
  await canales.getByRole('button', { name: 'Guardar' }).click();
  await expect.poll(async () => (await admin.leer<{ canales?: string[] }>(`/tutores/${uno.tutor}/canales`)).canales).toEqual(['correo', 'whatsapp']);
});

for (const ancho of [360, 820, 1440])
  test(`se usa a ${ancho} px, en claro y oscuro`, async ({ page, request }) => {
    await page.setViewportSize({ width: ancho, height: 860 });
    const { id, tutor } = await unaMascota(request, unico('Ancho'));
    await abrir(page, id, 'administrador_cadena');
    for (const ruta of [`/pacientes/${id}`, `/tutores/${tutor}`, '/pacientes?q=luna', '/pacientes/nuevo'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(ruta);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await accesible(page, `${ruta} a ${ancho}, ${colorScheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${ruta} cabe a lo ancho`).toBeLessThanOrEqual(0);
      }
  });
