import { Group, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';

/** The frame of a page: its one `h1`, what may be done, its parts (`partes`), its filters, and the content. `lleno`: the content takes the height that is left. */
export function Marco({ titulo, detalle, acciones, partes, filtros, lleno, children }: { titulo: string; detalle?: ReactNode; acciones?: ReactNode; partes?: ReactNode; filtros?: ReactNode; lleno?: boolean; children: ReactNode }) {
  useEffect(() => {
    document.title = `${titulo} · Huella`;
  }, [titulo]);
  return (
    <div className="marco" data-lleno={lleno || undefined}>
      <header className="marco-cabeza">
        <div className="marco-titulo">
          <Title order={1} size="h3">
            {titulo}
          </Title>
          {detalle && (
            <Text component="div" size="sm" c="dimmed">
              {detalle}
            </Text>
          )}
        </div>
        {acciones && <Group gap="xs">{acciones}</Group>}
      </header>
      {partes}
      {filtros && <div className="marco-filtros">{filtros}</div>}
      <div className="marco-cuerpo">{children}</div>
    </div>
  );
}
