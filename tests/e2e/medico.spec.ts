/** A vet's day: her own appointments, her own patients; other vets' appointments only to read. */
import { bloque, diaDe, Recepcion } from './agenda';
import { correoDe } from './ajustes';
import { expect, ingresar, test } from './base';

test('ve su agenda y atiende lo suyo; lo ajeno solo lo lee', async ({ page, request }) => {
  const recepcion = await Recepcion.de(request);
  const vet = await Recepcion.de(request, 'veterinario');
  const yo = await vet.api.leer<{ id: string; correo: string; es_medico: boolean; sedes: { permisos: string[] }[] }>('/yo');
  expect(yo.correo).toBe(correoDe('veterinario'));
  const huecos = await recepcion.huecos(51, 60);
  const suyo = huecos.find((h) => h.medico_id === yo.id);
  const ajeno = huecos.find((h) => h.medico_id !== yo.id);
  expect(suyo && ajeno, 'horas libres suyas y de otro médico').toBeTruthy();
  if (!suyo || !ajeno) return;
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
