/** Where we are and where we go. Routes come from the registry, so their paths are plain strings. */
import { Link, useNavigate, useRouterState, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, type ComponentPropsWithRef } from 'react';

type Busca = Record<string, string | undefined>;
export type Destino = { a: string; con?: Busca };

type EnlaceProps = Omit<ComponentPropsWithRef<'a'>, 'href'> & Destino & { exacta?: boolean };
/** `exacta`: the current page only at this very address, not below it. */
export function Enlace({ a, con, exacta, ...resto }: EnlaceProps) {
  return <Link to={a as string} search={con as never} {...(exacta === undefined ? {} : { activeOptions: { exact: exacta, includeSearch: false } })} {...(resto as object)} />;
}

export function useIr() {
  const navegar = useNavigate();
  return useCallback((a: string, con: Busca = {}, reemplazar = false) => void navegar({ to: a as string, search: con as never, replace: reemplazar }), [navegar]);
}

export const useRuta = () => useRouterState({ select: (estado) => estado.location.pathname });

/** A segment of the path, like `$id`. */
export function useParametro(nombre: string): string {
  return useRouterState({
    select: (estado) => {
      const parametros = estado.matches.at(-1)?.params as Record<string, string> | undefined;
      return parametros?.[nombre] ?? '';
    },
  });
}

/**
 * A screen's filters, all of them in the address: they survive a reload, the back button and being sent to a colleague.
 * A filter with its initial value is not written. `const [f, cambiar] = useFiltros({ fecha: '', vista: 'dia' })`.
 */
export function useFiltros<T extends Record<string, string>>(iniciales: T): [T, (cambios: Partial<T>, opciones?: { historia?: boolean }) => void] {
  const busca = useSearch({ strict: false }) as Busca;
  const navegar = useNavigate();
  const texto = JSON.stringify(iniciales);
  const valores = useMemo(() => {
    const base = JSON.parse(texto) as T;
    return Object.fromEntries(Object.entries(base).map(([clave, valor]) => [clave, busca[clave] ?? valor])) as T;
  }, [busca, texto]);
  const cambiar = useCallback(
    (cambios: Partial<T>, opciones: { historia?: boolean } = {}) => {
      const base = JSON.parse(texto) as T;
      void navegar({
        to: '.',
        replace: !opciones.historia,
        search: ((antes: Busca) => {
          const nueva: Busca = { ...antes, ...(cambios as Busca) };
          for (const [clave, valor] of Object.entries(base)) if (nueva[clave] === valor || nueva[clave] === '') delete nueva[clave];
          return nueva;
        }) as never,
      });
    },
    [navegar, texto],
  );
  return [valores, cambiar];
}
