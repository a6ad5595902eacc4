/** Who runs the platform: whom it serves. */
import { CADENA, CLAVE, URL_BASE } from './ajustes';
import { accesible, expect, ingresar, test } from './base';

const PLATAFORMA = URL_BASE.replace(`//${CADENA}.`, '//plataforma.');

test('quien opera la plataforma ve a qué cadenas sirve y de qué tamaño son; otra cadena no', async ({ page }) => {
  await page.goto(`${PLATAFORMA}/ingresar?luego=${encodeURIComponent('/inicio')}`);
  await page.getByLabel('Correo').fill('operacion@huella.example.pe');
  await page.getByLabel('Contraseña', { exact: true }).fill(CLAVE);
  await page.getByRole('button', { name: 'Ingresar' }).click();
  // Who has no sede starts from what they may open.
  await page.getByRole('navigation', { name: 'Lo que puede abrir' }).getByRole('link', { name: /^Cadenas/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Cadenas');
  const lista = page.getByRole('region', { name: 'Cadenas' });
  const andes = lista.getByRole('row').filter({ hasText: CADENA });
  await expect(andes).toContainText(/[6-9] sedes · \d\d+ personas/);
  await expect(andes).toContainText('Activa');
  await expect(lista.getByRole('row').filter({ hasText: 'plataforma' })).toContainText('La plataforma');
  await expect(page.getByText('Esta lista es solo para ver')).toBeVisible();
  await accesible(page, 'las cadenas');
  await page.getByLabel('Buscar por nombre o dirección').fill(CADENA);
  await expect(page).toHaveURL(new RegExp(`q=${CADENA}`));
  await expect(lista.getByRole('row')).toHaveCount(2);
  await page.getByLabel('Buscar por nombre o dirección').fill('zzz');
  await expect(page.getByText('Ninguna cadena se llama así')).toBeVisible();

  await ingresar(page, 'administrador_cadena', '/cadenas');
  await expect(page.getByRole('link', { name: 'Cadenas' })).toHaveCount(0);
  await expect(page.getByText('Esto lo ve solo quien opera la plataforma')).toBeVisible();
});
