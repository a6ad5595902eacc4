/** What every test has: a page that fails the test on any breach of the policy, page error or error in the console. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test as sinGuardia, type APIRequestContext, type Page } from '@playwright/test';
import { CADENA, CLAVE, correoDe, URL_API, type Rol } from './ajustes';

/** Chromium writes every refused request into the console; those are answers that the test itself asks for. */
// The last one: a mail's preview runs no scripts, not even those that this file puts into every frame.
const RUIDO = /Failed to load resource: the server responded with a status of (400|401|403|404|409|410|412|422|423|428|429)|net::ERR_INTERNET_DISCONNECTED|net::ERR_ABORTED|Blocked script execution in 'about:srcdoc'/;

export function vigilar(page: Page): () => string[] {
  const quejas: string[] = [];
  page.on('pageerror', (error) => quejas.push(`error de la página: ${error.message}`));
  page.on('console', (mensaje) => {
    if (mensaje.type() === 'error' && !RUIDO.test(mensaje.text())) quejas.push(`consola: ${mensaje.text().slice(0, 400)}`);
  });
  void page.exposeFunction('violacionDePolitica', (que: string) => quejas.push(`política: ${que}`));
  void page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (e) => {
      (window as unknown as { violacionDePolitica(que: string): void }).violacionDePolitica(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile ?? ''}`);
    });
    // Layout shifts, for the tests that look at them.
    const w = window as unknown as { saltos: number };
    w.saltos = 0;
    new PerformanceObserver((lista) => {
      for (const entrada of lista.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) if (!entrada.hadRecentInput) w.saltos += entrada.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => quejas;
}

export const test = sinGuardia.extend<{ guardia: void }>({
  guardia: [
    async ({ page }, use) => {
      const quejas = vigilar(page);
      await use();
      expect(quejas(), 'la página no debe quejarse de nada').toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };

/** Signs in by the form, as a person does. */
export async function ingresar(page: Page, rol: Rol, destino = '/inicio') {
  await page.goto(`/ingresar?luego=${encodeURIComponent(destino)}`);
  const cadena = page.getByLabel('Clínica');
  await page.getByLabel('Correo').waitFor();
  if (await cadena.isVisible()) await cadena.fill(CADENA);
  await page.getByLabel('Correo').fill(correoDe(rol));
  await page.getByLabel('Contraseña', { exact: true }).fill(CLAVE);
  await page.getByRole('button', { name: 'Ingresar' }).click();
  // A page that opens a drawer has its header as another one.
  await page.getByRole('banner').first().waitFor();
  await page.getByRole('main').locator('h1').waitFor();
}

/** WCAG 2.2 AA, without a single finding. Toasts are let go first: they lie over nothing, and they come and go. */
export async function accesible(page: Page, donde: string) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  const hallado = violations.map((v) => `${v.id} (${v.impact ?? ''}): ${v.nodes.map((n) => `${n.target.join(' ')} ${n.failureSummary?.split('\n')[1] ?? ''}`).slice(0, 4).join(' | ')}`);
  expect(hallado, `axe en ${donde}`).toEqual([]);
}

export const saltos = (page: Page) => page.evaluate(() => (window as unknown as { saltos: number }).saltos);

/** The API as another client sees it, with a token of its own: what happens behind the page's back. */
export async function cliente(request: APIRequestContext, rol: Rol) {
  const respuesta = await request.post(`${URL_API}/api/v1/sesiones`, { data: { cadena: CADENA, correo: correoDe(rol), contrasena: CLAVE } });
  expect(respuesta.ok(), 'el otro cliente ingresa').toBe(true);
  const { token } = (await respuesta.json()) as { token: string };
  const headers = { Authorization: `Bearer ${token}` };
  return {
    /** `si_no`: what a 404 means, for whoever asks whether it is there. */
    async leer<T>(ruta: string, opciones?: { si_no: unknown }): Promise<T> {
      const hecho = await request.get(`${URL_API}/api/v1${ruta}`, { headers });
      if (opciones && hecho.status() === 404) return opciones.si_no as T;
      expect(hecho.ok(), `GET ${ruta}: ${hecho.status()}`).toBe(true);
      return (await hecho.json()) as T;
    },
    async enviar<T>(metodo: 'POST' | 'PUT' | 'DELETE', ruta: string, data?: unknown, mas: Record<string, string> = {}): Promise<T> {
      const hecho = await request.fetch(`${URL_API}/api/v1${ruta}`, { method: metodo, data, headers: { ...headers, ...mas } });
      expect(hecho.ok(), `${metodo} ${ruta}: ${hecho.status()} ${await hecho.text()}`).toBe(true);
      return (await hecho.json().catch(() => undefined)) as T;
    },
  };
}
