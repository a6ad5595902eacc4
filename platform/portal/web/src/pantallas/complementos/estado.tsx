/** `Segun` of the shell for whole pages: their title depends on what is read, so until then they have the screen's. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Cargando, Fallo } from '@/app/estados';
import { Marco } from '@/app/Marco';

/** `filas` and `alto`: what loading looks like. */
export function Segun<T>({ consulta, filas, alto, children }: { consulta: UseQueryResult<T, unknown>; filas?: number; alto?: number; children: (datos: T) => ReactNode }) {
  const { t } = useTranslation('complementos');
  if (consulta.data !== undefined) return children(consulta.data);
  return <Marco titulo={t('titulo')}>{consulta.isError ? <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} /> : <Cargando {...(filas && { filas })} {...(alto && { alto })} />}</Marco>;
}
