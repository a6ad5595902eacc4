import type { CitaEnAgenda, Estado } from '@/api/cliente';

/** As the server's table of allowed moves. `anulada` is reached by cancelling only. */
export const SIGUIENTES: Record<Estado, Estado[]> = {
  programada: ['confirmada', 'en_espera', 'no_asistio', 'anulada'],
  confirmada: ['programada', 'en_espera', 'no_asistio', 'anulada'],
  en_espera: ['en_consulta', 'confirmada', 'anulada'],
  en_consulta: ['por_cobrar', 'en_espera'],
  por_cobrar: ['terminada', 'en_consulta'],
  no_asistio: ['en_espera', 'programada'],
  terminada: [],
  anulada: [],
};
export const ESTADOS = Object.keys(SIGUIENTES) as Estado[];

/** What one sees besides the colour. */
export const LETRA: Record<Estado, string> = {
  programada: 'P',
  confirmada: 'C',
  en_espera: 'E',
  en_consulta: 'A',
  por_cobrar: 'S/',
  terminada: '✓',
  anulada: '✕',
  no_asistio: '!',
};

/** On the agenda's list, but not on its grid. */
export const EN_LISTA = new Set<string>(['anulada', 'no_asistio'] satisfies Estado[]);

export const movible = (estado: Estado) => estado === 'programada' || estado === 'confirmada' || estado === 'en_espera';

/** The shortest way of allowed moves; undefined if there is none. */
export function camino(desde: Estado, hasta: Estado): Estado[] | undefined {
  const cola: Estado[][] = [[desde]];
  const vistos = new Set<Estado>([desde]);
  for (let pasos = cola.shift(); pasos; pasos = cola.shift()) {
    const fin = pasos.at(-1) as Estado;
    if (fin === hasta) return pasos.slice(1);
    for (const otro of SIGUIENTES[fin])
      if (!vistos.has(otro) && otro !== 'anulada') {
        vistos.add(otro);
        cola.push([...pasos, otro]);
      }
  }
  return undefined;
}

export const siguienteDe = (estado: Estado): Estado | undefined =>
  ({ programada: 'en_espera', confirmada: 'en_espera', en_espera: 'en_consulta', en_consulta: 'por_cobrar', por_cobrar: 'terminada' } as Partial<Record<Estado, Estado>>)[estado];

export type Alcance = 'esta' | 'siguientes' | 'todas';
export type Movimiento = { inicio: string; medico_id: string; sede_id?: string; ambiente_id?: string; alcance?: Alcance; duracion_min?: number; sobrecupo_motivo?: string; sobrecupo?: false };
export type ParaMover = Pick<CitaEnAgenda, 'sobrecupo' | 'sobrecupo_motivo' | 'id' | 'version' | 'estado' | 'inicio' | 'fin' | 'medico_id' | 'servicio_id' | 'sede_id' | 'motivo' | 'mascota'> & { ambiente_id?: string | null; equipos?: string[] };
