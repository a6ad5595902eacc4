/** Patients: found, registered without a twin, weighed, vaccinated, merged and taken apart again, mourned. */
import { accesible, cliente, expect, ingresar, test } from './base';
import type { APIRequestContext, Page } from '@playwright/test';

type Mascota = { id: string; nombre: string; fallecida_en?: string | null; ultimo_peso?: { kg: number } | null };
type Registro = { mascota: Mascota; tutor?: { id: string } };

/** A pet of the test's own: what it does to it disturbs nobody. */
async function unaMascota(request: APIRequestContext, nombre: string, conTutor?: string): Promise<{ id: string; tutor: string; telefono: string }> {
  const admin = await cliente(request, 'administrador_cadena');
  const telefono = `9${String(Date.now()).slice(-8)}`;
  const { mascota, tutor } = await admin.enviar<Registro>('POST', '/pacientes/registro?confirmar_duplicado=true', {
    mascota: { nombre, especie: 'perro', sexo: 'hembra', edad_meses: 30 },
    ...(conTutor ? { tutor_id: conTutor } : { tutor: { nombres: 'Prueba', apellidos: `De ${nombre}`, telefono } }),
  });
  return { id: mascota.id, tutor: tutor?.id ?? conTutor ?? '', telefono };
}
const unico = (raiz: string) => `${raiz} ${String.fromCharCode(...Array.from({ length: 6 }, () => 97 + Math.floor(Math.random() * 26)))}`;
const abrir = async (page: Page, id: string, rol: 'recepcion' | 'veterinario' | 'administrador_cadena' = 'veterinario') => {
  await ingresar(page, rol, `/pacientes/${id}`);
  await expect(page.getByRole('heading', { level: 2, name: /^Peso/ })).toBeVisible();
};

test('halla a un paciente por su nombre y por el teléfono de su tutor, y lo abre con Enter', async ({ page, request }) => {
  const nombre = unico('Canela');
  const { id, telefono } = await unaMascota(request, nombre);
  await ingresar(page, 'recepcion', '/pacientes');
  await page.getByRole('search').getByRole('textbox').fill(telefono);
  await expect(page.getByRole('link', { name: new RegExp(nombre) })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`q=${telefono}`));
  await page.getByRole('search').getByRole('textbox').fill(nombre.toUpperCase());
  await expect(page.getByRole('link', { name: new RegExp(nombre) })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/pacientes/${id}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nombre);
});

test('al registrar avisa de quien ya está, y lo usa', async ({ page, request }) => {
  const { tutor, telefono } = await unaMascota(request, unico('Primera'));
  const nombre = unico('Segunda');
  await ingresar(page, 'recepcion', '/pacientes/nuevo');
  await page.getByRole('button', { name: 'Registrar', exact: true }).click();
  await expect(page.getByText('Escriba el nombre de la mascota.')).toBeVisible();
  await expect(page.getByText('Escriba el nombre del tutor.')).toBeVisible();
  await page.getByLabel('Teléfono').fill(telefono);
  await page.getByRole('button', { name: 'Usar este' }).click();
  await expect(page).toHaveURL(new RegExp(`tutor=${tutor}`));
  await page.getByLabel('Nombre de la mascota').fill(nombre);
  await page.getByRole('combobox', { name: 'Especie' }).click();
  await page.getByRole('option', { name: 'Perro' }).click();
  await accesible(page, 'registro');
  await page.getByRole('button', { name: 'Registrar', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nombre);
  const admin = await cliente(request, 'administrador_cadena');
  const { items } = await admin.leer<{ items: Mascota[] }>(`/tutores/${tutor}/mascotas`);
  expect(items.map((una) => una.nombre)).toContain(nombre);
});

test('el servidor reconoce a un repetido que el formulario no vio', async ({ page, request }) => {
  const nombre = unico('Gemela');
  const { tutor } = await unaMascota(request, nombre);
  await ingresar(page, 'recepcion', `/pacientes/nuevo?tutor=${tutor}&mascota=${encodeURIComponent(nombre)}`);
  await page.getByRole('combobox', { name: 'Especie' }).click();
  await page.getByRole('option', { name: 'Perro' }).click();
  await page.getByRole('button', { name: 'Registrar', exact: true }).click();
  const aviso = page.getByRole('alert').filter({ hasText: 'Puede que ya esté registrado' });
  await expect(aviso).toContainText('mismo nombre y especie');
  await accesible(page, 'registro con repetidos');
  await aviso.getByRole('button', { name: 'Registrar de todos modos' }).click();
  await expect(page).toHaveURL(/\/pacientes\/[0-9a-f-]{36}/);
});

test('anota un peso, pide confirmar uno raro y lo deshace', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Balanza'));
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/pesos`, { kg: 12 });
  await abrir(page, id);
  await page.keyboard.press('p');
  const cajon = page.getByRole('dialog');
  await cajon.getByLabel('Peso', { exact: true }).fill('24');
  await cajon.getByRole('button', { name: 'Anotar peso' }).click();
  await expect(cajon.getByRole('alert')).toContainText('llama la atención');
  await accesible(page, 'peso por confirmar');
  await cajon.getByRole('button', { name: 'Así es, anotar' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('img', { name: /^Curva de peso con 2 registros/ })).toBeVisible();
  await page.getByRole('button', { name: /^Deshacer/ }).click();
  await expect.poll(async () => (await admin.leer<Mascota>(`/pacientes/${id}`)).ultimo_peso?.kg).toBe(12);
});

test('aplica una vacuna con lote; la escalera dice la próxima, y desde ahí se reserva', async ({ page, request }) => {
  const nombre = unico('Vacuna');
  const { id } = await unaMascota(request, nombre);
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/vacunaciones`, { producto: 'Antirrábica', antigenos: ['rabia'], anterior: true, fecha: '2024-01-10', proxima: '2025-01-10' });
  await abrir(page, id);
  const vacunas = page.getByRole('region', { name: 'Vacunas' });
  await expect(vacunas.getByText('Vencida')).toBeVisible();
  await expect(vacunas.getByRole('link', { name: /^Reservar la próxima dosis/ })).toHaveAttribute('href', new RegExp(`/agenda\\?nueva=1&mascota=${id}`));
  await vacunas.getByRole('button', { name: 'Aplicar vacuna: Antirrábica' }).click();
  await page.getByRole('dialog').getByLabel('Lote').fill('E2E77');
  await page.getByRole('dialog').getByRole('button', { name: 'Anotar vacuna' }).click();
  await expect(vacunas.getByText('Al día')).toBeVisible();
  await expect(vacunas).toContainText('lote E2E77');
  await expect(vacunas.getByText('Vencida')).toHaveCount(0);
});

test('fusiona dos registros después de ver qué se mueve, y lo deshace', async ({ page, request }) => {
  const nombre = unico('Doble');
  const { id, tutor } = await unaMascota(request, nombre);
  const otra = await unaMascota(request, nombre, tutor);
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${otra.id}/pesos`, { kg: 9.5 });
  await abrir(page, id, 'recepcion');
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Fusionar con otro registro' }).click();
  const cajon = page.getByRole('dialog');
  await cajon.getByRole('button', { name: new RegExp(nombre) }).click();
  await expect(cajon).toContainText('1 peso');
  await accesible(page, 'fusión');
  await cajon.getByRole('button', { name: 'Fusionar', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Peso' })).toContainText('9.5 kg');
  await page.reload();
  await page.getByRole('button', { name: 'Deshacer la fusión' }).click();
  await expect(page.getByRole('region', { name: 'Peso' })).toContainText('Todavía no se pesó.');
});

test('registra un fallecimiento y lo corrige', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Adios'));
  await abrir(page, id);
  await page.getByRole('button', { name: 'Más acciones' }).click();
  await page.getByRole('menuitem', { name: 'Registrar fallecimiento' }).click();
  await page.getByRole('dialog').getByLabel('Causa').fill('Insuficiencia renal');
  await page.getByRole('dialog').getByRole('button', { name: 'Registrar fallecimiento' }).click();
  await expect(page.getByText(/falleció el/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Agendar' })).toHaveCount(0);
  await accesible(page, 'fallecida');
  await page.getByRole('button', { name: 'Fue un error' }).click();
  await page.getByLabel('Motivo').fill('Era otra mascota');
  await page.getByRole('button', { name: 'Corregir' }).click();
  await expect(page.getByRole('link', { name: 'Agendar' })).toBeVisible();
});

test('el historial se filtra, y el filtro está en la dirección', async ({ page, request }) => {
  const { id } = await unaMascota(request, unico('Historia'));
  const admin = await cliente(request, 'administrador_cadena');
  await admin.enviar('POST', `/pacientes/${id}/pesos`, { kg: 11 });
  await admin.enviar('POST', `/pacientes/${id}/problemas`, { nombre: 'Otitis externa', cronico: false });
  await abrir(page, id);
  const historial = page.getByRole('region', { name: 'Historial' });
  await expect(historial.getByText('Otitis externa')).toBeVisible();
  await historial.getByText('Pesos', { exact: true }).click();
  await expect(page).toHaveURL(/tipos=peso/);
  await expect(historial.getByText('Otitis externa')).toHaveCount(0);
  await expect(historial.getByText('11 kg')).toBeVisible();
});

for (const ancho of [360, 820, 1440])
  test(`se usa a ${ancho} px, en claro y oscuro`, async ({ page, request }) => {
    await page.setViewportSize({ width: ancho, height: 860 });
    const { id, tutor } = await unaMascota(request, unico('Ancho'));
    await abrir(page, id, 'administrador_cadena');
    for (const ruta of [`/pacientes/${id}`, `/tutores/${tutor}`, '/pacientes?q=luna', '/pacientes/nuevo'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(ruta);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await accesible(page, `${ruta} a ${ancho}, ${colorScheme}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${ruta} cabe a lo ancho`).toBeLessThanOrEqual(0);
      }
  });
