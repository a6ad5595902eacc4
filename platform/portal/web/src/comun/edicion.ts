/**
 * A form over a row that others change too. It saves against the version that it was filled from; while nothing is typed it
 * follows the row; what is typed stays until the server says that somebody was faster, and then the form shows how it is now.
 */
import type { UseFormReturnType } from '@mantine/form';
import { useEffect, useRef, useState } from 'react';
import { Problema } from '@/api/problema';

type Ajena = Pick<UseFormReturnType<never>, 'isDirty'> & { setInitialValues: (v: never) => void; setValues: (v: never) => void; resetDirty: (v?: never) => void; clearErrors: () => void };

export function useEdicion<F, V>(formulario: unknown, fila: F, version: string, valoresDe: (fila: F) => V) {
  const forma = formulario as Ajena;
  const [base, setBase] = useState({ fila, version });
  const forzar = useRef(false);
  function tomar(nueva: F, suVersion: string) {
    const valores = valoresDe(nueva) as never;
    setBase({ fila: nueva, version: suVersion });
    forma.setInitialValues(valores);
    forma.setValues(valores);
    forma.resetDirty(valores);
    forma.clearErrors();
  }
  useEffect(() => {
    if (version === base.version || (forma.isDirty() && !forzar.current)) return;
    forzar.current = false;
    tomar(fila, version);
  });
  /** Runs the change; when somebody else was faster, what there is now is read and shown. */
  async function guardando<R>(hacer: () => Promise<R>, releer: () => Promise<unknown>): Promise<R> {
    try {
      return await hacer();
    } catch (falla) {
      if (falla instanceof Problema && falla.status === 412) {
        forzar.current = true;
        await releer();
      }
      throw falla;
    }
  }
  return { base, tomar, guardando };
}
