import { Anchor, Button, Checkbox, SegmentedControl, Select, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFileDescription } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { diaCorto, fechaHora, ZONA } from '@/comun/tiempo';
import { PRUEBAS } from './AnotarSolicitud';
import { EstadoSolicitud, type Solicitud } from './Solicitudes';

type Acto = 'responder' | 'observar' | 'ampliar' | 'subsanar';
const FINALIDADES = ['recordatorios', 'marketing', 'grabacion', 'terceros'] as const;

export function UnaSolicitud({ id }: { id: string }) {
  const consulta = $api.useQuery('get', '/api/v1/solicitudes-datos/{id}', { params: { path: { id } } });
  return <Segun consulta={consulta}>{(solicitud) => <Dentro key={solicitud.version} solicitud={solicitud} />}</Segun>;
}

function Dentro({ solicitud }: { solicitud: Solicitud }) {
  const { t } = useTranslation('datosPersonales');
  const [acto, setActo] = useState<Acto>();
  const actos: Acto[] = solicitud.estado === 'recibida' ? ['responder', 'observar', ...(solicitud.derecho !== 'informacion' && !solicitud.ampliacion_motivo ? (['ampliar'] as const) : [])] : solicitud.estado === 'observada' ? ['subsanar'] : [];
  const dato = (nombre: string, valor: React.ReactNode) =>
    valor ? (
      <div>
        <dt>{t(`ver.${nombre}`)}</dt>
        <dd>{valor}</dd>
      </div>
    ) : null;
  return (
    <Stack>
      <div className="renglon-titulo">
        <b>
          {t('solicitudes.numero', { numero: solicitud.numero })} · {t(`derecho.${solicitud.derecho}`)}
        </b>
        <EstadoSolicitud solicitud={solicitud} />
      </div>
      <dl className="datos-largos">
        {dato('quien', solicitud.tutor_id ? <Anchor component={Enlace} a={`/tutores/${solicitud.tutor_id}`} fz="inherit">{solicitud.pedido?.nombre ?? t('ver.tutor')}</Anchor> : solicitud.pedido?.nombre)}
        {dato('pide', solicitud.pedido?.detalle)}
        {dato('contacto', solicitud.pedido?.contacto)}
        {dato('llego', `${diaCorto(solicitud.recibida_el)}, ${t(`canal.${solicitud.canal}`).toLowerCase()}`)}
        {dato('identidad', solicitud.identidad ? t(`identidad.${solicitud.identidad}`) : t('anotar.no_se_comprobo'))}
        {dato('vence', solicitud.vence_el && diaCorto(solicitud.vence_el))}
        {dato('falta', solicitud.observacion)}
        {dato('ampliada', solicitud.ampliacion_motivo)}
        {dato('respuesta', solicitud.respuesta)}
        {dato('respondida', solicitud.respondida_en && fechaHora(solicitud.respondida_en, ZONA))}
      </dl>
      {solicitud.con_expediente && (
        <Button component="a" href={`/api/v1/solicitudes-datos/${solicitud.id}/expediente`} download={`expediente-${solicitud.numero}.json`} variant="default" w="fit-content" leftSection={<IconFileDescription size={17} aria-hidden />}>
          {t('ver.expediente')}
        </Button>
      )}
      {actos.length > 0 && !acto && (
        <div className="renglon-botones">
          {actos.map((uno, i) => (
            <Button key={uno} variant={i === 0 ? 'filled' : 'default'} onClick={() => setActo(uno)}>
              {t(`acto.${uno}`)}
            </Button>
          ))}
        </div>
      )}
      {acto === 'responder' && <Responder solicitud={solicitud} listo={() => setActo(undefined)} />}
      {(acto === 'observar' || acto === 'ampliar') && <Escribir solicitud={solicitud} acto={acto} listo={() => setActo(undefined)} />}
      {acto === 'subsanar' && <Subsanar solicitud={solicitud} listo={() => setActo(undefined)} />}
    </Stack>
  );
}

const alDia = () => renovar('/api/v1/solicitudes-datos', '/api/v1/solicitudes-datos/{id}', '/api/v1/tutores/{id}');
const params = (solicitud: Solicitud) => ({ path: { id: solicitud.id }, header: { 'If-Match': version(solicitud) } });
type DeActo = { solicitud: Solicitud; listo: () => void };

function Responder({ solicitud, listo }: DeActo) {
  const { t } = useTranslation('datosPersonales');
  const opone = solicitud.derecho === 'oposicion';
  const formulario = useForm({ initialValues: { resultado: 'atendida', respuesta: '', finalidades: [] as string[] }, validate: { respuesta: (v) => (v.trim() ? null : t('responder.falta')), finalidades: (v, { resultado }) => (opone && resultado === 'atendida' && v.length === 0 ? t('responder.finalidades_falta') : null) } });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const guardar = () =>
    envio.enviar(async () => {
      const body = { resultado: v.resultado as Esquemas['ResultadoSolicitud'], respuesta: v.respuesta.trim(), ...(opone && v.resultado === 'atendida' ? { finalidades: v.finalidades as Esquemas['Finalidad'][] } : {}) };
      await cuerpo(api.PUT('/api/v1/solicitudes-datos/{id}/respuesta', { params: params(solicitud), body }));
      avisar({ tono: 'bien', titulo: t('responder.hecha', { numero: solicitud.numero }) });
      await alDia();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('responder.guardar')} alEnviar={formulario.onSubmit(() => void guardar())}>
      <SegmentedControl aria-label={t('responder.resultado')} data={['atendida', 'denegada'].map((uno) => ({ value: uno, label: t(`responder.${uno}`) }))} {...formulario.getInputProps('resultado')} />
      {v.resultado === 'atendida' && <p className="tenue chico">{t(`que_hace.${solicitud.derecho}`)}</p>}
      {opone && v.resultado === 'atendida' && (
        <Checkbox.Group label={t('responder.finalidades')} {...formulario.getInputProps('finalidades')}>
          <Stack gap={6} mt={6}>
            {FINALIDADES.map((uno) => (
              <Checkbox key={uno} value={uno} label={t(`finalidad.${uno}`)} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      <Textarea label={t('responder.respuesta')} autosize minRows={4} maxLength={4000} data-autofocus {...formulario.getInputProps('respuesta')} />
    </Forma>
  );
}

function Escribir({ solicitud, acto, listo }: DeActo & { acto: 'observar' | 'ampliar' }) {
  const { t } = useTranslation('datosPersonales');
  const formulario = useForm({ initialValues: { texto: '' }, validate: { texto: (v) => (v.trim() ? null : t('responder.falta')) } });
  const envio = useEnvio(formulario as never, { nombres: { observacion: 'texto', motivo: 'texto' } });
  const guardar = ({ texto }: { texto: string }) =>
    envio.enviar(async () => {
      if (acto === 'observar') await cuerpo(api.PUT('/api/v1/solicitudes-datos/{id}/observacion', { params: params(solicitud), body: { observacion: texto.trim() } }));
      else await cuerpo(api.PUT('/api/v1/solicitudes-datos/{id}/ampliacion', { params: params(solicitud), body: { motivo: texto.trim() } }));
      avisar({ tono: 'bien', titulo: t(`${acto}.hecha`) });
      await alDia();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t(`acto.${acto}`)} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Textarea label={t(`${acto}.texto`)} description={t(`${acto}.ayuda`)} autosize minRows={3} maxLength={2000} data-autofocus {...formulario.getInputProps('texto')} />
    </Forma>
  );
}

function Subsanar({ solicitud, listo }: DeActo) {
  const { t } = useTranslation('datosPersonales');
  const formulario = useForm({ initialValues: { identidad: 'documento' } });
  const envio = useEnvio(formulario as never);
  const guardar = (v: { identidad: string }) =>
    envio.enviar(async () => {
      await cuerpo(api.PUT('/api/v1/solicitudes-datos/{id}/subsanacion', { params: params(solicitud), body: { identidad: v.identidad as Esquemas['PruebaDeIdentidad'], tutor_id: solicitud.tutor_id ?? null } }));
      avisar({ tono: 'bien', titulo: t('subsanar.hecha') });
      await alDia();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('acto.subsanar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <Select label={t('anotar.identidad')} allowDeselect={false} data={PRUEBAS.map((uno) => ({ value: uno, label: t(`identidad.${uno}`) }))} {...formulario.getInputProps('identidad')} />
    </Forma>
  );
}
