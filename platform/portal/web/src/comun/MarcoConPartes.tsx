/** The frame of a screen in parts: each part is a page of its own under the same title, with the others a click away. */
import type { ReactNode } from 'react';
import { Marco } from '@/app/Marco';
import { Pestanas, type Pestana } from './Pestanas';

/** `nombre` is the screen's; a part may have a `titulo` of its own. */
export type DeUnaParte = { titulo?: string; detalle?: ReactNode; acciones?: ReactNode; filtros?: ReactNode; children: ReactNode };

export function MarcoConPartes({ nombre, lista, titulo = nombre, ...parte }: DeUnaParte & { nombre: string; lista: Pestana[] }) {
  return <Marco {...parte} titulo={titulo} partes={<Pestanas nombre={nombre} lista={lista} />} />;
}
