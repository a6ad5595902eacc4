/** What the server cannot take back is sent only when the eight seconds for thinking again are over; leaving the page sends it at once. */
import { useSyncExternalStore } from 'react';
import { avisar, avisarFalla } from '@/app/avisos';

const ESPERA_MS = 8_000;
const pendientes = new Map<string, () => Promise<void>>();
/** For who is about to lock the screen or to sign out: afterwards the server would refuse it, and nobody would hear of it. */
export const enviarPendientes = () => Promise.all([...pendientes.values()].map((enviar) => enviar())).then(() => undefined);
window.addEventListener('pagehide', () => pendientes.forEach((enviar) => void enviar()));

/** What is as good as gone: waiting to be sent, or sent and not yet read again. */
let ocultas: ReadonlySet<string> = new Set();
const oyentes = new Set<() => void>();
function ponerOculta(clave: string, oculta: boolean) {
  const nuevas = new Set(ocultas);
  if (oculta) nuevas.add(clave);
  else nuevas.delete(clave);
  ocultas = nuevas;
  oyentes.forEach((oyente) => oyente());
}
/** The keys of what screens should show as done already. */
export const useAplazadas = () =>
  useSyncExternalStore(
    (oyente) => {
      oyentes.add(oyente);
      return () => void oyentes.delete(oyente);
    },
    () => ocultas,
  );

type Aplazado = {
  clave: string;
  titulo: string;
  detalle?: string;
  /** `true` takes it from the screen meanwhile, `false` puts it back; whoever reads `useAplazadas` needs none. */
  ocultar?: (oculta: boolean) => void;
  /** Sends it, and reads again what it changed. It may run while the page goes away: `keepalive`. */
  enviar: () => Promise<unknown>;
};

export function aplazar({ clave, titulo, detalle, ocultar, enviar }: Aplazado) {
  if (pendientes.has(clave)) return;
  const esconder = (oculta: boolean) => {
    ponerOculta(clave, oculta);
    ocultar?.(oculta);
  };
  const hacer = async () => {
    clearTimeout(reloj);
    if (!pendientes.delete(clave)) return;
    await enviar().catch(avisarFalla);
    esconder(false);
  };
  const reloj = setTimeout(() => void hacer(), ESPERA_MS);
  pendientes.set(clave, hacer);
  esconder(true);
  avisar({
    tono: 'bien',
    titulo,
    detalle,
    deshacer: () => {
      clearTimeout(reloj);
      pendientes.delete(clave);
      esconder(false);
    },
  });
}
