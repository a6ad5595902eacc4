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
type Autoreserva = Esquemas['Autoreserva'];

/** Every number of the form, once: what it begins with, and between what it may lie, as the server says. */
const NUMEROS = {
  aprobar_horas: { de: 12, min: 1, max: 168 },
  antelacion_min: { de: 120, min: 0, max: 20_160 },
  dias_max: { de: 30, min: 1, max: 365 },
  abiertas_max: { de: 2, min: 1, max: 20 },
  por_dia_max: { de: 20, min: 1, max: 100 },
  retencion_min: { de: 10, min: 5, max: 10 },
} as const satisfies Partial<Record<keyof Autoreserva, { de: number; min: number; max: number }>>;
type Numero = keyof typeof NUMEROS;
const CLAVES = Object.keys(NUMEROS) as Numero[];
const deCada = <V,>(valor: (clave: Numero) => V) => Object.fromEntries(CLAVES.map((clave) => [clave, valor(clave)])) as Record<Numero, V>;

const valoresDe = (hay: Hay) => {
  const a = hay?.autoreserva;
  return {
    activa: a?.activa ?? false,
    servicios: a?.servicios ?? [],
    medicos: a?.medicos ?? [],
    especies: a?.especies ?? [],
    elige_medico: a?.elige_medico ?? true,
    aprobar: a?.aprobar ?? false,
    ...deCada<number | string>((clave) => a?.[clave] ?? NUMEROS[clave].de),
    instrucciones: a?.instrucciones ?? '',
    condiciones: a?.condiciones ?? i18n.t('sedes:reservas.condiciones_modelo'),
    condiciones_version: a?.condiciones_version ?? hoyEn(ZONA).slice(0, 7),
  };
};

type Opcion = { value: string; label: string };
/** What was chosen and is no longer on the list stays, with words instead of its id. */
const conElegidos = (opciones: Opcion[], elegidos: string[], rotulo: string): Opcion[] => [...opciones, ...elegidos.filter((id) => opciones.every((una) => una.value !== id)).map((value) => ({ value, label: rotulo }))];

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
      const body = { ...v, ...deCada((clave) => Number(v[clave])), instrucciones: oNada(v.instrucciones), condiciones: v.condiciones.trim() };
      const hecha = await guardando(() => cuerpo(api.PUT('/api/v1/sedes/{id}/autoreserva', { params: { path: { id: sede.id }, header: { 'If-Match': base.version } }, body })), releer);
      if (hecha) tomar(hecha, version(hecha));
      await releer();
      avisar({ tono: 'bien', titulo: t(v.activa ? 'reservas.guardada_abierta' : 'reservas.guardada_cerrada', { sede: sede.nombre }) });
    });
  const varios = { searchable: true, clearable: true, clearButtonProps: { 'aria-label': t('quitar_todos') }, nothingFoundMessage: t('nada_asi'), hidePickedOptions: true } as const;
  const numero = (clave: Numero) => ({ label: t(`reservas.${clave}`), min: NUMEROS[clave].min, max: NUMEROS[clave].max, allowDecimal: false, ...campo(clave) });
  return (
    <form noValidate onSubmit={formulario.onSubmit((v) => void guardar(v))}>
      <Stack>
        <Falla>{envio.falla}</Falla>
        <Switch size="md" label={t('reservas.activa')} description={t('reservas.activa_ayuda')} {...campo('activa', { type: 'checkbox' })} />
        <MultiSelect {...varios} label={t('reservas.servicios')} description={t('reservas.servicios_ayuda')} data={conElegidos((servicios.data?.items ?? []).map((uno) => ({ value: uno.id, label: uno.nombre })), formulario.values.servicios, t('reservas.otro_servicio'))} {...campo('servicios')} />
        <MultiSelect {...varios} label={t('reservas.medicos')} placeholder={formulario.values.medicos.length === 0 ? t('reservas.todos') : ''} data={conElegidos(medicos.map((uno) => ({ value: uno.id, label: uno.nombre })), formulario.values.medicos, t('dias.un_medico'))} {...campo('medicos')} />
        <MultiSelect {...varios} label={t('reservas.especies')} placeholder={formulario.values.especies.length === 0 ? t('reservas.todas') : ''} data={(especies.data?.items ?? []).filter((una) => una.activa).map((una) => ({ value: una.clave, label: una.nombre }))} {...campo('especies')} />
        <Switch label={t('reservas.elige')} description={t('reservas.elige_ayuda')} {...campo('elige_medico', { type: 'checkbox' })} />
        <Switch label={t('reservas.aprobar')} description={t('reservas.aprobar_ayuda')} {...campo('aprobar', { type: 'checkbox' })} />
        {formulario.values.aprobar && <NumberInput {...numero('aprobar_horas')} />}
        <div className="dos-columnas">
          {CLAVES.filter((clave) => clave !== 'aprobar_horas').map((clave) => (
            <NumberInput key={clave} description={t(`reservas.${clave}_ayuda`)} inputWrapperOrder={['label', 'input', 'description', 'error']} {...numero(clave)} />
          ))}
        </div>
        <Textarea label={t('reservas.instrucciones')} description={t('reservas.instrucciones_ayuda')} autosize minRows={2} maxLength={2000} {...campo('instrucciones')} />
        <Textarea label={t('reservas.condiciones')} description={t('reservas.condiciones_ayuda')} autosize minRows={3} maxLength={20_000} required {...campo('condiciones')} />
        <TextInput label={t('reservas.condiciones_version')} description={t('reservas.version_ayuda')} maw={240} maxLength={40} required {...campo('condiciones_version')} />
        <Group justify="flex-end">
          <Button type="submit" loading={envio.va}>
            {t('app:guardar')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
