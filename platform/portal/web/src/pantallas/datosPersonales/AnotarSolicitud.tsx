import { Alert, Select, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconUser } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada, useEnvio } from '@/comun/formulario';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { BuscaTutor, type TutorHallado } from '@/comun/tutores/BuscaTutor';
import { DERECHOS } from './Solicitudes';

const CANALES = ['presencial', 'telefono', 'correo', 'mensaje', 'web'] as const;
export const PRUEBAS = ['documento', 'contacto_conocido', 'firma_digital', 'poder'] as const;

/** Written down at the counter: what the person asks, in their words, and whether they are who they say. */
export function AnotarSolicitud({ tutor, listo }: { tutor?: TutorHallado; listo: () => void }) {
  const { t } = useTranslation('datosPersonales');
  const hoy = hoyEn(ZONA);
  const [elegido, setElegido] = useState<TutorHallado | undefined>(tutor);
  const formulario = useForm({
    initialValues: { derecho: 'acceso', canal: 'presencial', identidad: '', recibida_el: hoy, nombre: tutor?.nombre ?? '', detalle: '', contacto: '' },
    validate: { nombre: (v) => (v.trim() ? null : t('anotar.nombre_falta')), detalle: (v) => (v.trim() ? null : t('anotar.detalle_falta')), recibida_el: (v) => (!v || v > hoy ? t('anotar.dia_malo') : null) },
  });
  const envio = useEnvio(formulario as never, { nombres: { 'pedido.nombre': 'nombre', 'pedido.detalle': 'detalle', 'pedido.contacto': 'contacto' } });
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const body = { derecho: v.derecho as Esquemas['DerechoSobreDatos'], canal: v.canal as Esquemas['Canal'], identidad: (v.identidad || null) as Esquemas['PruebaDeIdentidad'] | null, recibida_el: v.recibida_el, tutor_id: elegido?.id ?? null, pedido: { nombre: v.nombre.trim(), detalle: v.detalle.trim(), contacto: oNada(v.contacto) } };
      const hecha = await cuerpo(api.POST('/api/v1/solicitudes-datos', { params: { header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      avisar({ tono: 'bien', titulo: t('anotar.hecha', { numero: hecha.numero }), detalle: hecha.vence_el ? t('anotar.vence', { dia: diaCorto(hecha.vence_el) }) : t('anotar.observada') });
      await renovar('/api/v1/solicitudes-datos');
    });
  const v = formulario.values;
  return (
    <Forma envio={envio} listo={listo} guardar={t('anotar.guardar')} alEnviar={formulario.onSubmit((valores) => void guardar(valores))}>
      <Select label={t('anotar.derecho')} description={t(`derecho_ayuda.${v.derecho}`)} allowDeselect={false} data={DERECHOS.map((uno) => ({ value: uno, label: t(`derecho.${uno}`) }))} {...formulario.getInputProps('derecho')} />
      {elegido ? (
        <Alert variant="light" color="gray" icon={<IconUser size={18} />} p="xs" withCloseButton={!tutor} closeButtonLabel={t('app:quitar')} onClose={() => setElegido(undefined)}>
          <Text size="sm" fw={600}>
            {elegido.nombre}
          </Text>
        </Alert>
      ) : (
        <BuscaTutor
          nombre={t('anotar.tutor')}
          alElegir={(uno) => {
            setElegido(uno);
            if (!v.nombre) formulario.setFieldValue('nombre', uno.nombre);
          }}
        />
      )}
      <TextInput label={t('anotar.nombre')} maxLength={200} {...formulario.getInputProps('nombre')} />
      <Textarea label={t('anotar.detalle')} autosize minRows={3} maxLength={4000} {...formulario.getInputProps('detalle')} />
      <TextInput label={t('anotar.contacto')} maxLength={200} {...formulario.getInputProps('contacto')} />
      <Select label={t('anotar.identidad')} description={v.identidad ? undefined : t('anotar.sin_identidad')} placeholder={t('anotar.no_se_comprobo')} clearable clearButtonProps={{ 'aria-label': t('app:quitar') }} data={PRUEBAS.map((uno) => ({ value: uno, label: t(`identidad.${uno}`) }))} value={v.identidad || null} onChange={(uno) => formulario.setFieldValue('identidad', uno ?? '')} />
      <Select label={t('anotar.canal')} allowDeselect={false} data={CANALES.map((uno) => ({ value: uno, label: t(`canal.${uno}`) }))} {...formulario.getInputProps('canal')} />
      <CampoFecha label={t('anotar.recibida')} maximo={hoy} {...deCampo(formulario.getInputProps('recibida_el'))} />
    </Forma>
  );
}
