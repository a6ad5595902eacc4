import { Button, Group, MultiSelect, NumberInput, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { usePuede } from '@/app/sesion';
import { useEdicion } from '@/comun/edicion';
import { Falla, oNada, useEnvio } from '@/comun/formulario';
import i18n from '@/app/i18n';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { useMedicos, type Sede } from './datos';

type Hay = Esquemas['AutoreservaDeSede'] | null;
const NUMEROS = ['antelacion_min', 'dias_max', 'abiertas_max', 'por_dia_max', 'retencion_min'] as const;

const valoresDe = (hay: Hay) => {
  const a = hay?.autoreserva;
  return {
    activa: a?.activa ?? false,
    servicios: a?.servicios ?? [],
    medicos: a?.medicos ?? [],
    especies: a?.especies ?? [],
    elige_medico: a?.elige_medico ?? true,
    aprobar: a?.aprobar ?? false,
    aprobar_horas: (a?.aprobar_horas ?? 12) as number | string,
    antelacion_min: (a?.antelacion_min ?? 120) as number | string,
    dias_max: (a?.dias_max ?? 30) as number | string,
    abiertas_max: (a?.abiertas_max ?? 2) as number | string,
    por_dia_max: (a?.por_dia_max ?? 20) as number | string,
    retencion_min: (a?.retencion_min ?? 10) as number | string,
    instrucciones: a?.instrucciones ?? '',
    condiciones: a?.condiciones ?? i18n.t('sedes:reservas.condiciones_modelo'),
    condiciones_version: a?.condiciones_version ?? hoyEn(ZONA).slice(0, 7),
  };
};

export function FormaAutoreserva({ sede, hay }: { sede: Sede; hay: Hay }) {
  const { t } = useTranslation('sedes');
  const servicios = $api.useQuery('get', '/api/v1/servicios', { params: { query: { limite: 200 } } });
  const puede = usePuede();
  const especies = $api.useQuery('get', '/api/v1/especies', { params: { query: { limite: 200 } } }, { enabled: puede('paciente.ver', 'alguna') });
  const medicos = useMedicos(sede.id);
  const formulario = useForm({ initialValues: valoresDe(hay) });
  const envio = useEnvio(formulario as never);
  const { base, tomar, guardando } = useEdicion(formulario, hay, hay ? version(hay) : '*', valoresDe);
  const campo = formulario.getInputProps;
  const releer = () => renovar('/api/v1/sedes/{id}/autoreserva');
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const numeros = Object.fromEntries([...NUMEROS, 'aprobar_horas' as const].map((clave) => [clave, Number(v[clave])])) as Record<(typeof NUMEROS)[number] | 'aprobar_horas', number>;
      const body = { ...v, ...numeros, instrucciones: oNada(v.instrucciones), condiciones: v.condiciones.trim() };
      const hecha = await guardando(() => cuerpo(api.PUT('/api/v1/sedes/{id}/autoreserva', { params: { path: { id: sede.id }, header: { 'If-Match': base.version } }, body })), releer);
      if (hecha) tomar(hecha, version(hecha));
      await releer();
      avisar({ tono: 'bien', titulo: t(v.activa ? 'reservas.guardada_abierta' : 'reservas.guardada_cerrada', { sede: sede.nombre }) });
    });
  const varios = { searchable: true, clearable: true, clearButtonProps: { 'aria-label': t('quitar_todos') }, nothingFoundMessage: t('nada_asi'), hidePickedOptions: true } as const;
  return (
    <form noValidate onSubmit={formulario.onSubmit((v) => void guardar(v))}>
      <Stack>
        <Falla>{envio.falla}</Falla>
        <Switch size="md" label={t('reservas.activa')} description={t('reservas.activa_ayuda')} {...campo('activa', { type: 'checkbox' })} />
        <MultiSelect {...varios} label={t('reservas.servicios')} description={t('reservas.servicios_ayuda')} data={(servicios.data?.items ?? []).map((uno) => ({ value: uno.id, label: uno.nombre }))} {...campo('servicios')} />
        <MultiSelect {...varios} label={t('reservas.medicos')} placeholder={formulario.values.medicos.length === 0 ? t('reservas.todos') : ''} data={medicos.map((uno) => ({ value: uno.id, label: uno.nombre }))} {...campo('medicos')} />
        <MultiSelect {...varios} label={t('reservas.especies')} placeholder={formulario.values.especies.length === 0 ? t('reservas.todas') : ''} data={(especies.data?.items ?? []).filter((una) => una.activa).map((una) => ({ value: una.clave, label: una.nombre }))} {...campo('especies')} />
        <Switch label={t('reservas.elige')} description={t('reservas.elige_ayuda')} {...campo('elige_medico', { type: 'checkbox' })} />
        <Switch label={t('reservas.aprobar')} description={t('reservas.aprobar_ayuda')} {...campo('aprobar', { type: 'checkbox' })} />
        {formulario.values.aprobar && <NumberInput label={t('reservas.aprobar_horas')} min={1} {...campo('aprobar_horas')} />}
        <div className="dos-columnas">
          {NUMEROS.map((clave) => (
            <NumberInput key={clave} label={t(`reservas.${clave}`)} description={t(`reservas.${clave}_ayuda`)} min={0} inputWrapperOrder={['label', 'input', 'description', 'error']} {...campo(clave)} />
          ))}
        </div>
        <Textarea label={t('reservas.instrucciones')} description={t('reservas.instrucciones_ayuda')} autosize minRows={2} maxLength={1000} {...campo('instrucciones')} />
        <Textarea label={t('reservas.condiciones')} description={t('reservas.condiciones_ayuda')} autosize minRows={3} required {...campo('condiciones')} />
        <TextInput label={t('reservas.condiciones_version')} description={t('reservas.version_ayuda')} maw={240} required {...campo('condiciones_version')} />
        <Group justify="flex-end">
          <Button type="submit" loading={envio.va}>
            {t('app:guardar')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
