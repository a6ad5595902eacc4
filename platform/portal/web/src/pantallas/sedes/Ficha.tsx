/** A sede's data for who may not change them. */
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { ZONA } from '@/comun/tiempo';
import { useEntidades, type Sede } from './datos';

export function Ficha({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const entidad = useEntidades().find((una) => una.id === sede.entidad_legal_id);
  const distrito = $api.useQuery('get', '/api/v1/ubigeos', { params: { query: { buscar: sede.ubigeo ?? '', limite: 1 } } }, { enabled: !!sede.ubigeo, staleTime: Infinity }).data?.items[0];
  const filas: [string, string | null | undefined][] = [
    ['codigo', sede.codigo],
    ['direccion', sede.direccion],
    ['ubigeo', distrito ? `${distrito.distrito} · ${distrito.provincia}, ${distrito.departamento}` : sede.ubigeo],
    ['ciudad', sede.ciudad],
    ['telefono', sede.telefono],
    ['entidad', entidad && `${entidad.ruc} · ${entidad.razon_social}`],
    ['zona', sede.zona_horaria === ZONA ? t('lima') : sede.zona_horaria],
    ['feriados', t(sede.atiende_feriados ? 'si' : 'no')],
    ['estado', t(sede.activa ? 'activa' : 'inactiva')],
  ];
  return (
    <dl className="panel hoja-panel ficha-datos">
      {filas.map(([clave, valor]) => (
        <div key={clave}>
          <dt>{t(`campo.${clave}`)}</dt>
          <dd>{valor || <span className="tenue">{t('sin_dato')}</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
