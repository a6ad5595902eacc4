import { Group, Select, Switch, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import type { Esquemas } from '@/api/cliente';
import { oNada } from '@/comun/formulario';
import type { Persona } from './datos';

const DOCUMENTOS = ['dni', 'ce', 'pasaporte', 'ptp'] as const;

export const valoresDe = (persona?: Persona) => ({
  nombres: persona?.nombres ?? '',
  apellidos: persona?.apellidos ?? '',
  correo: persona?.correo ?? '',
  telefono: persona?.telefono ?? '',
  documento: { tipo: (persona?.documento?.tipo ?? 'dni') as Esquemas['DocumentoTipo'], numero: persona?.documento?.numero ?? '' },
  es_medico: persona?.es_medico ?? false,
  cmvp: persona?.cmvp ?? '',
});
export type ValoresPersona = ReturnType<typeof valoresDe>;

export const cuerpoDePersona = (v: ValoresPersona) => ({
  nombres: v.nombres.trim(),
  apellidos: v.apellidos.trim(),
  correo: v.correo.trim(),
  telefono: oNada(v.telefono),
  documento: v.documento.numero.trim() ? { ...v.documento, numero: v.documento.numero.trim() } : null,
  es_medico: v.es_medico,
  cmvp: v.es_medico ? oNada(v.cmvp) : null,
});

export function useReglas() {
  const { t } = useTranslation('personal');
  return {
    nombres: (v: string) => (v.trim() ? null : t('falta.nombres')),
    apellidos: (v: string) => (v.trim() ? null : t('falta.apellidos')),
    correo: (v: string) => (/.+@.+\..+/.test(v.trim()) ? null : t('falta.correo')),
    cmvp: (v: string, todo: ValoresPersona) => (!todo.es_medico || v.trim() ? null : t('falta.cmvp')),
  };
}

export function CamposPersona<V extends ValoresPersona>({ formulario: crudo }: { formulario: UseFormReturnType<V> }) {
  const { t } = useTranslation('personal');
  const formulario = crudo as unknown as UseFormReturnType<ValoresPersona>;
  const campo = formulario.getInputProps;
  return (
    <>
      <Group grow align="flex-start">
        <TextInput label={t('campo.nombres')} required maxLength={120} autoComplete="off" data-autofocus {...campo('nombres')} />
        <TextInput label={t('campo.apellidos')} required maxLength={120} autoComplete="off" {...campo('apellidos')} />
      </Group>
      <TextInput label={t('campo.correo')} description={t('ayuda.correo')} type="email" required autoComplete="off" {...campo('correo')} />
      <Group grow align="flex-start">
        <TextInput label={t('campo.telefono')} type="tel" autoComplete="off" placeholder="987 654 321" {...campo('telefono')} />
        <Group grow gap="xs" align="flex-start" wrap="nowrap">
          <Select label={t('campo.documento_tipo')} allowDeselect={false} data={DOCUMENTOS.map((valor) => ({ value: valor, label: t(`documento.${valor}`) }))} {...campo('documento.tipo')} />
          <TextInput label={t('campo.documento')} autoComplete="off" maxLength={30} {...campo('documento.numero')} />
        </Group>
      </Group>
      <Switch label={t('campo.es_medico')} description={t('ayuda.es_medico')} {...campo('es_medico', { type: 'checkbox' })} />
      {formulario.values.es_medico && <TextInput label={t('campo.cmvp')} description={t('ayuda.cmvp')} required maw={240} autoComplete="off" {...campo('cmvp')} />}
    </>
  );
}
