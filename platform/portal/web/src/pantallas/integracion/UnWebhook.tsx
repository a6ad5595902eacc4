/** One webhook: how it is doing, what was sent to it, and sending again. */
import { Alert, Button, Group, Select } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconPencil, IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Enlace, useFiltros, useIr, useParametro } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Lateral, Pregunta } from '@/comun/Forma';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Entregas } from './Entregas';
import { EstadoWebhook } from './EstadoWebhook';
import { FormaWebhook, renovarWebhooks, SecretoNuevo } from './FormaWebhook';
import { Partes } from './Partes';
import { useSedesDichas } from './Sedes';

export default function UnWebhook() {
  const id = useParametro('id');
  const { t } = useTranslation('integracion');
  const [f, cambiar] = useFiltros({ abrir: '', estado: '' });
  const consulta = $api.useQuery('get', '/api/v1/webhooks/{id}', { params: { path: { id } } });
  const { va, falla, enviar } = useEnvio();
  const probar = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/webhooks/{id}/prueba', { params: { path: { id } } }));
      avisar({ tono: 'nota', titulo: t('webhooks.probando'), detalle: t('webhooks.probando_detalle') });
      await renovarWebhooks();
    });
  return (
    <Partes
      titulo={consulta.data?.nombre ?? t('webhooks.uno')}
      detalle={consulta.data && <span className="renglon-titulo"><EstadoWebhook webhook={consulta.data} /> <span className="url">{consulta.data.url}</span></span>}
      acciones={
        <>
          <Button component={Enlace} a="/integracion/webhooks" variant="default" leftSection={<IconArrowLeft size={17} aria-hidden />}>
            {t('webhooks.todos')}
          </Button>
          <Button variant="default" leftSection={<IconPencil size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'editar' })}>
            {t('webhooks.editar')}
          </Button>
          <Button loading={va} leftSection={<IconSend size={17} aria-hidden />} onClick={probar}>
            {t('webhooks.probar')}
          </Button>
        </>
      }
    >
      <Falla>{falla}</Falla>
      <Segun consulta={consulta}>
        {(webhook) => (
          <>
            {(webhook.pausado_en ?? webhook.fallando_desde) && (
              <Alert color="orange" variant="light" mb="md" icon={<IconAlertTriangle size={18} />} title={t(webhook.pausado_en ? 'webhooks.se_paro' : 'webhooks.falla_desde', { cuando: fechaHora(webhook.pausado_en ?? webhook.fallando_desde ?? '', ZONA) })}>
                {t(webhook.pausado_en ? 'webhooks.se_paro_detalle' : 'webhooks.falla_detalle')}
              </Alert>
            )}
            <div className="integra-dos">
              <Seccion
                titulo={t('entregas.titulo')}
                acciones={
                  <Group gap="xs">
                    <Exportar chico de={`/api/v1/webhooks/${id}/entregas`} con={{ estado: f.estado }} />
                    <Select size="xs" clearable aria-label={t('entregas.estado')} placeholder={t('entregas.estado')} clearButtonProps={{ 'aria-label': t('app:quitar') }} data={['pendiente', 'entregada', 'fallida'].map((uno) => ({ value: uno, label: t(`entregas.estados.${uno}`) }))} value={f.estado || null} onChange={(estado) => cambiar({ estado: estado ?? '' })} />
                  </Group>
                }
              >
                <Entregas webhook={id} estado={f.estado} />
              </Seccion>
              <Lado webhook={webhook} />
            </div>
            <Lateral titulo={t('webhooks.editar')} abierto={f.abrir === 'editar'} cerrar={() => cambiar({ abrir: '' })} ancho="lg">
              <FormaWebhook webhook={webhook} listo={() => cambiar({ abrir: '' })} />
            </Lateral>
          </>
        )}
      </Segun>
    </Partes>
  );
}

function Lado({ webhook }: { webhook: Esquemas['Webhook'] }) {
  const { t } = useTranslation('integracion');
  const sedes = useSedesDichas();
  const ir = useIr();
  const [pregunta, setPregunta] = useState<'' | 'secreto' | 'borrar'>('');
  const [nuevo, setNuevo] = useState<Esquemas['WebhookConSecreto']>();
  const params = { path: { id: webhook.id } };
  return (
    <Seccion titulo={t('webhooks.que_recibe')}>
      <p className="chico">{sedes(webhook.sedes)}</p>
      <ul className="lineas url">
        {webhook.eventos.map((uno) => (
          <li key={uno}>{uno}</li>
        ))}
      </ul>
      {webhook.anterior_hasta && <p className="chico">{t('webhooks.anterior_vale', { cuando: fechaHora(webhook.anterior_hasta, ZONA) })}</p>}
      <div className="renglon-botones" style={{ marginTop: 12 }}>
        <Button size="compact-sm" variant="default" onClick={() => setPregunta('secreto')}>
          {t('webhooks.cambiar_secreto')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => setPregunta('borrar')}>
          {t('webhooks.borrar')}
        </Button>
      </div>
      {pregunta === 'secreto' && (
        <Pregunta
          titulo={t('webhooks.secreto_titulo')}
          detalle={t('webhooks.secreto_detalle')}
          si={t('webhooks.cambiar_secreto')}
          grave={false}
          cerrar={() => setPregunta('')}
          hacer={async () => {
            setNuevo(await cuerpo(api.POST('/api/v1/webhooks/{id}/secreto', { params })));
            await renovarWebhooks();
          }}
        />
      )}
      {pregunta === 'borrar' && (
        <Pregunta
          titulo={t('webhooks.borrar_titulo', { nombre: webhook.nombre })}
          detalle={t('webhooks.borrar_detalle')}
          si={t('webhooks.borrar')}
          cerrar={() => setPregunta('')}
          hacer={async () => {
            await api.DELETE('/api/v1/webhooks/{id}', { params });
            ir('/integracion/webhooks');
            await renovarWebhooks();
          }}
        />
      )}
      <Lateral titulo={t('webhooks.secreto')} abierto={nuevo !== undefined} cerrar={() => setNuevo(undefined)}>
        {nuevo && <SecretoNuevo webhook={nuevo} listo={() => setNuevo(undefined)} />}
      </Lateral>
    </Seccion>
  );
}
