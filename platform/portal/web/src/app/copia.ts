/**
 * The agenda's last answers in IndexedDB, so that it can be read without a network. Only what the agenda shows, only for
 * the person who read it, only for three days; signing out and locking delete it.
 */
import { dehydrate, hydrate, type DehydratedState, type Query, type QueryClient } from '@tanstack/react-query';
import { alSaber } from '@/api/cliente';

const BASE = 'huella-copia';
const TIENDA = 'agenda';
const DURA_MS = 3 * 24 * 3_600_000;
const RUTAS = new Set(['/api/v1/yo', '/api/v1/citas', '/api/v1/sedes/{id}/rol', '/api/v1/sedes/{sede_id}/ambientes', '/api/v1/servicios']);

type Copia = { guardada: number; quien: string; estado: DehydratedState };

function abrir(): Promise<IDBDatabase> {
  return new Promise((bien, mal) => {
    const pedido = indexedDB.open(BASE, 1);
    pedido.onupgradeneeded = () => pedido.result.createObjectStore(TIENDA);
    pedido.onsuccess = () => bien(pedido.result);
    pedido.onerror = () => mal(pedido.error);
  });
}
async function en<T>(modo: IDBTransactionMode, que: (tienda: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const base = await abrir();
  try {
    return await new Promise<T>((bien, mal) => {
      const pedido = que(base.transaction(TIENDA, modo).objectStore(TIENDA));
      pedido.onsuccess = () => bien(pedido.result);
      pedido.onerror = () => mal(pedido.error);
    });
  } finally {
    base.close();
  }
}

const seGuarda = (consulta: Query) => consulta.state.status === 'success' && RUTAS.has(String(consulta.queryKey[1]));
const quien = (cliente: QueryClient) => cliente.getQueryData<{ id: string; bloqueada?: boolean }>(['get', '/api/v1/yo', {}]);

let reloj: ReturnType<typeof setTimeout> | undefined;

export function guardarCopia(cliente: QueryClient) {
  const guardar = () => {
    const yo = quien(cliente);
    if (!yo || yo.bloqueada) return;
    const estado = dehydrate(cliente, { shouldDehydrateQuery: seGuarda });
    void en('readwrite', (tienda) => tienda.put({ guardada: Date.now(), quien: yo.id, estado } satisfies Copia, 'ultima')).catch(() => undefined);
  };
  return cliente.getQueryCache().subscribe((evento) => {
    if (evento.type !== 'updated' || evento.action.type !== 'success' || !seGuarda(evento.query)) return;
    clearTimeout(reloj);
    reloj = setTimeout(guardar, 1_500);
  });
}

/** Only when the server cannot be reached: an answer is always better than a copy. */
export async function usarCopia(cliente: QueryClient): Promise<number | undefined> {
  const copia = await en<Copia | undefined>('readonly', (tienda) => tienda.get('ultima')).catch(() => undefined);
  if (!copia || Date.now() - copia.guardada > DURA_MS) return undefined;
  hydrate(cliente, copia.estado);
  return copia.guardada;
}

/** On signing out, when the session is over, and when it is locked: whoever reloads without a network must not get round the PIN. */
export async function olvidarCopia() {
  clearTimeout(reloj);
  await en('readwrite', (tienda) => tienda.clear()).catch(() => undefined);
}

/** When the network went away, and since when what is shown is old. */
export function alPerderRed(oyente: (hay: boolean) => void) {
  const deja = alSaber((novedad) => {
    if (novedad === 'sin-red') oyente(false);
    if (novedad === 'con-red') oyente(true);
  });
  const sin = () => oyente(false);
  window.addEventListener('offline', sin);
  return () => {
    deja();
    window.removeEventListener('offline', sin);
  };
}
