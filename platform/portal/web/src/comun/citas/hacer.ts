/** What is done to appointments, each with the way back. */
import { api, consultas, cuerpo, renovar, version, type CitaEnAgenda, type Esquemas, type Estado } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import i18n from '@/app/i18n';
import { aplazar } from '../aplazar';
import { hora } from '../tiempo';
import { camino, type Alcance, type Movimiento, type ParaMover } from './estados';

type Cita = Esquemas['Cita'];
type Pagina = { items: CitaEnAgenda[]; siguiente?: string | null };

const t = (clave: string, datos?: Record<string, unknown>) => i18n.t(`app:cita.${clave}`, datos ?? {});

/** The row as the server answered, in every list that shows it: nothing has to wait for the next reading. */
export function escribir(cita: Cita, mas: Partial<CitaEnAgenda> = {}) {
  consultas.setQueriesData<Pagina>({ queryKey: ['get', '/api/v1/citas'] }, (pagina) =>
    pagina && { ...pagina, items: pagina.items.map((fila) => (fila.id === cita.id && fila.version <= cita.version ? { ...fila, ...cita, ...mas } : fila)) },
  );
}
const releer = () => renovar('/api/v1/citas', '/api/v1/sedes/{id}/sala');

export async function mover(cita: ParaMover, a: Movimiento, zona: string): Promise<Cita> {
  const nueva = await poner(cita, a);
  void releer();
  avisar({
    tono: 'bien',
    titulo: t('movida', { mascota: cita.mascota }),
    detalle: t('movida_detalle', { de: hora(cita.inicio, zona), a: hora(nueva.inicio, zona) }),
    deshacer: async () => {
      try {
        const duracion = (+new Date(cita.fin) - +new Date(cita.inicio)) / 60_000;
        const otra = (+new Date(nueva.fin) - +new Date(nueva.inicio)) / 60_000;
        const atras: Movimiento = { inicio: cita.inicio, medico_id: cita.medico_id, sede_id: cita.sede_id, ...(cita.ambiente_id ? { ambiente_id: cita.ambiente_id } : {}), ...(a.alcance ? { alcance: a.alcance } : {}) };
        // What had an override had it for a reason, and goes back with it; other lengths need one too.
        const con: Partial<Movimiento> = cita.sobrecupo ? { sobrecupo_motivo: cita.sobrecupo_motivo ?? t('deshecha') } : { sobrecupo: false };
        await poner({ ...cita, version: nueva.version }, duracion === otra || !cita.sobrecupo ? { ...atras, ...con } : { ...atras, ...con, duracion_min: duracion });
        void releer();
      } catch (falla) {
        avisarFalla(falla);
        void releer();
      }
    },
  });
  return nueva;
}

async function poner(cita: ParaMover, a: Movimiento): Promise<Cita> {
  const cita_nueva = await cuerpo(
    api.PUT('/api/v1/citas/{id}', {
      params: { path: { id: cita.id }, header: { 'If-Match': version(cita) }, ...(a.alcance && a.alcance !== 'esta' ? { query: { alcance: a.alcance } } : {}) },
      body: {
        sede_id: a.sede_id ?? cita.sede_id,
        servicio_id: cita.servicio_id,
        motivo: cita.motivo ?? null,
        medico_id: a.medico_id,
        inicio: a.inicio,
        ...(a.ambiente_id ? { ambiente_id: a.ambiente_id } : {}),
        ...(a.duracion_min ? { duracion_min: a.duracion_min } : {}),
        ...(a.sobrecupo === false ? { sobrecupo: false } : {}),
        ...(a.sobrecupo_motivo ? { sobrecupo: true, sobrecupo_motivo: a.sobrecupo_motivo } : {}),
      },
    }),
  );
  escribir(cita_nueva);
  return cita_nueva;
}

async function pasar(cita: { id: string; version: number }, estado: Estado): Promise<Cita> {
  const nueva = await cuerpo(api.PUT('/api/v1/citas/{id}/estado', { params: { path: { id: cita.id }, header: { 'If-Match': version(cita) } }, body: { estado } }));
  escribir(nueva);
  return nueva;
}

/** Moves on to a state; the way back is walked step by step, as the server allows it. */
export async function cambiarEstado(cita: { id: string; version: number; estado: Estado; mascota: string }, estado: Estado): Promise<boolean> {
  try {
    const nueva = await pasar(cita, estado);
    void releer();
    const atras = camino(estado, cita.estado);
    avisar({
      tono: 'bien',
      titulo: t(`hecho.${estado}`, { mascota: cita.mascota }),
      deshacer: atras
        ? async () => {
            try {
              let fila = nueva;
              for (const paso of atras) fila = await pasar(fila, paso);
            } catch (falla) {
              avisarFalla(falla);
            }
            void releer();
          }
        : undefined,
    });
    return true;
  } catch (falla) {
    avisarFalla(falla);
    void releer();
    return false;
  }
}

/**
 * Cancelling cannot be taken back on the server (the slot is offered to who waits, the owner gets a mail), so it is
 * sent only when the eight seconds are over.
 */
export function anular(cita: { id: string; mascota: string; inicio: string; serie_id?: string | null }, motivo: string, por: 'clinica' | 'tutor', alcance: Alcance = 'esta') {
  const va = (fila: CitaEnAgenda) => fila.id === cita.id || (alcance !== 'esta' && fila.serie_id === cita.serie_id && (alcance === 'todas' || fila.inicio >= cita.inicio));
  const ocultar = (oculta: boolean) =>
    consultas.setQueriesData<Pagina>({ queryKey: ['get', '/api/v1/citas'] }, (pagina) =>
      pagina && { ...pagina, items: pagina.items.map((fila) => (va(fila) ? ({ ...fila, se_anula: oculta } as CitaEnAgenda) : fila)) },
    );
  aplazar({
    clave: cita.id,
    titulo: t('hecho.anulada', { mascota: cita.mascota }),
    ocultar,
    enviar: () => api.DELETE('/api/v1/citas/{id}', { params: { path: { id: cita.id }, query: { motivo, por, alcance } }, keepalive: true }).finally(releer),
  });
}
