import { useEffect } from 'react';
import { useRuta } from '@/app/direccion';

/** Where the tabs do not fit, the one that is open comes into sight. */
export function useVerPestana() {
  const ruta = useRuta();
  useEffect(() => {
    const abierta = document.querySelector('.pestanas [aria-current]');
    const caja = abierta?.parentElement;
    if (!abierta || !caja || caja.scrollWidth <= caja.clientWidth) return;
    const [suya, toda] = [abierta.getBoundingClientRect(), caja.getBoundingClientRect()];
    caja.scrollLeft += suya.left - toda.left - (toda.width - suya.width) / 2;
  }, [ruta]);
}
