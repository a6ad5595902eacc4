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

/** The vets whom one may see; those of a sede by their roles there. */
export const useMedicos = (sede_id: string) => {
  const puede = usePuede();
  const consulta = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { sede_id, es_medico: true, activo: true, limite: 200 } } }, { enabled: puede('usuario.ver', sede_id), staleTime: 60_000 });
  return (consulta.data?.items ?? []).map((uno) => ({ id: uno.id, nombre: `${uno.nombres} ${uno.apellidos}` }));
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
