/** What the server cannot take back is sent only when the eight seconds for thinking again are over; leaving the page sends it at once. */
import { avisar, avisarFalla } from '@/app/avisos';

const ESPERA_MS = 8_000;
const pendientes = new Map<string, () => void>();
window.addEventListener('pagehide', () => pendientes.forEach((enviar) => enviar()));

/** `ocultar(true)` takes it from the screen meanwhile; `ocultar(false)` puts it back. */
export function aplazar({ clave, titulo, ocultar, enviar }: { clave: string; titulo: string; ocultar: (oculta: boolean) => void; enviar: () => Promise<unknown> }) {
  if (pendientes.has(clave)) return;
  const hacer = () => {
    clearTimeout(reloj);
    if (!pendientes.delete(clave)) return;
    enviar()
      .catch(avisarFalla)
      .finally(() => ocultar(false));
  };
  const reloj = setTimeout(hacer, ESPERA_MS);
  pendientes.set(clave, hacer);
  ocultar(true);
  avisar({
    tono: 'bien',
    titulo,
    deshacer: () => {
      clearTimeout(reloj);
      pendientes.delete(clave);
      ocultar(false);
    },
  });
}
