/** What the vaccine ladder shows, out of what was given. */
export type Dosis = { id: string; producto: string; fecha: string; proxima?: string | null; antigenos: string[]; lote?: string | null; medico?: string | null; anterior: boolean };
export type Peldano = { producto: string; dosis: Dosis[]; ultima: Dosis; proxima: string | undefined; estado: 'vencida' | 'pronto' | 'al_dia' | 'cubierta' | 'sin_fecha' };

const PRONTO_DIAS = 30;

/**
 * A line for each product, the one that is most due first. The next dose of a product is owed no more when a later vaccine,
 * of whatever name, held all that it holds.
 */
export function escalera(dosis: Dosis[], hoy: string): Peldano[] {
  const porProducto = new Map<string, Dosis[]>();
  for (const una of [...dosis].sort((a, b) => a.fecha.localeCompare(b.fecha))) porProducto.set(una.producto, [...(porProducto.get(una.producto) ?? []), una]);
  const limite = new Date(Date.parse(hoy) + PRONTO_DIAS * 86_400_000).toISOString().slice(0, 10);
  const peldanos = [...porProducto].flatMap(([producto, suyas]): Peldano[] => {
    const ultima = suyas.at(-1);
    if (!ultima) return [];
    const cubierta = ultima.antigenos.length > 0 && dosis.some((otra) => otra.producto !== producto && otra.fecha > ultima.fecha && ultima.antigenos.every((uno) => otra.antigenos.includes(uno)));
    const proxima = cubierta ? undefined : (ultima.proxima ?? undefined);
    const estado = cubierta ? 'cubierta' : !proxima ? 'sin_fecha' : proxima < hoy ? 'vencida' : proxima <= limite ? 'pronto' : 'al_dia';
    return [{ producto, dosis: suyas, ultima, proxima, estado }];
  });
  return peldanos.sort((a, b) => (a.proxima ?? '9999').localeCompare(b.proxima ?? '9999') || b.ultima.fecha.localeCompare(a.ultima.fecha));
}
