/** Species, and under each the breeds that one chooses from. */
import { Anchor, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { useTodas } from '@/comun/todas';
import { Catalogo } from './Catalogo';
import { claveDe } from './clave';
import { faltas, FormaFila } from './FormaFila';
import { Razas } from './Razas';

type Especie = Esquemas['Especie'];
const valoresDe = (fila: Especie | undefined) => ({ nombre: fila?.nombre ?? '', activa: fila?.activa ?? true });
type Valores = ReturnType<typeof valoresDe>;

export const useEspecies = () => useTodas<Especie>('/api/v1/especies', 'todas', (query) => api.GET('/api/v1/especies', { params: { query } }));

export function Especies() {
  const { t } = useTranslation('ajustes');
  const [f] = useFiltros({ especie: '' });
  const consulta = useEspecies();
  const elegida = consulta.data?.find((una) => una.id === f.especie);
  if (elegida) return <Razas especie={elegida} />;
  return (
    <Catalogo<Especie>
      clave="especies"
      consulta={consulta}
      de="/api/v1/especies"
      permiso="catalogo.configurar"
      id={(fila) => fila.id}
      nombre={(fila) => fila.nombre}
      activo={(fila) => fila.activa}
      columnas={[
        { clave: 'clave', ver: (fila) => <span className="tenue">{fila.clave}</span>, clase: 'no-movil' },
        {
          clave: 'razas',
          ver: (fila) => (
            <Anchor component={Enlace} a="/ajustes/especies" con={{ especie: fila.id }} size="sm">
              {t('especies.ver_razas', { especie: fila.nombre })}
            </Anchor>
          ),
        },
      ]}
      forma={(fila, listo) => (
        <FormaFila<Especie, Valores>
          fila={fila}
          listo={listo}
          valoresDe={valoresDe}
          nombre={(v) => v.nombre}
          validar={(v) => faltas({ nombre: !v.nombre.trim() && t('falta.nombre') })}
          crear={async (v) => (await cuerpo(api.POST('/api/v1/especies', { params: { header: { 'Idempotency-Key': llave() } }, body: { clave: claveDe(v.nombre), nombre: v.nombre.trim(), activa: v.activa } }))) as Especie}
          cambiar={async (antes, etag, v) => (await cuerpo(api.PUT('/api/v1/especies/{id}', { params: { path: { id: antes.id }, header: { 'If-Match': etag } }, body: { clave: antes.clave, nombre: v.nombre.trim(), activa: v.activa } }))) as Especie}
          retirar={(v) => ({ ...v, activa: false })}
          releer={() => renovar('/api/v1/especies')}
          campos={(formulario) => (
            <>
              <TextInput label={t('nombre')} required maxLength={80} autoComplete="off" data-autofocus {...formulario.getInputProps('nombre')} />
              <Switch label={t('en_uso')} description={t('en_uso_ayuda')} {...formulario.getInputProps('activa', { type: 'checkbox' })} />
            </>
          )}
        />
      )}
    />
  );
}
