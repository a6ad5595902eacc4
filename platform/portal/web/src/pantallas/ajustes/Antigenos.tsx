import { MultiSelect, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { useTodas } from '@/comun/todas';
import { Catalogo } from './Catalogo';
import { claveDe } from './clave';
import { useEspecies } from './Especies';
import { faltas, FormaFila } from './FormaFila';

type Antigeno = Esquemas['Antigeno'];
const valoresDe = (fila: Antigeno | undefined) => ({ nombre: fila?.nombre ?? '', especies: fila?.especies ?? [], origen: fila?.origen ?? '', activo: fila?.activo ?? true });
type Valores = ReturnType<typeof valoresDe>;
const cuerpoDe = (v: Valores, clave: string) => ({ ...v, clave, nombre: v.nombre.trim(), origen: v.origen.trim() });

export const useAntigenos = () => useTodas<Antigeno>('/api/v1/antigenos', 'todos', (query) => api.GET('/api/v1/antigenos', { params: { query } }));

export function Antigenos() {
  const { t } = useTranslation('ajustes');
  const consulta = useAntigenos();
  const especies = useEspecies().data ?? [];
  return (
    <Catalogo<Antigeno>
      clave="antigenos"
      consulta={consulta}
      de="/api/v1/antigenos"
      permiso="catalogo.configurar"
      id={(fila) => fila.clave}
      nombre={(fila) => fila.nombre}
      activo={(fila) => fila.activo}
      columnas={[
        { clave: 'especies', ver: (fila) => fila.especies.map((una) => especies.find((otra) => otra.clave === una)?.nombre ?? una).join(', ') },
        { clave: 'origen', ver: (fila) => <span className="tenue chico">{fila.origen}</span>, clase: 'no-movil' },
      ]}
      forma={(fila, listo) => (
        <FormaFila<Antigeno, Valores>
          fila={fila}
          listo={listo}
          valoresDe={valoresDe}
          nombre={(v) => v.nombre}
          validar={(v) => faltas({ nombre: !v.nombre.trim() && t('falta.nombre'), especies: v.especies.length === 0 && t('falta.especies'), origen: !v.origen.trim() && t('falta.origen') })}
          crear={async (v) => (await cuerpo(api.POST('/api/v1/antigenos', { params: { header: { 'Idempotency-Key': llave() } }, body: cuerpoDe(v, claveDe(v.nombre)) }))) as Antigeno}
          cambiar={async (antes, etag, v) => (await cuerpo(api.PUT('/api/v1/antigenos/{clave}', { params: { path: { clave: antes.clave }, header: { 'If-Match': etag } }, body: cuerpoDe(v, antes.clave) }))) as Antigeno}
          retirar={(v) => ({ ...v, activo: false })}
          releer={() => renovar('/api/v1/antigenos')}
          campos={(formulario) => (
            <>
              <TextInput label={t('nombre')} required maxLength={120} autoComplete="off" data-autofocus {...formulario.getInputProps('nombre')} />
              <MultiSelect label={t('antigenos.col.especies')} required searchable hidePickedOptions nothingFoundMessage={t('nada_asi')} data={especies.map((una) => ({ value: una.clave, label: una.nombre }))} {...formulario.getInputProps('especies')} />
              <TextInput label={t('origen')} description={t('origen_ayuda')} required maxLength={200} autoComplete="off" {...formulario.getInputProps('origen')} />
              <Switch label={t('en_uso')} description={t('en_uso_ayuda')} {...formulario.getInputProps('activo', { type: 'checkbox' })} />
            </>
          )}
        />
      )}
    />
  );
}
