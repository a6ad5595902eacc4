/** The day of who runs the chain: a sede made ready, a service, people and what they may do. */
import { cerrarSede, invitacionDe, unaSede, unico, unMedico, type Persona, type Sede } from './administracion';
import { CLAVE, URL_BASE } from './ajustes';
import { diaDe } from './agenda';
import { accesible, cliente, expect, ingresar, test, vigilar } from './base';

/** The next Monday and the Sunday before it, far enough that it is no holiday. */
function proximo(dia: number): string {
  const ahora = new Date(`${diaDe(Date.now())}T12:00:00Z`);
  return new Date(+ahora + ((((dia - ahora.getUTCDay() + 7) % 7) || 7) + 14) * 86_400_000).toISOString().slice(0, 10);
}

test('prepara una sede: un ambiente, su horario, la semana de un médico, y la agenda lo muestra', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(api);
  const medico = await unMedico(api, sede.id);
  try {
    await ingresar(page, 'administrador_cadena', `/sedes/${sede.id}/ambientes`);
    await page.getByRole('button', { name: 'Nuevo ambiente' }).click();
    const forma = page.getByRole('dialog');
    await forma.getByRole('button', { name: 'Crear' }).click();
    await expect(forma.getByText('Escriba el nombre')).toBeVisible();
    await forma.getByLabel('Nombre').fill('Consultorio Z');
    await forma.getByRole('combobox', { name: 'Para qué sirve' }).click();
    await page.getByRole('option', { name: 'Consultorio' }).click();
    await forma.getByRole('button', { name: 'Crear' }).click();
    await expect(page.getByRole('button', { name: 'Consultorio Z' })).toBeVisible();
    const { items } = await api.leer<{ items: { nombre: string; tipo: string }[] }>(`/sedes/${sede.id}/ambientes`);
    expect(items.map((uno) => [uno.nombre, uno.tipo])).toEqual([['Consultorio Z', 'consultorio']]);

    await page.getByRole('link', { name: 'Horario', exact: true }).click();
    const lunes = page.getByRole('textbox', { name: 'Lunes' });
    await lunes.fill('7-13');
    await lunes.press('Enter');
    const martes = page.getByRole('textbox', { name: 'Martes' });
    await expect(martes).toBeFocused();
    await expect(lunes).toHaveValue('07:00–13:00');
    await martes.press('Control+d');
    await expect(martes).toHaveValue('07:00–13:00');
    const guardar = page.getByRole('button', { name: 'Guardar horario' });
    const domingo = page.getByRole('textbox', { name: 'Domingo' });
    await domingo.fill('13-7');
    await expect(page.getByText('Debe terminar después de empezar')).toBeVisible();
    await expect(guardar).toBeDisabled();
    await domingo.fill('');
    await page.getByRole('button', { name: 'Copiar el lunes a otros días' }).click();
    await page.getByRole('menuitem', { name: 'De lunes a sábado' }).click();
    await guardar.click();
    await expect(page.getByText('Horario guardado')).toBeVisible();
    const { tramos } = await api.leer<{ tramos: { dia: number; desde: string; hasta: string }[] }>(`/sedes/${sede.id}/horarios`);
    expect(tramos).toEqual([1, 2, 3, 4, 5, 6].map((dia) => ({ dia, desde: '07:00', hasta: '13:00' })));

    await page.getByRole('link', { name: 'Médicos', exact: true }).click();
    await page.getByRole('button', { name: /^Cambiar la semana de Zoila/ }).click();
    await page.getByRole('button', { name: 'Igual que la sede' }).click();
    await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Sábado' })).toHaveValue('07:00–13:00');
    await page.getByRole('dialog').getByRole('button', { name: 'Guardar' }).click();
    await expect(page.getByRole('row', { name: /Zoila/ }).getByText('07:00–13:00').first()).toBeVisible();

    await page.goto(`/agenda?sede=${sede.id}&fecha=${proximo(1)}`);
    await expect(page.getByText('07:00 – 13:00').first()).toBeVisible();
    await page.goto(`/agenda?sede=${sede.id}&fecha=${proximo(0)}`);
    await expect(page.getByText('Nadie atiende este día')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Ver los horarios de la sede' })).toHaveAttribute('href', new RegExp(`/sedes/${sede.id}/(horario|dias)`));
  } finally {
    await api.enviar('POST', `/usuarios/${medico.id}/desactivar`);
    await cerrarSede(api, sede.id);
  }
});

test('deshace un cambio de horario, y quien llega tarde ve lo que otro guardó', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(api);
  try {
    await ingresar(page, 'administrador_cadena', `/sedes/${sede.id}/horario`);
    await page.getByRole('textbox', { name: 'Lunes' }).fill('24h');
    await page.getByRole('button', { name: 'Guardar horario' }).click();
    await expect(page.getByRole('textbox', { name: 'Lunes' })).toHaveValue('00:00–24:00');
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await expect.poll(async () => (await api.leer<{ tramos: unknown[] }>(`/sedes/${sede.id}/horarios`)).tramos.length).toBe(0);
    await expect(page.getByRole('textbox', { name: 'Lunes' })).toHaveValue('');

    await page.getByRole('link', { name: 'Datos', exact: true }).click();
    await page.getByLabel('Dirección').fill('Calle Mía 1');
    const { id: _, version, ...datos } = await api.leer<Sede>(`/sedes/${sede.id}`);
    await api.enviar('PUT', `/sedes/${sede.id}`, { ...datos, ciudad: 'Ica' }, { 'If-Match': `"${version}"` });
    await page.getByRole('button', { name: 'Guardar' }).click();
    await expect(page.getByRole('alert')).toContainText('Otra persona lo cambió mientras tanto');
    await expect(page.getByLabel('Ciudad')).toHaveValue('Ica');
    await page.getByLabel('Dirección').fill('Calle Mía 1');
    await page.getByRole('button', { name: 'Guardar' }).click();
    await expect.poll(async () => (await api.leer<Sede>(`/sedes/${sede.id}`)).direccion).toBe('Calle Mía 1');
    expect((await api.leer<Sede>(`/sedes/${sede.id}`)).ciudad, 'lo del otro queda').toBe('Ica');
  } finally {
    await cerrarSede(api, sede.id);
  }
});

test('agrega un feriado donde está una sede, lo deshace, y quita otro que llega mientras mira', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(api);
  const nombre = unico('Aniversario');
  const en = (dias: number) => new Date(Date.now() + dias * 86_400_000).toISOString().slice(0, 10);
  const ya = new Set((await api.leer<{ fecha: string }[]>(`/feriados?desde=${en(200)}&hasta=${en(230)}`)).map((uno) => uno.fecha));
  const dia = Array.from({ length: 30 }, (_, i) => en(200 + i)).find((uno) => !ya.has(uno)) ?? '';
  const suyo = async () => (await api.leer<{ id?: string; ambito: string; nombre: string }[]>(`/feriados?desde=${dia}&hasta=${dia}`)).find((uno) => uno.nombre === nombre);
  try {
    await ingresar(page, 'administrador_cadena', '/feriados?abrir=nuevo');
    const forma = page.getByRole('dialog');
    await forma.getByRole('button', { name: 'Crear feriado' }).click();
    await expect(forma.getByText('Elija el día')).toBeVisible();
    await forma.getByRole('textbox', { name: 'Día' }).fill(dia);
    await forma.getByLabel('Nombre').fill(nombre);
    await forma.getByLabel('Norma o motivo').fill('Ordenanza 1');
    await forma.getByRole('combobox', { name: 'Dónde', exact: true }).click();
    await page.getByRole('option', { name: `Donde está ${sede.nombre}` }).click();
    await forma.getByRole('combobox', { name: 'Hasta dónde' }).click();
    await page.getByRole('option', { name: /^El distrito/ }).click();
    await expect(forma.getByRole('status')).toContainText('No atienden');
    await accesible(page, 'feriado nuevo');
    await forma.getByRole('button', { name: 'Crear feriado' }).click();
    const quitar = page.getByRole('button', { name: new RegExp(`^Quitar el feriado .*${nombre}$`) });
    await expect(quitar).toBeVisible();
    expect(await suyo()).toMatchObject({ ambito: '150122' });
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await expect(quitar).toHaveCount(0);
    expect(await suyo()).toBeUndefined();

    await page.getByRole('switch', { name: 'Solo los de la cadena' }).check();
    await expect(page).toHaveURL(/propios=1/);
    await api.enviar('POST', '/feriados', { fecha: dia, ambito: '', nombre, fuente: 'Directorio' });
    await quitar.click();
    await expect(quitar).toHaveCount(0);
    expect(await suyo()).toBeUndefined();
    await page.getByRole('button', { name: /^Deshacer/ }).click();
    await expect(quitar).toBeVisible();
  } finally {
    const queda = await suyo();
    if (queda?.id) await api.enviar('DELETE', `/feriados/${queda.id}`);
    await cerrarSede(api, sede.id);
  }
});

test('crea un servicio, lo cambia y lo deja de ofrecer', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_cadena');
  const nombre = unico('Acupuntura');
  const codigo = `Z${nombre.slice(-6).toUpperCase()}`;
  await ingresar(page, 'administrador_cadena', '/ajustes/servicios');
  await page.getByRole('button', { name: 'Nuevo servicio' }).click();
  const forma = page.getByRole('dialog');
  await forma.getByLabel('Nombre').fill(nombre);
  await forma.getByLabel('Código').fill('CONS');
  await forma.getByLabel('Dura', { exact: false }).first().fill('25');
  await forma.getByLabel('Limpiar').fill('10');
  await expect(forma.getByText('quedan ocupados 35 min')).toBeVisible();
  await forma.getByRole('button', { name: 'Crear' }).click();
  await expect(forma.getByRole('alert'), 'el código ya es de otro').toBeVisible();
  await forma.getByLabel('Código').fill(codigo);
  await forma.getByRole('button', { name: 'Crear' }).click();
  const fila = page.getByRole('button', { name: nombre });
  await expect(fila).toBeVisible();
  const leer = async () => (await api.leer<{ items: { codigo: string; duracion_min: number; despues_min: number; activo: boolean }[] }>('/servicios?limite=200&inactivos=true')).items.find((uno) => uno.codigo === codigo);
  expect(await leer()).toMatchObject({ duracion_min: 25, despues_min: 10, activo: true });
  await fila.click();
  await page.getByRole('dialog').getByRole('switch', { name: 'Se ofrece' }).uncheck();
  await page.getByRole('dialog').getByRole('button', { name: 'Guardar' }).click();
  await expect(fila).toHaveCount(0);
  expect((await leer())?.activo).toBe(false);
});

test('invita a alguien con un rol propio; el permiso que se le da rige en su sesión; se va', async ({ page, request, browser }) => {
  test.setTimeout(120_000);
  const api = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(api);
  const rol = unico('Asistente');
  const correo = `${rol.slice(-6)}.prueba@example.pe`;
  const otro = await (await browser.newContext({ baseURL: URL_BASE, locale: 'es-PE', timezoneId: 'America/Lima' })).newPage();
  const quejas = vigilar(otro);
  let persona: Persona | undefined;
  try {
    await ingresar(page, 'administrador_cadena', '/roles');
    await page.getByRole('button', { name: 'Nuevo rol' }).click();
    await page.getByRole('dialog').getByLabel('Nombre del rol').fill(rol);
    await page.getByRole('dialog').getByRole('button', { name: 'Crear rol' }).click();
    // Shown as soon as the list that is remembered was changed, which is a moment after the click.
    const ver = page.getByRole('checkbox', { name: `${rol}: Ver la agenda` });
    await ver.click();
    await expect(ver).toBeChecked();
    await expect(page.getByText(`${rol}: permiso dado`)).toBeVisible();

    await page.goto('/personal');
    await page.getByRole('button', { name: 'Invitar a una persona' }).click();
    const forma = page.getByRole('dialog');
    await forma.getByLabel('Nombres').fill('Zenón');
    await forma.getByLabel('Apellidos').fill('Prueba');
    await forma.getByLabel('Correo').fill(correo);
    await forma.getByRole('button', { name: 'Enviar invitación' }).click();
    await expect(forma.getByText('Elija un rol')).toBeVisible();
    await forma.getByRole('combobox', { name: 'Rol' }).click();
    await page.getByRole('option', { name: rol }).click();
    await forma.getByRole('combobox', { name: 'Dónde' }).click();
    await page.getByRole('option', { name: sede.nombre }).click();
    await forma.getByRole('button', { name: 'Enviar invitación' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Zenón Prueba');
    await expect(page.getByText('Invitación enviada', { exact: true })).toBeVisible();
    persona = await api.leer<Persona>(`/usuarios/${page.url().split('/').pop()}`);

    await otro.goto(await invitacionDe(request, correo));
    await otro.getByRole('textbox').fill(CLAVE);
    await otro.locator('form').getByRole('button', { name: /guardar/i }).click();
    await otro.getByRole('link', { name: /ingresar/i }).click();
    await otro.getByLabel('Correo').fill(correo);
    await otro.getByLabel('Contraseña', { exact: true }).fill(CLAVE);
    await otro.getByRole('button', { name: 'Ingresar' }).click();
    const menu = otro.getByRole('navigation', { name: 'Principal' });
    await expect(menu.getByRole('link', { name: 'Agenda' })).toBeVisible();
    await expect(menu.getByRole('link', { name: 'Personal' })).toHaveCount(0);

    await page.goto('/roles');
    const verPersonal = page.getByRole('checkbox', { name: `${rol}: Ver al personal y sus roles` });
    await verPersonal.click();
    await expect(verPersonal).toBeChecked();
    await expect(page.getByText(`${rol}: permiso dado`)).toBeVisible();
    await expect(async () => {
      await otro.reload();
      await expect(menu.getByRole('link', { name: 'Personal' })).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 15_000 });

    await page.goto(`/por-que?usuario=${persona.id}&permiso=usuario.ver&lugar=${sede.id}`);
    await expect(page.getByRole('status').filter({ hasText: 'Sí: Zenón puede' })).toContainText(rol);
    await page.goto(`/por-que?usuario=${persona.id}&permiso=cita.reservar&lugar=${sede.id}`);
    await expect(page.getByRole('status').filter({ hasText: 'No: Zenón no puede' })).toContainText('Recepción');

    await page.goto(`/roles?abrir=`);
    await page.getByRole('button', { name: `Cambiar el rol ${rol}` }).click();
    await page.getByRole('button', { name: 'Borrar este rol' }).click();
    await expect(page.getByRole('dialog').getByRole('alert')).toContainText('asignado');

    await page.goto(`/personal/${persona.id}`);
    await expect(page.getByText(/Chrome/)).toBeVisible();
    await page.getByRole('button', { name: 'Desactivar' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Desactivar' }).click();
    await expect(page.getByText('No dejó nada por reasignar.')).toBeVisible();
    await otro.goto('/agenda');
    await expect(otro.getByLabel('Contraseña', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Reactivar' }).click();
    await expect(page.getByRole('button', { name: 'Desactivar' })).toBeVisible();
    await page.getByRole('button', { name: `Quitar ${rol} en ${sede.nombre}` }).click();
    await expect(page.getByText('No tiene ningún rol')).toBeVisible();
    expect(quejas(), 'la otra página no se queja').toEqual([]);
  } finally {
    await otro.context().close();
    if (persona) await api.enviar('POST', `/usuarios/${persona.id}/desactivar`);
    const { items } = await api.leer<{ items: { id: string; nombre: string }[] }>('/roles?limite=200');
    const suyo = items.find((uno) => uno.nombre === rol);
    if (suyo) await api.enviar('DELETE', `/roles/${suyo.id}`).catch(() => undefined);
    await cerrarSede(api, sede.id);
  }
});

test('quien se va deja citas y horario por reasignar, y se dicen', async ({ page, request }) => {
  const api = await cliente(request, 'administrador_cadena');
  const sede = await unaSede(api);
  const medico = await unMedico(api, sede.id);
  try {
    await api.enviar('PUT', `/sedes/${sede.id}/medicos/${medico.id}/plan`, { tramos: [{ dia: 1, desde: '08:00', hasta: '12:00' }] }, { 'If-Match': '*' });
    await ingresar(page, 'administrador_cadena', `/personal/${medico.id}`);
    await page.getByRole('button', { name: 'Desactivar' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Desactivar' }).click();
    const deja = page.getByRole('dialog', { name: /^Lo que deja/ });
    await expect(deja.getByRole('link', { name: `Su semana de trabajo en ${sede.nombre}` })).toHaveAttribute('href', `/sedes/${sede.id}/medicos`);
  } finally {
    await api.enviar('POST', `/usuarios/${medico.id}/desactivar`).catch(() => undefined);
    await cerrarSede(api, sede.id);
  }
});

test('una cadena nueva ve en su inicio qué le falta, y cada paso lleva a su pantalla', async ({ page }) => {
  const nueva = URL_BASE.replace('//andes.', '//plataforma.');
  await page.goto(`${nueva}/ingresar`);
  await page.getByLabel('Correo').fill('operacion@huella.example.pe');
  await page.getByLabel('Contraseña', { exact: true }).fill(CLAVE);
  await page.getByRole('button', { name: 'Ingresar' }).click();
  const pasos = page.getByRole('region', { name: 'Puesta en marcha' });
  await expect(pasos.getByText('0 de 8')).toBeVisible();
  await pasos.getByRole('link', { name: 'Ver todos los pasos' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Puesta en marcha');
  await expect(page.getByRole('img', { name: 'Por hacer' }).first()).toBeVisible();
  await page.getByRole('link', { name: 'Ir a: Crear los servicios' }).click();
  await expect(page.getByRole('dialog', { name: 'Nuevo servicio' })).toBeVisible();
  await page.goto(`${nueva}/inicio`);
  await pasos.getByRole('button', { name: 'Ocultar la puesta en marcha' }).click();
  await expect(pasos).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(pasos).toHaveCount(0);
});
