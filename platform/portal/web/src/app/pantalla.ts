import type { Icon } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { YoSede } from './sesion';

export type Pantalla = {
  /** The folder below `pantallas/`, which is also the namespace of its texts. */
  clave: string;
  /** Like `/pacientes/$id`. Never `/problemas` or `/reservar`: the server has those. */
  ruta: string;
  carga: () => Promise<{ default: ComponentType }>;
  /** Without it (of several: without any of them) the screen says so instead of showing. */
  permiso?: string | string[];
  /** Where the permission has to be held: in the sede in use (the default), in the whole chain, or in any sede. */
  donde?: 'sede' | 'cadena' | 'alguna';
  /** Only in the chain of who runs the platform, whatever others may do in theirs. */
  plataforma?: boolean;
  /** Its line in the menu, whose word is `app:menu.<clave>`; screens without one are reached from others. */
  menu?: {
    grupo: 'atencion' | 'gestion' | 'sistema';
    orden: number;
    icono: Icon;
    /** Second letter of the shortcut `g x`. */
    tecla?: string;
    /** Shown in the bottom bar of a phone. */
    movil?: boolean;
  };
  /** What the palette offers that leads here, in the words of `app:accion.<clave>`; `con` goes into the address. */
  acciones?: { clave: string; con?: Record<string, string>; permiso?: string; tecla?: string }[];
  /** Asks for what it shows first, while its code still loads; for who may see it. */
  adelanta?: (sede: YoSede, busca: URLSearchParams) => void;
  /** What it shows is of the sede in use: the address says which, so that it can be sent to a colleague. */
  porSede?: boolean;
  /** Shown without a session. */
  publica?: boolean;
};

type Puede = (permiso: string, donde?: 'cadena' | 'alguna') => boolean;
export const permisosDe = ({ permiso = [] }: Pick<Pantalla, 'permiso'>) => [permiso].flat();

/** Whether someone who may do these things is let into the screen: in the menu, in the palette, and at its door. */
export function visible(pantalla: Pantalla, puede: Puede, plataforma: boolean): boolean {
  if (pantalla.plataforma && !plataforma) return false;
  const permisos = permisosDe(pantalla);
  return permisos.length === 0 || permisos.some((permiso) => puede(permiso, pantalla.donde === 'sede' ? undefined : pantalla.donde));
}
