/** Hours of a week as people write them: `8-13 y 15-20`, `9:30 a 18`, `24h`. */
export type Tramo = { dia: number; desde: string; hasta: string };
export type Horas = { desde: string; hasta: string };

/** The API says the end of the day as `24:00`. */
export const DIA_ENTERO: Horas = { desde: '00:00', hasta: '24:00' };
const ESPECIALES = /^(24\s*(h|hs|horas?)?|todo el d[ií]a|all day)$/i;

const aMinutos = (h: string, m: string | undefined): number | undefined => {
  const minutos = Number(h) * 60 + Number(m ?? 0);
  return Number(m ?? 0) < 60 && minutos <= 24 * 60 ? minutos : undefined;
};
const texto = (minutos: number) => `${String(Math.floor(minutos / 60)).padStart(2, '0')}:${String(minutos % 60).padStart(2, '0')}`;
export const minutos = (hora: string) => Number(hora.slice(0, 2)) * 60 + Number(hora.slice(3, 5));

export type Leido = { horas: Horas[] } | { mal: 'forma' | 'orden' | 'cruce' };

/** What somebody wrote for a day. Nothing is a closed day. */
export function leerHoras(escrito: string): Leido {
  const limpio = escrito.trim();
  if (limpio === '' || limpio === '—') return { horas: [] };
  if (ESPECIALES.test(limpio)) return { horas: [DIA_ENTERO] };
  const PAR = /(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|–|—|\ba\b|\bto\b)\s*(\d{1,2})(?:[:.h](\d{2}))?/gi;
  const resto = limpio.replace(PAR, ' ').replace(/\b(y|and|h|hs)\b|[,;·\s]/gi, '');
  if (resto !== '') return { mal: 'forma' };
  const pares: [number, number][] = [];
  for (const [, h1 = '', m1, h2 = '', m2] of limpio.matchAll(PAR)) {
    const desde = aMinutos(h1, m1);
    // Until midnight is also written `-0` or `-00:00`.
    const hasta = /^0+$/.test(h2) && Number(m2 ?? 0) === 0 ? 24 * 60 : aMinutos(h2, m2);
    if (desde === undefined || hasta === undefined) return { mal: 'forma' };
    if (hasta <= desde) return { mal: 'orden' };
    pares.push([desde, hasta]);
  }
  pares.sort(([a], [b]) => a - b);
  if (pares.some(([desde], i) => i > 0 && desde < (pares[i - 1]?.[1] ?? 0))) return { mal: 'cruce' };
  return { horas: pares.map(([desde, hasta]) => ({ desde: texto(desde), hasta: texto(hasta) })) };
}

export const escribirHoras = (horas: Horas[]) => horas.map((h) => `${h.desde.slice(0, 5)}–${h.hasta.slice(0, 5)}`).join(', ');

export const DIAS = [1, 2, 3, 4, 5, 6, 7] as const;
export type Escrita = Record<number, string>;

export const escribirSemana = (tramos: Tramo[]): Escrita =>
  Object.fromEntries(DIAS.map((dia) => [dia, escribirHoras(tramos.filter((t) => t.dia === dia).sort((a, b) => a.desde.localeCompare(b.desde)))]));

/** The week, or the days that cannot be understood. */
export function leerSemana(escrita: Escrita): { tramos: Tramo[]; mal: Record<number, 'forma' | 'orden' | 'cruce'> } {
  const tramos: Tramo[] = [];
  const mal: Record<number, 'forma' | 'orden' | 'cruce'> = {};
  for (const dia of DIAS) {
    const leido = leerHoras(escrita[dia] ?? '');
    if ('mal' in leido) mal[dia] = leido.mal;
    else tramos.push(...leido.horas.map((h) => ({ dia, ...h })));
  }
  return { tramos, mal };
}

export const horasDeLaSemana = (tramos: Horas[]) => tramos.reduce((suma, t) => suma + minutos(t.hasta) - minutos(t.desde), 0) / 60;
