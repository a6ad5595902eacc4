import { Group, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { hoyEn, sumarDias } from '@/comun/tiempo';
import { useMedicos, type Sede } from './datos';
import { renovarTurnos, type Turno } from './Turnos';

export function FormaAsignar({ sede, turnos, listo }: { sede: Sede; turnos: Turno[]; listo: () => void }) {
  const { t } = useTranslation('sedes');
  const hoy = hoyEn(sede.zona_horaria);
  const medicos = useMedicos(sede.id);
  const formulario = useForm({
    initialValues: { medico_id: '', turno_id: turnos.length === 1 ? (turnos[0]?.id ?? '') : '', desde: hoy, hasta: sumarDias(hoy, 6) },
    validate: {
      medico_id: (v) => (v ? null : t('falta.medico')),
      turno_id: (v) => (v ? null : t('falta.turno')),
      desde: (v) => (v ? null : t('falta.fecha')),
      hasta: (v, { desde }) => (v && v >= desde ? null : t('falta.hasta')),
    },
  });
  const envio = useEnvio(formulario as never);
  const campo = formulario.getInputProps;
  const guardar = (body: typeof formulario.values) =>
    envio.enviar(async () => {
      const hecho = await cuerpo(api.POST('/api/v1/sedes/{id}/turnos-asignados', { params: { path: { id: sede.id }, header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      await renovarTurnos();
      avisar({
        tono: 'bien',
        titulo: t('turnos.asignado', { medico: medicos.find((uno) => uno.id === body.medico_id)?.nombre }),
        deshacer: () => cuerpo(api.DELETE('/api/v1/turnos-asignados/{id}', { params: { path: { id: hecho?.id ?? '' } } })).then(() => void renovarTurnos(), avisarFalla),
      });
    });
  return (
    <Forma envio={envio} guardar={t('turnos.asignar')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Select label={t('medicos.medico')} required searchable allowDeselect={false} nothingFoundMessage={t('nada_asi')} data-autofocus data={medicos.map((uno) => ({ value: uno.id, label: uno.nombre }))} {...campo('medico_id')} value={formulario.values.medico_id || null} />
      <Select label={t('turnos.turno')} required allowDeselect={false} data={turnos.map((uno) => ({ value: uno.id, label: uno.nombre }))} {...campo('turno_id')} value={formulario.values.turno_id || null} />
      <Group grow align="flex-start">
        <CampoFecha label={t('turnos.desde')} required minimo={hoy} {...deCampo(campo('desde'))} />
        <CampoFecha label={t('turnos.hasta')} required minimo={formulario.values.desde || hoy} {...deCampo(campo('hasta'))} />
      </Group>
    </Forma>
  );
}
