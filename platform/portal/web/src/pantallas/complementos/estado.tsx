/** `Segun` of the shell for whole pages: their title depends on what is read, so each state brings its own frame. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Fallo } from '@/app/estados';

export { Cargando } from '@/app/estados';
export const NoHay = ({ falla }: { falla: unknown }) => <Fallo falla={falla} />;

export function Segun<T>({ consulta, cargando, falla, children }: { consulta: UseQueryResult<T, unknown>; cargando: ReactNode; falla: (falla: unknown) => ReactNode; children: (datos: T) => ReactNode }) {
  if (consulta.data !== undefined) return children(consulta.data);
  return consulta.isError ? falla(consulta.error) : cargando;
}
