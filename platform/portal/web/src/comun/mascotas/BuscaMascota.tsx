/** Three letters and Enter: the first hit is already chosen. */
import { Loader, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPaw, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';

export type Mascota = { id: string; nombre: string; detalle: string };

const PAUSA_MS = 130;

export function BuscaMascota({ alElegir }: { alElegir: (mascota: Mascota) => void }) {
  const { t } = useTranslation('app');
  const [texto, setTexto] = useState('');
  const [pausado] = useDebouncedValue(texto.trim(), PAUSA_MS);
  const [actual, setActual] = useState(0);
  const pendiente = useRef(false);
  const raiz = useId();
  const consulta = useQuery({
    queryKey: ['get', '/api/v1/pacientes', 'agenda', pausado],
    queryFn: () => cuerpo(api.GET('/api/v1/pacientes', { params: { query: { buscar: pausado, limite: 8 } } })),
    enabled: pausado.length >= 2,
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });
  const al_dia = pausado === texto.trim() && !consulta.isPlaceholderData && consulta.isSuccess;
  const halladas = texto.trim().length < 2 ? [] : (consulta.data?.items ?? []).flatMap((hallado): (Mascota & { muerta: boolean })[] => (hallado.mascota ? [{ id: hallado.mascota.id, nombre: hallado.mascota.nombre, muerta: !!hallado.mascota.fallecida_en, detalle: [hallado.mascota.raza ?? hallado.mascota.especie, hallado.tutor?.nombre, hallado.tutor?.telefono].filter(Boolean).join(' · ') }] : []));
  const vivas = halladas.filter((una) => !una.muerta);
  useEffect(() => setActual(0), [texto]);
  // Enter before the answer is there: the first hit is taken as soon as it comes.
  useEffect(() => {
    if (!pendiente.current || !al_dia) return;
    pendiente.current = false;
    if (vivas[0]) alElegir(vivas[0]);
  });
  function tecla(evento: React.KeyboardEvent) {
    const mover = { ArrowDown: 1, ArrowUp: -1 }[evento.key];
    if (mover) setActual((antes) => (antes + mover + vivas.length) % Math.max(1, vivas.length));
    else if (evento.key === 'Enter') {
      const elegida = vivas[actual];
      if (elegida && al_dia) alElegir(elegida);
      else if (texto.trim().length >= 2) pendiente.current = true;
    } else return;
    evento.preventDefault();
  }
  return (
    <div>
      <TextInput
        label={t('mascota.titulo')}
        placeholder={t('mascota.ejemplo')}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={consulta.isFetching ? <Loader size={15} /> : null}
        value={texto}
        onChange={(evento) => {
          pendiente.current = false;
          setTexto(evento.currentTarget.value);
        }}
        onKeyDown={tecla}
        data-autofocus
        autoComplete="off"
        role="combobox"
        aria-expanded={vivas.length > 0}
        aria-controls={`${raiz}-lista`}
        aria-activedescendant={vivas[actual] ? `${raiz}-${vivas[actual].id}` : undefined}
        error={consulta.isError ? textoDeFalla(consulta.error) : null}
      />
      <div className="halladas" role="listbox" id={`${raiz}-lista`} aria-label={t('mascota.titulo')}>
        {vivas.map((una, i) => (
          <div key={una.id} id={`${raiz}-${una.id}`} role="option" aria-selected={i === actual} className="paleta-linea" onMouseMove={() => setActual(i)} onClick={() => alElegir(una)}>
            <IconPaw size={17} aria-hidden />
            <span className="paleta-texto">
              <b>{una.nombre}</b>
              <small>{una.detalle}</small>
            </span>
          </div>
        ))}
      </div>
      {al_dia && texto.trim().length >= 2 && vivas.length === 0 && (
        <p className="halladas-nada" role="status">
          {t('mascota.nadie', { q: texto.trim() })}
        </p>
      )}
    </div>
  );
}
