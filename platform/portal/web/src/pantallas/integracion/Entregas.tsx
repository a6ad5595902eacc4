import { Button } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconClock, IconRefresh, type Icon } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Cargando, Fallo } from '@/app/estados';
import { Falla, useEnvio } from '@/comun/formulario';
import { Mas } from '@/comun/Mas';
import { nombrar } from '@/comun/nombrar';
import { Pastilla, type Tono } from '@/comun/Pastilla';
import { Nada } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { renovarWebhooks } from './FormaWebhook';

type Entrega = Esquemas['Page_EntregaVista']['items'][number];
const TONO: Record<Entrega['estado'], [Tono, Icon]> = { entregada: ['bien', IconCheck], fallida: ['grave', IconAlertCircle], pendiente: ['nota', IconClock] };

export function Entregas({ webhook, estado }: { webhook: string; estado: string }) {
  const { t } = useTranslation('integracion');
  const consulta = useInfiniteQuery({
    queryKey: ['get', '/api/v1/webhooks/{id}/entregas', { webhook, estado }],
    queryFn: ({ pageParam }) => cuerpo(api.GET('/api/v1/webhooks/{id}/entregas', { params: { path: { id: webhook }, query: { limite: 25, ...(estado ? { estado: estado as Entrega['estado'] } : {}), ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (pagina) => pagina.siguiente ?? undefined,
    // What is on its way is looked at again until it is known how it went.
    refetchInterval: (c) => (c.state.data?.pages.some((pagina) => pagina.items.some((una) => una.estado === 'pendiente')) ? 2_000 : false),
  });
  const items = consulta.data?.pages.flatMap((pagina) => pagina.items) ?? [];
  if (consulta.isError) return <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />;
  if (consulta.isPending) return <Cargando filas={4} />;
  if (items.length === 0) return <Nada>{t(estado ? 'nada_asi' : 'entregas.nada')}</Nada>;
  return (
    <>
      <ul className="lineas">
        {items.map((una) => (
          <Una key={una.id} entrega={una} webhook={webhook} />
        ))}
      </ul>
      <Mas consulta={consulta} />
    </>
  );
}

function Una({ entrega, webhook }: { entrega: Entrega; webhook: string }) {
  const { t } = useTranslation('integracion');
  const { va, falla, enviar } = useEnvio();
  const [tono, icono] = TONO[entrega.estado];
  const reenviar = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/webhooks/{id}/entregas/{entrega}/reenviar', { params: { path: { id: webhook, entrega: entrega.id } } }));
      avisar({ tono: 'bien', titulo: t('entregas.sale') });
      await renovarWebhooks();
    });
  return (
    <li className="renglon entrega">
      <div>
        <div className="renglon-titulo">
          <b className="url">{entrega.tema}</b>
          <Pastilla tono={tono} icono={icono}>
            {t(`entregas.estado_de.${entrega.estado}`)}
          </Pastilla>
        </div>
        <div className="tenue chico num">{[fechaHora(entrega.creada_en, ZONA), t('entregas.intentos', { count: entrega.intentos }), entrega.respuesta && t('entregas.respondio', { estado: entrega.respuesta }), entrega.error && nombrar(`integracion:entregas.error.${entrega.error}`, entrega.error)].filter(Boolean).join(' · ')}</div>
        <details>
          <summary>{t('entregas.que_se_envio')}</summary>
          <pre tabIndex={0}>{JSON.stringify(entrega.cuerpo, null, 2)}</pre>
          {entrega.respuesta_cuerpo && (
            <>
              {t('entregas.que_respondio')}
              <pre tabIndex={0}>{entrega.respuesta_cuerpo}</pre>
            </>
          )}
        </details>
        {falla && <Falla>{falla}</Falla>}
      </div>
      {entrega.estado !== 'pendiente' && (
        <Button size="compact-sm" variant="default" loading={va} leftSection={<IconRefresh size={15} aria-hidden />} onClick={reenviar}>
          {t('entregas.reenviar')}
        </Button>
      )}
    </li>
  );
}
