import { sinTildes } from '@/comun/texto';

/** The key that rules and other systems use: `Perro pastor` → `perro_pastor`. It never changes afterwards. */
export const claveDe = (nombre: string) =>
  sinTildes(nombre)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 40);
