/** What a chain needs before its first appointment, each step with its real state: nobody ticks anything. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { $api, api, pedir, type Esquemas } from '@/api/cliente';
import { Problema } from '@/api/problema';
import { usePuede, useSesion } from '@/app/sesion';
import { useTodas } from '@/comun/todas';
import { PANTALLAS } from '@/pantallas';

export type Enlace = { a: string; nombre?: string | undefined; con?: Record<string, string> };
export type Paso = {
  clave: 'ruc' | 'sede' | 'horario' | 'ambientes' | 'servicios' | 'medicos' | 'planes' | 'personal' | 'importar' | 'reservas';
  hecho: boolean;
  opcional: boolean;
  /** Where it is done: the sedes that lack it, or the one screen for it. */
  enlaces: Enlace[];
};

const MIN = 60_000;
type Sede = Esquemas['Sede'];

async function tieneReservas(id: string): Promise<boolean> {
  try {
    return (await api.GET('/api/v1/sedes/{id}/autoreserva', { params: { path: { id } } })).data?.autoreserva.activa ?? false;
  } catch (falla) {
    if (falla instanceof Problema && falla.status === 404) return false;
    throw falla;
  }
}

/** For each sede whether it has a thing; `undefined` while it is not known. */
function useDeCada(sedes: Sede[], ruta: string, tiene: (id: string) => Promise<boolean>) {
  const respuestas = useQueries({ queries: sedes.map((sede) => ({ queryKey: ['get', ruta, sede.id, 'arranque'], queryFn: () => tiene(sede.id), staleTime: MIN / 2 })) });
  const listas = respuestas.every((una) => una.data !== undefined);
  return { listas, falla: respuestas.find((una) => una.isError)?.error, sin: sedes.filter((_, i) => !respuestas[i]?.data) };
}

export function usePasos(): { pasos: Paso[] | undefined; falla: unknown; reintentar: () => void } {
  const { yo } = useSesion();
  const puede = usePuede();
  const razones = $api.useQuery('get', '/api/v1/entidades-legales', { params: { query: { limite: 1 } } });
  const todas = useTodas<Sede>('/api/v1/sedes', 'todas', (query) => api.GET('/api/v1/sedes', { params: { query } }));
  const servicios = $api.useQuery('get', '/api/v1/servicios', { params: { query: { limite: 1 } } });
  const personal = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { activo: true, limite: 200 } } });
  const importa = puede('datos.importar', 'alguna') && PANTALLAS.some((pantalla) => pantalla.ruta === '/importaciones');
  const importado = useQuery({ queryKey: ['get', '/api/v1/importaciones', 'arranque'], queryFn: () => pedir<{ items: unknown[] }>('GET', '/api/v1/importaciones'), enabled: importa });
  const sedes = (todas.data ?? []).filter((sede) => sede.activa);
  const horarios = useDeCada(sedes, '/api/v1/sedes/{id}/horarios', async (id) => ((await api.GET('/api/v1/sedes/{id}/horarios', { params: { path: { id } } })).data?.tramos.length ?? 0) > 0);
  const ambientes = useDeCada(sedes, '/api/v1/sedes/{sede_id}/ambientes', async (sede_id) => (await api.GET('/api/v1/sedes/{sede_id}/ambientes', { params: { path: { sede_id }, query: { limite: 200 } } })).data?.items.some((uno) => uno.activo) ?? false);
  const planes = useDeCada(sedes, '/api/v1/sedes/{id}/planes', async (id) => ((await api.GET('/api/v1/sedes/{id}/planes', { params: { path: { id } } })).data?.length ?? 0) > 0);
  const reservas = useDeCada(sedes, '/api/v1/sedes/{id}/autoreserva', tieneReservas);

  const consultas = [razones, todas, servicios, personal];
  const reintentar = () => consultas.forEach((una) => una.isError && void una.refetch());
  const falla = consultas.find((una) => una.isError && una.data === undefined)?.error ?? [horarios, ambientes, planes, reservas].find((una) => una.falla)?.falla;
  const listo = consultas.every((una) => una.data !== undefined) && [horarios, ambientes, planes, reservas].every((una) => una.listas) && (!importa || importado.data !== undefined || importado.isError);
  if (!listo) return { pasos: undefined, falla, reintentar };

  const gente = personal.data?.items ?? [];
  const medicos = gente.filter((una) => una.es_medico);
  const nueva: Enlace[] = [{ a: '/sedes', con: { nueva: '1' } }];
  const enCada = (parte: string, sin: Sede[]): Enlace[] => (sedes.length === 0 ? nueva : sin.map((sede) => ({ a: `/sedes/${sede.id}/${parte}`, nombre: sede.nombre })));
  const paso = (clave: Paso['clave'], hecho: boolean, enlaces: Enlace[], opcional = false): Paso => ({ clave, hecho, enlaces, opcional });
  const hay = sedes.length > 0;
  return {
    falla,
    reintentar,
    pasos: [
      paso('ruc', (razones.data?.items.length ?? 0) > 0, [{ a: '/ajustes/razones', con: { abrir: 'nuevo' } }]),
      paso('sede', hay, nueva),
      paso('horario', hay && horarios.sin.length === 0, enCada('horario', horarios.sin)),
      paso('ambientes', hay && ambientes.sin.length === 0, enCada('ambientes', ambientes.sin)),
      paso('servicios', (servicios.data?.items.length ?? 0) > 0, [{ a: '/ajustes/servicios', con: { abrir: 'nuevo' } }]),
      paso('medicos', medicos.length > 0, [{ a: '/personal', con: { nueva: '1' } }]),
      paso('planes', hay && planes.sin.length === 0, enCada('medicos', planes.sin)),
      paso('personal', gente.some((una) => !una.es_medico && una.id !== yo.id), [{ a: '/personal', con: { nueva: '1' } }]),
      ...(importa ? [paso('importar', (importado.data?.items.length ?? 0) > 0, [{ a: '/importaciones' }], true)] : []),
      paso('reservas', hay && reservas.sin.length < sedes.length, enCada('reservas', sedes.slice(0, 1)), true),
    ],
  };
}

export const faltan = (pasos: Paso[]) => pasos.filter((paso) => !paso.hecho && !paso.opcional);
