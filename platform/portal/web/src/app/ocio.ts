/** Locks a computer that nobody touches: reception's stands in the middle of the room. */
import { useEffect, useSyncExternalStore } from 'react';
import { avisar, quitarAviso } from './avisos';
import i18n from './i18n';

const MINUTOS = 'huella.ocio';
const ACTIVIDAD = 'huella.actividad';
/** 0: never. */
export const OPCIONES = [0, 2, 5, 10, 15, 30];
const DE_INICIO = 10;

const MIRAR_MS = 5_000;
const ANTES_MS = 20_000;
const ANOTAR_MS = 4_000;
const GESTOS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

const oyentes = new Set<() => void>();
export function minutosDeOcio(): number {
  const guardado = localStorage.getItem(MINUTOS);
  const minutos = guardado === null ? DE_INICIO : Number(guardado);
  return OPCIONES.includes(minutos) ? minutos : DE_INICIO;
}
export function ponerMinutosDeOcio(minutos: number) {
  localStorage.setItem(MINUTOS, String(minutos));
  oyentes.forEach((oyente) => oyente());
}
/** Of this computer, not of the person: the one in the back room need not lock itself so soon. */
export const useMinutosDeOcio = () =>
  useSyncExternalStore((oyente) => {
    oyentes.add(oyente);
    return () => void oyentes.delete(oyente);
  }, minutosDeOcio);

/** The screen on the wall has no hands and tells nobody anything; whoever leaves it finds it locked. */
const enLaPared = () => new URLSearchParams(location.search).get('tv') === '1';

export function useBloqueoPorOcio(activo: boolean, bloquear: () => Promise<void>) {
  const minutos = useMinutosDeOcio();
  useEffect(() => {
    if (!activo || minutos === 0) return;
    let ultima = Date.now();
    let anotada = 0;
    let va = false;
    let aviso = '';
    // Other tabs are the same session: it is not idle while one of them is used. By the clock, since a lid that is shut stops timers.
    const quieta = () => Date.now() - Math.max(ultima, Math.min(Date.now(), Number(localStorage.getItem(ACTIVIDAD)) || 0));
    const cerrar = () => {
      if (va) return;
      va = true;
      quitarAviso(aviso);
      void bloquear()
        .catch(() => undefined)
        .finally(() => (va = false));
    };
    const mirar = () => {
      const falta = minutos * 60_000 - quieta();
      if (falta <= 0 && !enLaPared()) cerrar();
      else if (falta > 0 && falta <= ANTES_MS && !aviso && !enLaPared()) aviso = avisar({ tono: 'nota', titulo: i18n.t('app:ocio.pronto'), detalle: i18n.t('app:ocio.pronto_detalle') });
    };
    const gesto = () => {
      // What wakes the computer up is not yet the person whose session it is.
      // (What other tabs did is only asked after when this one was quiet: pointers move often.)
      if (Date.now() - ultima >= minutos * 60_000 && quieta() >= minutos * 60_000) return cerrar();
      ultima = Date.now();
      if (aviso) quitarAviso(aviso);
      aviso = '';
      if (ultima - anotada < ANOTAR_MS) return;
      anotada = ultima;
      localStorage.setItem(ACTIVIDAD, String(ultima));
    };
    const reloj = setInterval(mirar, MIRAR_MS);
    document.addEventListener('visibilitychange', mirar);
    GESTOS.forEach((cual) => window.addEventListener(cual, gesto, { capture: true, passive: true }));
    return () => {
      clearInterval(reloj);
      document.removeEventListener('visibilitychange', mirar);
      GESTOS.forEach((cual) => window.removeEventListener(cual, gesto, { capture: true }));
    };
  }, [activo, minutos, bloquear]);
}
