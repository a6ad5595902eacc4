/** The Libro de Reclamaciones, from both sides: a consumer without any script, and whoever administers the sede. */
import { accesible, expect, ingresar, test } from './base';

const correo = `consumidora.${Date.now()}@example.pe`;

test('un consumidor deja una hoja sin JavaScript y la sede la responde', async ({ page, browser, baseURL }) => {
  const contexto = await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL ?? '', locale: 'es-PE', viewport: { width: 360, height: 780 } });
  const libro = await contexto.newPage();
  await libro.goto('/libro-de-reclamaciones/andes');
  await libro.getByRole('list').getByRole('link').first().click();
  const sede = (await libro.getByRole('heading', { level: 1 }).innerText()).replace('Libro de Reclamaciones: ', '');
  await libro.getByLabel('Nombre completo').fill('Consumidora de Prueba');
  await libro.getByLabel('Número de documento').fill('40302010');
  await libro.getByLabel('Correo (opcional)').fill(correo);
  await libro.getByRole('radio', { name: 'Servicio', exact: true }).check();
  await libro.getByLabel('Descripción').fill('Baño y corte');
  await libro.getByRole('radio', { name: /^Queja/ }).check();
  await libro.getByLabel('Qué pasó').fill('Esperé dos horas.');
  await libro.getByLabel('Qué pide').fill('Una disculpa.');
  await libro.getByRole('button', { name: 'Enviar la hoja' }).click();
  await expect(libro.getByRole('heading', { level: 1 })).toHaveText(/Hoja de reclamación N\.º \d{8}-\d{4}/);
  const codigo = /\d{8}-\d{4}/.exec(await libro.getByRole('heading', { level: 1 }).innerText())?.[0] ?? '';
  const desborde = await libro.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth).catch(() => 0);
  expect(desborde, 'a 360 px no se desplaza a lo ancho').toBeLessThanOrEqual(0);

  await ingresar(page, 'administrador_cadena', '/reclamos');
  const fila = page.getByRole('link').filter({ hasText: codigo }).filter({ hasText: sede });
  await expect(fila).toContainText('Quedan 15 días hábiles');
  await accesible(page, 'reclamos');
  await fila.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Queja ${codigo}`);
  await accesible(page, 'un reclamo');
  await page.getByRole('button', { name: 'Responder' }).click();
  await expect(page.getByText('Escriba la respuesta.')).toBeVisible();
  await page.getByLabel('Qué se le responde').fill('Lamentamos la espera.');
  await page.getByRole('button', { name: 'Responder' }).click();
  await expect(page.getByText(correo).first()).toBeVisible();
  await page.getByRole('button', { name: 'Sí, responder' }).click();
  await expect(page.getByRole('main').getByText('Lamentamos la espera.')).toBeVisible();
  await expect(page.getByRole('main').getByText('Respondido', { exact: true })).toBeVisible();
  await libro.reload();
  await expect(libro.getByText('Lamentamos la espera.')).toBeVisible();
  await contexto.close();
});
