/** The service worker that opens the app without a network (`public/sw.js`): it is told what this page has loaded so far. */
const ESPERA_MS = [1_500, 12_000];

function contar(registro: ServiceWorkerRegistration) {
  const entrada = document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src ?? '';
  const partes = performance
    .getEntriesByType('resource')
    .map((una) => una.name)
    .filter((ruta) => /\/assets\/|\/favicon\.svg$/.test(ruta));
  registro.active?.postMessage({ entrada, partes: [...new Set([entrada, ...partes])] });
}

/** After the first screen: it must not wait for this. Where there is none (an old browser, plain http) nothing is lost. */
export function abrirDespensa() {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const registrar = () =>
    void navigator.serviceWorker
      .register('/sw.js')
      .then(() => navigator.serviceWorker.ready)
      .then((registro) => ESPERA_MS.forEach((espera) => setTimeout(() => contar(registro), espera)))
      .catch(() => undefined);
  if (document.readyState === 'complete') registrar();
  else window.addEventListener('load', registrar, { once: true });
}
