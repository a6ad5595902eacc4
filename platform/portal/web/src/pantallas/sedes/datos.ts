import { useTranslation } from 'react-i18next';
import { api, $api, type Esquemas } from '@/api/cliente';
import { usePuede } from '@/app/sesion';
import { useTodas } from '@/comun/todas';

export type Sede = Esquemas['Sede'];

export const useEntidades = () => {
  const puede = usePuede();
  const consulta = useTodas<Esquemas['EntidadLegal']>('/api/v1/entidades-legales', 'todas', (query) => api.GET('/api/v1/entidades-legales', { params: { query } }), puede('sede.ver', 'alguna'));
  return consulta.data ?? [];
};

/** All of them, for who may see any; for others none are asked for. */
export const useSedes = () => useTodas<Sede>('/api/v1/sedes', 'todas', (query) => api.GET('/api/v1/sedes', { params: { query } }), usePuede()('sede.ver', 'alguna'));

/** The vets of a sede by their roles there; who may not see the staff knows those who work this week. */
export const useMedicos = (sede_id: string) => {
  const ve = usePuede()('usuario.ver', sede_id);
  const consulta = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { sede_id, es_medico: true, activo: true, limite: 200 } } }, { enabled: ve, staleTime: 60_000 });
  const rol = $api.useQuery('get', '/api/v1/sedes/{id}/rol', { params: { path: { id: sede_id } } }, { enabled: !ve, staleTime: 60_000 });
  if (ve) return (consulta.data?.items ?? []).map((uno) => ({ id: uno.id, nombre: `${uno.nombres} ${uno.apellidos}` }));
  const esta = new Map((rol.data?.dias ?? []).flatMap((dia) => dia.medicos.map((uno) => [uno.medico_id, uno.medico] as const)));
  return [...esta].map(([id, nombre]) => ({ id, nombre })).sort((x, y) => x.nombre.localeCompare(y.nombre));
};

/** What is beside the list of sedes and is of the whole chain. */
export const usePartes = () => {
  const { t } = useTranslation('sedes');
  const puede = usePuede();
  const ve = puede('cita.ver', 'alguna');
  return [
    { a: '/sedes', nombre: t('titulo') },
    { a: '/feriados', nombre: t('feriados.titulo'), ve },
    { a: '/traslados', nombre: t('traslados.titulo'), ve },
  ];
};
