/** Fields for the simple settings of a rule. What is more than that is written as it is, by whoever knows it. */
import { NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export type Propiedad = { type?: string; title?: string; description?: string; enum?: string[]; oneOf?: { const: string; title?: string }[]; items?: { type?: string }; default?: unknown; minimum?: number; maximum?: number };
export type Valores = Record<string, unknown>;

export function CampoDeEsquema({ clave, propiedad, valor, alCambiar, error }: { clave: string; propiedad: Propiedad; valor: unknown; alCambiar: (valor: unknown) => void; error?: string | undefined }) {
  const { t } = useTranslation('alertas');
  const comun = { label: propiedad.title ?? clave.replaceAll('_', ' '), description: propiedad.description, error };
  const opciones = propiedad.enum?.map((uno) => ({ value: uno, label: uno })) ?? propiedad.oneOf?.map((uno) => ({ value: uno.const, label: uno.title ?? uno.const }));
  if (opciones) return <Select {...comun} data={opciones} value={typeof valor === 'string' ? valor : null} onChange={(nuevo) => alCambiar(nuevo ?? undefined)} clearable clearButtonProps={{ 'aria-label': t('app:quitar') }} />;
  if (propiedad.type === 'boolean') return <Switch {...comun} checked={valor === true} onChange={(e) => alCambiar(e.currentTarget.checked)} />;
  if (propiedad.type === 'integer' || propiedad.type === 'number') return <NumberInput {...comun} {...(propiedad.minimum !== undefined ? { min: propiedad.minimum } : {})} {...(propiedad.maximum !== undefined ? { max: propiedad.maximum } : {})} value={typeof valor === 'number' ? valor : ''} onChange={(nuevo) => alCambiar(nuevo === '' ? undefined : Number(nuevo))} />;
  if (propiedad.type === 'string') return <TextInput {...comun} value={typeof valor === 'string' ? valor : ''} onChange={(e) => alCambiar(e.currentTarget.value || undefined)} />;
  if (propiedad.type === 'array' && propiedad.items?.type === 'string') return <TagsInput {...comun} clearButtonProps={{ 'aria-label': t('app:quitar') }} value={Array.isArray(valor) ? valor.map(String) : []} onChange={(nuevo) => alCambiar(nuevo)} />;
  return <Crudo comun={comun} valor={valor} alCambiar={alCambiar} />;
}

/** JSON that is not whole yet is kept as it was typed; the caller refuses it when sending. */
function Crudo({ comun, valor, alCambiar }: { comun: { label: string; description: string | undefined; error: string | undefined }; valor: unknown; alCambiar: (valor: unknown) => void }) {
  const texto = typeof valor === 'string' ? valor : valor === undefined ? '' : JSON.stringify(valor, null, 2);
  return <Textarea {...comun} autosize minRows={2} maxRows={12} styles={{ input: { fontFamily: 'ui-monospace, monospace', fontSize: 13 } }} value={texto} onChange={(e) => alCambiar(e.currentTarget.value || undefined)} />;
}

const simple = ({ type, enum: lista, oneOf, items }: Propiedad) => lista || oneOf || ['boolean', 'integer', 'number', 'string'].includes(type ?? '') || (type === 'array' && items?.type === 'string');

/** What was typed as JSON becomes what it says. Names the fields that say nothing. */
export function leer(valores: Valores, propiedades: Record<string, Propiedad>): { datos: Valores; malos: string[] } {
  const malos: string[] = [];
  const datos: Valores = {};
  for (const [clave, valor] of Object.entries(valores)) {
    if (valor === undefined) continue;
    const propiedad = propiedades[clave];
    if (typeof valor !== 'string' || !propiedad || simple(propiedad)) {
      datos[clave] = valor;
      continue;
    }
    try {
      datos[clave] = JSON.parse(valor);
    } catch {
      malos.push(clave);
    }
  }
  return { datos, malos };
}
