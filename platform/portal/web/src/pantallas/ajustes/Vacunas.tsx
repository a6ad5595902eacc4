import { MultiSelect, Switch, TagsInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { oNada } from '@/comun/formulario';
import { useTodas } from '@/comun/todas';
import { useAntigenos } from './Antigenos';
import { Catalogo } from './Catalogo';
import { claveDe } from './clave';
import { useEspecies } from './Especies';
import { faltas, FormaFila } from './FormaFila';

type Vacuna = Esquemas['Vacuna'];
const valoresDe = (fila: Vacuna | undefined) => ({ nombre: fila?.nombre ?? '', fabricante: fila?.fabricante ?? '', especies: fila?.especies ?? [], antigenos: fila?.antigenos ?? [], alias: fila?.alias ?? [], origen: fila?.origen ?? '', activa: fila?.activa ?? true });
type Valores = ReturnType<typeof valoresDe>;
const cuerpoDe = (v: Valores, clave: string) => ({ ...v, clave, nombre: v.nombre.trim(), fabricante: oNada(v.fabricante), origen: v.origen.trim() });

export function Vacunas() {
  const { t } = useTranslation('ajustes');
  const consulta = useTodas<Vacuna>('/api/v1/vacunas', 'todas', (query) => api.GET('/api/v1/vacunas', { params: { query } }));
  const especies = useEspecies().data ?? [];
  const antigenos = useAntigenos().data ?? [];
  const nombres = (claves: string[], lista: { clave: string; nombre: string }[]) => claves.map((una) => lista.find((otra) => otra.clave === una)?.nombre ?? una).join(', ');
  const varios = { searchable: true, hidePickedOptions: true, nothingFoundMessage: t('nada_asi') } as const;
  return (
    <Catalogo<Vacuna>
      clave="vacunas"
      consulta={consulta}
      de="/api/v1/vacunas"
      permiso="catalogo.configurar"
      id={(fila) => fila.id}
      nombre={(fila) => fila.nombre}
      buscado={(fila) => [fila.nombre, fila.fabricante, ...fila.alias, ...fila.antigenos].join(' ')}
      activo={(fila) => fila.activa}
      columnas={[
        { clave: 'protege', ver: (fila) => nombres(fila.antigenos, antigenos) },
        { clave: 'especies', ver: (fila) => nombres(fila.especies, especies), clase: 'no-movil' },
        { clave: 'fabricante', ver: (fila) => fila.fabricante ?? '—', clase: 'no-movil' },
      ]}
      forma={(fila, listo) => (
        <FormaFila<Vacuna, Valores>
          fila={fila}
          listo={listo}
          valoresDe={valoresDe}
          nombre={(v) => v.nombre}
          validar={(v) => faltas({ nombre: !v.nombre.trim() && t('falta.nombre'), especies: v.especies.length === 0 && t('falta.especies'), antigenos: v.antigenos.length === 0 && t('falta.antigenos'), origen: !v.origen.trim() && t('falta.origen') })}
          crear={async (v) => (await cuerpo(api.POST('/api/v1/vacunas', { params: { header: { 'Idempotency-Key': llave() } }, body: cuerpoDe(v, claveDe(v.nombre)) }))) as Vacuna}
          cambiar={async (antes, etag, v) => (await cuerpo(api.PUT('/api/v1/vacunas/{id}', { params: { path: { id: antes.id }, header: { 'If-Match': etag } }, body: cuerpoDe(v, antes.clave) }))) as Vacuna}
          retirar={(v) => ({ ...v, activa: false })}
          releer={() => renovar('/api/v1/vacunas')}
          campos={(formulario) => (
            <>
              <TextInput label={t('nombre')} required maxLength={120} autoComplete="off" data-autofocus {...formulario.getInputProps('nombre')} />
              <TextInput label={t('vacunas.col.fabricante')} maxLength={120} autoComplete="off" {...formulario.getInputProps('fabricante')} />
              <MultiSelect {...varios} label={t('vacunas.col.especies')} required data={especies.map((una) => ({ value: una.clave, label: una.nombre }))} {...formulario.getInputProps('especies')} />
              <MultiSelect {...varios} label={t('vacunas.col.protege')} description={t('vacunas.protege_ayuda')} required data={antigenos.map((uno) => ({ value: uno.clave, label: uno.nombre }))} {...formulario.getInputProps('antigenos')} />
              <TagsInput label={t('vacunas.alias')} description={t('vacunas.alias_ayuda')} {...formulario.getInputProps('alias')} />
              <TextInput label={t('origen')} description={t('origen_ayuda')} required maxLength={200} autoComplete="off" {...formulario.getInputProps('origen')} />
              <Switch label={t('en_uso')} description={t('en_uso_ayuda')} {...formulario.getInputProps('activa', { type: 'checkbox' })} />
            </>
          )}
        />
      )}
    />
  );
}
