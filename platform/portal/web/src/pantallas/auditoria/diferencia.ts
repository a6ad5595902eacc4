/** What changed between two versions of a record: a line per field, also inside of nested ones. */
export type Cambio = { campo: string; antes: string | undefined; despues: string | undefined };

const plano = (valor: unknown, prefijo = '', hojas: Record<string, string> = {}): Record<string, string> => {
  if (valor === null || valor === undefined) return hojas;
  if (Array.isArray(valor)) {
    if (valor.every((uno) => typeof uno !== 'object' || uno === null)) hojas[prefijo] = valor.map(String).join(', ');
    else valor.forEach((uno, i) => plano(uno, `${prefijo}[${i + 1}]`, hojas));
  } else if (typeof valor === 'object') for (const [clave, dentro] of Object.entries(valor)) plano(dentro, prefijo ? `${prefijo}.${clave}` : clave, hojas);
  else hojas[prefijo] = String(valor);
  return hojas;
};

export function diferencias(antes: unknown, despues: unknown): Cambio[] {
  const [a, b] = [plano(antes), plano(despues)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((campo) => a[campo] !== b[campo]).map((campo) => ({ campo, antes: a[campo], despues: b[campo] }));
}
