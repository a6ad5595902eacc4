/** The demo's mail: what was really sent, as it can be read on its page. */
import { expect, type APIRequestContext } from '@playwright/test';
import { CORREO } from './ajustes';

const pagina = async (request: APIRequestContext, ruta: string) => (await request.get(new URL(ruta, CORREO()).href)).text();
const sinMarcas = (html: string) => html.replace(/<[^>]+>/g, ' ').replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#x2F;', '/');

/** How many there are: what comes later is newer. */
export async function cuantos(request: APIRequestContext): Promise<number> {
  return Number(/href="\/(\d+)"/.exec(await pagina(request, '/'))?.[1] ?? 0);
}

/** The first letter to somebody after the `desde`-th, as text. */
export async function esperarCarta(request: APIRequestContext, para: string, desde: number): Promise<string> {
  let hallada = 0;
  await expect
    .poll(
      async () => {
        const filas = (await pagina(request, '/')).split('<tr>').filter((fila) => fila.includes(para));
        const numeros = filas.map((fila) => Number(/href="\/(\d+)"/.exec(fila)?.[1] ?? 0)).filter((numero) => numero > desde);
        hallada = Math.min(...numeros);
        return Number.isFinite(hallada);
      },
      { message: `llega una carta a ${para}`, timeout: 20_000 },
    )
    .toBe(true);
  return sinMarcas(await pagina(request, `/${hallada}`));
}
