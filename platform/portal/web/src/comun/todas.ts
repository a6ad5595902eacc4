/** All of a list that has few rows (rooms of a sede, roles), over however many pages. */
import { useQuery } from '@tanstack/react-query';
import type { paths } from '@/api/esquema';

type Pagina<T> = { items: T[]; siguiente?: string | null };
type Lector<T> = (query: { limite: number; cursor?: string }) => Promise<{ data?: Pagina<T> }>;

export async function leerTodas<T>(leer: Lector<T>): Promise<T[]> {
  const todas: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const { data } = await leer({ limite: 200, ...(cursor ? { cursor } : {}) });
    todas.push(...(data?.items ?? []));
    if (!data?.siguiente) return todas;
    cursor = data.siguiente;
  }
}

export const useTodas = <T>(ruta: keyof paths, clave: unknown, leer: Lector<T>, enabled = true) =>
  useQuery({ queryKey: ['get', ruta, clave, 'todas'], queryFn: () => leerTodas(leer), enabled });
