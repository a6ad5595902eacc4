import { NumberInput, Select, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { Ajuste } from './Ajuste';

export function Agenda() {
  return (
    <div className="locales">
      <Citas />
      <Espera />
    </div>
  );
}

function Citas() {
  const { t } = useTranslation('ajustes');
  const consulta = $api.useQuery('get', '/api/v1/ajustes/citas');
  return (
    <Ajuste<Esquemas['AjustesCitas'], { aviso_horas: number | string; faltas_max: number | string; con_faltas: Esquemas['ConFaltas']; correccion_horas: number | string }>
      titulo={t('citas.titulo')}
      detalle={t('citas.detalle')}
      consulta={consulta}
      valoresDe={(fila) => ({ aviso_horas: fila.aviso_horas, faltas_max: fila.faltas_max ?? '', con_faltas: fila.con_faltas, correccion_horas: fila.correccion_horas })}
      releer={() => renovar('/api/v1/ajustes/citas')}
      poner={(etag, v) => cuerpo(api.PUT('/api/v1/ajustes/citas', { params: { header: { 'If-Match': etag } }, body: { aviso_horas: Number(v.aviso_horas), faltas_max: v.faltas_max === '' ? null : Number(v.faltas_max), con_faltas: v.con_faltas, correccion_horas: Number(v.correccion_horas) } })) as Promise<Esquemas['AjustesCitas']>}
      campos={(formulario) => (
        <>
          <NumberInput label={t('citas.aviso')} description={t('citas.aviso_ayuda')} suffix={` ${t('horas')}`} min={0} {...formulario.getInputProps('aviso_horas')} />
          <NumberInput label={t('citas.faltas')} description={t('citas.faltas_ayuda')} placeholder={t('citas.nunca')} min={1} {...formulario.getInputProps('faltas_max')} />
          <Select label={t('citas.con_faltas')} description={t('citas.con_faltas_ayuda')} allowDeselect={false} data={(['rechazar', 'aprobar'] as const).map((uno) => ({ value: uno, label: t(`citas.${uno}`) }))} {...formulario.getInputProps('con_faltas')} />
          <NumberInput label={t('citas.correccion')} description={t('citas.correccion_ayuda')} suffix={` ${t('horas')}`} min={0} {...formulario.getInputProps('correccion_horas')} />
        </>
      )}
    />
  );
}

function Espera() {
  const { t } = useTranslation('ajustes');
  const consulta = $api.useQuery('get', '/api/v1/ajustes/lista-de-espera');
  return (
    <Ajuste<Esquemas['AjustesEspera'], { activa: boolean; oferta_min: number | string; anticipacion_min: number | string }>
      titulo={t('espera.titulo')}
      detalle={t('espera.detalle')}
      consulta={consulta}
      valoresDe={({ activa, oferta_min, anticipacion_min }) => ({ activa, oferta_min, anticipacion_min })}
      releer={() => renovar('/api/v1/ajustes/lista-de-espera')}
      poner={(etag, v) => cuerpo(api.PUT('/api/v1/ajustes/lista-de-espera', { params: { header: { 'If-Match': etag } }, body: { activa: v.activa, oferta_min: Number(v.oferta_min), anticipacion_min: Number(v.anticipacion_min) } })) as Promise<Esquemas['AjustesEspera']>}
      campos={(formulario) => (
        <>
          <Switch label={t('espera.activa')} description={t('espera.activa_ayuda')} {...formulario.getInputProps('activa', { type: 'checkbox' })} />
          <NumberInput label={t('espera.oferta')} description={t('espera.oferta_ayuda')} suffix=" min" min={1} {...formulario.getInputProps('oferta_min')} />
          <NumberInput label={t('espera.anticipacion')} description={t('espera.anticipacion_ayuda')} suffix=" min" min={0} {...formulario.getInputProps('anticipacion_min')} />
        </>
      )}
    />
  );
}
