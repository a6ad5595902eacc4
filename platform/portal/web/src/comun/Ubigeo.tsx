/** A district of Peru: typed by name or by its UBIGEO, chosen from a list. */
import { Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { $api, type Esquemas } from '@/api/cliente';
import { sinTildes } from './texto';

type Distrito = Esquemas['Page_Ubigeo']['items'][number];
const nombrar = (d: Distrito) => `${d.distrito} · ${d.provincia}, ${d.departamento}`;

type Props = Omit<SelectProps, 'data' | 'value' | 'onChange'> & { value: string; onChange: (codigo: string) => void };

export function Ubigeo({ value, onChange, ...resto }: Props) {
  const [escrito, setEscrito] = useState('');
  const [buscado] = useDebouncedValue(escrito, 200);
  // «Miraflores · Lima, Lima» is what was chosen, not what is looked for.
  const palabra = (buscado.split(' · ')[0] ?? '').trim();
  const propio = $api.useQuery('get', '/api/v1/ubigeos', { params: { query: { buscar: value, limite: 1 } } }, { enabled: value !== '', staleTime: Infinity });
  const hallados = $api.useQuery('get', '/api/v1/ubigeos', { params: { query: { buscar: palabra, limite: 30 } } }, { enabled: palabra.length >= 2, placeholderData: keepPreviousData, staleTime: Infinity });
  const lista = new Map([...(propio.data?.items ?? []), ...(palabra.length >= 2 ? (hallados.data?.items ?? []) : [])].map((d) => [d.codigo, d]));
  return (
    <Select
      searchable
      clearable
      autoComplete="off"
      {...resto}
      data={[...lista.values()].map((d) => ({ value: d.codigo, label: nombrar(d) }))}
      filter={({ options, search }) => {
        const busca = sinTildes((search.split(' · ')[0] ?? '').trim());
        return options.filter((o) => 'value' in o && (sinTildes(o.label).includes(busca) || o.value.startsWith(busca)));
      }}
      value={value || null}
      onChange={(codigo) => onChange(codigo ?? '')}
      onSearchChange={setEscrito}
    />
  );
}
