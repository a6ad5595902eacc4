import { NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { CampoMomento } from '@/comun/fecha/CampoMomento';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada, useEnvio } from '@/comun/formulario';
import { deZona, enZona, fechaHora, ZONA } from '@/comun/tiempo';
import type { Incidente } from './Incidentes';

const DATOS = ['nombres', 'documentos', 'telefonos', 'correos', 'direcciones', 'historias'];
const TIPOS = ['acceso_no_autorizado', 'divulgacion', 'alteracion', 'perdida', 'robo', 'indisponibilidad'] as const;
const alDia = () => renovar('/api/v1/incidentes-datos');
const params = (incidente: Incidente) => ({ path: { id: incidente.id }, header: { 'If-Match': version(incidente) } });
const ahora = () => enZona(new Date(), ZONA);

export function FormaIncidente({ incidente, listo }: { incidente?: Incidente; listo: () => void }) {
  const { t } = useTranslation('datosPersonales');
  const formulario = useForm({
    initialValues: { tipo: incidente?.tipo ?? 'acceso_no_autorizado', detectado_en: incidente ? enZona(incidente.detectado_en, ZONA) : ahora(), descripcion: incidente?.descripcion ?? '', datos: incidente?.datos ?? [], personas_aprox: (incidente?.personas_aprox ?? '') as number | string, medidas: incidente?.medidas ?? '' },
    validate: { descripcion: (v) => (v.trim() ? null : t('incidentes.descripcion_falta')), datos: (v) => (v.length > 0 ? null : t('incidentes.datos_falta')) },
  });
  const envio = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const body = { tipo: v.tipo as Esquemas['IncidenteTipo'], detectado_en: deZona(v.detectado_en, ZONA), descripcion: v.descripcion.trim(), datos: v.datos, personas_aprox: v.personas_aprox === '' ? null : Number(v.personas_aprox), medidas: oNada(v.medidas) };
      const hecho = incidente ? await cuerpo(api.PUT('/api/v1/incidentes-datos/{id}', { params: params(incidente), body })) : await cuerpo(api.POST('/api/v1/incidentes-datos', { params: { header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      avisar({ tono: 'bien', titulo: t('incidentes.guardado', { numero: hecho.numero }), detalle: hecho.estado === 'abierto' ? t('incidentes.avise_antes', { cuando: fechaHora(hecho.vence_en, ZONA) }) : undefined });
      await alDia();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t(incidente ? 'app:guardar' : 'incidentes.registrar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Select label={t('incidentes.que_paso')} allowDeselect={false} data={TIPOS.map((uno) => ({ value: uno, label: t(`incidentes.tipo.${uno}`) }))} {...formulario.getInputProps('tipo')} />
      <CampoMomento label={t('incidentes.cuando')} description={t('incidentes.cuando_ayuda')} maximo={ahora()} {...deCampo(formulario.getInputProps('detectado_en'))} />
      <Textarea label={t('incidentes.descripcion')} autosize minRows={3} maxLength={4000} data-autofocus {...formulario.getInputProps('descripcion')} />
      <TagsInput label={t('incidentes.datos')} description={t('incidentes.datos_ayuda')} data={DATOS.map((uno) => t(`incidentes.clase_de_dato.${uno}`))} splitChars={[',', ';']} acceptValueOnBlur clearButtonProps={{ 'aria-label': t('app:quitar') }} {...formulario.getInputProps('datos')} />
      <NumberInput label={t('incidentes.personas_nombre')} min={0} allowDecimal={false} {...formulario.getInputProps('personas_aprox')} />
      <Textarea label={t('incidentes.medidas')} autosize minRows={2} maxLength={4000} {...formulario.getInputProps('medidas')} />
    </Forma>
  );
}

export function Notificar({ incidente, listo }: { incidente: Incidente; listo: () => void }) {
  const { t } = useTranslation('datosPersonales');
  const formulario = useForm({ initialValues: { notificado_en: ahora(), constancia: '', titulares_avisados_en: '' } });
  const envio = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      await cuerpo(api.PUT('/api/v1/incidentes-datos/{id}/notificacion', { params: params(incidente), body: { notificado_en: deZona(v.notificado_en, ZONA), constancia: oNada(v.constancia), titulares_avisados_en: v.titulares_avisados_en ? deZona(v.titulares_avisados_en, ZONA) : null } }));
      listo();
      avisar({ tono: 'bien', titulo: t('incidentes.notificado', { numero: incidente.numero }) });
      await alDia();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('incidentes.notificar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CampoMomento label={t('incidentes.notificado_en')} maximo={ahora()} {...deCampo(formulario.getInputProps('notificado_en'))} />
      <TextInput label={t('incidentes.constancia')} description={t('incidentes.constancia_ayuda')} maxLength={200} {...formulario.getInputProps('constancia')} />
      <CampoMomento vaciable label={t('incidentes.titulares')} description={t('incidentes.titulares_ayuda')} maximo={ahora()} {...deCampo(formulario.getInputProps('titulares_avisados_en'))} />
    </Forma>
  );
}

export function Cerrar({ incidente, listo }: { incidente: Incidente; listo: () => void }) {
  const { t } = useTranslation('datosPersonales');
  const formulario = useForm({ initialValues: { conclusion: '' }, validate: { conclusion: (v) => (v.trim() ? null : t('incidentes.conclusion_falta')) } });
  const envio = useEnvio(formulario as never);
  const guardar = ({ conclusion }: { conclusion: string }) =>
    envio.enviar(async () => {
      await cuerpo(api.PUT('/api/v1/incidentes-datos/{id}/cierre', { params: params(incidente), body: { conclusion: conclusion.trim() } }));
      listo();
      avisar({ tono: 'bien', titulo: t('incidentes.cerrado', { numero: incidente.numero }) });
      await alDia();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('incidentes.cerrar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Textarea label={t('incidentes.conclusion')} description={incidente.estado === 'abierto' ? t('incidentes.conclusion_ayuda') : undefined} autosize minRows={4} maxLength={4000} data-autofocus {...formulario.getInputProps('conclusion')} />
    </Forma>
  );
}
