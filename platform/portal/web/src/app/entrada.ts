import { pedir } from '@/api/cliente';

export type Entrada = { cadena: string; correo: string; contrasena: string; codigo?: string };
export type Entrado = {
  sesion_id: string;
  expira_en: string;
  ocio_min: number;
  usuario: { id: string; nombres: string; apellidos: string; segundo_factor: boolean };
  debe_enrolar: boolean;
  tiene_pin: boolean;
};

const CADENA = 'huella.cadena';

/** The chain whose address this is; the server writes it into the page. */
export const cadenaDeLaDireccion = () => document.querySelector<HTMLMetaElement>('meta[name=cadena]')?.content;
export const ultimaCadena = () => cadenaDeLaDireccion() ?? localStorage.getItem(CADENA) ?? '';

/** The session itself is an HttpOnly cookie that no script sees; only the chain's key is remembered here. */
export async function entrar(datos: Entrada): Promise<Entrado> {
  const entrado = await pedir<Entrado>('POST', '/api/v1/portal/sesion', datos);
  localStorage.setItem(CADENA, datos.cadena);
  return entrado;
}
