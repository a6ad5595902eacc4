/** Names of people and sedes for lists that only bring their ids. */
import { $api } from '@/api/cliente';
import { usePuede, useSesion } from '@/app/sesion';

export function usePersonas() {
  const puede = usePuede();
  const { yo } = useSesion();
  const consulta = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { limite: 200 } } }, { enabled: puede('usuario.ver', 'alguna'), staleTime: 5 * 60_000 });
  return (id: string | null | undefined): string | undefined => {
    if (!id) return undefined;
    if (id === yo.id) return `${yo.nombres} ${yo.apellidos}`.trim();
    const una = consulta.data?.items.find((persona) => persona.id === id);
    return una && `${una.nombres} ${una.apellidos}`.trim();
  };
}

export function useNombreSede() {
  const { yo } = useSesion();
  return (id: string | null | undefined) => yo.sedes.find((sede) => sede.id === id)?.nombre;
}
