/** An hour of the day on 24 hours, whatever the browser's language is: `09:30`. Arrows go by five minutes. */
import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { correrHora, leerHora } from './leer';

type Props = Omit<TextInputProps, 'value' | 'onChange' | 'type'> & { valor: string; alCambiar: (hora: string) => void; vaciable?: boolean };

export function CampoHora({ valor, alCambiar, vaciable, error, ...resto }: Props) {
  const { t } = useTranslation('app');
  const [texto, setTexto] = useState(valor);
  const [mal, setMal] = useState('');
  useEffect(() => {
    setTexto(valor);
    setMal('');
  }, [valor]);
  const tomar = () => {
    const hora = leerHora(texto);
    setMal('');
    if (hora) {
      setTexto(hora);
      if (hora !== valor) alCambiar(hora);
    } else if (!texto.trim()) vaciable ? alCambiar('') : setTexto(valor);
    else setMal(t('fecha.hora_mal'));
  };
  return (
    <TextInput
      inputMode="numeric"
      autoComplete="off"
      placeholder={t('fecha.hora_forma')}
      {...resto}
      value={texto}
      error={mal || error}
      maxLength={5}
      onChange={(evento) => {
        setTexto(evento.currentTarget.value);
        const entera = /^\d\d:\d\d$/.test(evento.currentTarget.value) && leerHora(evento.currentTarget.value);
        if (entera) alCambiar(entera);
      }}
      onBlur={tomar}
      onKeyDown={(evento) => {
        const paso = { ArrowUp: 5, ArrowDown: -5 }[evento.key];
        // As with dates: the form has the hour of before still.
        if (evento.key === 'Enter' && texto !== valor) {
          evento.preventDefault();
          tomar();
        }
        if (!paso || !valor) return;
        evento.preventDefault();
        alCambiar(correrHora(valor, paso));
      }}
    />
  );
}
