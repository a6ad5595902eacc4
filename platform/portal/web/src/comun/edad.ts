import type { TFunction } from 'i18next';

/** Whole months between two civil dates. */
export function mesesEntre(desde: string, hasta: string): number {
  const [a = 0, m = 1, d = 1] = desde.split('-').map(Number);
  const [a2 = 0, m2 = 1, d2 = 1] = hasta.split('-').map(Number);
  return Math.max(0, (a2 - a) * 12 + (m2 - m) - (d2 < d ? 1 : 0));
}

/** «4 años 2 meses», «5 meses», «3 semanas»: what a person says, not a number of days. */
export function edad(t: TFunction, nacimiento: string, hoy: string): string {
  const meses = mesesEntre(nacimiento, hoy);
  if (meses < 3) return t('pacientes:edad.semanas', { count: Math.max(0, Math.floor((Date.parse(hoy) - Date.parse(nacimiento)) / 604_800_000)) });
  const anios = Math.floor(meses / 12);
  const resto = meses % 12;
  const partes = [anios > 0 && t('pacientes:edad.anios', { count: anios }), resto > 0 && anios < 10 && t('pacientes:edad.meses', { count: resto })];
  return partes.filter(Boolean).join(' ');
}

export const diasEntre = (desde: string, hasta: string) => Math.round((Date.parse(hasta) - Date.parse(desde)) / 86_400_000);
