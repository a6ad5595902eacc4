/** The fields of a pet and of an owner, as the registration and both edits ask for them. */
import { Group, NumberInput, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { oNada } from '@/comun/formulario';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { useEspecies } from '../datos';

export type ValoresMascota = { nombre: string; especie_id: string; raza_id: string; sexo: string; esterilizado: string; como: string; nacimiento: string; anios: number | string; meses: number | string; color: string; notas: string };
export const MASCOTA_VACIA: ValoresMascota = { nombre: '', especie_id: '', raza_id: '', sexo: 'desconocido', esterilizado: '', como: 'edad', nacimiento: '', anios: '', meses: '', color: '', notas: '' };

/** As the API takes them. */
export function cuerpoMascota(v: ValoresMascota) {
  const sabeEdad = v.anios !== '' || v.meses !== '';
  return {
    nombre: v.nombre.trim(),
    especie_id: v.especie_id || null,
    raza_id: v.raza_id || null,
    sexo: v.sexo as Esquemas['Sexo'],
    esterilizado: v.esterilizado === '' ? null : v.esterilizado === 'si',
    ...(v.como === 'edad' ? (sabeEdad ? { edad_meses: Number(v.anios || 0) * 12 + Number(v.meses || 0) } : {}) : { nacimiento: v.nacimiento || null, nacimiento_estimado: v.como === 'estimada' }),
    color: oNada(v.color),
    notas: oNada(v.notas),
  };
}

const COMUNES = ['perro', 'gato'];

export function CamposMascota<T extends { mascota: ValoresMascota }>({ formulario: crudo }: { formulario: UseFormReturnType<T> }) {
  const formulario = crudo as unknown as UseFormReturnType<{ mascota: ValoresMascota }>;
  const { t } = useTranslation('pacientes');
  const id = useId();
  const especies = useEspecies();
  const { especie_id, como } = formulario.values.mascota;
  const razas = $api.useQuery('get', '/api/v1/especies/{id}/razas', { params: { path: { id: especie_id }, query: { limite: 200 } } }, { enabled: especie_id !== '', staleTime: 30 * 60_000 });
  const activas = (especies.data?.items ?? []).filter((una) => una.activa);
  const orden = [...activas.filter((una) => COMUNES.includes(una.clave)).reverse(), ...activas.filter((una) => !COMUNES.includes(una.clave))];
  const campo = (nombre: keyof ValoresMascota) => formulario.getInputProps(`mascota.${nombre}`);
  return (
    <Stack>
      <TextInput label={t('registro.mascota_nombre')} required autoComplete="off" maxLength={80} {...campo('nombre')} />
      <Group grow align="flex-start">
        <Select
          label={t('registro.especie')}
          required
          searchable
          allowDeselect={false}
          nothingFoundMessage={t('registro.nada_asi')}
          data={orden.map((una) => ({ value: una.id, label: una.nombre }))}
          {...campo('especie_id')}
          onChange={(valor) => {
            formulario.setFieldValue('mascota.especie_id', valor ?? '');
            formulario.setFieldValue('mascota.raza_id', '');
          }}
        />
        <Select label={t('registro.raza')} searchable clearable clearButtonProps={{ 'aria-label': t('quitar') }} disabled={especie_id === ''} nothingFoundMessage={t('registro.nada_asi')} data={(razas.data?.items ?? []).filter((una) => una.activa).map((una) => ({ value: una.id, label: una.nombre }))} {...campo('raza_id')} value={formulario.values.mascota.raza_id || null} onChange={(valor) => formulario.setFieldValue('mascota.raza_id', valor ?? '')} />
      </Group>
      <div>
        <Text size="sm" fw={550} mb={4} id={`${id}s`}>
          {t('registro.sexo')}
        </Text>
        <SegmentedControl fullWidth aria-labelledby={`${id}s`} data={(['hembra', 'macho', 'desconocido'] as const).map((valor) => ({ value: valor, label: t(`sexo.${valor}`) }))} {...campo('sexo')} />
      </div>
      <div>
        <Text size="sm" fw={550} mb={4} id={`${id}e`}>
          {t('ficha.esterilizado')}
        </Text>
        <SegmentedControl fullWidth aria-labelledby={`${id}e`} data={[{ value: 'si', label: t('si') }, { value: 'no', label: t('no') }, { value: '', label: t('ficha.nose') }]} {...campo('esterilizado')} />
      </div>
      <div>
        <Text size="sm" fw={550} mb={4} id={`${id}n`}>
          {t('registro.nacimiento')}
        </Text>
        <SegmentedControl fullWidth aria-labelledby={`${id}n`} mb="xs" data={[{ value: 'edad', label: t('registro.por_edad') }, { value: 'fecha', label: t('registro.por_fecha') }, { value: 'estimada', label: t('registro.por_estimada') }]} {...campo('como')} />
        {como === 'edad' ? (
          <Group grow align="flex-start">
            <NumberInput label={t('registro.anios')} min={0} max={99} hideControls {...campo('anios')} />
            <NumberInput label={t('registro.meses')} min={0} max={11} hideControls {...campo('meses')} />
          </Group>
        ) : (
          <CampoFecha aria-label={t('ficha.nacimiento')} vaciable maximo={hoyEn(ZONA)} {...deCampo(campo('nacimiento'))} />
        )}
      </div>
      <TextInput label={t('registro.color')} maxLength={80} {...campo('color')} />
      <Textarea label={t('ficha.notas')} autosize minRows={2} maxLength={2000} {...campo('notas')} />
    </Stack>
  );
}

export type ValoresTutor = { nombres: string; apellidos: string; telefono: string; correo: string; documento: { tipo: string; numero: string }; direccion: string; notas: string; ubigeo: string };
export const TUTOR_VACIO: ValoresTutor = { nombres: '', apellidos: '', telefono: '', correo: '', documento: { tipo: 'dni', numero: '' }, direccion: '', notas: '', ubigeo: '' };

export const cuerpoTutor = (v: ValoresTutor) => ({
  nombres: v.nombres.trim(),
  apellidos: oNada(v.apellidos),
  telefono: oNada(v.telefono),
  correo: oNada(v.correo),
  documento: v.documento.numero.trim() ? { tipo: v.documento.tipo as Esquemas['DocumentoTipo'], numero: v.documento.numero.trim() } : null,
  direccion: oNada(v.direccion),
  ubigeo: oNada(v.ubigeo),
  notas: oNada(v.notas),
});

export function CamposTutor<T extends { tutor: ValoresTutor }>({ formulario: crudo }: { formulario: UseFormReturnType<T> }) {
  const formulario = crudo as unknown as UseFormReturnType<{ tutor: ValoresTutor }>;
  const { t } = useTranslation('pacientes');
  const campo = (nombre: string) => formulario.getInputProps(`tutor.${nombre}`);
  return (
    <Stack>
      <TextInput label={t('registro.telefono')} type="tel" inputMode="tel" autoComplete="off" placeholder="987 654 321" {...campo('telefono')} />
      <Group grow align="flex-start">
        <TextInput label={t('registro.nombres')} required autoComplete="off" maxLength={120} {...campo('nombres')} />
        <TextInput label={t('registro.apellidos')} autoComplete="off" maxLength={120} {...campo('apellidos')} />
      </Group>
      <div className="documento">
        <Select label={t('registro.documento_tipo')} allowDeselect={false} data={(['dni', 'ce', 'ruc', 'pasaporte', 'ptp'] as const).map((valor) => ({ value: valor, label: t(`documento.${valor}`) }))} {...campo('documento.tipo')} />
        <TextInput label={t('registro.documento')} autoComplete="off" maxLength={30} {...campo('documento.numero')} />
      </div>
      <TextInput label={t('registro.correo')} type="email" autoComplete="off" {...campo('correo')} />
      <TextInput label={t('registro.direccion')} autoComplete="off" maxLength={200} {...campo('direccion')} />
      <Textarea label={t('ficha.notas')} autosize minRows={1} maxLength={2000} {...campo('notas')} />
    </Stack>
  );
}
