/** A vet's day: her own appointments, her own patients; other vets' appointments only to read. */
import { bloque, diaDe, Recepcion, type Hueco } from './agenda';
import { correoDe } from './ajustes';
import { expect, ingresar, test } from './base';

test('ve su agenda y atiende lo suyo; lo ajeno solo lo lee', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const vet = await Recepcion.de(request, 'veterinario');
  const yo = await vet.api.leer<{ id: string; correo: string; es_medico: boolean; sedes: { permisos: string[] }[] }>('/yo');
  expect(yo.correo).toBe(correoDe('veterinario'));
  // Not every vet works every day of the week.
  let [suyo, ajeno]: (Hueco | undefined)[] = [];
  for (let dias = 51; dias < 58 && !(suyo && ajeno); dias += 1) {
    const huecos = await recepcion.huecos(dias, 60);
    suyo = huecos.find((h) => h.medico_id === yo.id);
    ajeno = huecos.find((h) => h.medico_id !== yo.id);
  }
  if (!suyo || !ajeno) throw new Error('la demo no tiene horas libres suyas y de otro médico');
  const propia = await recepcion.reservar(suyo, 'luna');
  const otra = await recepcion.reservar(ajeno, 'kira');
  try {
    await ingresar(page, 'veterinario', `/agenda?fecha=${diaDe(suyo.inicio)}`);
    await bloque(page, propia.id).focus();
    await page.keyboard.press('Enter');
    const cajon = page.getByRole('dialog');
    await expect(cajon.getByRole('button', { name: 'Llegó' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(cajon).toHaveCount(0);
    await page.goto(`/agenda?fecha=${diaDe(ajeno.inicio)}&cita=${otra.id}`);
    await expect(cajon.getByText('Es de otro médico: solo puede verla.')).toBeVisible();
    await expect(cajon.getByRole('button', { name: 'Mover cita' })).toHaveCount(0);
    await expect(cajon.getByRole('button', { name: 'Anular cita' })).toHaveCount(0);
  } finally {
    await recepcion.anular(propia);
    await recepcion.anular(otra);
  }
});

test('quien llegó pasa a consulta, se pesa y queda por cobrar, sin que nadie más tenga que ver', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const vet = await Recepcion.de(request, 'veterinario');
  const yo = await vet.api.leer<{ id: string }>('/yo');
  let hueco: Hueco | undefined;
  for (let dias = 44; dias < 51 && !hueco; dias += 1) hueco = (await recepcion.huecos(dias, 60)).find((h) => h.medico_id === yo.id);
  if (!hueco) throw new Error('la demo no tiene horas libres suyas');
  const cita = await recepcion.reservar(hueco, 'nala');
  const estado = async () => (await recepcion.cita(cita.id)).estado;
  try {
    await recepcion.pasar(cita.id, 'en_espera');
    await ingresar(page, 'veterinario', `/agenda?fecha=${diaDe(hueco.inicio)}`);
    const cajon = page.getByRole('dialog');
    const abrir = async () => {
      await bloque(page, cita.id).focus();
      await page.keyboard.press('Enter');
    };
    await abrir();
    await cajon.getByRole('button', { name: 'Pasar a consulta' }).click();
    await expect.poll(estado).toBe('en_consulta');
    await expect(bloque(page, cita.id)).toHaveClass(/st-en_consulta/);
    await abrir();
    await cajon.getByRole('link', { name: cita.nombre, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: cita.nombre })).toBeVisible();
    const { ultimo_peso } = await vet.api.leer<{ ultimo_peso?: { kg: number } | null }>(`/pacientes/${cita.mascota_id}`);
    // As much as it weighed, so that nobody has to confirm it.
    const kg = ultimo_peso?.kg ?? 10;
    await page.keyboard.press('p');
    await cajon.getByLabel('Peso', { exact: true }).fill(String(kg));
    await cajon.getByRole('button', { name: 'Anotar peso' }).click();
    await expect(page.getByText(`${cita.nombre} pesa`)).toBeVisible();
    await page.goBack();
    await abrir();
    await cajon.getByRole('button', { name: 'Terminar consulta' }).click();
    await expect.poll(estado).toBe('por_cobrar');
    await expect(bloque(page, cita.id)).toHaveClass(/st-por_cobrar/);
  } finally {
    for (const paso of ['en_consulta', 'en_espera', 'confirmada']) if ((await estado()) !== paso) await recepcion.pasar(cita.id, paso).catch(() => undefined);
    await recepcion.anular(cita);
  }
});

test('el inicio de una médica muestra sus citas y lleva a su agenda', async ({ page, request }) => {
  const vet = await Recepcion.de(request, 'veterinario');
  await ingresar(page, 'veterinario');
  const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Mis próximas citas' }) });
  const yo = await vet.api.leer<{ id: string }>('/yo');
  const suyas = (await vet.citas(diaDe(Date.now()))).filter((c) => c.medico_id === yo.id && !['terminada', 'por_cobrar', 'anulada', 'no_asistio'].includes(c.estado));
  await expect(panel.getByRole('status')).toHaveCount(0);
  if (suyas.length === 0) await expect(panel.getByText('No le queda ninguna cita hoy.')).toBeVisible();
  else await expect(panel.getByRole('listitem')).toHaveCount(Math.min(8, suyas.length));
  await panel.getByRole('link', { name: 'Ver la agenda' }).click();
  await expect(page, 'su agenda, y de nadie más').toHaveURL(new RegExp(`medico=${yo.id}`));
});

test('si sus citas no se pudieron leer, el inicio no dice que no tiene ninguna', async ({ page }) => {
  await page.route(/\/api\/v1\/citas\?.*medico_id=/, (ruta) => ruta.abort('internetdisconnected'));
  await ingresar(page, 'veterinario');
  const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Mis próximas citas' }) });
  await expect(panel.getByRole('alert')).toContainText('Sin conexión');
  await expect(panel.getByText('No le queda ninguna cita hoy.')).toHaveCount(0);
  await page.unroute(/\/api\/v1\/citas\?.*medico_id=/);
  await panel.getByRole('button', { name: 'Reintentar' }).click();
  await expect(panel.getByRole('alert')).toHaveCount(0);
});
