/** Every failure that the server tells of (RFC 9457), and the two that it cannot tell of: no network, an answer nobody understands. */
export type ErrorDeCampo = { pointer: string; detail: string };

export class Problema extends Error {
  readonly tipo: string;
  readonly titulo: string;
  readonly detalle: string | undefined;
  readonly errores: ErrorDeCampo[];
  readonly traza: string | undefined;
  constructor(
    readonly status: number,
    readonly cuerpo: Record<string, unknown>,
  ) {
    const titulo = typeof cuerpo.title === 'string' ? cuerpo.title : '';
    super(titulo);
    this.titulo = titulo;
    this.tipo = typeof cuerpo.type === 'string' ? cuerpo.type.replace(/^.*\/problemas\//, '') : '';
    this.detalle = typeof cuerpo.detail === 'string' ? cuerpo.detail : undefined;
    this.errores = Array.isArray(cuerpo.errors) ? (cuerpo.errors as ErrorDeCampo[]) : [];
    this.traza = typeof cuerpo.traza === 'string' ? cuerpo.traza : undefined;
  }
  /** A member of the problem's own, like `conflictos` or `autorizable`. */
  extra<T>(nombre: string): T | undefined {
    return this.cuerpo[nombre] as T | undefined;
  }
}

export class SinRed extends Error {}

export const esProblema = (falla: unknown, ...tipos: string[]): falla is Problema =>
  falla instanceof Problema && (tipos.length === 0 || tipos.includes(falla.tipo));

/** `/tutor/telefono` → `tutor.telefono`: the paths that Mantine's forms use. */
export function erroresDeCampos(falla: unknown): Record<string, string> {
  if (!(falla instanceof Problema)) return {};
  return Object.fromEntries(falla.errores.map((e) => [e.pointer.replace(/^\//, '').replaceAll('/', '.'), e.detail]));
}
