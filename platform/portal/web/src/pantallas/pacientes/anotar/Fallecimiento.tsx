import { Alert, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada, useEnvio } from '@/comun/formulario';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { renovarMascota } from '../datos';
import type { DeCajon } from './Cajon';

export function Fallecimiento({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const hoy = hoyEn(ZONA);
  const formulario = useForm({ initialValues: { fecha: hoy, causa: '', nota: '' }, validate: { causa: (v) => (v.trim() ? null : t('fallecida.causa_falta')), fecha: (v) => (!v || v > hoy ? t('fecha_mala') : null) } });
  const envio = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const hecho = await cuerpo(api.POST('/api/v1/pacientes/{id}/fallecimiento', { params: { path: { id: mascota.id }, header: { 'Idempotency-Key': llave() } }, body: { fecha: v.fecha, causa: v.causa.trim(), nota: oNada(v.nota) } }));
      listo();
      void renovarMascota();
      avisar({ tono: 'nota', titulo: t('fallecida.registrada', { nombre: mascota.nombre }), detalle: t('fallecida.citas', { count: hecho.citas_anuladas.length }) });
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('fallecida.guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Alert color="gray" variant="light" icon={<IconInfoCircle size={18} />}>
        {t('fallecida.que_pasa')}
      </Alert>
      <CampoFecha label={t('fallecida.fecha')} maximo={hoy} {...deCampo(formulario.getInputProps('fecha'))} />
      <TextInput label={t('fallecida.causa')} data-autofocus maxLength={200} {...formulario.getInputProps('causa')} />
      <Textarea label={t('nota')} autosize minRows={2} maxLength={2000} {...formulario.getInputProps('nota')} />
    </Forma>
  );
}
