import { Alert, NumberInput, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { avisar, avisarFalla } from '@/app/avisos';
import { useSesion } from '@/app/sesion';
import { CampoMomento } from '@/comun/fecha/CampoMomento';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { deZona, enZona, ZONA } from '@/comun/tiempo';
import { renovarMascota } from '../datos';
import { kilos } from '../texto';
import type { DeCajon } from './Cajon';

export function AnotarPeso({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const { sede } = useSesion();
  const zona = sede?.zona_horaria ?? ZONA;
  const [motivos, setMotivos] = useState<string[]>([]);
  const formulario = useForm({
    initialValues: { kg: '' as number | string, condicion: '', pesado_en: enZona(new Date(), zona) },
    validate: { kg: (v) => (Number(v) > 0 ? null : t('peso.kg_falta')) },
    onValuesChange: () => setMotivos([]),
  });
  const envio = useEnvio(formulario as never, {
    aparte: (error) => {
      if (!esProblema(error, 'peso-por-confirmar')) return false;
      setMotivos(error.extra<string[]>('motivos') ?? []);
      return true;
    },
  });
  async function guardar({ kg, condicion, pesado_en }: typeof formulario.values) {
    // Untouched means now, to the second: the field's whole minute may lie before a weight of the same minute.
    const body = { kg: Number(kg), condicion: condicion ? Number(condicion) : null, pesado_en: formulario.isDirty('pesado_en') ? deZona(pesado_en, zona) : null, sede_id: sede?.id ?? null, confirmar: motivos.length > 0 };
    await envio.enviar(async () => {
      const peso = await cuerpo(api.POST('/api/v1/pacientes/{id}/pesos', { params: { path: { id: mascota.id }, header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      void renovarMascota();
      avisar({
        tono: 'bien',
        titulo: t('peso.anotado', { nombre: mascota.nombre, peso: kilos(body.kg) }),
        deshacer: () => cuerpo(api.DELETE('/api/v1/pacientes/{id}/pesos/{peso}', { params: { path: { id: mascota.id, peso: peso.id }, query: { motivo: t('deshecho') } } })).then(() => void renovarMascota(), avisarFalla),
      });
    });
  }
  return (
    <Forma envio={envio} listo={listo} guardar={motivos.length > 0 ? t('peso.asi_es') : t('peso.guardar')} alEnviar={formulario.onSubmit((valores) => void guardar(valores))}>
      <NumberInput label={t('peso.peso')} suffix=" kg" decimalScale={2} min={0} hideControls size="md" data-autofocus allowedDecimalSeparators={[',', '.']} {...(mascota.ultimo_peso ? { description: t('peso.anterior', { peso: kilos(mascota.ultimo_peso.kg) }) } : {})} {...formulario.getInputProps('kg')} />
      <Select label={t('peso.condicion_larga')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} data={Array.from({ length: 9 }, (_, i) => ({ value: String(i + 1), label: t(`peso.escala.${i + 1}`) }))} {...formulario.getInputProps('condicion')} />
      <CampoMomento label={t('peso.cuando')} maximo={enZona(new Date(), zona)} {...deCampo(formulario.getInputProps('pesado_en'))} />
      {motivos.length > 0 && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle size={18} />} title={t('peso.llama_la_atencion')} role="alert">
          {motivos.join(' ')} {t('peso.confirme')}
        </Alert>
      )}
    </Forma>
  );
}
