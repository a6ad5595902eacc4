import { useEffect, useState } from 'react';

/** The time, which goes on while one looks. */
export function useAhora(cada_ms = 20_000): number {
  const [ahora, setAhora] = useState(Date.now);
  useEffect(() => {
    const reloj = setInterval(() => setAhora(Date.now()), cada_ms);
    return () => clearInterval(reloj);
  }, [cada_ms]);
  return ahora;
}
