/** A day that is not like the others: closed, with other hours, or without one of the vets. */
import { SegmentedControl, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { leerHoras } from '@/comun/semana/leer';
import { diaMedio, hoyEn } from '@/comun/tiempo';
import { useMedicos, type Sede } from './datos';
import { renovarDias } from './dias';

type Valores = { fecha: string; como: 'cerrado' | 'horas' | 'sin'; horas: string; medico_id: string; motivo: string };

export function FormaExcepcion({ sede, listo }: { sede: Sede; listo: () => void }) {
  const { t } = useTranslation('sedes');
  const medicos = useMedicos(sede.id);
  const formulario = useForm<Valores>({
    initialValues: { fecha: '', como: 'cerrado', horas: '', medico_id: '', motivo: '' },
    validate: {
      fecha: (v) => (v ? null : t('falta.fecha')),
      motivo: (v) => (v.trim() ? null : t('falta.motivo')),
      horas: (v, { como }) => {
        if (como === 'cerrado') return null;
        const leido = leerHoras(v);
        if ('mal' in leido) return t(`semana.mal.${leido.mal}`);
        return leido.horas.length === 1 ? null : t('dias.un_tramo');
      },
    },
  });
  const envio = useEnvio(formulario as never, { nombres: { desde: 'horas', hasta: 'horas' } });
  const campo = formulario.getInputProps;
  const { como } = formulario.values;
  const guardar = (v: Valores) =>
    envio.enviar(async () => {
      const leido = leerHoras(v.horas);
      const tramo = v.como !== 'cerrado' && 'horas' in leido ? leido.horas[0] : undefined;
      const body = { fecha: v.fecha, abierto: v.como === 'horas', desde: tramo?.desde ?? null, hasta: tramo?.hasta ?? null, medico_id: v.medico_id || null, motivo: v.motivo.trim() };
      const hecha = await cuerpo(api.POST('/api/v1/sedes/{id}/excepciones', { params: { path: { id: sede.id }, header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      await renovarDias();
      avisar({
        tono: 'bien',
        titulo: t('dias.creado', { dia: diaMedio(v.fecha) }),
        detalle: body.motivo,
        deshacer: () => cuerpo(api.DELETE('/api/v1/excepciones/{id}', { params: { path: { id: hecha?.id ?? '' } } })).then(() => void renovarDias(), avisarFalla),
      });
    });
  return (
    <Forma envio={envio} guardar={t('dias.crear')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CampoFecha label={t('dias.fecha')} required minimo={hoyEn(sede.zona_horaria)} data-autofocus {...deCampo(campo('fecha'))} />
      <SegmentedControl fullWidth aria-label={t('dias.como')} data={(['cerrado', 'horas', 'sin'] as const).map((valor) => ({ value: valor, label: t(`dias.es.${valor}`) }))} {...campo('como')} />
      {como !== 'cerrado' && <TextInput label={t(`dias.horas.${como}`)} placeholder="9-13" required autoComplete="off" {...campo('horas')} />}
      <Select label={t('dias.quien')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} searchable nothingFoundMessage={t('nada_asi')} placeholder={t('dias.toda')} data={medicos.map((uno) => ({ value: uno.id, label: uno.nombre }))} value={formulario.values.medico_id || null} error={formulario.errors.medico_id} onChange={(valor) => formulario.setFieldValue('medico_id', valor ?? '')} />
      <TextInput label={t('dias.motivo')} required maxLength={200} autoComplete="off" placeholder={t('dias.motivo_ejemplo')} {...campo('motivo')} />
    </Forma>
  );
}
