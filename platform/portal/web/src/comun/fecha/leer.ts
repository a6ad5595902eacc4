/** Dates and hours as people in Peru write them: `05/12/2026`, `5/12`, `9:30`, `930`. */
const dos = (n: number) => String(n).padStart(2, '0');

const existe = (anio: number, mes: number, dia: number) => {
  const fecha = new Date(Date.UTC(anio, mes - 1, dia));
  return anio >= 1900 && anio <= 2200 && fecha.getUTCMonth() === mes - 1 && fecha.getUTCDate() === dia;
};

/** The civil date `2026-12-05`; undefined if it is none. A missing year is `hoy`'s. */
export function leerFecha(texto: string, hoy: string): string | undefined {
  const limpio = texto.trim();
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(limpio);
  const junta = /^(\d\d)(\d\d)(\d{4})$/.exec(limpio);
  const partida = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}|\d\d))?$/.exec(limpio);
  let [dia, mes, anio] = [0, 0, 0];
  if (iso) [anio, mes, dia] = [Number(iso[1]), Number(iso[2]), Number(iso[3])];
  else if (junta) [dia, mes, anio] = [Number(junta[1]), Number(junta[2]), Number(junta[3])];
  else if (partida) {
    [dia, mes] = [Number(partida[1]), Number(partida[2])];
    anio = partida[3] ? Number(partida[3].length === 2 ? `20${partida[3]}` : partida[3]) : Number(hoy.slice(0, 4));
  } else return undefined;
  return existe(anio, mes, dia) ? `${anio}-${dos(mes)}-${dos(dia)}` : undefined;
}

export const escribirFecha = (civil: string) => (/^\d{4}-\d\d-\d\d$/.test(civil) ? civil.split('-').reverse().join('/') : '');

/** `5/2027`, `05/27` or `0527` is the month `2027-05`; undefined if it is none. */
export function leerMes(texto: string): string | undefined {
  const partes = /^(\d{1,2})[/.\- ](\d{4}|\d\d)$/.exec(texto.trim()) ?? /^(\d\d)(\d{4}|\d\d)$/.exec(texto.trim());
  const mes = Number(partes?.[1]);
  if (!partes?.[2] || mes < 1 || mes > 12) return undefined;
  return `${partes[2].length === 2 ? `20${partes[2]}` : partes[2]}-${dos(mes)}`;
}
export const escribirMes = (mes: string) => (/^\d{4}-\d\d$/.test(mes) ? mes.split('-').reverse().join('/') : '');

/** `9` → `09:00`, `930` → `09:30`; undefined if it is no hour of a day. */
export function leerHora(texto: string): string | undefined {
  const partes = /^(\d{1,2})(?:[:.hH ]?(\d\d))?$/.exec(texto.trim());
  if (!partes) return undefined;
  const [h, m] = [Number(partes[1]), Number(partes[2] ?? 0)];
  return h < 24 && m < 60 ? `${dos(h)}:${dos(m)}` : undefined;
}
export function correrHora(hora: string, minutos: number): string {
  const [h = 0, m = 0] = hora.split(':').map(Number);
  const total = (h * 60 + m + minutos + 1440) % 1440;
  return `${dos(Math.floor(total / 60))}:${dos(total % 60)}`;
}
