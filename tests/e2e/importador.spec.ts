/** Bringing files in: columns guessed and corrected, errors by row, done, and undone. The files are made here. */
import { accesible, cliente, expect, ingresar, test } from './base';
import { xlsx } from './hoja';
import type { Page } from '@playwright/test';

type Importacion = { id: string; estado: string; nuevas: number };
const letras = () => String.fromCharCode(...Array.from({ length: 7 }, () => 97 + Math.floor(Math.random() * 26)));
const dni = () => String(10_000_000 + Math.floor(Math.random() * 89_999_999));
const celular = () => `9${String(10_000_000 + Math.floor(Math.random() * 89_999_999))}`;

async function subir(page: Page, nombre: string, contenido: Buffer | string) {
  await page.getByLabel('Archivo por importar').setInputFiles({ name: nombre, mimeType: 'application/octet-stream', buffer: Buffer.from(contenido) });
  await expect(page).toHaveURL(/\/importaciones\/[0-9a-f-]{36}/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nombre);
}
const probar = (page: Page) => page.getByRole('button', { name: /^Probar/ }).click();

test('un CSV de tutores: columnas con ejemplos, errores por fila, se importa y se deshace', async ({ page, request }) => {
  const apellido = `Zz${letras()}`;
  const telefonos = [celular(), celular()];
  const csv = `Nombres;Apellidos;Nro de doc;Celular;Color favorito\nRosa;${apellido};${dni()};${telefonos[0]};azul\nLuis;${apellido};12;${celular()};rojo\nAna;${apellido};${dni()};${telefonos[1]};verde\n`;
  await ingresar(page, 'administrador_cadena', '/importaciones');
  await subir(page, `tutores-${apellido}.csv`, csv);
  const fila = (titulo: string) => page.getByRole('row', { name: new RegExp(`^${titulo}`) });
  await expect(fila('Nombres')).toContainText('Rosa · Luis · Ana');
  await expect(page.getByRole('combobox', { name: 'Qué es la columna Celular' })).toHaveValue('Teléfono');
  await expect(page.getByRole('combobox', { name: 'Qué es la columna Color favorito' })).toHaveValue('');
  const documento = page.getByRole('combobox', { name: 'Qué es la columna Nro de doc' });
  if ((await documento.inputValue()) !== 'Número de documento') {
    await documento.click();
    await page.getByRole('option', { name: 'Número de documento', exact: true }).click();
  }
  await accesible(page, 'columnas');
  await probar(page);
  const haria = page.getByRole('region', { name: 'Qué haría' });
  await expect(haria).toContainText('Todavía no se escribió nada');
  const errores = page.getByRole('region', { name: /^Filas que no se importarían/ });
  await expect(errores.getByRole('row').nth(1)).toContainText('3');
  await expect(errores.getByRole('row').nth(1)).toContainText('Nro de doc');
  await accesible(page, 'prueba con errores');
  const bajada = page.waitForEvent('download');
  await errores.getByRole('link', { name: 'Bajar estas filas' }).click();
  expect((await (await bajada).createReadStream()).readable).toBe(true);
  const admin = await cliente(request, 'administrador_cadena');
  const hay = async () => (await Promise.all(telefonos.map((uno) => admin.leer<{ items: unknown[] }>(`/pacientes?buscar=${uno}&limite=5`)))).flatMap((una) => una.items).length;
  expect(await hay(), 'probar no escribe').toBe(0);
  await haria.getByRole('button', { name: 'Importar 2 filas' }).click();
  await expect(page.getByRole('region', { name: 'Qué hizo' })).toBeVisible();
  await expect.poll(hay).toBe(2);
  await page.getByRole('button', { name: 'Deshacer la importación' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deshacer la importación' }).click();
  await expect(page.getByText('Esta importación se deshizo')).toBeVisible();
  await expect.poll(hay).toBe(0);
});

test('un Excel de mascotas: muestra ejemplos, dice qué columna falta, y no se deshace lo que ya cambió', async ({ page, request }) => {
  const admin = await cliente(request, 'administrador_cadena');
  const telefono = celular();
  await admin.enviar('POST', '/pacientes/registro?confirmar_duplicado=true', { mascota: { nombre: 'Madre', especie: 'perro', sexo: 'hembra', edad_meses: 40 }, tutor: { nombres: 'Excel', apellidos: letras(), telefono } });
  const nombre = `Xx${letras()}`;
  // Titles that no file had before: known ones are read as the last time.
  const [columna, contacto] = [`Columna ${letras()}`, `Contacto ${letras()}`];
  await ingresar(page, 'administrador_cadena', '/importaciones?tipo=mascotas');
  await subir(page, `mascotas-${nombre}.xlsx`, xlsx([[columna, 'Especie', contacto], [nombre, 'perro', telefono]]));
  await expect(page.getByRole('row', { name: /^Especie/ })).toContainText('perro');
  const deQuien = page.getByRole('combobox', { name: `Qué es la columna ${contacto}` });
  await deQuien.click();
  await page.getByRole('option', { name: /Teléfono del tutor/i }).click();
  const especie = page.getByRole('combobox', { name: 'Qué es la columna Especie' });
  await expect(especie).toHaveValue('Especie');
  await expect(page.getByText('Falta decir cuál es: Nombre')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Probar/ })).toBeDisabled();
  await page.getByRole('combobox', { name: `Qué es la columna ${columna}` }).click();
  await page.getByRole('option', { name: 'Nombre', exact: true }).click();
  await probar(page);
  await page.getByRole('button', { name: 'Importar 1 fila' }).click();
  await expect(page.getByRole('region', { name: 'Qué hizo' })).toBeVisible();
  const { items } = await admin.leer<{ items: { mascota?: { id: string } }[] }>(`/pacientes?buscar=${nombre}&limite=5`);
  const id = items[0]?.mascota?.id ?? '';
  await admin.enviar('POST', `/pacientes/${id}/pesos`, { kg: 9 });
  await page.getByRole('button', { name: 'Deshacer la importación' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deshacer la importación' }).click();
  const aviso = page.getByRole('alert').filter({ hasText: 'No se deshizo nada' });
  await expect(aviso.getByRole('link', { name: 'mascota' })).toHaveAttribute('href', new RegExp(id));
  await accesible(page, 'importación tocada');
  expect((await admin.leer<{ nombre: string }>(`/pacientes/${id}`)).nombre).toBe(nombre);
});

test('lo que no es una hoja se rechaza con palabras, y la historia lista lo que se trajo', async ({ page, request }) => {
  await ingresar(page, 'administrador_cadena', '/importaciones');
  await page.getByLabel('Archivo por importar').setInputFiles({ name: 'foto.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2, 3, 4, 5]) });
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveURL(/\/importaciones(\?|$)/);
  const admin = await cliente(request, 'administrador_cadena');
  const { items } = await admin.leer<{ items: (Importacion & { nombre: string })[] }>('/importaciones?limite=1');
  if (items[0]) await expect(page.getByRole('link', { name: items[0].nombre })).toBeVisible();
});

for (const ancho of [360, 1440])
  test(`se usa a ${ancho} px, en claro y oscuro`, async ({ page }) => {
    await page.setViewportSize({ width: ancho, height: 860 });
    await ingresar(page, 'administrador_cadena', '/importaciones');
    await subir(page, 'ancho.csv', `Nombres,Apellidos,DNI\nAna,${letras()},${dni()}\n`);
    for (const ruta of [new URL(page.url()).pathname, '/importaciones'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(ruta);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await accesible(page, `${ruta} a ${ancho}, ${colorScheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${ruta} cabe a lo ancho`).toBeLessThanOrEqual(0);
      }
  });
