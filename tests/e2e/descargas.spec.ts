/** Every list that the API gives as a file can be taken away where it is seen. */
import { expect, test } from './base';
import { PANTALLAS, abrir, entrar } from './pantallas';

/** By the key of the screen: how many buttons it has. A button may give several lists. */
const LISTAS: Record<string, number> = {
  'agenda-lista': 1, 'agenda-pendientes': 1, 'agenda-pedidos': 1, paciente: 2, tutor: 1, alertas: 1, recordatorios: 1, mensajes: 1, respuestas: 1, resultados: 1,
  plantillas: 1, sedes: 1, 'sede-horario': 1, 'sede-dias': 1, 'sede-ambientes': 3, 'sede-medicos': 1, 'sede-turnos': 2, feriados: 1, traslados: 1, personal: 1, roles: 1, servicios: 1, especies: 1, vacunas: 1, antigenos: 1, razones: 1,
  reclamos: 1, ensayos: 1, importaciones: 1, claves: 1, webhooks: 1, trabajos: 1, exportaciones: 1, solicitudes: 1, incidentes: 1, conservacion: 1, aperturas: 1,
  auditoria: 1, ingresos: 1, complementos: 1, 'complemento-corridas': 1, cuenta: 1, cadenas: 1, revision: 2,
};
const DE_PLATAFORMA = ['cadenas', 'revision'];
const RUTAS = new Map(PANTALLAS.flatMap(({ pantallas }) => pantallas.map(({ clave, ruta }) => [clave, ruta])));

for (const [quien, suyas] of [
  ['administrador_cadena', Object.keys(LISTAS).filter((clave) => !DE_PLATAFORMA.includes(clave))],
  ['plataforma', DE_PLATAFORMA],
] as const)
  for (let i = 0; i < suyas.length; i += 10)
    test(`${quien} baja las listas de ${suyas[i]} y las que siguen`, async ({ page }) => {
      test.setTimeout(120_000);
      const lugar = await entrar(page, quien);
      for (const clave of suyas.slice(i, i + 10)) {
        await abrir(page, lugar(RUTAS.get(clave) ?? ''));
        const botones = page.getByRole('button', { name: /^Descargar/ });
        await expect(botones, `en ${clave}`).toHaveCount(LISTAS[clave] ?? 0);
        for (const boton of await botones.all()) {
          await boton.click();
          await expect(page.getByRole('menuitem').first()).toBeVisible();
          const [libros, textos] = await Promise.all([/Excel \(\.xlsx\)$/, /CSV$/].map((name) => page.getByRole('menuitem', { name }).evaluateAll((items) => items.map((item) => item.getAttribute('href') ?? ''))));
          expect(libros, `${clave}: al menos una lista`).not.toHaveLength(0);
          expect(textos, `${clave}: cada lista en los dos`).toHaveLength(libros?.length ?? 0);
          for (const [href, tipo] of [...(libros ?? []).map((uno) => [uno, /spreadsheetml/] as const), ...(textos ?? []).map((uno) => [uno, /^text\/csv/] as const)]) {
            // Asked by the page itself: with its cookie, and without leaving it.
            const hecho = await page.evaluate(async (ruta) => {
              const respuesta = await fetch(ruta);
              return { estado: respuesta.status, tipo: respuesta.headers.get('content-type') ?? '', largo: (await respuesta.blob()).size };
            }, href);
            expect(hecho, `${clave}: ${href}`).toMatchObject({ estado: 200, tipo: expect.stringMatching(tipo) });
            expect(hecho.largo, `${clave}: al menos sus columnas`).toBeGreaterThan(10);
          }
          await page.keyboard.press('Escape');
          await expect(page.getByRole('menuitem')).toHaveCount(0);
        }
      }
    });

test('quien no puede llevarse listas no ve cómo', async ({ page }) => {
  const lugar = await entrar(page, 'veterinario');
  await abrir(page, lugar('/alertas'));
  await expect(page.getByRole('button', { name: /^Descargar/ })).toHaveCount(0);
});
