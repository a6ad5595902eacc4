import { diaCorto, diaEn } from '@/comun/tiempo';

/** The civil day of an instant, short. */
export const soloDia = (instante: string, zona: string) => diaCorto(diaEn(instante, zona));

/** The rules write days as `2026-01-17`: people read 17/01/2026. */
export const conDias = (texto: string) => texto.replace(/\b(\d{4}-\d\d-\d\d)\b/g, (dia) => diaCorto(dia));

/** Without the day at the end, where the day is told beside it. */
export const sinDia = (titulo: string) => titulo.replace(/[:,]? (desde|toca) el \d{4}-\d\d-\d\d$/, '');

/** `+51987654321` → `987 654 321`. Masked ones stay as they are. */
export function telefono(crudo: string): string {
  const peruano = /^\+51(9\d{2})(\d{3})(\d{3})$/.exec(crudo);
  return peruano ? `${peruano[1]} ${peruano[2]} ${peruano[3]}` : crudo;
}

export const kilos = (kg: number) => `${kg.toLocaleString('es-PE', { maximumFractionDigits: 2 })} kg`;

/** The same day next year; the last of February when there is no other. */
export function enUnAnio(dia: string): string {
  const fecha = new Date(`${dia}T12:00:00Z`);
  const mes = fecha.getUTCMonth();
  fecha.setUTCFullYear(fecha.getUTCFullYear() + 1);
  if (fecha.getUTCMonth() !== mes) fecha.setUTCDate(0);
  return fecha.toISOString().slice(0, 10);
}
