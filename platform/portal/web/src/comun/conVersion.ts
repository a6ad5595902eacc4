/**
 * What has no `version` of its own (a week of hours) is changed against the `ETag` that it was read with.
 * `renovar('/api/v1/…')` finds it by its path like every other query.
 */
import { useQuery } from '@tanstack/react-query';
import type { paths } from '@/api/esquema';

export type ConVersion<T> = { datos: T; etag: string };
type Respuesta<T> = { data?: T; response: Response };

export const useConVersion = <T>(ruta: keyof paths, init: unknown, leer: () => Promise<Respuesta<T>>) =>
  useQuery({
    queryKey: ['get', ruta, init, 'etag'],
    queryFn: async (): Promise<ConVersion<T>> => {
      const { data, response } = await leer();
      return { datos: data as T, etag: response.headers.get('etag') ?? '*' };
    },
  });
