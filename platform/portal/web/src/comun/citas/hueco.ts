/** The time that a new appointment starts from. It is in the address, so that whoever has to be registered first comes back to it. */
export type Hueco = { inicio: string; medico_id?: string | undefined; ambiente_id?: string | undefined; sede_id?: string | undefined; servicio_id?: string | undefined };

/** `servicio` may also stand alone: what is to be done is known, when it will be is not. */
export const HUECO = { inicio: '', con: '', ambiente: '', en: '', servicio: '' };
export type EnDireccion = typeof HUECO;

export const deHueco = (hueco: Hueco): EnDireccion => ({ inicio: hueco.inicio, con: hueco.medico_id ?? '', ambiente: hueco.ambiente_id ?? '', en: hueco.sede_id ?? '', servicio: hueco.servicio_id ?? '' });

export function huecoDe(f: EnDireccion): Hueco | undefined {
  if (!f.inicio || Number.isNaN(Date.parse(f.inicio))) return undefined;
  return { inicio: f.inicio, medico_id: f.con || undefined, ambiente_id: f.ambiente || undefined, sede_id: f.en || undefined, servicio_id: f.servicio || undefined };
}
