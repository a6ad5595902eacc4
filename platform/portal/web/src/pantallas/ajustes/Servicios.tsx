import { Group, MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { usePuede } from '@/app/sesion';
import { oNada } from '@/comun/formulario';
import { nombrar } from '@/comun/nombrar';
import { duracion, soles } from '@/comun/tiempo';
import { useTodas } from '@/comun/todas';
import { Catalogo } from './Catalogo';
import { faltas, FormaFila } from './FormaFila';

type Servicio = Esquemas['Servicio'];
const TIPOS: Esquemas['AmbienteTipo'][] = ['consultorio', 'quirofano', 'bano', 'imagenes', 'laboratorio', 'hospitalizacion'];
const EQUIPOS = ['ecografo', 'rayos_x', 'destartarizador', 'anestesia', 'microscopio', 'electrocardiografo', 'endoscopio'];

const valoresDe = (fila: Servicio | undefined) => ({
  nombre: fila?.nombre ?? '',
  codigo: fila?.codigo ?? '',
  duracion_min: (fila?.duracion_min ?? 30) as number | string,
  antes_min: (fila?.antes_min ?? 0) as number | string,
  despues_min: (fila?.despues_min ?? 0) as number | string,
  ambiente_tipo: (fila?.ambiente_tipo ?? '') as string,
  equipos_tipos: fila?.equipos_tipos ?? [],
  medicos: fila?.medicos ?? [],
  precio: (fila?.precio ?? '') as number | string,
  color: fila?.color ?? '#2f6f8f',
  indicaciones: fila?.indicaciones ?? '',
  silencioso: fila?.silencioso ?? false,
  activo: fila?.activo ?? true,
});
type Valores = ReturnType<typeof valoresDe>;

const cuerpoDe = (v: Valores) => ({
  ...v,
  nombre: v.nombre.trim(),
  codigo: v.codigo.trim().toUpperCase(),
  duracion_min: Number(v.duracion_min),
  antes_min: Number(v.antes_min),
  despues_min: Number(v.despues_min),
  ambiente_tipo: (v.ambiente_tipo || null) as Esquemas['AmbienteTipo'] | null,
  precio: v.precio === '' ? null : Number(v.precio).toFixed(2),
  indicaciones: oNada(v.indicaciones),
});
const releer = () => renovar('/api/v1/servicios', '/api/v1/servicios/{id}');

export function Servicios() {
  const { t } = useTranslation(['ajustes', 'sedes']);
  const consulta = useTodas<Servicio>('/api/v1/servicios', 'con inactivos', (query) => api.GET('/api/v1/servicios', { params: { query: { ...query, inactivos: true } } }));
  return (
    <Catalogo<Servicio>
      clave="servicios"
      ancho="lg"
      consulta={consulta}
      de="/api/v1/servicios"
      permiso="servicio.administrar"
      id={(fila) => fila.id}
      nombre={(fila) => fila.nombre}
      buscado={(fila) => `${fila.nombre} ${fila.codigo}`}
      activo={(fila) => fila.activo}
      columnas={[
        { clave: 'codigo', ver: (fila) => <span className="tenue">{fila.codigo}</span>, clase: 'no-movil' },
        { clave: 'dura', ver: (fila) => <Dura fila={fila} /> },
        { clave: 'necesita', ver: (fila) => [fila.ambiente_tipo && t(`sedes:tipo.${fila.ambiente_tipo}`), ...fila.equipos_tipos.map((uno) => nombrar(`sedes:equipo.${uno}`, uno))].filter(Boolean).join(', ') || '—', clase: 'no-movil' },
        { clave: 'precio', ver: (fila) => (fila.precio ? soles(fila.precio) : '—'), clase: 'cifra' },
      ]}
      forma={(fila, listo) => (
        <FormaFila<Servicio, Valores>
          fila={fila}
          listo={listo}
          valoresDe={valoresDe}
          nombre={(v) => v.nombre}
          validar={(v) => faltas({ nombre: !v.nombre.trim() && t('falta.nombre'), codigo: !v.codigo.trim() && t('falta.codigo'), duracion_min: !(Number(v.duracion_min) > 0) && t('falta.duracion') })}
          crear={async (v) => (await cuerpo(api.POST('/api/v1/servicios', { params: { header: { 'Idempotency-Key': llave() } }, body: cuerpoDe(v) }))) as Servicio}
          cambiar={async (antes, etag, v) => (await cuerpo(api.PUT('/api/v1/servicios/{id}', { params: { path: { id: antes.id }, header: { 'If-Match': etag } }, body: cuerpoDe(v) }))) as Servicio}
          retirar={(v) => ({ ...v, activo: false })}
          releer={releer}
          campos={(formulario) => <Campos formulario={formulario} nuevo={!fila} />}
        />
      )}
    />
  );
}

function Dura({ fila }: { fila: Servicio }) {
  const { t } = useTranslation('ajustes');
  const mas = [fila.antes_min > 0 && t('servicios.antes_corto', { min: fila.antes_min }), fila.despues_min > 0 && t('servicios.despues_corto', { min: fila.despues_min })].filter(Boolean);
  return (
    <span className="num">
      {duracion(fila.duracion_min)}
      {mas.length > 0 && <div className="tenue chico">{mas.join(' · ')}</div>}
    </span>
  );
}

function Campos({ formulario, nuevo }: { formulario: UseFormReturnType<Valores>; nuevo: boolean }) {
  const { t } = useTranslation(['ajustes', 'sedes']);
  const puede = usePuede();
  const medicos = $api.useQuery('get', '/api/v1/usuarios', { params: { query: { es_medico: true, activo: true, limite: 200 } } }, { enabled: puede('usuario.ver', 'alguna') });
  const campo = formulario.getInputProps;
  const v = formulario.values;
  const ocupado = Number(v.antes_min) + Number(v.duracion_min) + Number(v.despues_min);
  return (
    <>
      <Group grow align="flex-start">
        <TextInput label={t('nombre')} required maxLength={120} autoComplete="off" data-autofocus {...campo('nombre')} />
        <TextInput label={t('servicios.codigo')} description={t(nuevo ? 'servicios.codigo_ayuda' : 'no_cambia')} required maxLength={20} autoComplete="off" disabled={!nuevo} inputWrapperOrder={['label', 'input', 'description', 'error']} {...campo('codigo')} />
      </Group>
      <div>
        <Group grow align="flex-start">
          <NumberInput label={t('servicios.antes')} suffix=" min" min={0} {...campo('antes_min')} />
          <NumberInput label={t('servicios.duracion')} suffix=" min" min={5} step={5} required {...campo('duracion_min')} />
          <NumberInput label={t('servicios.despues')} suffix=" min" min={0} {...campo('despues_min')} />
        </Group>
        <p className="tenue chico">{t('servicios.ocupa', { total: duracion(ocupado), cita: duracion(Number(v.duracion_min)) })}</p>
      </div>
      <Select label={t('servicios.ambiente')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} placeholder={t('servicios.cualquiera')} data={TIPOS.map((tipo) => ({ value: tipo, label: t(`sedes:tipo.${tipo}`) }))} {...campo('ambiente_tipo')} value={v.ambiente_tipo || null} onChange={(tipo) => formulario.setFieldValue('ambiente_tipo', tipo ?? '')} />
      <TagsInput label={t('servicios.equipos')} description={t('servicios.equipos_ayuda')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} data={EQUIPOS} {...campo('equipos_tipos')} />
      <MultiSelect label={t('servicios.medicos')} placeholder={v.medicos.length === 0 ? t('servicios.todos') : ''} searchable clearable hidePickedOptions clearButtonProps={{ 'aria-label': t('quitar') }} nothingFoundMessage={t('nada_asi')} data={(medicos.data?.items ?? []).map((uno) => ({ value: uno.id, label: `${uno.nombres} ${uno.apellidos}` }))} {...campo('medicos')} />
      <Group grow align="flex-start">
        <NumberInput label={t('servicios.precio')} prefix="S/ " decimalScale={2} fixedDecimalScale min={0} hideControls disabled={!puede('servicio.precio', 'cadena')} {...campo('precio')} />
        <TextInput type="color" label={t('servicios.color')} {...campo('color')} />
      </Group>
      <Textarea label={t('servicios.indicaciones')} description={t('servicios.indicaciones_ayuda')} autosize minRows={2} maxLength={1000} {...campo('indicaciones')} />
      <Switch label={t('servicios.silencioso')} description={t('servicios.silencioso_ayuda')} {...campo('silencioso', { type: 'checkbox' })} />
      <Switch label={t('servicios.activo')} description={t('servicios.activo_ayuda')} {...campo('activo', { type: 'checkbox' })} />
    </>
  );
}
