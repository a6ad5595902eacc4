/** A month as labels print it: `05/2027`, kept as `2027-05`. */
import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { escribirMes, leerMes } from './leer';

type Props = Omit<TextInputProps, 'value' | 'onChange' | 'type'> & { valor: string; alCambiar: (mes: string) => void };

export function CampoMes({ valor, alCambiar, error, ...resto }: Props) {
  const { t } = useTranslation('app');
  const [texto, setTexto] = useState(escribirMes(valor));
  const [mal, setMal] = useState('');
  useEffect(() => {
    setTexto(escribirMes(valor));
    setMal('');
  }, [valor]);
  const tomar = () => {
    const mes = leerMes(texto);
    setMal(mes || !texto.trim() ? '' : t('fecha.mes_mal'));
    if (mes) setTexto(escribirMes(mes));
    if (mes !== undefined || !texto.trim()) alCambiar(mes ?? '');
  };
  return (
    <TextInput
      inputMode="numeric"
      autoComplete="off"
      placeholder={t('fecha.mes_forma')}
      {...resto}
      value={texto}
      error={mal || error}
      maxLength={7}
      onChange={(evento) => setTexto(evento.currentTarget.value)}
      onBlur={tomar}
      onKeyDown={(evento) => {
        if (evento.key !== 'Enter' || texto === escribirMes(valor)) return;
        evento.preventDefault();
        tomar();
      }}
    />
  );
}
