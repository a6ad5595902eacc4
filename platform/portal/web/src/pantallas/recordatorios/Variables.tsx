/** What a message may say: pressing one puts it where the cursor is. */
import { Button, Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export type Variable = { nombre: string; descripcion: string; ejemplo: string };

export function Variables({ lista, alPoner }: { lista: Variable[]; alPoner: (escrito: string) => void }) {
  const { t } = useTranslation('recordatorios');
  return (
    <div role="group" aria-label={t('plantillas.variables')}>
      <Text size="sm" fw={500}>
        {t('plantillas.variables')}
      </Text>
      <Text size="xs" c="dimmed" mb={5}>
        {t('plantillas.variables_ayuda')}
      </Text>
      <div className="variables">
        {lista.map((una) => (
          <Tooltip key={una.nombre} label={una.ejemplo ? t('plantillas.por_ejemplo', { que: una.descripcion, ejemplo: una.ejemplo }) : una.descripcion} multiline maw={280}>
            <Button size="compact-xs" variant="default" onMouseDown={(evento) => evento.preventDefault()} onClick={() => alPoner(`{{ ${una.nombre} }}`)}>
              {una.nombre.replaceAll('_', ' ')}
            </Button>
          </Tooltip>
        ))}
      </div>
    </div>
  );
}

/** Where it was being written, or at the end. */
export function intercalar(campo: HTMLTextAreaElement | HTMLInputElement | null, texto: string, escrito: string): string {
  const desde = campo?.selectionStart ?? texto.length;
  const hasta = campo?.selectionEnd ?? desde;
  return texto.slice(0, desde) + escrito + texto.slice(hasta);
}

/** Simple words only; what has conditions in it is shown by the server alone. */
export const conEjemplos = (texto: string, lista: Variable[]) => texto.replace(/\{\{\s*(\w+)\s*\}\}/g, (todo, nombre: string) => lista.find((una) => una.nombre === nombre)?.ejemplo ?? todo);
