/** The API's documentation in a browser that reaches nobody but this server. */
import { URL_API } from './ajustes';
import { expect, test } from './base';

test('la documentación se lee y se prueba sin nada de afuera', async ({ page }) => {
  const afuera: string[] = [];
  await page.route('**/*', async (ruta) => {
    const url = ruta.request().url();
    if (url.startsWith(`${URL_API}/`) || url.startsWith('data:')) return ruta.continue();
    afuera.push(url);
    return ruta.abort();
  });
  await page.goto(`${URL_API}/api/docs/`);
  // Every operation of the document is on the page.
  const documento = (await (await page.request.get(`${URL_API}/api/v1/openapi.json`)).json()) as { paths: Record<string, Record<string, unknown>> };
  const operaciones = Object.values(documento.paths).reduce((suma, de) => suma + Object.keys(de).length, 0);
  await expect(page.locator('.opblock')).toHaveCount(operaciones, { timeout: 40_000 });
  // And one that asks for nothing is tried and answers.
  const vivo = page.locator('.opblock', { has: page.locator('[data-path="/healthz"]') });
  await vivo.locator('.opblock-summary-control').click();
  await vivo.getByRole('button', { name: 'Try it out' }).click();
  await vivo.getByRole('button', { name: 'Execute' }).click();
  await expect(vivo.locator('.live-responses-table tbody .response-col_status').first()).toContainText('200');
  await expect(vivo.locator('.live-responses-table')).toContainText('"vivo"');
  expect(afuera, 'nada se pide afuera').toEqual([]);
});
