import { useEffect, useRef, useState } from 'react';

/**
 * What the shell opens and its first paint does not show. Each part comes by itself when it is asked for; this brings them
 * all once the first screen is there and the browser rests, so that the first click finds them, and a page that lost its
 * network still has them.
 */
export const PARTES = {
  sedes: () => import('./ListaSedes'),
  usuario: () => import('./OpcionesUsuario'),
  vivo: () => import('./AyudaVivo'),
  paleta: () => import('./Paleta'),
  atajos: () => import('./HojaAtajos'),
  cerradura: () => import('./Cerradura'),
  reingreso: () => import('./Reingreso'),
};

const ESPERA_MS = 2_500;
let enCamino = 0;
/** Whether parts come that nobody asked for yet: one that fails is asked for again when it is, and the page must not be loaded anew for it. */
export const trayendo = () => enCamino > 0;

/** Something is held with the pointer: a part that came now would make it stumble. */
let tomada = false;
const QUIETA_MS = 400;
window.addEventListener('pointerdown', () => (tomada = true), { capture: true, passive: true });
for (const fin of ['pointerup', 'pointercancel'] as const) window.addEventListener(fin, () => (tomada = false), { capture: true, passive: true });
async function alSoltar() {
  while (tomada) await new Promise((listo) => setTimeout(listo, QUIETA_MS));
}

export async function traer(partes: (() => Promise<unknown>)[]) {
  if (tomada) await alSoltar();
  if (!navigator.onLine) return;
  enCamino += 1;
  await Promise.allSettled(partes.map((parte) => parte()));
  enCamino -= 1;
}

export function traerDespues() {
  let descanso = 0;
  const todas = () => void traer(Object.values(PARTES));
  const reloj = setTimeout(() => {
    // Safari has no requestIdleCallback.
    if ('requestIdleCallback' in window) descanso = requestIdleCallback(todas, { timeout: 4_000 });
    else todas();
  }, ESPERA_MS);
  return () => {
    clearTimeout(reloj);
    if (descanso) cancelIdleCallback(descanso);
  };
}

/**
 * For what took the place of its button because it was asked for: it opens at once. After the focus is on its own button,
 * since that is where Mantine gives it back to.
 */
export function useNaceAbierto() {
  const boton = useRef<HTMLButtonElement>(null);
  const [abierto, setAbierto] = useState(false);
  useEffect(() => {
    boton.current?.focus({ preventScroll: true });
    setAbierto(true);
  }, []);
  return { boton, abierto, setAbierto };
}
