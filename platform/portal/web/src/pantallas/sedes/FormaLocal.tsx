import { Autocomplete, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { version, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useEdicion } from '@/comun/edicion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { sinTildes } from '@/comun/texto';
import type { Sede } from './datos';
import { guardarLocal, renovarLocales, TIPOS, valoresDe, type Clase, type DatosLocal, type Local } from './locales';

const EQUIPOS = ['ecografo', 'rayos_x', 'destartarizador', 'anestesia', 'microscopio', 'electrocardiografo', 'endoscopio'];
/** `Ecógrafo doppler` → `ecografo_doppler`, as services ask for it. */
const clave = (texto: string) =>
  sinTildes(texto)
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

export function FormaLocal({ clase, sede, fila, areas, listo }: { clase: Clase; sede: Sede; fila: Local | undefined; areas: Esquemas['Area'][]; listo: () => void }) {
  const { t } = useTranslation('sedes');
  const formulario = useForm<DatosLocal>({
    initialValues: valoresDe(fila),
    validate: { nombre: (v) => (v.trim() ? null : t('falta.nombre')), tipo: (v) => (clase === 'area' || v.trim() ? null : t('falta.tipo')) },
  });
  const envio = useEnvio(formulario as never, { nombres: { activa: 'activo' } });
  const { base, guardando } = useEdicion(formulario, fila, fila ? version(fila) : '', valoresDe);
  const campo = formulario.getInputProps;
  const guardar = (v: DatosLocal) =>
    envio.enviar(async () => {
      const datos = clase === 'equipo' ? { ...v, tipo: clave(v.tipo) } : v;
      const hecho = await guardando(() => guardarLocal(clase, sede.id, base.fila, datos), renovarLocales);
      listo();
      const antes = base.fila ? valoresDe(base.fila) : { ...datos, activo: false };
      avisar({ tono: 'bien', titulo: t(base.fila ? 'local.guardado' : 'local.creado', { nombre: datos.nombre }), deshacer: () => guardarLocal(clase, sede.id, hecho, antes).then(() => undefined, avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t(fila ? 'app:guardar' : 'crear')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <TextInput label={t('campo.nombre')} required maxLength={80} autoComplete="off" data-autofocus placeholder={t(`local.${clase}.ejemplo`)} {...campo('nombre')} />
      {clase === 'ambiente' && (
        <>
          <Select label={t('local.para')} required allowDeselect={false} data={TIPOS.map((tipo) => ({ value: tipo, label: t(`tipo.${tipo}`) }))} {...campo('tipo')} value={formulario.values.tipo || null} />
          {areas.length > 0 && <Select label={t('local.area.uno')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} data={areas.filter((area) => area.activa || area.id === formulario.values.area_id).map((area) => ({ value: area.id, label: area.nombre }))} {...campo('area_id')} value={formulario.values.area_id || null} onChange={(valor) => formulario.setFieldValue('area_id', valor ?? '')} />}
        </>
      )}
      {clase === 'equipo' && <Autocomplete label={t('local.clase')} description={t('local.clase_ayuda')} required data={EQUIPOS} {...campo('tipo')} />}
      <Switch label={t('en_uso')} description={t('local.uso_ayuda')} {...campo('activo', { type: 'checkbox' })} />
    </Forma>
  );
}
