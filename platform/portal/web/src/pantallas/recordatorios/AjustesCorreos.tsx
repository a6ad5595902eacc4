/** What is written of appointments, by which means, in whose name, and at which hours nothing leaves. */
import { Group, Input, NumberInput, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { useSesion } from '@/app/sesion';
import { CampoHora } from '@/comun/fecha/CampoHora';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { oNada, useEnvio } from '@/comun/formulario';
import { OrdenDeMedios, type Medio } from '@/comun/OrdenDeMedios';
import { Seccion } from '@/comun/Seccion';

type Datos = Esquemas['AjustesCorreos'];
type Cuerpo = Esquemas['DatosAjustesCorreos'];

const RUTA = '/api/v1/ajustes/correos';

export function AjustesCorreos() {
  const { t } = useTranslation('recordatorios');
  const consulta = $api.useQuery('get', RUTA);
  return (
    <Seccion titulo={t('correos.titulo')}>
      <Segun consulta={consulta}>{(datos) => <Campos key={datos.version} datos={datos} />}</Segun>
    </Seccion>
  );
}

async function poner(fila: { version: number }, body: Cuerpo): Promise<Datos> {
  const nueva = await cuerpo(api.PUT(RUTA, { params: { header: { 'If-Match': version(fila) } }, body }));
  void renovar(RUTA, '/api/v1/recordatorios/previstos');
  return nueva;
}

function Campos({ datos }: { datos: Datos }) {
  const { t } = useTranslation('recordatorios');
  const { yo } = useSesion();
  const { version: _, ...antes } = datos;
  const formulario = useForm({
    initialValues: {
      confirmaciones: datos.confirmaciones ?? false,
      recordatorios: datos.recordatorios ?? false,
      recordatorio_horas: (datos.recordatorio_horas ?? 24) as number | string,
      silencio_desde: datos.silencio_desde ?? '21:00',
      silencio_hasta: datos.silencio_hasta ?? '08:00',
      remitente: datos.remitente ?? '',
      responder_a: datos.responder_a ?? '',
      anclas_a: datos.anclas_a ?? '',
      canales: (datos.canales ?? ['correo']) as Medio[],
    },
    validate: { canales: (v) => (v.length > 0 ? null : t('correos.canales_falta')), recordatorio_horas: (v) => (Number(v) >= 1 ? null : t('correos.horas_falta')) },
  });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const guardar = () =>
    envio.enviar(async () => {
      const nueva = await poner(datos, { ...v, recordatorio_horas: Number(v.recordatorio_horas), remitente: oNada(v.remitente), responder_a: oNada(v.responder_a), anclas_a: oNada(v.anclas_a) });
      avisar({ tono: 'bien', titulo: t(v.confirmaciones || v.recordatorios ? 'correos.guardado' : 'correos.guardado_apagado'), deshacer: () => poner(nueva, antes).then(() => undefined, avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t('correos.guardar')} alEnviar={formulario.onSubmit(() => void guardar())}>
      <Switch size="md" label={t('correos.confirmaciones')} description={t('correos.confirmaciones_ayuda')} {...formulario.getInputProps('confirmaciones', { type: 'checkbox' })} />
      <Switch size="md" label={t('correos.recordatorios')} description={t('correos.recordatorios_ayuda')} {...formulario.getInputProps('recordatorios', { type: 'checkbox' })} />
      {v.recordatorios && <NumberInput w={220} label={t('correos.horas')} min={1} max={168} suffix={t('correos.horas_antes')} {...formulario.getInputProps('recordatorio_horas')} />}
      <div>
        <Input.Label labelElement="div" id="correos-canales">
          {t('correos.canales')}
        </Input.Label>
        <Input.Description>{t('correos.canales_ayuda')}</Input.Description>
        <div role="group" aria-labelledby="correos-canales">
          <OrdenDeMedios valor={v.canales} alCambiar={(canales) => formulario.setFieldValue('canales', canales)} />
        </div>
        {formulario.errors.canales && <Input.Error role="alert">{formulario.errors.canales}</Input.Error>}
      </div>
      <div>
        <Group grow align="flex-start">
          <CampoHora label={t('correos.silencio_desde')} {...deCampo(formulario.getInputProps('silencio_desde'))} />
          <CampoHora label={t('correos.silencio_hasta')} {...deCampo(formulario.getInputProps('silencio_hasta'))} />
        </Group>
        <Input.Description mt={4}>{t('correos.silencio_ayuda')}</Input.Description>
      </div>
      <TextInput label={t('correos.remitente')} placeholder={yo.cadena.nombre} maxLength={80} {...formulario.getInputProps('remitente')} />
      <TextInput label={t('correos.responder_a')} description={t('correos.responder_a_ayuda')} type="email" autoComplete="off" maxLength={254} {...formulario.getInputProps('responder_a')} />
      <TextInput label={t('correos.anclas_a')} description={t('correos.anclas_a_ayuda')} type="email" autoComplete="off" maxLength={254} {...formulario.getInputProps('anclas_a')} />
    </Forma>
  );
}
