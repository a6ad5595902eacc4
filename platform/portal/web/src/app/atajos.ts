import { useEffect, useRef, useSyncExternalStore } from 'react';

/** `n`, `?`, `mod+k`, or two letters one after the other: `g a`. */
export type Atajo = { teclas: string; texto: string; grupo: 'general' | 'ir' | 'pantalla'; hacer: (evento: KeyboardEvent) => void };

const PACIENCIA_MS = 1_200;
let lista: Atajo[] = [];
const oyentes = new Set<() => void>();
const avisar = () => oyentes.forEach((oyente) => oyente());

let primera = '';
let cuando = 0;

const escribe = (blanco: EventTarget | null) =>
  blanco instanceof HTMLElement && (blanco.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(blanco.tagName));

function pulsada(evento: KeyboardEvent) {
  if (evento.defaultPrevented || evento.isComposing || evento.altKey) return;
  const tecla = evento.key.length === 1 ? evento.key.toLowerCase() : evento.key;
  const busca = (teclas: string) => [...lista].reverse().find((atajo) => atajo.teclas === teclas);
  let hallado: Atajo | undefined;
  if (evento.ctrlKey || evento.metaKey) hallado = busca(`mod+${tecla}`);
  else if (!escribe(evento.target) && !document.querySelector('[aria-modal="true"]')) {
    const dos = evento.timeStamp - cuando < PACIENCIA_MS && primera ? busca(`${primera} ${tecla}`) : undefined;
    hallado = dos ?? busca(tecla);
    primera = dos ? '' : tecla;
    cuando = evento.timeStamp;
  }
  if (!hallado) return;
  evento.preventDefault();
  hallado.hacer(evento);
}
window.addEventListener('keydown', pulsada);

/** A shortcut for as long as the component is on the screen. The one that came last wins. */
export function useAtajo(teclas: string, texto: string, hacer: Atajo['hacer'], grupo: Atajo['grupo'] = 'pantalla', activo = true) {
  const ultimo = useRef(hacer);
  useEffect(() => {
    ultimo.current = hacer;
  });
  useEffect(() => {
    if (!activo) return;
    const atajo: Atajo = { teclas, texto, grupo, hacer: (evento) => ultimo.current(evento) };
    lista = [...lista, atajo];
    avisar();
    return () => {
      lista = lista.filter((otro) => otro !== atajo);
      avisar();
    };
  }, [teclas, texto, grupo, activo]);
}

export const useAtajos = () =>
  useSyncExternalStore(
    (oyente) => {
      oyentes.add(oyente);
      return () => void oyentes.delete(oyente);
    },
    () => lista,
  );
