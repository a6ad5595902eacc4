/** What a sede is: its name, where it is, whose RUC it bills with. Also how a new one is made. */
import { Group, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { usePuede } from '@/app/sesion';
import { useEdicion } from '@/comun/edicion';
import { Forma } from '@/comun/Forma';
import { oNada, useEnvio } from '@/comun/formulario';
import { Ubigeo } from '@/comun/Ubigeo';
import { ZONA } from '@/comun/tiempo';
import { useEntidades, type Sede } from './datos';

const ZONAS = [ZONA];

const valoresDe = (sede: Sede | undefined, unica: string) => ({
  nombre: sede?.nombre ?? '',
  codigo: sede?.codigo ?? '',
  ciudad: sede?.ciudad ?? '',
  direccion: sede?.direccion ?? '',
  ubigeo: sede?.ubigeo ?? '',
  telefono: sede?.telefono ?? '',
  entidad_legal_id: sede?.entidad_legal_id ?? unica,
  zona_horaria: sede?.zona_horaria ?? ZONA,
  atiende_feriados: sede?.atiende_feriados ?? false,
  activa: sede?.activa ?? true,
});
export type ValoresSede = ReturnType<typeof valoresDe>;

export const cuerpoDeSede = (v: ValoresSede) => ({ ...v, nombre: v.nombre.trim(), codigo: v.codigo.trim().toUpperCase(), ciudad: v.ciudad.trim(), direccion: oNada(v.direccion), telefono: oNada(v.telefono), ubigeo: v.ubigeo || null });

export const renovarSedes = () => renovar('/api/v1/sedes', '/api/v1/sedes/{id}', '/api/v1/yo', '/api/v1/traslados');

export function DatosDeSede({ sede, listo, creada }: { sede?: Sede; listo?: () => void; creada?: (sede: Sede) => void }) {
  const { t } = useTranslation('sedes');
  const puede = usePuede();
  const entidades = useEntidades();
  const deCadena = puede('sede.configurar', 'cadena');
  const formulario = useForm({
    initialValues: valoresDe(sede, ''),
    validate: {
      nombre: (v) => (v.trim() ? null : t('falta.nombre')),
      codigo: (v) => (v.trim() ? null : t('falta.codigo')),
      ciudad: (v) => (v.trim() ? null : t('falta.ciudad')),
      entidad_legal_id: (v) => (v || entidades.length === 1 ? null : t('falta.entidad')),
    },
  });
  const envio = useEnvio(formulario as never);
  const { base, tomar, guardando } = useEdicion(formulario, sede, sede ? version(sede) : '', (una) => valoresDe(una, ''));
  const campo = formulario.getInputProps;
  const guardar = (v: ValoresSede) =>
    envio.enviar(async () => {
      const body = cuerpoDeSede({ ...v, entidad_legal_id: v.entidad_legal_id || (entidades[0]?.id ?? '') });
      if (!sede) {
        const nueva = await cuerpo(api.POST('/api/v1/sedes', { params: { header: { 'Idempotency-Key': llave() } }, body }));
        avisar({ tono: 'bien', titulo: t('creada', { nombre: body.nombre }), detalle: t('creada_detalle') });
        await renovarSedes();
        if (nueva) creada?.(nueva);
        return;
      }
      const antes = cuerpoDeSede(valoresDe(base.fila, ''));
      const guardada = await guardando(() => cambiarSede(base.fila ?? sede, body), renovarSedes);
      tomar(guardada, version(guardada));
      avisar({ tono: 'bien', titulo: t('guardada', { nombre: body.nombre }), deshacer: () => cambiarSede(guardada, antes).then(() => undefined, avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t(sede ? 'app:guardar' : 'crear')} {...(listo ? { listo } : {})} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <TextInput label={t('campo.nombre')} required maxLength={120} autoComplete="off" data-autofocus {...campo('nombre')} />
      <Group grow align="flex-start">
        <TextInput label={t('campo.codigo')} description={t('ayuda.codigo')} required maxLength={20} autoComplete="off" {...campo('codigo')} />
        <TextInput label={t('campo.telefono')} description={t('ayuda.telefono')} type="tel" autoComplete="off" {...campo('telefono')} />
      </Group>
      <TextInput label={t('campo.direccion')} maxLength={200} autoComplete="off" {...campo('direccion')} />
      <Ubigeo label={t('campo.ubigeo')} description={t('ayuda.ubigeo')} placeholder={t('ayuda.ubigeo_ejemplo')} nothingFoundMessage={t('ayuda.ubigeo_nada')} clearButtonProps={{ 'aria-label': t('quitar') }} value={formulario.values.ubigeo} error={formulario.errors.ubigeo} onChange={(codigo) => formulario.setFieldValue('ubigeo', codigo)} />
      <Group grow align="flex-start">
        <TextInput label={t('campo.ciudad')} required maxLength={80} autoComplete="off" {...campo('ciudad')} />
        <Select label={t('campo.zona')} data={[...new Set([...ZONAS, formulario.values.zona_horaria])].map((zona) => ({ value: zona, label: zona === ZONA ? t('lima') : zona }))} allowDeselect={false} {...campo('zona_horaria')} />
      </Group>
      <Select
        label={t('campo.entidad')}
        description={t('ayuda.entidad')}
        required
        allowDeselect={false}
        disabled={sede !== undefined && !deCadena}
        data={entidades.map((una) => ({ value: una.id, label: `${una.ruc} · ${una.razon_social}` }))}
        {...campo('entidad_legal_id')}
        value={formulario.values.entidad_legal_id || (entidades.length === 1 ? (entidades[0]?.id ?? null) : null)}
      />
      <Switch label={t('campo.feriados')} description={t('ayuda.feriados')} {...campo('atiende_feriados', { type: 'checkbox' })} />
      {sede && deCadena && <Switch label={t('campo.activa')} description={t('ayuda.activa')} {...campo('activa', { type: 'checkbox' })} />}
    </Forma>
  );
}

async function cambiarSede(sede: Sede, body: ReturnType<typeof cuerpoDeSede>): Promise<Sede> {
  const guardada = await cuerpo(api.PUT('/api/v1/sedes/{id}', { params: { path: { id: sede.id }, header: { 'If-Match': version(sede) } }, body }));
  await renovarSedes();
  return guardada as Sede;
}
