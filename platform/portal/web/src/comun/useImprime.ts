import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** Whether the page is being printed: what is for paper only is made then, and no screen carries it. */
export function useImprime(): boolean {
  const [imprime, setImprime] = useState(() => matchMedia('print').matches);
  useEffect(() => {
    const papel = matchMedia('print');
    // At once: the browser lays the paper out as soon as this returns.
    const poner = (valor: boolean) => flushSync(() => setImprime(valor));
    const antes = () => poner(true);
    const despues = () => poner(false);
    const cambia = () => poner(papel.matches);
    window.addEventListener('beforeprint', antes);
    window.addEventListener('afterprint', despues);
    papel.addEventListener('change', cambia);
    return () => {
      window.removeEventListener('beforeprint', antes);
      window.removeEventListener('afterprint', despues);
      papel.removeEventListener('change', cambia);
    };
  }, []);
  return imprime;
}
