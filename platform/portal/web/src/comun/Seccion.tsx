/** A titled piece of a page: what it is about, what may be done, its content. */
import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useId } from 'react';
import './seccion.css';

export function Seccion({ titulo, cuenta, acciones, children, sinBorde }: { titulo: string; cuenta?: number | undefined; acciones?: ReactNode; children: ReactNode; sinBorde?: boolean }) {
  const id = useId();
  return (
    <section className="panel seccion" aria-labelledby={id}>
      <header className="seccion-cabeza">
        <Title order={2} id={id} className="seccion-titulo">
          {titulo}
          {cuenta !== undefined && cuenta > 0 && <span className="seccion-cuenta num">{cuenta}</span>}
        </Title>
        {acciones}
      </header>
      <div className={sinBorde ? undefined : 'seccion-cuerpo'}>{children}</div>
    </section>
  );
}

export const Nada = ({ children }: { children: ReactNode }) => <p className="seccion-nada">{children}</p>;
