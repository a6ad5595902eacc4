/** What changes elsewhere, as it happens: one EventSource per tab, for the sede in use. */
import { useEffect, useSyncExternalStore } from 'react';
import type { paths } from '@/api/esquema';
import { alSaber, consultas, contar, renovar } from '@/api/cliente';

export type EstadoVivo = 'vivo' | 'reconectando' | 'sin-conexion';
type Ruta = keyof paths;

const AGENDA: Ruta[] = ['/api/v1/citas', '/api/v1/sedes/{id}/sala', '/api/v1/citas/{id}'];
const PERSONAL: Ruta[] = ['/api/v1/usuarios', '/api/v1/usuarios/{id}'];
const hoy: Ruta = '/api/v1/sedes/{id}/hoy';
const HORAS: Ruta[] = ['/api/v1/sedes/{id}/rol', '/api/v1/sedes/{id}/de-turno', hoy];
const FERIADOS: Ruta[] = ['/api/v1/feriados', ...HORAS];
const ASIGNADOS: Ruta[] = ['/api/v1/sedes/{id}/turnos-asignados', ...HORAS];
/** Which answers grow old by which event. A screen adds its own with `alCambiar`. */
const RUTAS: Record<string, Ruta[]> = {
  'agenda.renovada': [...AGENDA, hoy],
  'cita.reservada': [...AGENDA, hoy],
  'cita.cambiada': [...AGENDA, hoy],
  'cita.anulada': [...AGENDA, hoy],
  'cita.retenida': ['/api/v1/retenciones'],
  'cita.soltada': ['/api/v1/retenciones'],
  'visita.llegada': ['/api/v1/sedes/{id}/sala', hoy],
  'visita.cambiada': ['/api/v1/sedes/{id}/sala', hoy],
  'visita.retirada': ['/api/v1/sedes/{id}/sala', '/api/v1/citas', hoy],
  'bloqueo.creado': ['/api/v1/sedes/{id}/bloqueos', '/api/v1/sedes/{id}/rol'],
  'bloqueo.quitado': ['/api/v1/sedes/{id}/bloqueos', '/api/v1/sedes/{id}/rol'],
  'horario.cambiado': ['/api/v1/sedes/{id}/horarios', ...HORAS],
  'plan.cambiado': ['/api/v1/sedes/{id}/planes', '/api/v1/sedes/{id}/medicos/{medico_id}/plan', ...HORAS],
  'excepcion.creada': ['/api/v1/sedes/{id}/excepciones', ...HORAS],
  'excepcion.quitada': ['/api/v1/sedes/{id}/excepciones', ...HORAS],
  'feriado.creado': FERIADOS,
  'feriado.cambiado': FERIADOS,
  'feriado.quitado': FERIADOS,
  'turno.creado': ['/api/v1/sedes/{id}/turnos'],
  'turno.cambiado': ['/api/v1/sedes/{id}/turnos', ...ASIGNADOS],
  'turno.borrado': ['/api/v1/sedes/{id}/turnos'],
  'turno.asignado': ASIGNADOS,
  'turno.quitado': ASIGNADOS,
  'servicio.cambiado': ['/api/v1/servicios'],
  'sede.cambiada': ['/api/v1/sedes', '/api/v1/sedes/{id}', '/api/v1/yo'],
  'sede.creada': ['/api/v1/sedes', '/api/v1/yo'],
  'rol.cambiado': ['/api/v1/roles', '/api/v1/yo'],
  'rol.creado': ['/api/v1/roles'],
  'rol.borrado': ['/api/v1/roles'],
  'asignacion.creada': [...PERSONAL, '/api/v1/yo'],
  'asignacion.borrada': [...PERSONAL, '/api/v1/yo'],
  'usuario.creado': PERSONAL,
  'usuario.cambiado': PERSONAL,
  'usuario.activado': PERSONAL,
  'usuario.desactivado': PERSONAL,
  'complemento.cambiado': ['/api/v1/complementos', '/api/v1/complementos/{id}', '/api/v1/complementos/{id}/configuracion'],
  'complemento.en_cuarentena': ['/api/v1/complementos', '/api/v1/complementos/{id}', '/api/v1/complementos/corridas'],
  'modulo.cambiado': ['/api/v1/complementos/modulos'],
  'espera.anotada': ['/api/v1/esperas'],
  'espera.cambiada': ['/api/v1/esperas'],
  'espera.ofrecida': ['/api/v1/esperas'],
  'espera.aceptada': ['/api/v1/esperas', ...AGENDA],
  'espera.rechazada': ['/api/v1/esperas'],
  'espera.retirada': ['/api/v1/esperas'],
  'espera.vencida': ['/api/v1/esperas'],
  'reclamo.presentado': ['/api/v1/reclamos', hoy],
  'reclamo.por_vencer': ['/api/v1/reclamos', hoy],
  'reclamo.vencido': ['/api/v1/reclamos', hoy],
  'reclamo.respondido': ['/api/v1/reclamos', '/api/v1/reclamos/{id}', hoy],
  'exportacion.terminada': ['/api/v1/exportaciones'],
  'importacion.terminada': ['/api/v1/importaciones', '/api/v1/importaciones/{id}'],
  'exportacion.avanzada': ['/api/v1/exportaciones'],
  'importacion.avanzada': ['/api/v1/importaciones/{id}'],
  'derecho.solicitado': ['/api/v1/solicitudes-datos'],
  'derecho.respondido': ['/api/v1/solicitudes-datos', '/api/v1/solicitudes-datos/{id}'],
  'incidente.registrado': ['/api/v1/incidentes-datos'],
  'incidente.cambiado': ['/api/v1/incidentes-datos'],
  'alerta.cambiada': ['/api/v1/alertas', '/api/v1/pacientes/{id}/alertas', hoy],
  'alerta.pasada_terminada': ['/api/v1/alertas', '/api/v1/alertas/estado', hoy],
  'alerta.reglas_detenidas': ['/api/v1/alertas/estado'],
  'alerta.ensayo_terminado': ['/api/v1/alertas/ensayos', '/api/v1/alertas/ensayos/{id}'],
};

export type Suceso = { tema: string; sede_id: string | null; en: string; cuerpo: Record<string, unknown> };
const extras = new Map<string, Set<(suceso: Suceso) => void>>();
let fuente: EventSource | undefined;

/** For screens: call `hacer` on each event of these names. Returns what ends it. */
export function alCambiar(temas: string[], hacer: (suceso: Suceso) => void) {
  for (const tema of temas) {
    if (!extras.has(tema)) {
      extras.set(tema, new Set());
      fuente?.addEventListener(tema, recibir);
    }
    extras.get(tema)?.add(hacer);
  }
  return () => temas.forEach((tema) => extras.get(tema)?.delete(hacer));
}

export const useAlCambiar = (temas: string[], hacer: (suceso: Suceso) => void) => useEffect(() => alCambiar(temas, hacer));

let estado: EstadoVivo = 'reconectando';
let desde = new Date();
const oyentes = new Set<() => void>();
function pasar(nuevo: EstadoVivo) {
  if (nuevo === 'vivo' || estado === 'vivo') desde = new Date();
  if (nuevo === estado) return;
  estado = nuevo;
  oyentes.forEach((oyente) => oyente());
}

const viejas = new Set<Ruta>();
let reloj: ReturnType<typeof setTimeout> | undefined;
/** A move sends two events and a series dozens: they are read again once. */
function envejecer(rutas: Ruta[]) {
  rutas.forEach((ruta) => viejas.add(ruta));
  reloj ??= setTimeout(() => {
    const todas = [...viejas];
    viejas.clear();
    reloj = undefined;
    void renovar(...todas);
  }, 40);
}

function recibir(evento: MessageEvent<string>) {
  const datos = JSON.parse(evento.data) as Omit<Suceso, 'tema'>;
  envejecer(RUTAS[evento.type] ?? []);
  extras.get(evento.type)?.forEach((hacer) => hacer({ ...datos, tema: evento.type }));
}

const REPASO_MS = 1_000;
/** The first screen's appointments are asked for before anybody listens: what changed in between is looked for once more, when the screen is there. */
const repasar = (desde: number) => setTimeout(() => void consultas.invalidateQueries({ queryKey: ['get', '/api/v1/citas' satisfies Ruta], predicate: (una) => una.state.dataUpdatedAt < desde }), REPASO_MS);

/** Listens to a sede until it is told to stop. Network failures retry by themselves; a refused stream is asked for again with patience. */
function escuchar(sede: string) {
  let veces = 0;
  let espera: ReturnType<typeof setTimeout> | undefined;
  let acabado = false;
  const abrir = () => {
    if (acabado) return;
    const esta = new EventSource(`/api/v1/eventos?sede_id=${sede}`);
    fuente = esta;
    esta.addEventListener('listo', () => {
      if (veces > 0) void consultas.invalidateQueries();
      else repasar(Date.now());
      veces = 0;
      pasar('vivo');
    });
    esta.onopen = () => {
      pasar('vivo');
      contar('con-red');
    };
    esta.addEventListener('reiniciar', () => void consultas.invalidateQueries());
    esta.addEventListener('revocado', () => void renovar('/api/v1/yo'));
    for (const tema of new Set([...Object.keys(RUTAS), ...extras.keys()])) esta.addEventListener(tema, recibir);
    esta.onerror = () => {
      pasar(navigator.onLine ? 'reconectando' : 'sin-conexion');
      if (esta.readyState !== EventSource.CLOSED) return;
      // Refused for good (401, 423, 503): `/yo` finds out which, and the stream is asked for again.
      veces += 1;
      void renovar('/api/v1/yo');
      espera = setTimeout(abrir, Math.min(30_000, 1_000 * 2 ** veces));
    };
  };
  const cerrar = () => {
    clearTimeout(espera);
    fuente?.close();
    fuente = undefined;
  };
  abrir();
  return {
    /** Back on the network: the old stream may be half dead without knowing it. */
    reabrir() {
      cerrar();
      veces = Math.max(1, veces);
      abrir();
    },
    cerrar() {
      acabado = true;
      cerrar();
    },
  };
}

export function useVivo(sede: string | undefined, activo: boolean) {
  useEffect(() => {
    if (!sede || !activo) return;
    const oido = escuchar(sede);
    const red = alSaber((novedad) => {
      if (novedad === 'sin-red') pasar('sin-conexion');
      else if (novedad === 'con-red' && fuente?.readyState === EventSource.OPEN) pasar('vivo');
    });
    const sin = () => pasar('sin-conexion');
    const con = () => {
      pasar('reconectando');
      oido.reabrir();
    };
    window.addEventListener('offline', sin);
    window.addEventListener('online', con);
    return () => {
      oido.cerrar();
      red();
      window.removeEventListener('offline', sin);
      window.removeEventListener('online', con);
    };
  }, [sede, activo]);
}

export const useEstadoVivo = () => {
  const actual = useSyncExternalStore(
    (oyente) => {
      oyentes.add(oyente);
      return () => void oyentes.delete(oyente);
    },
    () => estado,
  );
  return { estado: actual, desde };
};
