import type { Icon } from '@tabler/icons-react';
import type { ComponentType } from 'react';

export type Pantalla = {
  /** The folder below `pantallas/`, which is also the namespace of its texts. */
  clave: string;
  /** Like `/pacientes/$id`. Never `/problemas` or `/reservar`: the server has those. */
  ruta: string;
  carga: () => Promise<{ default: ComponentType }>;
  /** Without it the screen says so instead of showing. */
  permiso?: string;
  /** Where the permission has to be held: in the sede in use (the default), in the whole chain, or in any sede. */
  donde?: 'sede' | 'cadena' | 'alguna';
  /** Only in the chain of who runs the platform, whatever others may do in theirs. */
  plataforma?: boolean;
  /** Its line in the menu; screens without one are reached from others. */
  menu?: {
    grupo: 'atencion' | 'gestion' | 'sistema';
    orden: number;
    icono: Icon;
    /** Name in `app` texts is not needed: the menu's words are here, so that no screen has to be loaded for them. */
    nombre: { es: string; en: string };
    /** Second letter of the shortcut `g x`. */
    tecla?: string;
    /** Shown in the bottom bar of a phone. */
    movil?: boolean;
  };
  /** Names for the palette that lead here, like "Invitar a una persona"; `con` goes into the address. */
  acciones?: { nombre: { es: string; en: string }; con?: Record<string, string>; permiso?: string; tecla?: string }[];
  /** What it shows is of the sede in use: the address says which, so that it can be sent to a colleague. */
  porSede?: boolean;
  /** Shown without a session. */
  publica?: boolean;
};
