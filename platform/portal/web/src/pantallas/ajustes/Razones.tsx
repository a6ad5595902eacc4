import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { oNada } from '@/comun/formulario';
import { useTodas } from '@/comun/todas';
import { Ubigeo } from '@/comun/Ubigeo';
import { Catalogo } from './Catalogo';
import { faltas, FormaFila } from './FormaFila';

type Razon = Esquemas['EntidadLegal'];
const valoresDe = (fila: Razon | undefined) => ({ ruc: fila?.ruc ?? '', razon_social: fila?.razon_social ?? '', nombre_comercial: fila?.nombre_comercial ?? '', direccion: fila?.direccion ?? '', ubigeo: fila?.ubigeo ?? '' });
type Valores = ReturnType<typeof valoresDe>;
const cuerpoDe = (v: Valores) => ({ ruc: v.ruc.trim(), razon_social: v.razon_social.trim(), nombre_comercial: oNada(v.nombre_comercial), direccion: oNada(v.direccion), ubigeo: v.ubigeo || null });

export function Razones() {
  const { t } = useTranslation('ajustes');
  const consulta = useTodas<Razon>('/api/v1/entidades-legales', 'todas', (query) => api.GET('/api/v1/entidades-legales', { params: { query } }));
  return (
    <Catalogo<Razon>
      clave="razones"
      consulta={consulta}
      de="/api/v1/entidades-legales"
      permiso="cadena.configurar"
      id={(fila) => fila.id}
      nombre={(fila) => fila.razon_social}
      columnas={[
        { clave: 'ruc', ver: (fila) => <span className="num">{fila.ruc}</span> },
        { clave: 'comercial', ver: (fila) => fila.nombre_comercial ?? '—', clase: 'no-movil' },
        { clave: 'direccion', ver: (fila) => fila.direccion ?? '—', clase: 'no-movil' },
      ]}
      forma={(fila, listo) => (
        <FormaFila<Razon, Valores>
          fila={fila}
          listo={listo}
          valoresDe={valoresDe}
          nombre={(v) => v.razon_social}
          validar={(v) => faltas({ ruc: !/^\d{11}$/.test(v.ruc.trim()) && t('falta.ruc'), razon_social: !v.razon_social.trim() && t('falta.razon') })}
          crear={async (v) => (await cuerpo(api.POST('/api/v1/entidades-legales', { params: { header: { 'Idempotency-Key': llave() } }, body: cuerpoDe(v) }))) as Razon}
          cambiar={async (antes, etag, v) => (await cuerpo(api.PUT('/api/v1/entidades-legales/{id}', { params: { path: { id: antes.id }, header: { 'If-Match': etag } }, body: cuerpoDe(v) }))) as Razon}
          releer={() => renovar('/api/v1/entidades-legales')}
          campos={(formulario) => (
            <>
              <TextInput label={t('razones.col.ruc')} required inputMode="numeric" maxLength={11} autoComplete="off" data-autofocus {...formulario.getInputProps('ruc')} />
              <TextInput label={t('razones.razon')} description={t('razones.razon_ayuda')} required maxLength={200} autoComplete="off" {...formulario.getInputProps('razon_social')} />
              <TextInput label={t('razones.col.comercial')} maxLength={200} autoComplete="off" {...formulario.getInputProps('nombre_comercial')} />
              <TextInput label={t('razones.direccion')} maxLength={200} autoComplete="off" {...formulario.getInputProps('direccion')} />
              <Ubigeo label={t('razones.distrito')} nothingFoundMessage={t('nada_asi')} clearButtonProps={{ 'aria-label': t('quitar') }} value={formulario.values.ubigeo} error={formulario.errors.ubigeo} onChange={(codigo) => formulario.setFieldValue('ubigeo', codigo)} />
            </>
          )}
        />
      )}
    />
  );
}
