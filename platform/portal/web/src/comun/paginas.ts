/**
 * A list of the API, page by page. (The generated hook asks for the page `0` when there is no cursor yet, which is none.)
 * `renovar('/api/v1/…')` finds it by its path like every other query.
 */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { paths } from '@/api/esquema';

type Pagina<T> = { items: T[]; siguiente?: string | null };

export function usePaginas<T>(ruta: keyof paths, filtros: unknown, leer: (cursor: { cursor?: string }) => Promise<Pagina<T>>, activo = true) {
  const consulta = useInfiniteQuery({
    queryKey: ['get', ruta, filtros, 'paginas'],
    queryFn: ({ pageParam }) => leer(pageParam ? { cursor: pageParam } : {}),
    initialPageParam: '',
    getNextPageParam: (pagina) => pagina.siguiente ?? undefined,
    placeholderData: keepPreviousData,
    enabled: activo,
  });
  return { ...consulta, items: consulta.data?.pages.flatMap((pagina) => pagina.items) ?? [] };
}
