/** Problems, allergies and treatments: short forms of the same kind. */
import { Group, NumberInput, SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, type Esquemas } from '@/api/cliente';
import { useSesion } from '@/app/sesion';
import { Falla, oNada, useEnvio } from '@/comun/formulario';
import { hoyEn } from '@/comun/tiempo';
import { ZONA } from '../texto';
import type { DeCajon } from './Cajon';
import { anotado, Botones } from './comun';

function useAqui() {
  const { sede, yo } = useSesion();
  return { hoy: hoyEn(sede?.zona_horaria ?? ZONA), quien: { sede_id: sede?.id ?? null, medico_id: yo.es_medico ? yo.id : null } };
}
const cabecera = (id: string) => ({ path: { id }, header: { 'Idempotency-Key': llave() } });

export function AnotarProblema({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { hoy, quien } = useAqui();
  const formulario = useForm({ initialValues: { nombre: '', cronico: false, fecha: hoy, texto: '' }, validate: { nombre: (v) => (v.trim() ? null : t('problemas.nombre_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null) } });
  const { va, falla, enviar } = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    enviar(async () => {
      const hecho = await cuerpo(api.POST('/api/v1/pacientes/{id}/problemas', { params: cabecera(mascota.id), body: { nombre: v.nombre.trim(), cronico: v.cronico, fecha: v.fecha, texto: oNada(v.texto), ...quien } }));
      listo();
      anotado(t('problemas.anotado', { que: hecho.titulo, nombre: mascota.nombre }), t('deshecho'), hecho.id);
    });
  return (
    <form noValidate onSubmit={formulario.onSubmit((v) => void guardar(v))}>
      <Stack>
        <Falla>{falla}</Falla>
        <TextInput label={t('problemas.nombre')} placeholder={t('problemas.nombre_ejemplo')} data-autofocus maxLength={200} {...formulario.getInputProps('nombre')} />
        <Switch label={t('problemas.es_cronico')} {...formulario.getInputProps('cronico', { type: 'checkbox' })} />
        <TextInput type="date" label={t('problemas.desde')} max={hoy} {...formulario.getInputProps('fecha')} />
        <Textarea label={t('nota')} autosize minRows={2} maxLength={2000} {...formulario.getInputProps('texto')} />
        <Botones va={va} listo={listo} guardar={t('anotar.guardar')} />
      </Stack>
    </form>
  );
}

export function AnotarAlergia({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { hoy, quien } = useAqui();
  const formulario = useForm({ initialValues: { a: '', sustancia: 'medicamento', gravedad: 'moderada', reaccion: '', fecha: hoy }, validate: { a: (v) => (v.trim() ? null : t('problemas.a_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null) } });
  const { va, falla, enviar } = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    enviar(async () => {
      const body = { a: v.a.trim(), sustancia: v.sustancia as Esquemas['Sustancia'], gravedad: v.gravedad as Esquemas['Gravedad'], reaccion: oNada(v.reaccion), fecha: v.fecha, ...quien };
      const hecho = await cuerpo(api.POST('/api/v1/pacientes/{id}/alergias', { params: cabecera(mascota.id), body }));
      listo();
      anotado(t('problemas.anotado', { que: t('problemas.alergia_a', { a: hecho.titulo }), nombre: mascota.nombre }), t('deshecho'), hecho.id);
    });
  return (
    <form noValidate onSubmit={formulario.onSubmit((v) => void guardar(v))}>
      <Stack>
        <Falla>{falla}</Falla>
        <TextInput label={t('problemas.a_que')} placeholder={t('problemas.a_ejemplo')} data-autofocus maxLength={200} {...formulario.getInputProps('a')} />
        <Select label={t('problemas.sustancia')} allowDeselect={false} data={(['medicamento', 'vacuna', 'alimento', 'ambiente', 'otra'] as const).map((valor) => ({ value: valor, label: t(`sustancia.${valor}`) }))} {...formulario.getInputProps('sustancia')} />
        <div>
          <Text size="sm" fw={500} mb={4} id="gravedad">
            {t('problemas.gravedad')}
          </Text>
          <SegmentedControl fullWidth aria-labelledby="gravedad" data={(['leve', 'moderada', 'grave'] as const).map((valor) => ({ value: valor, label: t(`gravedad.${valor}`) }))} {...formulario.getInputProps('gravedad')} />
        </div>
        <TextInput label={t('problemas.reaccion')} placeholder={t('problemas.reaccion_ejemplo')} maxLength={500} {...formulario.getInputProps('reaccion')} />
        <TextInput type="date" label={t('problemas.desde')} max={hoy} {...formulario.getInputProps('fecha')} />
        <Botones va={va} listo={listo} guardar={t('anotar.guardar')} />
      </Stack>
    </form>
  );
}

export function AnotarTratamiento({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { hoy, quien } = useAqui();
  const formulario = useForm({ initialValues: { farmaco: '', dosis: '', cada_horas: '' as number | string, via: 'oral', fecha: hoy, hasta: '', texto: '' }, validate: { farmaco: (v) => (v.trim() ? null : t('tratamientos.farmaco_falta')), dosis: (v) => (v.trim() ? null : t('tratamientos.dosis_falta')), hasta: (v, { fecha }) => (v && v < fecha ? t('tratamientos.hasta_malo') : null) } });
  const { va, falla, enviar } = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    enviar(async () => {
      const body = { farmaco: v.farmaco.trim(), dosis: v.dosis.trim(), cada_horas: v.cada_horas === '' ? null : Number(v.cada_horas), via: v.via as Esquemas['Via'], fecha: v.fecha, hasta: v.hasta || null, texto: oNada(v.texto), ...quien };
      const hecho = await cuerpo(api.POST('/api/v1/pacientes/{id}/tratamientos', { params: cabecera(mascota.id), body }));
      listo();
      anotado(t('problemas.anotado', { que: hecho.titulo, nombre: mascota.nombre }), t('deshecho'), hecho.id);
    });
  return (
    <form noValidate onSubmit={formulario.onSubmit((v) => void guardar(v))}>
      <Stack>
        <Falla>{falla}</Falla>
        <TextInput label={t('tratamientos.farmaco')} data-autofocus maxLength={200} {...formulario.getInputProps('farmaco')} />
        <Group grow align="flex-start">
          <TextInput label={t('dosis')} placeholder={t('tratamientos.dosis_ejemplo')} maxLength={120} {...formulario.getInputProps('dosis')} />
          <NumberInput label={t('tratamientos.cada_cuanto')} suffix=" h" min={1} max={720} hideControls {...formulario.getInputProps('cada_horas')} />
        </Group>
        <Select label={t('via_nombre')} allowDeselect={false} data={['oral', 'topica', 'subcutanea', 'intramuscular', 'intravenosa', 'otra'].map((via) => ({ value: via, label: t(`via.${via}`) }))} {...formulario.getInputProps('via')} />
        <Group grow align="flex-start">
          <TextInput type="date" label={t('tratamientos.empieza')} {...formulario.getInputProps('fecha')} />
          <TextInput type="date" label={t('tratamientos.termina')} min={formulario.values.fecha} {...formulario.getInputProps('hasta')} />
        </Group>
        <Textarea label={t('tratamientos.motivo')} autosize minRows={2} maxLength={2000} {...formulario.getInputProps('texto')} />
        <Botones va={va} listo={listo} guardar={t('anotar.guardar')} />
      </Stack>
    </form>
  );
}
