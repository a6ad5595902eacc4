// The portal's own pages without a network: the one page that every address gets, and the parts that were already loaded.
// Nothing of `/api` is ever kept here; what the agenda shows offline is the app's own copy, which signing out deletes.
'use strict';
const DESPENSA = 'huella-app-1';
const PAGINA = '/inicio';
const ENTRADA = '/__entrada';
// What the server answers itself under the same origin: never the app.
const SERVIDOR = /^\/(api|problemas|healthz|readyz|metrics|\.well-known|oauth|hooks|reservar)(\/|$)/;
const PARTE = /^\/(assets\/|favicon\.svg$)/;

const abrir = () => caches.open(DESPENSA);
const buscar = async (ruta) => (await abrir()).match(ruta, { ignoreVary: true, ignoreSearch: true });

async function guardarPagina(respuesta) {
  if (!respuesta.ok || respuesta.redirected || !/text\/html/.test(respuesta.headers.get('content-type') || '')) return;
  await (await abrir()).put(PAGINA, respuesta);
}

/** The network first: a page of this moment has the nonce and the parts of this moment. */
async function pagina(evento) {
  try {
    const respuesta = await fetch(evento.request);
    // A proxy that finds nobody behind it is no answer of ours.
    if (respuesta.status >= 502 && respuesta.status <= 504) return (await buscar(PAGINA)) || respuesta;
    evento.waitUntil(guardarPagina(respuesta.clone()));
    return respuesta;
  } catch (falla) {
    const copia = await buscar(PAGINA);
    if (copia) return copia;
    throw falla;
  }
}

/** Their names change with their content: what is here is never old. */
async function parte(evento) {
  const copia = await buscar(evento.request.url);
  if (copia) return copia;
  const respuesta = await fetch(evento.request);
  if (respuesta.ok) {
    const clon = respuesta.clone();
    evento.waitUntil(abrir().then((despensa) => despensa.put(evento.request.url, clon)));
  }
  return respuesta;
}

/** What a page had loaded before this worker was there. With another version of the app the parts of the old one go. */
async function guardar({ entrada, partes }) {
  const despensa = await abrir();
  const antes = await (await despensa.match(ENTRADA))?.text();
  if (antes !== entrada) {
    const quedan = new Set(partes.map((ruta) => new URL(ruta, location.origin).href));
    for (const pedido of await despensa.keys()) if (new URL(pedido.url).pathname.startsWith('/assets/') && !quedan.has(pedido.url)) await despensa.delete(pedido);
    await despensa.put(ENTRADA, new Response(entrada));
  }
  for (const ruta of partes) {
    const { origin, pathname } = new URL(ruta, location.origin);
    if (origin !== location.origin || !PARTE.test(pathname) || (await buscar(ruta))) continue;
    const respuesta = await fetch(ruta).catch(() => undefined);
    if (respuesta?.ok) await despensa.put(ruta, respuesta);
  }
}

self.addEventListener('install', (evento) => evento.waitUntil(fetch(PAGINA).then(guardarPagina).then(() => self.skipWaiting())));
self.addEventListener('activate', (evento) =>
  evento.waitUntil(
    caches
      .keys()
      .then((nombres) => Promise.all(nombres.filter((nombre) => nombre !== DESPENSA).map((nombre) => caches.delete(nombre))))
      .then(() => self.clients.claim()),
  ),
);
self.addEventListener('message', (evento) => {
  if (evento.data && Array.isArray(evento.data.partes)) evento.waitUntil(guardar(evento.data));
});
self.addEventListener('fetch', (evento) => {
  const { request } = evento;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || SERVIDOR.test(pathname)) return;
  if (request.mode === 'navigate') {
    // A file is a file; the app's addresses have no dot at their end.
    if (!/\.[^/]*$/.test(pathname)) evento.respondWith(pagina(evento));
  } else if (PARTE.test(pathname)) evento.respondWith(parte(evento));
});
