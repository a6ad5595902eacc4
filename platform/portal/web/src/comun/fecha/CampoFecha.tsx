/** A day, written as in Peru whatever the browser's language is: `05/12/2026`, or chosen from a month. */
import { ActionIcon, Popover, TextInput, type TextInputProps } from '@mantine/core';
import { IconCalendarMonth } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ZONA } from '@/comun/tiempo';
import { hoyEn, sumarDias } from '../tiempo';
import { Calendario } from './Calendario';
import { escribirFecha, leerFecha } from './leer';

type Props = Omit<TextInputProps, 'value' | 'onChange' | 'type' | 'min' | 'max'> & {
  /** `2026-12-05`, or nothing. */
  valor: string;
  alCambiar: (dia: string) => void;
  hoy?: string;
  minimo?: string | undefined;
  maximo?: string | undefined;
  vaciable?: boolean;
  /** Inside another popover, which a click on anything elsewhere would close. */
  dentro?: boolean;
};

const LIMA = ZONA;

export function CampoFecha({ valor, alCambiar, hoy = hoyEn(LIMA), minimo, maximo, vaciable, dentro, error, ...resto }: Props) {
  const { t } = useTranslation('app');
  const [texto, setTexto] = useState(escribirFecha(valor));
  const [mal, setMal] = useState('');
  const [abierto, setAbierto] = useState(false);
  useEffect(() => {
    setTexto(escribirFecha(valor));
    setMal('');
  }, [valor]);
  const cabe = (dia: string) => (!minimo || dia >= minimo) && (!maximo || dia <= maximo);
  const tomar = (escrito: string, termino: boolean) => {
    const dia = leerFecha(escrito, hoy);
    if (dia && cabe(dia)) {
      setMal('');
      if (dia !== valor) alCambiar(dia);
      if (termino) setTexto(escribirFecha(dia));
    } else if (!escrito.trim() && vaciable) alCambiar('');
    else if (termino) {
      if (escrito.trim()) setMal(dia ? t('fecha.fuera') : t('fecha.mal'));
      else setTexto(escribirFecha(valor));
    }
  };
  function tecla(evento: React.KeyboardEvent) {
    const paso = { ArrowUp: 1, ArrowDown: -1 }[evento.key];
    if (paso && valor && !evento.altKey) {
      evento.preventDefault();
      const otro = sumarDias(valor, paso);
      if (cabe(otro)) alCambiar(otro);
    } else if (evento.key === 'Enter') {
      // The form has the date of before still: the first Enter takes what is written, the next one sends.
      if (texto !== escribirFecha(valor)) evento.preventDefault();
      tomar(texto, true);
    } else if (evento.key === 'ArrowDown' && evento.altKey) setAbierto(true);
  }
  return (
    <Popover opened={abierto} onChange={setAbierto} shadow="md" position="bottom-start" trapFocus returnFocus withinPortal={!dentro} withRoles={false}>
      <Popover.Target>
        <TextInput
          inputMode="numeric"
          autoComplete="off"
          placeholder={t('fecha.forma')}
          {...resto}
          value={texto}
          error={mal || error}
          maxLength={10}
          onChange={(evento) => {
            setTexto(evento.currentTarget.value);
            // Whole only: `5/1` would be the first of January's fifth while one still types the two of a twelve.
            if (evento.currentTarget.value.length === 10) tomar(evento.currentTarget.value, false);
          }}
          onBlur={() => tomar(texto, true)}
          onKeyDown={tecla}
          rightSection={
            <ActionIcon variant="subtle" color="gray" size={24} aria-label={t('fecha.abrir')} aria-haspopup="dialog" aria-expanded={abierto} onClick={() => setAbierto(!abierto)}>
              <IconCalendarMonth size={16} />
            </ActionIcon>
          }
        />
      </Popover.Target>
      <Popover.Dropdown p="xs" role="dialog" aria-label={t('fecha.abrir')}>
        <Calendario
          valor={valor}
          hoy={hoy}
          minimo={minimo}
          maximo={maximo}
          alElegir={(dia) => {
            setAbierto(false);
            alCambiar(dia);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
