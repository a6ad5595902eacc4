import { Group, Title } from '@mantine/core';

export function Seccion({ icono, titulo, estado, children }: { icono: React.ReactNode; titulo: string; estado?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className="panel cuenta-seccion">
      <Group justify="space-between">
        <Group gap={10}>
          {icono}
          <Title order={2} size="h5">
            {titulo}
          </Title>
        </Group>
        {estado}
      </Group>
      {children}
    </section>
  );
}
