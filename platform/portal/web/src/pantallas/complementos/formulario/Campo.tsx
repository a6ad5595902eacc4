/** One value of a configuration, whatever its schema says it is. */
import { MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Colecciones } from './Colecciones';
import { claseDe, opcionesDe, Raiz, resolver, rotulo, useError, type Esquema } from './esquema';

export type CampoProps = { nombre: string; esquema: Esquema; donde: string; requerido?: boolean; valor: unknown; cambiar: (valor: unknown) => void };

export function Campo(props: CampoProps) {
  const { raiz } = useContext(Raiz);
  const esquema = resolver(props.esquema, raiz);
  switch (claseDe(esquema, raiz)) {
    case 'opciones':
      return <Opciones {...props} esquema={esquema} />;
    case 'si_no':
      return <SiNo {...props} esquema={esquema} />;
    case 'numero':
      return <Numero {...props} esquema={esquema} />;
    case 'texto':
      return <Texto {...props} esquema={esquema} />;
    case 'etiquetas':
    case 'varias':
      return <Etiquetas {...props} esquema={esquema} />;
    case 'crudo':
      return <Json {...props} esquema={esquema} />;
    default:
      return <Colecciones {...props} esquema={esquema} />;
  }
}

/** What every input has: its name, what it is for, and what it is when it is left alone. */
function useComunes({ nombre, esquema, donde, requerido }: CampoProps, hondo = false) {
  const { t } = useTranslation('complementos');
  const error = useError(donde, hondo);
  const corto = typeof esquema.default === 'string' || typeof esquema.default === 'number' ? t('form.de_fabrica', { valor: String(esquema.default) }) : '';
  const rango = esquema.minimum !== undefined && esquema.maximum !== undefined ? t('form.rango', { de: esquema.minimum, a: esquema.maximum }) : '';
  return { label: rotulo(nombre, esquema), description: [esquema.description, rango, corto].filter(Boolean).join(' ') || undefined, error, withAsterisk: requerido === true, 'data-donde': donde };
}

function Texto(props: CampoProps) {
  const { esquema, valor, cambiar } = props;
  const comunes = useComunes(props);
  const tipo = { email: 'email', date: 'date', uri: 'url', time: 'time' }[esquema.format ?? ''] ?? 'text';
  const escribir = (texto: string) => cambiar(texto === '' ? undefined : texto);
  const fabrica = typeof esquema.default === 'string' ? esquema.default : undefined;
  if ((esquema.maxLength ?? 0) > 250) return <Textarea {...comunes} autosize minRows={2} maxRows={8} placeholder={fabrica} value={String(valor ?? '')} onChange={(e) => escribir(e.currentTarget.value)} />;
  return <TextInput {...comunes} type={tipo} placeholder={fabrica} value={String(valor ?? '')} onChange={(e) => escribir(e.currentTarget.value)} />;
}

function Numero(props: CampoProps) {
  const { esquema, valor, cambiar } = props;
  return (
    <NumberInput
      {...useComunes(props)}
      className="cmp-corto"
      allowDecimal={esquema.type === 'number'}
      clampBehavior="none"
      placeholder={typeof esquema.default === 'number' ? String(esquema.default) : undefined}
      value={typeof valor === 'number' ? valor : ''}
      onChange={(nuevo) => cambiar(nuevo === '' ? undefined : Number(nuevo))}
    />
  );
}

function SiNo(props: CampoProps) {
  const { esquema, valor, cambiar } = props;
  const { label, description, error } = useComunes(props);
  return <Switch label={label} description={description} error={error} checked={Boolean(valor ?? esquema.default)} onChange={(e) => cambiar(e.currentTarget.checked)} />;
}

function Opciones(props: CampoProps) {
  const { t } = useTranslation('complementos');
  const { esquema, requerido, valor, cambiar } = props;
  const opciones = opcionesDe(esquema);
  const actual = valor ?? esquema.default;
  const de = (texto: string | null) => opciones.find((una) => una.value === texto)?.valor;
  const { description, ...comunes } = useComunes(props);
  return (
    <Select
      {...comunes}
      description={esquema.description ?? (opciones.length ? undefined : description)}
      data={opciones.map(({ value, label }) => ({ value, label }))}
      clearable={!requerido && esquema.default === undefined}
      clearButtonProps={{ 'aria-label': t('form.vaciar') }}
      value={actual === undefined ? null : JSON.stringify(actual)}
      onChange={(texto) => cambiar(de(texto))}
    />
  );
}

function Etiquetas(props: CampoProps) {
  const { t } = useTranslation('complementos');
  const { raiz } = useContext(Raiz);
  const { esquema, valor, cambiar } = props;
  const comunes = useComunes(props, true);
  const dentro = resolver(esquema.items ?? {}, raiz);
  const actual = (valor ?? esquema.default ?? []) as unknown[];
  const opciones = opcionesDe(dentro);
  if (opciones.length > 0)
    return <MultiSelect {...comunes} data={opciones.map(({ value, label }) => ({ value, label }))} value={actual.map((uno) => JSON.stringify(uno))} onChange={(textos) => cambiar(textos.map((texto) => opciones.find((una) => una.value === texto)?.valor))} />;
  return (
    <TagsInput
      {...comunes}
      description={[comunes.description, t('form.enter')].filter(Boolean).join(' ')}
      {...(esquema.maxItems ? { maxTags: esquema.maxItems } : {})}
      acceptValueOnBlur
      splitChars={[]}
      value={actual.map(String)}
      onChange={cambiar}
    />
  );
}

/** What there is no field for. Text that is no JSON stays where it is and is not sent. */
function Json(props: CampoProps) {
  const { t } = useTranslation('complementos');
  const { valor, cambiar } = props;
  const [texto, setTexto] = useState(() => (valor === undefined ? '' : JSON.stringify(valor, null, 2)));
  const [roto, setRoto] = useState(false);
  const comunes = useComunes(props, true);
  const escribir = (nuevo: string) => {
    setTexto(nuevo);
    try {
      cambiar(nuevo.trim() === '' ? undefined : JSON.parse(nuevo));
      setRoto(false);
    } catch {
      setRoto(true);
    }
  };
  return <Textarea {...comunes} error={roto ? t('form.json_roto') : comunes.error} description={[comunes.description, t('form.json')].filter(Boolean).join(' ')} className="cmp-mono" autosize minRows={3} maxRows={14} value={texto} onChange={(e) => escribir(e.currentTarget.value)} />;
}
