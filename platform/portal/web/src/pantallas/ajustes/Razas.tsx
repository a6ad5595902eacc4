import { Anchor, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { useTodas } from '@/comun/todas';
import { Catalogo } from './Catalogo';
import { faltas, FormaFila } from './FormaFila';

type Raza = Esquemas['Raza'];
const valoresDe = (fila: Raza | undefined) => ({ nombre: fila?.nombre ?? '', peligrosa: fila?.peligrosa ?? false, activa: fila?.activa ?? true });
type Valores = ReturnType<typeof valoresDe>;

export function Razas({ especie }: { especie: Esquemas['Especie'] }) {
  const { t } = useTranslation('ajustes');
  const consulta = useTodas<Raza>('/api/v1/especies/{id}/razas', especie.id, (query) => api.GET('/api/v1/especies/{id}/razas', { params: { path: { id: especie.id }, query } }));
  return (
    <>
      <p className="ajustes-titulo">
        <b>{t('especies.razas_de', { especie: especie.nombre })}</b>{' '}
        <Anchor component={Enlace} a="/ajustes/especies" size="sm">
          {t('especies.todas')}
        </Anchor>
      </p>
      <Catalogo<Raza>
        clave="razas"
        consulta={consulta}
        de={`/api/v1/especies/${especie.id}/razas`}
        permiso="catalogo.configurar"
        id={(fila) => fila.id}
        nombre={(fila) => fila.nombre}
        activo={(fila) => fila.activa}
        columnas={[{ clave: 'peligrosa', ver: (fila) => (fila.peligrosa ? t('si') : '—') }]}
        forma={(fila, listo) => (
          <FormaFila<Raza, Valores>
            fila={fila}
            listo={listo}
            valoresDe={valoresDe}
            nombre={(v) => v.nombre}
            validar={(v) => faltas({ nombre: !v.nombre.trim() && t('falta.nombre') })}
            crear={async (v) => (await cuerpo(api.POST('/api/v1/especies/{id}/razas', { params: { path: { id: especie.id }, header: { 'Idempotency-Key': llave() } }, body: { ...v, nombre: v.nombre.trim() } }))) as Raza}
            cambiar={async (antes, etag, v) => (await cuerpo(api.PUT('/api/v1/especies/{id}/razas/{raza}', { params: { path: { id: especie.id, raza: antes.id }, header: { 'If-Match': etag } }, body: { ...v, nombre: v.nombre.trim() } }))) as Raza}
            retirar={(v) => ({ ...v, activa: false })}
            releer={() => renovar('/api/v1/especies/{id}/razas')}
            campos={(formulario) => (
              <>
                <TextInput label={t('nombre')} required maxLength={80} autoComplete="off" data-autofocus {...formulario.getInputProps('nombre')} />
                <Switch label={t('razas.peligrosa')} description={t('razas.peligrosa_ayuda')} {...formulario.getInputProps('peligrosa', { type: 'checkbox' })} />
                <Switch label={t('en_uso')} description={t('en_uso_ayuda')} {...formulario.getInputProps('activa', { type: 'checkbox' })} />
              </>
            )}
          />
        )}
      />
    </>
  );
}
