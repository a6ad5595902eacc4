/** How far something goes that the server does on its own. */
import { Group, Progress, Text } from '@mantine/core';

export function Avance({ nombre, hecho, total, detalle }: { nombre: string; hecho: number; total: number; detalle?: string }) {
  const parte = total > 0 ? Math.min(100, Math.round((hecho / total) * 100)) : 0;
  return (
    <div role="status">
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm" fw={550}>
          {nombre}
        </Text>
        <Text size="sm" c="dimmed" className="num">
          {detalle ?? `${parte} %`}
        </Text>
      </Group>
      <Progress.Root size={8} radius="xl">
        <Progress.Section value={parte} aria-label={nombre} animated={parte < 100} />
      </Progress.Root>
    </div>
  );
}
