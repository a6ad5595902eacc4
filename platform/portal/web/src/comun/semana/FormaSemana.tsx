/** The form around a week: Enter goes on to the next day in it, so Ctrl+Enter is what saves besides the button. */
import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';

export function FormaSemana({ guardar, children }: { guardar: () => void; children: ReactNode }) {
  return (
    <form
      noValidate
      onSubmit={(evento) => {
        evento.preventDefault();
        guardar();
      }}
      onKeyDown={(evento) => {
        if (evento.key !== 'Enter' || !(evento.ctrlKey || evento.metaKey)) return;
        // The browser would submit it once more.
        evento.preventDefault();
        guardar();
      }}
    >
      <Stack>{children}</Stack>
    </form>
  );
}
