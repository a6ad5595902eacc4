/** Reception's day: booking, moving, cancelling, who arrives, and what happens when somebody else was faster. */
import { arrastrar, bloque, columnaDe, diaDe, horaDe, punto, Recepcion, type Hueco } from './agenda';
import { expect, ingresar, test } from './base';
import { unaMascota, unico } from './mascotas';

test('agenda a un paciente conocido en tres pasos, con el teclado', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const [hueco] = await recepcion.huecos(9);
  const fecha = diaDe(hueco?.inicio ?? '');
  await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
  await page.locator('.ec .ec-body').waitFor();
  const empieza = Date.now();
  await page.keyboard.press('n');
  await expect(page.getByRole('combobox', { name: 'Paciente' })).toBeFocused();
  await page.keyboard.type('lun');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Reservar', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Cita reservada: /)).toBeVisible();
  expect(Date.now() - empieza, 'milisegundos').toBeLessThan(10_000);
  // And back again: nothing stays in the demo.
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect(page.getByText(/^Cita reservada: /)).toBeHidden();
});

test('agenda haciendo clic en un hueco', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const hueco = await recepcion.hueco(10);
  const fecha = diaDe(hueco.inicio);
  await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
  await page.locator('.ec .ec-body').waitFor();
  const medico = await nombreDeMedico(recepcion, fecha, hueco.medico_id);
  const donde = await punto(page, await columnaDe(page, medico), horaDe(hueco.inicio));
  await page.mouse.click(donde.x, donde.y);
  await expect(page.getByRole('dialog')).toContainText(horaDe(hueco.inicio));
  await page.keyboard.type('roc');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Reservar', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Cita reservada: /)).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const nueva = (await recepcion.citas(fecha)).find((c) => c.inicio === hueco.inicio && c.medico_id === hueco.medico_id && c.estado === 'programada');
  expect(nueva, 'la cita quedó a la hora del clic').toBeTruthy();
  await expect(bloque(page, nueva?.id ?? '')).toBeVisible();
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect(bloque(page, nueva?.id ?? '')).toHaveCount(0);
});

test('arrastra una cita a otra hora y lo deshace', async ({ page, request }) => {
  // Tall enough for the whole day: nothing scrolls between pressing and letting go.
  await page.setViewportSize({ width: 1440, height: 1440 });
  const recepcion = await Recepcion.de(request);
  const huecos = await recepcion.huecos(16, 40);
  const despuesDe = (uno: Hueco) => huecos.find((h) => diaDe(h.inicio) === diaDe(uno.inicio) && +new Date(h.inicio) >= +new Date(uno.fin) + 600_000);
  const primero = huecos.find(despuesDe);
  const otro = primero && despuesDe(primero);
  if (!primero || !otro) throw new Error('la demo no tiene dos horas libres el mismo día');
  const cita = await recepcion.reservar(primero);
  try {
    const fecha = diaDe(primero.inicio);
    await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
    await page.locator('.ec .ec-body').waitFor();
    const medico = await nombreDeMedico(recepcion, fecha, otro.medico_id);
    await expect(bloque(page, cita.id)).toBeVisible();
    // Let go where it was, nothing is written.
    const escritas: string[] = [];
    page.on('request', (pedido) => pedido.method() === 'PUT' && escritas.push(pedido.url()));
    const caja = await bloque(page, cita.id).boundingBox();
    if (!caja) throw new Error('el bloque no se ve');
    await page.mouse.move(caja.x + 40, caja.y + 6);
    await page.mouse.down();
    await page.mouse.move(caja.x + 40, caja.y + 80, { steps: 6 });
    await page.mouse.move(caja.x + 40, caja.y + 6, { steps: 6 });
    await page.mouse.up();
    await expect(page.locator('.ec-preview, .ec-ghost')).toHaveCount(0);
    const destino = await punto(page, await columnaDe(page, medico), horaDe(otro.inicio));
    await arrastrar(page, bloque(page, cita.id), destino);
    await expect(page.getByText(`${cita.nombre} cambió de hora`)).toBeVisible();
    const movida = await recepcion.cita(cita.id);
    expect([movida.inicio, movida.medico_id]).toEqual([otro.inicio, otro.medico_id]);
    expect(escritas, 'solo lo que se movió se escribe').toHaveLength(1);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await recepcion.cita(cita.id)).inicio).toBe(primero.inicio);
  } finally {
    await recepcion.anular(cita);
  }
});

test('con los ambientes como columnas, arrastrar cambia de ambiente y no de hora; se deshace', async ({ page, request }) => {
  await page.setViewportSize({ width: 1440, height: 1440 });
  const recepcion = await Recepcion.de(request);
  const hueco = await recepcion.hueco(37);
  const fecha = diaDe(hueco.inicio);
  const cita = await recepcion.reservar(hueco, 'coco');
  try {
    const { items } = await recepcion.api.leer<{ items: { id: string; nombre: string; tipo: string; activo: boolean }[] }>(`/sedes/${recepcion.sede}/ambientes?limite=200`);
    const esas = (await recepcion.citas(fecha)).filter((c) => +new Date(c.inicio) < +new Date(hueco.fin) + 900_000 && +new Date(c.fin) > +new Date(hueco.inicio) - 900_000);
    const suyo = items.find((uno) => uno.id === cita.ambiente_id);
    const otro = items.find((uno) => uno.activo && uno.tipo === suyo?.tipo && uno.id !== suyo?.id && !esas.some((c) => c.ambiente_id === uno.id));
    if (!suyo || !otro) throw new Error('la sede no tiene dos consultorios libres a la vez');
    await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}&por=ambiente`);
    await expect(page.getByLabel('Agenda por ambiente')).toBeVisible();
    await expect(bloque(page, cita.id)).toBeVisible();
    await arrastrar(page, bloque(page, cita.id), await punto(page, await columnaDe(page, otro.nombre), horaDe(hueco.inicio)));
    await expect.poll(async () => (await recepcion.cita(cita.id)).ambiente_id, { message: `pasa a ${otro.nombre}` }).toBe(otro.id);
    const movida = await recepcion.cita(cita.id);
    expect([movida.inicio, movida.medico_id], 'lo demás queda').toEqual([hueco.inicio, hueco.medico_id]);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await recepcion.cita(cita.id)).ambiente_id).toBe(suyo.id);
  } finally {
    await recepcion.anular(cita);
  }
});

test('una hora ocupada: el bloque vuelve y el aviso nombra al otro paciente', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const huecos = await recepcion.huecos(23, 40);
  const primero = huecos[0] as Hueco;
  const fecha = diaDe(primero.inicio);
  const otra = (await recepcion.citas(fecha)).find((c) => (c.estado === 'programada' || c.estado === 'confirmada') && c.inicio !== primero.inicio);
  const cita = await recepcion.reservar(primero, 'kira', { mascota_id: (await unaMascota(request, unico('Kira'))).id });
  const choque = otra ?? (await recepcion.reservar(huecos.find((h) => +new Date(h.inicio) >= +new Date(primero.fin) && diaDe(h.inicio) === fecha) ?? primero, 'toby'));
  const nombre = (choque as { mascota?: string; nombre?: string }).mascota ?? (choque as { nombre?: string }).nombre ?? '';
  try {
    await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
    await page.locator('.ec .ec-body').waitFor();
    await expect(bloque(page, cita.id)).toBeVisible();
    // By keyboard, as whoever cannot drag does it: M on the focused block.
    await bloque(page, cita.id).focus();
    await page.keyboard.press('m');
    const cajon = page.getByRole('dialog');
    await cajon.getByLabel('Hora', { exact: true }).fill(horaDe(choque.inicio));
    await cajon.getByRole('combobox', { name: 'Médico' }).click();
    await page.getByRole('option', { name: await nombreDeMedico(recepcion, fecha, choque.medico_id) }).click();
    await cajon.getByRole('button', { name: 'Mover cita' }).click();
    const aviso = page.getByRole('dialog').filter({ hasText: 'no entra a esa hora' });
    await expect(aviso.getByRole('alert')).toContainText(nombre);
    await expect(aviso.getByText('Horas libres cerca')).toBeVisible();
    expect((await recepcion.cita(cita.id)).inicio, 'nada cambió').toBe(primero.inicio);
    // One of the free times that it offers is one click.
    const respuesta = page.waitForResponse((una) => una.url().endsWith(`/citas/${cita.id}`) && una.request().method() === 'PUT');
    await aviso.getByRole('button', { name: /\d\d:\d\d · / }).first().click();
    expect((await respuesta).status(), 'la primera hora ofrecida sirve').toBe(200);
    await expect(page.getByText(/cambió de hora/)).toBeVisible();
    expect((await recepcion.cita(cita.id)).inicio).not.toBe(primero.inicio);
  } finally {
    await recepcion.anular(cita);
    if (!otra) await recepcion.anular(choque);
  }
});

test('las horas que se ofrecen saltan aquellas en que la mascota está en otra cita', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const [primero, ...despues] = await recepcion.huecos(24, 200);
  const fecha = primero && diaDe(primero.inicio);
  // Two vets who are free at the same time, later that day: the pet is with one, the other one would be offered.
  const otra = despues.find((h) => diaDe(h.inicio) === fecha && +new Date(h.inicio) >= +new Date(primero?.fin ?? 0) + 3_600_000 && despues.some((g) => g.inicio === h.inicio && g.medico_id !== h.medico_id));
  const libre = despues.find((h) => h.inicio === otra?.inicio && h.medico_id !== otra.medico_id);
  if (!primero || !fecha || !otra || !libre) throw new Error('la demo no tiene dos médicos libres a la misma hora');
  const { id: mascota_id } = await unaMascota(request, unico('Doble'));
  const cita = await recepcion.reservar(primero, 'luna', { mascota_id });
  const suya = await recepcion.reservar(otra, 'luna', { mascota_id });
  try {
    await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
    await bloque(page, cita.id).focus();
    await page.keyboard.press('m');
    const cajon = page.getByRole('dialog');
    await cajon.getByLabel('Hora', { exact: true }).fill(horaDe(libre.inicio));
    await cajon.getByRole('combobox', { name: 'Médico' }).click();
    await page.getByRole('option', { name: await nombreDeMedico(recepcion, fecha, libre.medico_id) }).click();
    await cajon.getByRole('button', { name: 'Mover cita' }).click();
    const aviso = page.getByRole('dialog').filter({ hasText: 'no entra a esa hora' });
    const ofrecidas = aviso.getByRole('button', { name: /\d\d:\d\d · / });
    await expect(ofrecidas.first()).toBeVisible();
    for (const ofrecida of await ofrecidas.allTextContents()) expect(ofrecida, 'a esa hora está con otro médico').not.toContain(horaDe(libre.inicio));
    const respuesta = page.waitForResponse((una) => una.url().endsWith(`/citas/${cita.id}`) && una.request().method() === 'PUT');
    await ofrecidas.first().click();
    expect((await respuesta).status(), 'la primera hora ofrecida sirve').toBe(200);
    const movida = await recepcion.cita(cita.id);
    expect(+new Date(movida.inicio) >= +new Date(suya.fin), 'después de su otra cita').toBe(true);
  } finally {
    await recepcion.anular(cita);
    await recepcion.anular(suya);
  }
});

test('una tecla anota la llegada; anular espera ocho segundos y se puede deshacer', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const hueco = await recepcion.hueco(30);
  const cita = await recepcion.reservar(hueco, 'max');
  try {
    await ingresar(page, 'recepcion', `/agenda?fecha=${diaDe(hueco.inicio)}`);
    await page.locator('.ec .ec-body').waitFor();
    await bloque(page, cita.id).focus();
    await page.keyboard.press('l');
    await expect(page.getByText(`${cita.nombre} llegó`)).toBeVisible();
    expect((await recepcion.cita(cita.id)).estado).toBe('en_espera');
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await expect.poll(async () => (await recepcion.cita(cita.id)).estado).toBe('programada');
    // Cancelling: not sent while it can be undone.
    await bloque(page, cita.id).focus();
    await page.keyboard.press('x');
    await page.getByRole('dialog').getByRole('button', { name: 'Anular cita' }).click();
    await expect(page.getByText(`Se anula la cita de ${cita.nombre}`)).toBeVisible();
    expect((await recepcion.cita(cita.id)).estado).toBe('programada');
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await page.waitForTimeout(8_500);
    expect((await recepcion.cita(cita.id)).estado, 'deshecha: nunca se anuló').toBe('programada');
    await bloque(page, cita.id).focus();
    await page.keyboard.press('x');
    await page.getByRole('dialog').getByRole('button', { name: 'Anular cita' }).click();
    await expect.poll(async () => (await recepcion.cita(cita.id)).estado, { timeout: 12_000 }).toBe('anulada');
  } finally {
    await recepcion.anular(cita);
  }
});

test('quien llega sin cita pasa por la sala', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  await ingresar(page, 'recepcion', '/sala');
  await expect(page.getByRole('heading', { name: /^Por llegar/ })).toBeVisible();
  await page.getByRole('button', { name: 'Llegó sin cita' }).click();
  await page.keyboard.type('toby');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Anotar llegada' })).toBeFocused();
  await page.getByRole('combobox', { name: 'Triaje' }).click();
  await page.getByRole('option', { name: /^Amarillo/ }).click();
  await page.getByRole('button', { name: 'Anotar llegada' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const espera = page.locator('section', { has: page.getByRole('heading', { name: /^En espera/ }) });
  const tarjeta = espera.locator('article').filter({ hasText: 'Sin cita' }).first();
  await expect(tarjeta).toContainText('Amarillo');
  await tarjeta.getByRole('button', { name: /^Más acciones/ }).click();
  await page.getByRole('menuitem', { name: /^Rojo/ }).click();
  await expect(tarjeta).toContainText('Rojo');
  // Nobody can call them back on the server: it waits for eight seconds, and the card comes back with one press.
  const visita = (await tarjeta.getAttribute('data-clave')) ?? '';
  const suya = page.locator(`[data-clave="${visita}"]`);
  const esperan = async () => (await recepcion.api.leer<{ en_espera: { visita: { id: string } | null }[] }>(`/sedes/${recepcion.sede}/sala`)).en_espera.map((fila) => fila.visita?.id);
  const seFue = async () => {
    await suya.getByRole('button', { name: /^Más acciones/ }).click();
    await page.getByRole('menuitem', { name: 'Se fue sin atenderse' }).click();
    await expect(page.getByText(/se retiró$/)).toBeVisible();
    await expect(suya).toHaveCount(0);
  };
  await seFue();
  expect(await esperan(), 'todavía no se envió').toContain(visita);
  await page.getByRole('button', { name: /^Deshacer/ }).last().click();
  await expect(suya).toBeVisible();
  await seFue();
  await expect.poll(esperan, { timeout: 14_000 }).not.toContain(visita);
  await expect(suya).toHaveCount(0);
});

test('la paleta busca, abre y hace; los atajos llevan', async ({ page }) => {
  await ingresar(page, 'recepcion');
  await page.keyboard.press('Control+k');
  const paleta = page.getByRole('combobox', { name: 'Buscar o hacer' });
  await expect(paleta).toBeFocused();
  await paleta.fill('luna');
  const primera = page.getByRole('group', { name: 'Pacientes' }).getByRole('option').first();
  await expect(primera).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('option', { name: /^Agendar cita para/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/agenda\?.*nueva=1/);
  // The drawer comes after its address: a key that is pressed in between is nobody's.
  await expect(page.getByRole('dialog', { name: 'Nueva cita' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page).toHaveURL(/\/sala/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Atajos de teclado' })).toBeVisible();
});

async function nombreDeMedico(recepcion: Recepcion, fecha: string, id: string): Promise<string> {
  const rol = await recepcion.api.leer<{ dias: { fecha: string; medicos: { medico_id: string; medico: string }[] }[] }>(`/sedes/${recepcion.sede}/rol?desde=${fecha}`);
  return rol.dias.flatMap((d) => d.medicos).find((m) => m.medico_id === id)?.medico ?? '';
}

test('en papel la agenda es una lista; en la pantalla no está', async ({ page, request }) => {
  const quien = await Recepcion.de(request);
  const hueco = (await quien.huecos(58))[0] as Hueco;
  const cita = await quien.reservar(hueco);
  try {
    await ingresar(page, 'recepcion', `/agenda?fecha=${diaDe(hueco.inicio)}`);
    await expect(bloque(page, cita.id)).toBeVisible();
    const fila = page.getByRole('row').filter({ hasText: horaDe(hueco.inicio) }).filter({ hasText: cita.nombre });
    const papel = page.locator('.solo-imprimir');
    await expect(papel).toHaveCount(0);
    await page.emulateMedia({ media: 'print' });
    await expect(fila.first()).toBeVisible();
    await expect(bloque(page, cita.id)).toBeHidden();
    await page.emulateMedia({ media: 'screen' });
    await expect(papel).toHaveCount(0);
  } finally {
    await quien.anular(cita);
  }
});

test('la paleta ofrece solo lo que la persona puede abrir', async ({ page, browser }) => {
  const ajenas = ['Webhooks', 'Trabajos que fallaron', 'Exportar todos los datos', 'Ensayar un cambio de reglas', 'Puesta en marcha de la cadena', 'Crear una sede'];
  const opciones = async (en: typeof page) => {
    await en.keyboard.press('Control+k');
    await expect(en.getByRole('combobox', { name: 'Buscar o hacer' })).toBeFocused();
    return en.getByRole('option').locator('b').allTextContents();
  };
  await ingresar(page, 'recepcion');
  const suyas = await opciones(page);
  expect(suyas).toContain('Nueva cita');
  for (const ajena of ajenas) expect(suyas, `recepción no ve ${ajena}`).not.toContain(ajena);
  // They are there for who may: the names are right.
  const otra = await browser.newPage();
  await ingresar(otra, 'administrador_cadena');
  expect(await opciones(otra)).toEqual(expect.arrayContaining(ajenas));
  await otra.close();
});

test('a un cliente nuevo se le guarda la hora que se eligió', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const hueco = await recepcion.hueco(65);
  const fecha = diaDe(hueco.inicio);
  const medico = await nombreDeMedico(recepcion, fecha, hueco.medico_id);
  const nombre = `Nueva ${String.fromCharCode(...Array.from({ length: 7 }, () => 97 + Math.floor(Math.random() * 26)))}`;
  await ingresar(page, 'recepcion', `/agenda?fecha=${fecha}`);
  await page.locator('.ec .ec-body').waitFor();
  const donde = await punto(page, await columnaDe(page, medico), horaDe(hueco.inicio));
  await page.mouse.click(donde.x, donde.y);
  const dialogo = page.getByRole('dialog');
  await expect(dialogo).toContainText(horaDe(hueco.inicio));
  // Another service than the usual one: it has to come back too.
  await dialogo.getByRole('combobox', { name: 'Servicio' }).click();
  const control = page.getByRole('option', { name: /^Control/ }).first();
  const servicio = (await control.textContent()) ?? '';
  await control.click();
  await dialogo.getByRole('link', { name: 'Registrar a un paciente nuevo' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Registrar paciente');
  await expect(page.getByText(new RegExp(`^Para la cita del .*${horaDe(hueco.inicio)}`))).toBeVisible();
  await page.getByLabel('Nombres').fill('Cliente');
  await page.getByLabel('Apellidos').fill(nombre);
  await page.getByLabel('Teléfono').fill(`9${String(Date.now()).slice(-8)}`);
  await page.getByLabel('Nombre de la mascota').fill(nombre);
  await page.getByRole('combobox', { name: 'Especie' }).click();
  await page.getByRole('option', { name: 'Perro' }).click();
  await page.getByRole('button', { name: 'Registrar y agendar' }).click();
  await expect(dialogo).toContainText(horaDe(hueco.inicio));
  await expect(dialogo).toContainText(nombre);
  await expect(dialogo.getByRole('combobox', { name: 'Servicio' })).toHaveValue(servicio);
  await expect(dialogo.getByRole('combobox', { name: 'Médico' })).toHaveValue(medico);
  await dialogo.getByRole('button', { name: 'Reservar', exact: true }).click();
  await expect(page.getByText(`Cita reservada: ${nombre}`)).toBeVisible();
  const cita = (await recepcion.citas(fecha)).find((c) => c.mascota === nombre);
  expect([cita?.inicio, cita?.medico_id], 'a la hora y con el médico del clic').toEqual([hueco.inicio, hueco.medico_id]);
  if (cita) await recepcion.anular(cita);
});
