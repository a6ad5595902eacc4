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

test('el inicio de una médica muestra sus citas', async ({ page }) => {
  await ingresar(page, 'veterinario');
  await expect(page.getByRole('heading', { name: 'Mis próximas citas' })).toBeVisible();
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
