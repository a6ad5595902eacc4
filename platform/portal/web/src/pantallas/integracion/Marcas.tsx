/** Many things to tick, found by typing and grouped by what they are about. */
import { Checkbox, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { nombrar } from '@/comun/nombrar';
import { sinTildes } from '@/comun/texto';

export type Marca = { clave: string; descripcion: string };

export function Marcas({ nombre, ayuda, error, lista, valor, alCambiar }: { nombre: string; ayuda?: string; error?: string | undefined; lista: Marca[]; valor: string[]; alCambiar: (valor: string[]) => void }) {
  const { t } = useTranslation('integracion');
  const [q, setQ] = useState('');
  const visibles = lista.filter((una) => sinTildes(`${una.clave} ${una.descripcion}`).includes(sinTildes(q.trim())));
  const grupos = [...new Set(visibles.map((una) => una.clave.split('.')[0] ?? ''))];
  return (
    <div role="group" aria-label={nombre}>
      <Text size="sm" fw={500}>
        {nombre} <span className="tenue num">({valor.length})</span>
      </Text>
      {ayuda && (
        <Text size="xs" c="dimmed" mb={5}>
          {ayuda}
        </Text>
      )}
      <TextInput size="xs" mb={6} leftSection={<IconSearch size={15} aria-hidden />} placeholder={t('buscar')} aria-label={`${t('buscar')}: ${nombre}`} value={q} onChange={(e) => setQ(e.currentTarget.value)} />
      <div className="marcas" tabIndex={0} role="region" aria-label={nombre}>
        {grupos.map((grupo) => (
          <div key={grupo}>
            <h3>{nombrar(`integracion:grupo.${grupo}`, grupo)}</h3>
            {visibles
              .filter((una) => una.clave.split('.')[0] === grupo)
              .map((una) => (
                <Checkbox key={una.clave} size="sm" mb={6} label={una.descripcion} description={una.clave} checked={valor.includes(una.clave)} onChange={(e) => alCambiar(e.currentTarget.checked ? [...valor, una.clave] : valor.filter((otra) => otra !== una.clave))} />
              ))}
          </div>
        ))}
        {visibles.length === 0 && <Text size="sm">{t('nada_asi')}</Text>}
      </div>
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert" mt={4}>
          {error}
        </Text>
      )}
    </div>
  );
}
