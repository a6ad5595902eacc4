/** One sheet: what was left on it, until when it has to be answered, and the answer. */
import { Alert, Anchor, Button, Group, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconHome, IconMail, IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useParametro } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { diaLargo, fechaHora, soles, ZONA } from '@/comun/tiempo';
import { Plazo, type Reclamo as Datos } from './Plazo';
import './reclamos.css';

export default function Reclamo() {
  const id = useParametro('id');
  const { t } = useTranslation('reclamos');
  const consulta = $api.useQuery('get', '/api/v1/reclamos/{id}', { params: { path: { id } } });
  const reclamo = consulta.data;
  if (!reclamo) return <Marco titulo={t('titulo')}>{consulta.isError ? <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} /> : <Cargando filas={3} alto={150} />}</Marco>;
  return (
    <Marco
      titulo={`${t(`tipo.${reclamo.tipo}`)} ${reclamo.codigo}`}
      detalle={
        <Group gap="xs">
          <span>{reclamo.sede}</span>
          <Plazo reclamo={reclamo} />
        </Group>
      }
      acciones={
        <Button component="a" variant="default" href={`/api/v1/reclamos/${id}/hoja`} target="_blank" rel="noreferrer" leftSection={<IconPrinter size={17} aria-hidden />}>
          {t('imprimir')}
        </Button>
      }
    >
      <div className="reclamo">
        <Hoja reclamo={reclamo} />
        <div className="pila">
          <Respuesta reclamo={reclamo} />
          <Consumidor reclamo={reclamo} />
        </div>
      </div>
    </Marco>
  );
}

const Dato = ({ nombre, children }: { nombre: string; children: React.ReactNode }) => (
  <div>
    <dt>{nombre}</dt>
    <dd>{children}</dd>
  </div>
);

function Hoja({ reclamo }: { reclamo: Datos }) {
  const { t } = useTranslation('reclamos');
  return (
    <Seccion titulo={t('hoja')}>
      <dl className="reclamo-datos">
        <Dato nombre={t('fecha')}>{diaLargo(reclamo.fecha)}</Dato>
        <Dato nombre={t(`bien.${reclamo.bien}`)}>{reclamo.bien_descripcion}</Dato>
        {reclamo.monto && <Dato nombre={t('monto')}>{soles(reclamo.monto)}</Dato>}
        <Dato nombre={t('que_paso')}>{reclamo.detalle}</Dato>
        <Dato nombre={t('que_pide')}>{reclamo.pedido}</Dato>
      </dl>
    </Seccion>
  );
}

function Consumidor({ reclamo }: { reclamo: Datos }) {
  const { t } = useTranslation('reclamos');
  const { consumidor } = reclamo;
  return (
    <Seccion titulo={t('consumidor')}>
      <dl className="reclamo-datos">
        <Dato nombre={t('nombre')}>{consumidor.nombre}</Dato>
        <Dato nombre={t(`documentos.${consumidor.documento_tipo}`)}>{consumidor.documento}</Dato>
        {consumidor.correo && (
          <Dato nombre={t('correo')}>
            <Anchor href={`mailto:${consumidor.correo}`} size="sm">
              {consumidor.correo}
            </Anchor>
          </Dato>
        )}
        {consumidor.telefono && (
          <Dato nombre={t('telefono')}>
            <Anchor href={`tel:${consumidor.telefono}`} size="sm">
              {consumidor.telefono}
            </Anchor>
          </Dato>
        )}
        {consumidor.domicilio && <Dato nombre={t('domicilio')}>{consumidor.domicilio}</Dato>}
        {consumidor.apoderado && <Dato nombre={t('apoderado')}>{consumidor.apoderado}</Dato>}
      </dl>
    </Seccion>
  );
}

function Respuesta({ reclamo }: { reclamo: Datos }) {
  const { t } = useTranslation('reclamos');
  const puede = usePuede();
  if (reclamo.respuesta)
    return (
      <Seccion titulo={t('respuesta')}>
        <p className="reclamo-texto">{reclamo.respuesta}</p>
        <p className="tenue chico">{[reclamo.respondido_por, reclamo.respondido_en && fechaHora(reclamo.respondido_en, ZONA), t(`por.${reclamo.respuesta_por}`)].filter(Boolean).join(' · ')}</p>
      </Seccion>
    );
  return (
    <Seccion titulo={t('respuesta')}>
      <p className="chico">{t('vence_el', { dia: diaLargo(reclamo.vence_el) })}</p>
      {puede('reclamo.responder', reclamo.sede_id) ? <Responder reclamo={reclamo} /> : <p className="tenue chico">{t('no_puede')}</p>}
    </Seccion>
  );
}

/** What is sent cannot be changed, so it is asked for once more. */
function Responder({ reclamo }: { reclamo: Datos }) {
  const { t } = useTranslation('reclamos');
  const formulario = useForm({ initialValues: { respuesta: '' } });
  const { va, falla, enviar } = useEnvio(formulario);
  const [seguro, setSeguro] = useState(false);
  const porCorreo = reclamo.respuesta_por === 'correo';
  async function responder() {
    const hecho = await enviar(() =>
      cuerpo(api.PUT('/api/v1/reclamos/{id}/respuesta', { params: { path: { id: reclamo.id }, header: { 'If-Match': version(reclamo) } }, body: { respuesta: formulario.values.respuesta.trim() } })),
    );
    setSeguro(false);
    if (!hecho) return;
    await renovar('/api/v1/reclamos', '/api/v1/reclamos/{id}', '/api/v1/sedes/{id}/hoy');
    avisar({ tono: 'bien', titulo: t('enviada'), detalle: t(`por.${reclamo.respuesta_por}`) });
  }
  return (
    <form
      onSubmit={formulario.onSubmit(({ respuesta }) => {
        if (respuesta.trim()) setSeguro(true);
        else formulario.setFieldError('respuesta', t('falta_respuesta'));
      })}
    >
      <Stack gap="sm">
        <Falla>{falla}</Falla>
        <Textarea label={t('que_responde')} description={t('que_responde_ayuda')} autosize minRows={5} maxLength={4000} disabled={seguro} {...formulario.getInputProps('respuesta')} />
        {seguro ? (
          <Alert color="orange" variant="light" icon={porCorreo ? <IconMail size={18} /> : <IconHome size={18} />} title={t('seguro')}>
            <p className="chico">{t(porCorreo ? 'seguro_correo' : 'seguro_domicilio', { a: reclamo.consumidor.correo ?? reclamo.consumidor.domicilio })}</p>
            <Group gap="xs" mt="xs">
              <Button type="button" loading={va} onClick={() => void responder()} data-autofocus>
                {t('si_responder')}
              </Button>
              <Button type="button" variant="default" onClick={() => setSeguro(false)}>
                {t('seguir')}
              </Button>
            </Group>
          </Alert>
        ) : (
          <Button type="submit" loading={va}>
            {t('responder')}
          </Button>
        )}
      </Stack>
    </form>
  );
}
