/** Who keeps the agenda of several sedes: series, the waiting list, gaps anywhere, overrides with a reason, other lengths. */
import type { Page } from '@playwright/test';
import { arrastrar, bloque, columnaDe, diaDe, horaDe, punto, Recepcion, type Hueco } from './agenda';
import { accesible, expect, ingresar, test } from './base';

const ROL = 'administrador_cadena' as const;
type CitaEntera = { id: string; inicio: string; fin: string; estado: string; medico_id: string; sede_id: string; serie_id?: string | null; sobrecupo: boolean; sobrecupo_motivo?: string | null };

type Espera = { id: string; mascota: string; preferencia: { desde: string } };

async function abrir(page: Page, quien: Recepcion, fecha: string, mas = '') {
  await ingresar(page, ROL, `/agenda?sede=${quien.sede}&fecha=${fecha}${mas}`);
  await page.locator('.ec .ec-body').waitFor();
}
async function mascotaLibre(quien: Recepcion, nombre: string) {
  const { items } = await quien.api.leer<{ items: { mascota?: { id: string; nombre: string; fallecida_en?: string | null } | null }[] }>(`/pacientes?buscar=${nombre}&limite=60`);
  const hallada = items.find((i) => i.mascota && !i.mascota.fallecida_en)?.mascota;
  expect(hallada, `hay una mascota ${nombre}`).toBeTruthy();
  return hallada ?? { id: '', nombre: '' };
}
const nombreDeMedico = async (quien: Recepcion, fecha: string, id: string) => {
  const rol = await quien.api.leer<{ dias: { medicos: { medico_id: string; medico: string }[] }[] }>(`/sedes/${quien.sede}/rol?desde=${fecha}`);
  return rol.dias.flatMap((d) => d.medicos).find((m) => m.medico_id === id)?.medico ?? '';
};
const elegirPaciente = async (page: Page, nombre: string) => {
  await expect(page.getByRole('combobox', { name: 'Paciente' })).toBeFocused();
  await page.keyboard.type(nombre);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Cambiar' })).toBeVisible();
};

test('una serie se ve antes de reservarla, y se mueve y se anula por partes', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  const hueco = (await quien.huecos(51))[0] as Hueco;
  const fecha = diaDe(hueco.inicio);
  await abrir(page, quien, fecha);
  await page.keyboard.press('n');
  await elegirPaciente(page, 'luna');
  const dialogo = page.getByRole('dialog');
  await dialogo.getByRole('button', { name: 'Repetir' }).click();
  await dialogo.getByLabel('Cuántas veces').fill('3');
  const fechas = dialogo.getByRole('list', { name: 'Fechas de la serie' }).getByRole('listitem');
  await expect(fechas).toHaveCount(3);
  const antes = await quien.citas(fecha);
  const libres = await fechas.getByLabel('Libre', { exact: true }).count();
  expect(libres, 'la primera al menos está libre').toBeGreaterThan(0);
  await dialogo.getByRole('button', { name: new RegExp(`^Reservar ${libres} cita`) }).click();
  await expect(page.getByText(new RegExp(`^${libres} citas? reservadas?: `))).toBeVisible();
  const nueva = (await quien.citas(fecha)).find((c) => !antes.some((otra) => otra.id === c.id)) as unknown as CitaEntera;
  expect(nueva.serie_id, 'es de una serie').toBeTruthy();
  // The drawer asks how far a change goes.
  await page.goto(`/agenda?sede=${quien.sede}&fecha=${fecha}&cita=${nueva.id}&seccion=anular`);
  const cajon = page.getByRole('dialog');
  await expect(cajon.getByText('Parte de una serie')).toBeVisible();
  await cajon.getByRole('radiogroup', { name: 'A qué citas de la serie' }).last().getByText('Todas').click();
  await cajon.getByRole('button', { name: 'Anular toda la serie' }).click();
  await expect(page.getByText(/^Se anula la cita de /)).toBeVisible();
  await expect.poll(async () => ((await quien.cita(nueva.id)) as unknown as CitaEntera).estado, { timeout: 14_000 }).toBe('anulada');
  const dias = await quien.api.leer<{ items: CitaEntera[] }>(`/citas?sede_id=${quien.sede}&fecha=${fecha}&dias=31&con_anuladas=true&limite=500`);
  expect(dias.items.filter((c) => c.serie_id === nueva.serie_id).map((c) => c.estado)).toEqual(Array.from({ length: libres }, () => 'anulada'));
});

test('una serie se mueve y se anula desde una cita en adelante; lo de antes queda', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  const mascota = await mascotaLibre(quien, 'toby');
  // Far ahead the weeks are nearly empty, and the hour after is as free as this one.
  let serie: { hueco: Hueco; citas: CitaEntera[] } | undefined;
  for (const hueco of await quien.huecos(137, 40)) {
    const datos = { sede_id: quien.sede, servicio_id: quien.servicio, mascota_id: mascota.id, medico_id: hueco.medico_id, inicio: hueco.inicio, cada: 1, unidad: 'semanas', veces: 4, si_hay_conflicto: 'rechazar' };
    const hecha = await quien.api.enviar<{ citas: CitaEntera[] }>('POST', '/citas/series', datos).catch(() => undefined);
    if (hecha) serie = { hueco, ...hecha };
    if (serie) break;
  }
  if (!serie) throw new Error('no hay cuatro semanas con la misma hora libre');
  const { hueco, citas } = serie;
  const ahora = async () => Promise.all(citas.map(async (una) => (await quien.cita(una.id)) as unknown as CitaEntera));
  const horas = async () => (await ahora()).map((una) => horaDe(una.inicio));
  const [antes, despues] = [horaDe(hueco.inicio), horaDe(Date.parse(hueco.inicio) + 3_600_000)];
  const segunda = citas[1] as CitaEntera;
  try {
    await abrir(page, quien, diaDe(segunda.inicio), `&cita=${segunda.id}&seccion=mover`);
    const cajon = page.getByRole('dialog');
    const alcance = () => cajon.getByRole('radiogroup', { name: 'A qué citas de la serie' });
    await alcance().first().getByText('Y las siguientes').click();
    await cajon.getByLabel('Hora', { exact: true }).fill(despues);
    await accesible(page, 'mover una serie');
    await cajon.getByRole('button', { name: 'Mover cita' }).click();
    await expect(page.getByText(`${mascota.nombre} cambió de hora`)).toBeVisible();
    expect(await horas()).toEqual([antes, ...citas.slice(1).map(() => despues)]);
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await expect.poll(horas).toEqual(citas.map(() => antes));

    await page.goto(`/agenda?sede=${quien.sede}&fecha=${diaDe(segunda.inicio)}&cita=${segunda.id}&seccion=anular`);
    await alcance().last().getByText('Y las siguientes').click();
    await cajon.getByRole('button', { name: 'Anular esta y las siguientes' }).click();
    await expect(page.getByText(`Se anula la cita de ${mascota.nombre}`)).toBeVisible();
    const estados = async () => (await ahora()).map((una) => una.estado);
    expect(await estados(), 'ocho segundos para arrepentirse').not.toContain('anulada');
    await expect.poll(estados, { timeout: 14_000 }).toEqual(['programada', ...citas.slice(1).map(() => 'anulada')]);
  } finally {
    for (const una of citas) await quien.anular(una);
  }
});

test('quien espera recibe una hora con un botón o arrastrándola, y se deshace', async ({ page, request }) => {
  await page.setViewportSize({ width: 1440, height: 1440 });
  const quien = await Recepcion.de(request, ROL);
  const hueco = (await quien.huecos(58 + Math.floor(Math.random() * 5), 40))[0] as Hueco;
  const fecha = diaDe(hueco.inicio);
  const esperas = async () => (await quien.api.leer<{ items: Espera[] }>(`/esperas?sede_id=${quien.sede}&estado=activa`)).items;
  for (const vieja of await esperas()) await quien.api.enviar('DELETE', `/esperas/${vieja.id}?motivo=prueba`);
  await abrir(page, quien, fecha);
  await page.keyboard.press('e');
  await page.getByRole('button', { name: 'Anotar en espera' }).click();
  await elegirPaciente(page, 'rocky');
  await page.getByRole('dialog').getByRole('button', { name: 'Anotar en espera' }).click();
  await expect(page.getByText(/ espera una hora$/)).toBeVisible();
  const lado = page.getByRole('complementary', { name: 'Pendientes' });
  const espera = (await esperas()).find((una) => una.preferencia.desde === fecha);
  expect(espera, 'quedó en la lista').toBeTruthy();
  const ficha = lado.locator('article').filter({ hasText: espera?.mascota ?? '' }).first();
  await ficha.getByRole('button', { name: 'Ver horas libres' }).click();
  await ficha.getByRole('group', { name: /^Horas libres para/ }).getByRole('button').first().click();
  await expect(page.getByText(/^Cita reservada: /)).toBeVisible();
  await expect(ficha).toHaveCount(0);
  await page.getByRole('button', { name: /^Deshacer/ }).first().click();
  await expect(ficha).toBeVisible();
  // Now by the mouse, into a free time of the grid.
  const medico = await nombreDeMedico(quien, fecha, hueco.medico_id);
  const donde = await punto(page, await columnaDe(page, medico), horaDe(hueco.inicio));
  const caja = await ficha.boundingBox();
  if (!caja) throw new Error('la ficha no se ve');
  await page.mouse.move(caja.x + 120, caja.y + 40);
  await page.mouse.down();
  await page.mouse.move(caja.x + 90, caja.y + 50, { steps: 4 });
  await page.mouse.move(donde.x, donde.y, { steps: 12 });
  await page.mouse.up();
  await expect(page.getByText(/^Cita reservada: /)).toBeVisible();
  const dada = (await quien.citas(fecha)).find((c) => c.inicio === hueco.inicio && c.medico_id === hueco.medico_id && c.estado === 'programada');
  expect(dada, 'la hora donde se soltó').toBeTruthy();
  await expect(ficha).toHaveCount(0);
  if (dada) await quien.anular(dada);
});

test('a quien espera no se le ofrece una hora en la que su mascota ya tiene cita', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  const huecos = await quien.huecos(72, 120);
  // Two vets are free then: with one of them the pet is taken, with the other the hour is free of the vet alone.
  const hueco = huecos.find((uno) => huecos.some((otro) => otro.inicio === uno.inicio && otro.medico_id !== uno.medico_id));
  if (!hueco) throw new Error('ninguna hora está libre con dos médicos');
  const fecha = diaDe(hueco.inicio);
  const cita = await quien.reservar(hueco, 'kira');
  const preferencia = { servicio_id: quien.servicio, sedes: [quien.sede], desde: fecha, hasta: fecha, hora_desde: horaDe(hueco.inicio), hora_hasta: '23:00' };
  let espera: { id: string } | undefined;
  try {
    espera = await quien.api.enviar<{ id: string }>('POST', '/esperas', { mascota_id: cita.mascota_id, preferencia });
    await abrir(page, quien, fecha, '&lado=esperas');
    const ficha = page.getByRole('complementary', { name: 'Pendientes' }).locator('article').filter({ has: page.locator(`a[href$="${cita.mascota_id}"]`) }).first();
    await ficha.getByRole('button', { name: 'Ver horas libres' }).press('Enter');
    const horas = ficha.getByRole('group', { name: /^Horas libres para/ }).getByRole('button');
    await expect(horas.first().or(ficha.getByText('Ninguna hora libre')).first()).toBeVisible();
    await expect(horas.filter({ hasText: `, ${horaDe(hueco.inicio)}` })).toHaveCount(0);
    // Whoever works by keys goes on where the button was.
    if ((await horas.count()) > 0) await expect(horas.first()).toBeFocused();
  } finally {
    if (espera) await quien.api.enviar('DELETE', `/esperas/${espera.id}?motivo=prueba`);
    await quien.anular(cita);
  }
});

test('un hueco de otra sede entra en la cita nueva', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  const hueco = (await quien.huecos(65))[0] as Hueco;
  const fecha = diaDe(hueco.inicio);
  await abrir(page, quien, fecha);
  await page.keyboard.press('b');
  const buscar = page.getByRole('dialog', { name: 'Buscar hueco' });
  const sedes = buscar.getByRole('group', { name: 'Sedes' }).getByRole('button');
  await expect(sedes.nth(1), 'varias sedes').toBeVisible();
  const otra = buscar.getByRole('group', { name: 'Sedes' }).getByRole('button', { pressed: false }).first();
  const nombre = (await otra.textContent()) ?? '';
  await otra.click();
  await buscar.getByRole('group', { name: 'Próximas horas libres' }).getByRole('button').filter({ hasText: nombre }).first().click();
  await elegirPaciente(page, 'toby');
  await page.getByRole('dialog').getByRole('button', { name: 'Reservar', exact: true }).click();
  await expect(page.getByText(/^Cita reservada: /)).toBeVisible();
  const yo = await quien.api.leer<{ sedes: { id: string; nombre: string; activa: boolean }[] }>('/yo');
  const sede = yo.sedes.find((una) => una.nombre === nombre)?.id ?? '';
  await page.goto(`/agenda?sede=${quien.sede}&fecha=${fecha}&vista=sedes`);
  await expect(page.locator('.ec .columna')).toHaveCount(yo.sedes.filter((una) => una.activa).length);
  const alli = await quien.api.leer<{ items: CitaEntera[] }>(`/citas?sede_id=${sede}&fecha=${fecha}&dias=14`);
  const nueva = alli.items.filter((c) => c.estado === 'programada').at(-1);
  expect(nueva?.sede_id, 'quedó en la otra sede').toBe(sede);
  // By hand: its undo went with the page.
  const reciente = alli.items.reduce((a, b) => (a.id > b.id ? a : b));
  await quien.anular(reciente);
});

test('el sobrecupo pide un motivo y se ve; alargar pregunta solo cuando hace falta', async ({ page, request }) => {
  await page.setViewportSize({ width: 1440, height: 1440 });
  const quien = await Recepcion.de(request, ROL);
  const huecos = await quien.huecos(72, 60);
  const primero = huecos[0] as Hueco;
  const fecha = diaDe(primero.inicio);
  const otro = huecos.find((h) => h.medico_id === primero.medico_id && diaDe(h.inicio) === fecha && +new Date(h.inicio) >= +new Date(primero.fin) + 45 * 60_000) as Hueco;
  expect(otro, 'dos huecos del mismo médico').toBeTruthy();
  const cita = await quien.reservar(primero, 'luna');
  const ocupada = await quien.reservar(otro, 'max');
  const leer = async () => (await quien.cita(cita.id)) as unknown as CitaEntera;
  const dura = (c: CitaEntera) => (+new Date(c.fin) - +new Date(c.inicio)) / 60_000;
  try {
    await abrir(page, quien, fecha);
    const medico = await nombreDeMedico(quien, fecha, otro.medico_id);
    await expect(bloque(page, ocupada.id)).toBeVisible();
    await arrastrar(page, bloque(page, cita.id), await punto(page, await columnaDe(page, medico), horaDe(otro.inicio)));
    const aviso = page.getByRole('dialog').filter({ hasText: 'no entra a esa hora' });
    await expect(aviso.getByRole('button', { name: 'Dar sobrecupo' })).toBeDisabled();
    await aviso.getByLabel('Reservar de todos modos: ¿por qué?').fill('Emergencia de la prueba');
    await aviso.getByRole('button', { name: 'Dar sobrecupo' }).click();
    await expect(bloque(page, cita.id).locator('.cita-sobrecupo')).toBeVisible();
    await expect(bloque(page, cita.id)).toHaveAttribute('aria-label', /Sobrecupo$/);
    const dado = await leer();
    expect([dado.sobrecupo, dado.sobrecupo_motivo, dado.inicio]).toEqual([true, 'Emergencia de la prueba', otro.inicio]);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await leer()).inicio).toBe(primero.inicio);
    expect((await leer()).sobrecupo, 'de vuelta no hay sobrecupo').toBe(false);
    await expect(bloque(page, cita.id).locator('.cita-sobrecupo')).toHaveCount(0);

    const propia = dura(await leer());
    const caja = await bloque(page, cita.id).boundingBox();
    if (!caja) throw new Error('el bloque no se ve');
    await page.mouse.move(caja.x + caja.width / 2, caja.y + caja.height - 2);
    await page.mouse.down();
    await page.mouse.move(caja.x + caja.width / 2, caja.y + caja.height + 24, { steps: 10 });
    await page.mouse.up();
    const largo = page.getByRole('dialog', { name: /^Duración de la cita/ });
    await expect(largo.getByRole('button', { name: 'Guardar' })).toBeDisabled();
    await largo.getByRole('button', { name: 'Necesita más tiempo' }).click();
    await largo.getByRole('button', { name: 'Guardar' }).click();
    await expect(largo).toHaveCount(0);
    await expect.poll(async () => dura(await leer())).toBeGreaterThan(propia);
    // Back to the service's own length by the keys: nothing is asked.
    const mas = dura(await leer()) - propia;
    await bloque(page, cita.id).focus();
    await page.keyboard.press('d');
    await largo.getByLabel('Minutos', { exact: true }).fill(String(propia));
    await expect(largo.getByText('Es la duración de este servicio.')).toBeVisible();
    await largo.getByRole('button', { name: 'Guardar' }).click();
    await expect(largo).toHaveCount(0);
    await expect.poll(async () => dura(await leer())).toBe(propia);
    expect(mas, 'se había alargado').toBeGreaterThan(0);
    await bloque(page, cita.id).focus();
    await page.keyboard.press('Shift+ArrowDown');
    await expect(largo.getByLabel('Minutos', { exact: true })).toHaveValue(String(propia + 15));
    await page.keyboard.press('Escape');
  } finally {
    await quien.anular(cita);
    await quien.anular(ocupada);
  }
});

test('una hora retenida se ve en la agenda y nadie la toma sin saberlo', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  const hueco = (await quien.huecos(79))[0] as Hueco;
  const retenida = await quien.api.enviar<{ id: string }>('POST', '/citas/retener', { sede_id: quien.sede, servicio_id: quien.servicio, medico_id: hueco.medico_id, inicio: hueco.inicio });
  try {
    await abrir(page, quien, diaDe(hueco.inicio));
    await expect(page.locator('.ec-retenida').filter({ hasText: 'Hora retenida' })).toHaveCount(1);
    const mascota = await mascotaLibre(quien, 'rocky');
    await page.goto(`/agenda?sede=${quien.sede}&fecha=${diaDe(hueco.inicio)}`);
    const medico = await nombreDeMedico(quien, diaDe(hueco.inicio), hueco.medico_id);
    await page.locator('.ec .ec-body').waitFor();
    const donde = await punto(page, await columnaDe(page, medico), horaDe(hueco.inicio));
    await page.mouse.click(donde.x, donde.y);
    await elegirPaciente(page, mascota.nombre);
    await page.getByRole('dialog').getByRole('button', { name: 'Reservar', exact: true }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('Alguien está reservando esa hora');
  } finally {
    await quien.api.enviar('DELETE', `/retenciones/${retenida.id}`);
  }
});

test('lo que se busca está en la dirección y vuelve al recargar', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  await abrir(page, quien, diaDe((await quien.hueco(20)).inicio), '&buscar=1');
  const dialogo = page.getByRole('dialog', { name: 'Buscar hueco' });
  await dialogo.getByText('Tarde', { exact: true }).click();
  await dialogo.getByRole('group', { name: 'Sedes' }).getByRole('button', { pressed: false }).first().click();
  await expect(page).toHaveURL(/busca_parte=tarde/);
  await expect(page).toHaveURL(/busca_sedes=[0-9a-f-]{36}(%2C|,)[0-9a-f-]{36}/);
  await page.reload();
  await expect(dialogo.getByRole('radio', { name: 'Tarde' })).toBeChecked();
  await expect(dialogo.getByRole('group', { name: 'Sedes' }).getByRole('button', { pressed: true })).toHaveCount(2);
  const horas = dialogo.locator('.hueco b');
  await expect(horas.first()).toBeVisible();
  for (const hora of await horas.allTextContents()) expect(hora >= '13:00', hora).toBe(true);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/busca_/);
});

test('un enlace a otra sede, dentro del portal, lleva a esa sede y al día de su reloj', async ({ page, request }) => {
  const quien = await Recepcion.de(request, ROL);
  const { sedes } = await quien.api.leer<{ sedes: { id: string; nombre: string; activa: boolean }[] }>('/yo');
  const otra = sedes.find((una) => una.activa && una.id !== quien.sede && !una.nombre.startsWith('Zeta'));
  if (!otra) throw new Error('la demo tiene una sola sede');
  // At seven in the evening it is already tomorrow in Greenwich.
  let tarde: Hueco | undefined;
  for (let dias = 3; dias < 29 && !tarde; dias += 1) {
    const desde = `${diaDe(Date.now() + dias * 86_400_000)}T19:00:00-05:00`;
    const { huecos } = await quien.api.leer<{ huecos: Hueco[] }>(`/disponibilidad?servicio_id=${quien.servicio}&sedes=${otra.id}&desde=${encodeURIComponent(desde)}&limite=3`);
    tarde = huecos.find((h) => horaDe(h.inicio) >= '19:00');
  }
  if (!tarde) throw new Error('nadie atiende a las siete de la noche');
  const nombre = `Lejana ${String.fromCharCode(...Array.from({ length: 7 }, () => 97 + Math.floor(Math.random() * 26)))}`;
  const { mascota } = await quien.api.enviar<{ mascota: { id: string } }>('POST', '/pacientes/registro?confirmar_duplicado=true', { mascota: { nombre, especie: 'perro', sexo: 'hembra', edad_meses: 20 }, tutor: { nombres: 'De', apellidos: nombre, telefono: `9${String(Date.now()).slice(-8)}` } });
  const cita = await quien.api.enviar<{ id: string }>('POST', '/citas/reservar', { sede_id: otra.id, servicio_id: quien.servicio, mascota_id: mascota.id, medico_id: tarde.medico_id, inicio: tarde.inicio });
  const enLaOtra = async (como: string) => {
    await expect(page.getByRole('button', { name: `Sede: ${otra.nombre}` }), `${como}: la sede cambia`).toBeVisible();
    await expect(page, como).toHaveURL(new RegExp(`sede=${otra.id}`));
    await expect(page, `${como}: el día es el de la sede`).toHaveURL(new RegExp(`fecha=${diaDe(tarde.inicio)}`));
    await expect(page.getByRole('dialog').getByText(nombre).first(), `${como}: la cita se ve`).toBeVisible();
    await expect(page.getByRole('link', { name: 'Ir a ese día' })).toHaveCount(0);
  };
  const irDePaleta = async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Buscar o hacer' }).fill(nombre);
    await page.getByRole('group', { name: 'Citas' }).getByRole('option').first().click();
  };
  try {
    await ingresar(page, ROL, `/agenda?sede=${quien.sede}`);
    await page.locator('.ec .ec-body, .estado').first().waitFor();
    await irDePaleta();
    await enLaOtra('desde la paleta');
    // Chosen above, the other way round: the address follows.
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await page.getByPlaceholder('Escriba el nombre de la sede').fill(sedes.find((una) => una.id === quien.sede)?.nombre ?? '');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`sede=${quien.sede}`));
    // From the timeline of the patient.
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Buscar o hacer' }).fill(nombre);
    await page.getByRole('group', { name: 'Pacientes' }).getByRole('option').first().click();
    await page.locator('.historial a[href*="/agenda"]').first().click();
    await enLaOtra('desde el historial');
    // An address with the wrong sede and day says where it is, and the way there is one step.
    await page.goto(`/agenda?sede=${quien.sede}&cita=${cita.id}`);
    await page.getByRole('dialog').getByRole('link', { name: 'Ir a ese día' }).click();
    await enLaOtra('desde otro día');
  } finally {
    await quien.anular(cita);
  }
});
