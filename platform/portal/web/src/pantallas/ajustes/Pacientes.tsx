import { NumberInput, Radio, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { Ajuste } from './Ajuste';

export function Pacientes() {
  return (
    <div className="locales">
      <Visibilidad />
      <Duplicados />
    </div>
  );
}

function Visibilidad() {
  const { t } = useTranslation('ajustes');
  const consulta = $api.useQuery('get', '/api/v1/ajustes/visibilidad');
  return (
    <Ajuste<Esquemas['AjustesVisibilidad'], { visibilidad: Esquemas['Visibilidad']; emergencia_horas: number | string }>
      titulo={t('visibilidad.titulo')}
      detalle={t('visibilidad.detalle')}
      consulta={consulta}
      valoresDe={({ visibilidad, emergencia_horas }) => ({ visibilidad, emergencia_horas })}
      releer={() => renovar('/api/v1/ajustes/visibilidad')}
      poner={(etag, v) => cuerpo(api.PUT('/api/v1/ajustes/visibilidad', { params: { header: { 'If-Match': etag } }, body: { visibilidad: v.visibilidad, emergencia_horas: Number(v.emergencia_horas) } })) as Promise<Esquemas['AjustesVisibilidad']>}
      campos={(formulario) => (
        <>
          <Radio.Group label={t('visibilidad.quien')} {...formulario.getInputProps('visibilidad')}>
            <Stack gap="xs" mt={6}>
              <Radio value="todos" label={t('visibilidad.todos')} description={t('visibilidad.todos_ayuda')} />
              <Radio value="sede" label={t('visibilidad.sede')} description={t('visibilidad.sede_ayuda')} />
            </Stack>
          </Radio.Group>
          <NumberInput label={t('visibilidad.emergencia')} description={t('visibilidad.emergencia_ayuda')} suffix={` ${t('horas')}`} min={0} {...formulario.getInputProps('emergencia_horas')} />
        </>
      )}
    />
  );
}

function Duplicados() {
  const { t } = useTranslation('ajustes');
  const consulta = $api.useQuery('get', '/api/v1/ajustes/pacientes');
  return (
    <Ajuste<Esquemas['Ajustes'], { fusion_dias: number | string }>
      titulo={t('fusion.titulo')}
      detalle={t('fusion.detalle')}
      consulta={consulta}
      valoresDe={({ fusion_dias }) => ({ fusion_dias })}
      releer={() => renovar('/api/v1/ajustes/pacientes')}
      poner={(etag, v) => cuerpo(api.PUT('/api/v1/ajustes/pacientes', { params: { header: { 'If-Match': etag } }, body: { fusion_dias: Number(v.fusion_dias) } })) as Promise<Esquemas['Ajustes']>}
      campos={(formulario) => <NumberInput label={t('fusion.dias')} description={t('fusion.dias_ayuda')} suffix={` ${t('dias')}`} min={0} {...formulario.getInputProps('fusion_dias')} />}
    />
  );
}
