/**
 * Parts of a page that bring their own queries, shown together: one that comes late would push the others down. Until then, and
 * never for long, there is what `mientras` draws. Only what is read for the first time is waited for.
 */
import { useIsFetching } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { consultas } from '@/api/cliente';

const PACIENCIA_MS = 1_500;
const PRIMERAS = { predicate: (una: { state: { status: string } }) => una.state.status === 'pending' };

export function Juntas({ mientras, children }: { mientras: ReactNode; children: ReactNode }) {
  const [listas, setListas] = useState(false);
  useIsFetching(PRIMERAS);
  // After every render: the parts have begun to read before this runs for the first time.
  useEffect(() => {
    if (!listas && consultas.isFetching(PRIMERAS) === 0) setListas(true);
  });
  useEffect(() => {
    const reloj = setTimeout(() => setListas(true), PACIENCIA_MS);
    return () => clearTimeout(reloj);
  }, []);
  return (
    <>
      {!listas && mientras}
      <div hidden={!listas}>
        {children}
      </div>
    </>
  );
}
