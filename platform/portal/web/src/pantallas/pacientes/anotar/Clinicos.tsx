/** Problems, allergies and treatments: short forms of the same kind. */
import { Group, NumberInput, SegmentedControl, Select, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, type Esquemas } from '@/api/cliente';
import { useSesion } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada } from '@/comun/formulario';
import { hoyEn, ZONA } from '@/comun/tiempo';
import type { DeCajon } from './Cajon';
import { useHecho } from './comun';

function useAqui() {
  const { sede, yo } = useSesion();
  return { hoy: hoyEn(sede?.zona_horaria ?? ZONA), quien: { sede_id: sede?.id ?? null, medico_id: yo.es_medico ? yo.id : null } };
}

export function AnotarProblema({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { hoy, quien } = useAqui();
  const formulario = useForm({ initialValues: { nombre: '', cronico: false, fecha: hoy, texto: '' }, validate: { nombre: (v) => (v.trim() ? null : t('problemas.nombre_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null) } });
  const { envio, anotar } = useHecho({ mascota, listo }, formulario as never);
  const guardar = (v: typeof formulario.values) =>
    anotar(
      (params) => api.POST('/api/v1/pacientes/{id}/problemas', { params, body: { nombre: v.nombre.trim(), cronico: v.cronico, fecha: v.fecha, texto: oNada(v.texto), ...quien } }),
      (titulo) => t('problemas.anotado', { que: titulo, nombre: mascota.nombre }),
    );
  return (
    <Forma envio={envio} listo={listo} guardar={t('anotar.guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <TextInput label={t('problemas.nombre')} placeholder={t('problemas.nombre_ejemplo')} data-autofocus maxLength={200} {...formulario.getInputProps('nombre')} />
      <Switch label={t('problemas.es_cronico')} {...formulario.getInputProps('cronico', { type: 'checkbox' })} />
      <CampoFecha label={t('problemas.desde')} maximo={hoy} {...deCampo(formulario.getInputProps('fecha'))} />
      <Textarea label={t('nota')} autosize minRows={2} maxLength={2000} {...formulario.getInputProps('texto')} />
    </Forma>
  );
}

export function AnotarAlergia({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { hoy, quien } = useAqui();
  const formulario = useForm({ initialValues: { a: '', sustancia: 'medicamento', gravedad: 'moderada', reaccion: '', fecha: hoy }, validate: { a: (v) => (v.trim() ? null : t('problemas.a_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null) } });
  const { envio, anotar } = useHecho({ mascota, listo }, formulario as never);
  const guardar = (v: typeof formulario.values) => {
    const body = { a: v.a.trim(), sustancia: v.sustancia as Esquemas['Sustancia'], gravedad: v.gravedad as Esquemas['Gravedad'], reaccion: oNada(v.reaccion), fecha: v.fecha, ...quien };
    return anotar(
      (params) => api.POST('/api/v1/pacientes/{id}/alergias', { params, body }),
      (titulo) => t('problemas.anotado', { que: t('problemas.alergia_a', { a: titulo }), nombre: mascota.nombre }),
    );
  };
  return (
    <Forma envio={envio} listo={listo} guardar={t('anotar.guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <TextInput label={t('problemas.a_que')} placeholder={t('problemas.a_ejemplo')} data-autofocus maxLength={200} {...formulario.getInputProps('a')} />
      <Select label={t('problemas.sustancia')} allowDeselect={false} data={(['medicamento', 'vacuna', 'alimento', 'ambiente', 'otra'] as const).map((valor) => ({ value: valor, label: t(`sustancia.${valor}`) }))} {...formulario.getInputProps('sustancia')} />
      <div>
        <Text size="sm" fw={500} mb={4} id="gravedad">
          {t('problemas.gravedad')}
        </Text>
        <SegmentedControl fullWidth aria-labelledby="gravedad" data={(['leve', 'moderada', 'grave'] as const).map((valor) => ({ value: valor, label: t(`gravedad.${valor}`) }))} {...formulario.getInputProps('gravedad')} />
      </div>
      <TextInput label={t('problemas.reaccion')} placeholder={t('problemas.reaccion_ejemplo')} maxLength={500} {...formulario.getInputProps('reaccion')} />
      <CampoFecha label={t('problemas.desde')} maximo={hoy} {...deCampo(formulario.getInputProps('fecha'))} />
    </Forma>
  );
}

export function AnotarTratamiento({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { hoy, quien } = useAqui();
  const formulario = useForm({ initialValues: { farmaco: '', dosis: '', cada_horas: '' as number | string, via: 'oral', fecha: hoy, hasta: '', texto: '' }, validate: { farmaco: (v) => (v.trim() ? null : t('tratamientos.farmaco_falta')), dosis: (v) => (v.trim() ? null : t('tratamientos.dosis_falta')), hasta: (v, { fecha }) => (v && v < fecha ? t('tratamientos.hasta_malo') : null) } });
  const { envio, anotar } = useHecho({ mascota, listo }, formulario as never);
  const guardar = (v: typeof formulario.values) => {
    const body = { farmaco: v.farmaco.trim(), dosis: v.dosis.trim(), cada_horas: v.cada_horas === '' ? null : Number(v.cada_horas), via: v.via as Esquemas['Via'], fecha: v.fecha, hasta: v.hasta || null, texto: oNada(v.texto), ...quien };
    return anotar(
      (params) => api.POST('/api/v1/pacientes/{id}/tratamientos', { params, body }),
      (titulo) => t('problemas.anotado', { que: titulo, nombre: mascota.nombre }),
    );
  };
  return (
    <Forma envio={envio} listo={listo} guardar={t('anotar.guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <TextInput label={t('tratamientos.farmaco')} data-autofocus maxLength={200} {...formulario.getInputProps('farmaco')} />
      <Group grow align="flex-start">
        <TextInput label={t('dosis')} placeholder={t('tratamientos.dosis_ejemplo')} maxLength={120} {...formulario.getInputProps('dosis')} />
        <NumberInput label={t('tratamientos.cada_cuanto')} suffix=" h" min={1} max={720} hideControls {...formulario.getInputProps('cada_horas')} />
      </Group>
      <Select label={t('via_nombre')} allowDeselect={false} data={['oral', 'topica', 'subcutanea', 'intramuscular', 'intravenosa', 'otra'].map((via) => ({ value: via, label: t(`via.${via}`) }))} {...formulario.getInputProps('via')} />
      <Group grow align="flex-start">
        <CampoFecha label={t('tratamientos.empieza')} {...deCampo(formulario.getInputProps('fecha'))} />
        <CampoFecha label={t('tratamientos.termina')} vaciable minimo={formulario.values.fecha} {...deCampo(formulario.getInputProps('hasta'))} />
      </Group>
      <Textarea label={t('tratamientos.motivo')} autosize minRows={2} maxLength={2000} {...formulario.getInputProps('texto')} />
    </Forma>
  );
}
