import { Group, SegmentedControl, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/cliente';
import { useSesion } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada } from '@/comun/formulario';
import { hoyEn, sumarDias, ZONA } from '@/comun/tiempo';
import type { DeCajon } from './Cajon';
import { useHecho } from './comun';

const TRES_MESES = 90;

export function AnotarDesparasitacion({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { sede, yo } = useSesion();
  const hoy = hoyEn(sede?.zona_horaria ?? ZONA);
  const formulario = useForm({
    initialValues: { producto: '', activos: [] as string[], alcance: 'interna', fecha: hoy, proxima: sumarDias(hoy, TRES_MESES), lote: '', dosis: '', anterior: false },
    validate: { producto: (v) => (v.trim() ? null : t('desparasitaciones.producto_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null), proxima: (v, { fecha }) => (v && v <= fecha ? t('vacunas.proxima_mala') : null) },
  });
  const { envio, anotar } = useHecho({ mascota, listo }, formulario as never);
  async function guardar(v: typeof formulario.values) {
    const body = { producto: v.producto.trim(), activos: v.activos, alcance: v.alcance as 'interna', fecha: v.fecha, proxima: v.proxima || null, lote: oNada(v.lote), dosis: oNada(v.dosis), anterior: v.anterior, ...(v.anterior ? {} : { sede_id: sede?.id ?? null, medico_id: yo.es_medico ? yo.id : null }) };
    await anotar(
      (params) => api.POST('/api/v1/pacientes/{id}/desparasitaciones', { params, body }),
      (titulo) => t('desparasitaciones.anotada', { producto: titulo, nombre: mascota.nombre }),
    );
  }
  return (
    <Forma envio={envio} listo={listo} guardar={t('anotar.guardar')} alEnviar={formulario.onSubmit((valores) => void guardar(valores))}>
      <TextInput label={t('desparasitaciones.producto')} data-autofocus maxLength={120} {...formulario.getInputProps('producto')} />
      <TagsInput label={t('desparasitaciones.activos')} description={t('desparasitaciones.activos_ayuda')} splitChars={[',', ';']} acceptValueOnBlur clearButtonProps={{ 'aria-label': t('quitar') }} {...formulario.getInputProps('activos')} />
      <div>
        <Text size="sm" fw={500} mb={4} id="alcance">
          {t('desparasitaciones.contra')}
        </Text>
        <SegmentedControl fullWidth aria-labelledby="alcance" data={(['interna', 'externa', 'ambas'] as const).map((valor) => ({ value: valor, label: t(`alcance.${valor}`) }))} {...formulario.getInputProps('alcance')} />
      </div>
      <Group grow align="flex-start">
        <CampoFecha label={t('vacunas.fecha')} maximo={hoy} {...deCampo(formulario.getInputProps('fecha'))} />
        <CampoFecha label={t('vacunas.proxima_nombre')} vaciable minimo={formulario.values.fecha} {...deCampo(formulario.getInputProps('proxima'))} />
      </Group>
      <Group grow align="flex-start">
        <TextInput label={t('dosis')} maxLength={60} {...formulario.getInputProps('dosis')} />
        <TextInput label={t('vacunas.lote_nombre')} maxLength={60} {...formulario.getInputProps('lote')} />
      </Group>
      <Switch label={t('en_otro_lugar')} description={t('en_otro_lugar_ayuda')} {...formulario.getInputProps('anterior', { type: 'checkbox' })} />
    </Forma>
  );
}
