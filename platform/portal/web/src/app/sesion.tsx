import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { $api, alSaber, consultas, pedir, renovar, type Yo } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { enviarPendientes } from '@/comun/aplazar';
import { PANTALLAS } from '@/pantallas';
import { olvidarCopia } from './copia';

export type YoSede = Yo['sedes'][number];

type Sesion = {
  yo: Yo;
  sede: YoSede | undefined;
  cambiarSede: (id: string) => void;
  /** Whether the person may do it: in this sede, in the one chosen, or (`cadena`) in the whole chain. */
  puede: (permiso: string, sede?: string | 'cadena' | 'alguna') => boolean;
  salir: () => Promise<void>;
  bloquear: () => Promise<void>;
  /** The session ended under our feet: signing in again happens over the page, which stays. */
  perdida: boolean;
  recobrada: () => void;
};

const Contexto = createContext<Sesion | null>(null);

const SEDE = 'huella.sede';
/** Screens whose address says which sede they show. */
export const esPorSede = (ruta: string) => PANTALLAS.some((p) => p.ruta === ruta && p.porSede);
/** The sede in the address of such a screen, as soon as the address changes. */
export const useSedeEscrita = () => useRouterState({ select: ({ location: { pathname, search } }) => (esPorSede(pathname) ? ((search as Record<string, string | undefined>).sede ?? '') : '') });
const sedeDeLaDireccion = () => new URLSearchParams(location.search).get('sede');

export const opcionesDeYo = () => $api.queryOptions('get', '/api/v1/yo', {}, { staleTime: 5 * 60_000 });

export function elegir(yo: Yo, pedida = sedeDeLaDireccion()): YoSede | undefined {
  const activas = yo.sedes.filter((sede) => sede.activa);
  return activas.find((sede) => sede.id === pedida) ?? activas.find((sede) => sede.id === localStorage.getItem(SEDE)) ?? activas[0] ?? yo.sedes[0];
}

export function SesionProvider({ children, cargando, fuera }: { children: ReactNode; cargando: ReactNode; fuera: (falla: unknown) => ReactNode }) {
  const consulta = useQuery(opcionesDeYo());
  const yo = consulta.data as Yo | undefined;
  const [pedida, setPedida] = useState<string | null>(sedeDeLaDireccion);
  const [perdida, setPerdida] = useState(false);
  const escrita = useSedeEscrita();
  const [leida, setLeida] = useState(escrita);
  // A link to another sede's screen changes the sede with the same stroke: nothing is drawn, or asked for, of the old one.
  if (yo && escrita !== leida) {
    setLeida(escrita);
    if (yo.sedes.some((una) => una.activa && una.id === escrita)) setPedida(escrita);
  }

  useEffect(
    () =>
      alSaber((novedad) => {
        if (novedad === 'sin-sesion') setPerdida(true);
        if (novedad === 'bloqueada') void olvidarCopia().then(() => renovar('/api/v1/yo'));
      }),
    [],
  );

  const sede = useMemo(() => (yo ? elegir(yo, pedida) : undefined), [yo, pedida]);
  const cambiarSede = useCallback((id: string) => {
    localStorage.setItem(SEDE, id);
    setPedida(id);
  }, []);
  const puede = useCallback<Sesion['puede']>(
    (permiso, donde) => {
      if (!yo) return false;
      if (yo.cadena.permisos.includes(permiso)) return true;
      if (donde === 'cadena') return false;
      if (donde === 'alguna') return yo.sedes.some((una) => una.permisos.includes(permiso));
      const id = donde ?? sede?.id;
      return yo.sedes.some((una) => una.id === id && una.permisos.includes(permiso));
    },
    [yo, sede],
  );
  const salir = useCallback(async () => {
    await enviarPendientes();
    await pedir('DELETE', '/api/v1/portal/sesion').catch(() => undefined);
    await olvidarCopia();
    consultas.clear();
    location.assign('/ingresar');
  }, []);
  const bloquear = useCallback(async () => {
    await enviarPendientes();
    await pedir('POST', '/api/v1/portal/bloqueo');
    await olvidarCopia();
    await renovar('/api/v1/yo');
  }, []);
  const recobrada = useCallback(() => {
    setPerdida(false);
    void consultas.invalidateQueries();
  }, []);

  const valor = useMemo(
    () => (yo ? { yo, sede, cambiarSede, puede, salir, bloquear, perdida, recobrada } : null),
    [yo, sede, cambiarSede, puede, salir, bloquear, perdida, recobrada],
  );
  if (!valor) return consulta.error ? fuera(consulta.error) : cargando;
  return <Contexto.Provider value={valor}>{children}</Contexto.Provider>;
}

export function useSesion(): Sesion {
  const sesion = useContext(Contexto);
  if (!sesion) throw new Error('useSesion needs SesionProvider');
  return sesion;
}

/** The sede in use; screens that need one are not shown without it. */
export function useSede(): YoSede {
  const { sede } = useSesion();
  if (!sede) throw new Error('no sede');
  return sede;
}

export const usePuede = () => useSesion().puede;

export const noHaySesion = (falla: unknown) => esProblema(falla, 'sin-sesion') || (esProblema(falla) && falla.status === 401);

