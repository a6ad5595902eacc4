/** Other systems that are told what happens here. */
import { Anchor, Button } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { EstadoWebhook } from './EstadoWebhook';
import { FormaWebhook, SecretoNuevo } from './FormaWebhook';
import { Partes } from './Partes';
import { useSedesDichas } from './Sedes';

export default function Webhooks() {
  const { t } = useTranslation('integracion');
  const sedes = useSedesDichas();
  const [{ abrir }, cambiar] = useFiltros({ abrir: '' });
  const [creado, setCreado] = useState<Esquemas['WebhookConSecreto']>();
  const consulta = usePaginas('/api/v1/webhooks', {}, (cursor) => cuerpo(api.GET('/api/v1/webhooks', { params: { query: { limite: 50, ...cursor } } })));
  const cerrar = () => (setCreado(undefined), cambiar({ abrir: '' }));
  const nuevo = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
      {t('webhooks.nuevo')}
    </Button>
  );
  return (
    <Partes
      detalle={t('webhooks.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/webhooks" />
          {nuevo}
        </>
      }
    >
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={3} alto={60} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconWebhook} titulo={t('webhooks.nada')} detalle={t('webhooks.nada_detalle')} accion={nuevo} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((uno) => (
            <li key={uno.id} className="renglon">
              <div>
                <div className="renglon-titulo">
                  <Anchor component={Enlace} a={`/integracion/webhooks/${uno.id}`} fw={600} fz="inherit" c="inherit" underline="always">
                    {uno.nombre}
                  </Anchor>
                  <EstadoWebhook webhook={uno} />
                </div>
                <div className="tenue url">{uno.url}</div>
                <div className="tenue chico">{[t('webhooks.eventos_cuantos', { count: uno.eventos.length }), sedes(uno.sedes)].join(' · ')}</div>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
      <Lateral titulo={t('webhooks.nuevo')} abierto={abrir === 'nuevo'} cerrar={cerrar} ancho="lg">
        {creado ? <SecretoNuevo webhook={creado} listo={cerrar} /> : <FormaWebhook listo={cerrar} alCrear={setCreado} />}
      </Lateral>
    </Partes>
  );
}
