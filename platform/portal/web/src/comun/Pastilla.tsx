import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import './seccion.css';

export type Tono = 'grave' | 'aviso' | 'bien' | 'nota' | 'gris';

/** A standing in one word. The icon says it too, for who does not see the colour. */
export const Pastilla = ({ tono, icono: Icono, children }: { tono: Tono; icono: Icon; children: ReactNode }) => (
  <span className={`pastilla tono-${tono}`}>
    <Icono size={13} stroke={2.2} aria-hidden />
    {children}
  </span>
);
