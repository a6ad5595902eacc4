/** Instants are UTC in the API; people read the clock of their sede. Days are civil dates, `2026-11-28`. */
import i18n from '@/app/i18n';

/** Lima's clock: all of Peru's, by which records of a whole chain are told. */
export const ZONA = 'America/Lima';

const local = () => (i18n.language === 'en' ? 'en-GB' : 'es-PE');
const formatos = new Map<string, Intl.DateTimeFormat>();
function formato(zona: string, opciones: Intl.DateTimeFormatOptions, idioma = local()): Intl.DateTimeFormat {
  const clave = idioma + zona + JSON.stringify(opciones);
  let hallado = formatos.get(clave);
  if (!hallado) {
    hallado = new Intl.DateTimeFormat(idioma, { timeZone: zona, ...opciones });
    formatos.set(clave, hallado);
  }
  return hallado;
}
const HORA: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };

export const hora = (instante: string | Date, zona: string) => formato(zona, HORA).format(new Date(instante));

/** `2026-11-28T09:30` on the sede's clock. */
export function enZona(instante: string | Date, zona: string): string {
  return formato(zona, { year: 'numeric', month: '2-digit', day: '2-digit', ...HORA }, 'sv-SE').format(new Date(instante)).replace(' ', 'T');
}
export const diaEn = (instante: string | Date, zona: string) => enZona(instante, zona).slice(0, 10);
export const hoyEn = (zona: string) => diaEn(new Date(), zona);

/** The instant of `2026-11-28T09:30` on the sede's clock. */
export function deZona(civil: string, zona: string): string {
  const como_utc = Date.parse(`${civil.slice(0, 16)}:00Z`);
  const desfase = (instante: number) => Date.parse(`${enZona(new Date(instante), zona)}:00Z`) - instante;
  // Twice: the first guess may lie on the other side of a clock change.
  const primero = como_utc - desfase(como_utc);
  return new Date(como_utc - desfase(primero)).toISOString().replace('.000Z', 'Z');
}

export function sumarDias(dia: string, dias: number): string {
  const fecha = new Date(`${dia}T12:00:00Z`);
  fecha.setUTCDate(fecha.getUTCDate() + dias);
  return fecha.toISOString().slice(0, 10);
}
/** Monday of its week. */
export function lunes(dia: string): string {
  const semana = new Date(`${dia}T12:00:00Z`).getUTCDay();
  return sumarDias(dia, -((semana + 6) % 7));
}
const civil = (dia: string, opciones: Intl.DateTimeFormatOptions) => formato('UTC', opciones).format(new Date(`${dia}T12:00:00Z`));
export const diaLargo = (dia: string) => civil(dia, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
export const diaMedio = (dia: string) => civil(dia, { weekday: 'short', day: 'numeric', month: 'short' });
export const diaCorto = (dia: string) => civil(dia, { day: '2-digit', month: '2-digit', year: 'numeric' });
/** «diciembre de 2026», and the first letters of Monday to Sunday. */
export const mesLargo = (dia: string) => civil(dia, { month: 'long', year: 'numeric' });
export const letrasDeLaSemana = () => Array.from({ length: 7 }, (_, i) => civil(sumarDias('2024-01-01', i), { weekday: 'narrow' }));
export const diasDeLaSemana = () => Array.from({ length: 7 }, (_, i) => civil(sumarDias('2024-01-01', i), { weekday: 'short' }));
export const fechaHora = (instante: string, zona: string) => `${diaMedio(diaEn(instante, zona))}, ${hora(instante, zona)}`;

export const minutosEntre = (desde: string | Date, hasta: string | Date) => Math.round((+new Date(hasta) - +new Date(desde)) / 60_000);
export const duracion = (minutos: number) => (minutos < 60 ? `${minutos} min` : `${Math.floor(minutos / 60)} h ${String(minutos % 60).padStart(2, '0')}`);

/** Soles as people write them. The API's amounts are texts. */
export const soles = (monto: string) => new Intl.NumberFormat('es-PE', { style: 'currency', currency: 'PEN' }).format(Number(monto));
