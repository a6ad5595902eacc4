/** An owner by name, phone or document; registering a new one belongs to the registration. */
import { Loader, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';
import '../seccion.css';

export type TutorHallado = { id: string; nombre: string };

export function BuscaTutor({ nombre, inicial = '', sin, alElegir }: { nombre: string; inicial?: string; sin?: string | string[] | undefined; alElegir: (tutor: TutorHallado) => void }) {
  const { t } = useTranslation();
  const [texto, setTexto] = useState(inicial);
  const [q] = useDebouncedValue(texto.trim(), 180);
  const consulta = $api.useQuery('get', '/api/v1/buscar', { params: { query: { q } } }, { enabled: q.length >= 2, placeholderData: keepPreviousData });
  const tutores = q.length < 2 ? [] : (consulta.data?.tutores ?? []).filter((uno) => !sin || !sin.includes(uno.id));
  return (
    <Stack gap="xs">
      <TextInput label={nombre} placeholder={t('tutor.ejemplo')} leftSection={<IconSearch size={16} aria-hidden />} rightSection={consulta.isFetching ? <Loader size={15} /> : null} value={texto} onChange={(e) => setTexto(e.currentTarget.value)} data-autofocus autoComplete="off" error={consulta.isError ? textoDeFalla(consulta.error) : null} />
      {q.length >= 2 && consulta.isSuccess && tutores.length === 0 && (
        <Text size="sm" role="status">
          {t('tutor.nadie', { q })}
        </Text>
      )}
      <ul className="lineas" aria-label={nombre}>
        {tutores.map((uno) => (
          <li key={uno.id}>
            <UnstyledButton className="hallado-tutor" onClick={() => alElegir({ id: uno.id, nombre: uno.nombre })}>
              <b>{uno.nombre}</b>
              {uno.por !== 'nombre' && <span className="tenue chico"> {t(`paleta.por.${uno.por}`)}</span>}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
