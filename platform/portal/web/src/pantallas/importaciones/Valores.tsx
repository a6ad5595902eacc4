/** «criollo» is read as «Mestizo»: words of the other program that Huella calls otherwise. */
import { ActionIcon, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

export type Valor = { campo: string; de: string; a: string };

export function Valores({ lista, campos, alCambiar }: { lista: Valor[]; campos: { value: string; label: string }[]; alCambiar: (lista: Valor[]) => void }) {
  const { t } = useTranslation('importaciones');
  const poner = (i: number, cambio: Partial<Valor>) => alCambiar(lista.map((uno, j) => (j === i ? { ...uno, ...cambio } : uno)));
  return (
    <div className="importar-valores">
      {lista.length > 0 && (
        <Text size="sm" fw={500}>
          {t('valores.titulo')}
        </Text>
      )}
      {lista.map((uno, i) => (
        <Group key={i} gap="xs" align="center">
          <Select size="sm" aria-label={t('valores.campo')} placeholder={t('valores.campo')} data={campos} value={uno.campo || null} onChange={(campo) => poner(i, { campo: campo ?? '' })} />
          <TextInput size="sm" aria-label={t('valores.de')} placeholder={t('valores.de_ejemplo')} value={uno.de} onChange={(e) => poner(i, { de: e.currentTarget.value })} />
          <span>{t('valores.se_lee')}</span>
          <TextInput size="sm" aria-label={t('valores.a')} placeholder={t('valores.a_ejemplo')} value={uno.a} onChange={(e) => poner(i, { a: e.currentTarget.value })} />
          <ActionIcon variant="subtle" color="gray" aria-label={t('valores.quitar', { de: uno.de })} onClick={() => alCambiar(lista.filter((_, j) => j !== i))}>
            <IconTrash size={17} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Button size="compact-sm" variant="subtle" w="fit-content" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => alCambiar([...lista, { campo: campos[0]?.value ?? '', de: '', a: '' }])}>
        {t('valores.agregar')}
      </Button>
    </div>
  );
}
