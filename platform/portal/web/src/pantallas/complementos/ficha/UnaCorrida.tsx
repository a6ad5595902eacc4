/** One call whole: how it ended, what it used of its limits, whom it called, what it was asked and what it answered. */
import { Button, Drawer, Progress } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { Segun } from '@/app/estados';
import { nombrar } from '@/comun/nombrar';
import { Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Crudo, Resultado } from '../Partes';

export type Documento = {
  tiempos?: { espera: number; total: number; cpu: number };
  uso?: Record<string, number>;
  llamadas?: { metodo: string; host: string; ruta: string; ms: number; enviado: number; recibido: number; estado?: number; error?: string; motivo?: string }[];
  registro?: { ms: number; nivel: string; texto: string; campos?: [string, string][] }[];
  lineas_perdidas?: number;
  pedido?: unknown;
  respuesta?: unknown;
};

export function UnaCorrida({ id, cerrar }: { id: string; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const consulta = $api.useQuery('get', '/api/v1/complementos/corridas/{id}', { params: { path: { id } } }, { enabled: id !== '', retry: 4, retryDelay: 700 });
  return (
    <Drawer opened={id !== ''} onClose={cerrar} position="right" size="lg" title={t('corrida.una')} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Segun consulta={consulta}>{(corrida) => <Entera corrida={corrida} />}</Segun>
    </Drawer>
  );
}

function Entera({ corrida }: { corrida: Esquemas['CorridaEntera'] }) {
  const { t } = useTranslation('complementos');
  return (
    <div className="cmp-columna">
      <div className="cmp-pastillas">
        <Resultado resultado={corrida.resultado} />
        <span className="tenue chico">
          {nombrar(`complementos:operacion.${corrida.operacion}`, corrida.operacion)} · {corrida.version} · {fechaHora(corrida.inicio, ZONA)}
        </span>
      </div>
      <p className="cmp-explica">{nombrar(`complementos:explica.${corrida.resultado}`, corrida.resultado)}</p>
      {(corrida.detalle ?? corrida.motivo) && <p className="cmp-dicho">{corrida.detalle ?? corrida.motivo}</p>}
      {corrida.cuarentena && <p className="cmp-dicho">{t('corrida.cuarentena')}</p>}
      <DocumentoDe documento={corrida.documento as Documento} />
      <Button component="a" variant="default" href={`/api/v1/complementos/corridas/${corrida.id}/repeticion`} download={`corrida-${corrida.id}.json`} leftSection={<IconDownload size={17} aria-hidden />}>
        {t('corrida.repetir')}
      </Button>
      <p className="tenue chico">{t('corrida.repetir_ayuda')}</p>
    </div>
  );
}

const ms = (us: number) => (us < 1_000 ? `${us} µs` : us < 1_000_000 ? `${(us / 1_000).toFixed(1)} ms` : `${(us / 1_000_000).toFixed(2)} s`);

export function DocumentoDe({ documento }: { documento: Documento }) {
  const { t } = useTranslation('complementos');
  const { tiempos, uso = {}, llamadas = [], registro = [] } = documento;
  return (
    <>
      {tiempos && (
        <dl className="cmp-tiempos">
          {(['total', 'cpu', 'espera'] as const).map((uno) => (
            <div key={uno}>
              <dt>{t(`corrida.tiempo.${uno}`)}</dt>
              <dd className="num">{ms(tiempos[uno])}</dd>
            </div>
          ))}
        </dl>
      )}
      <Seccion titulo={t('corrida.uso')}>
        <ul className="cmp-uso">
          {Object.entries(uso).map(([limite, parte]) => (
            <Barra key={limite} nombre={nombrar(`complementos:uso.${limite}`, limite)} parte={parte} />
          ))}
        </ul>
      </Seccion>
      {llamadas.length > 0 && (
        <Seccion titulo={t('corrida.llamadas')} cuenta={llamadas.length}>
          <ul className="lineas">
            {llamadas.map((una, i) => (
              <li key={i} className="cmp-llamada">
                <code>
                  {una.metodo} {una.host}
                  {una.ruta}
                </code>
                <span className="tenue chico num">{[una.estado ?? una.error, una.motivo, `${una.ms} ms`, t('corrida.bytes', { van: una.enviado, vienen: una.recibido })].filter(Boolean).join(' · ')}</span>
              </li>
            ))}
          </ul>
        </Seccion>
      )}
      {registro.length > 0 && (
        <Seccion titulo={t('corrida.registro')} cuenta={registro.length}>
          <ul className="lineas cmp-registro">
            {registro.map((linea, i) => (
              <li key={i}>
                <span className="tenue num">{linea.ms} ms</span> <b>{linea.nivel}</b> {linea.texto} {linea.campos?.map(([clave, valor]) => `${clave}=${valor}`).join(' ')}
              </li>
            ))}
          </ul>
          {Boolean(documento.lineas_perdidas) && <p className="tenue chico">{t('corrida.lineas_perdidas', { count: documento.lineas_perdidas })}</p>}
        </Seccion>
      )}
      <Seccion titulo={t('corrida.pedido')}>
        <Crudo valor={documento.pedido} nombre={t('corrida.pedido')} />
      </Seccion>
      <Seccion titulo={t('corrida.respuesta')}>
        <Crudo valor={documento.respuesta} nombre={t('corrida.respuesta')} />
      </Seccion>
      <p className="tenue chico">{t('corrida.sin_personal')}</p>
    </>
  );
}

function Barra({ nombre, parte }: { nombre: string; parte: number }) {
  const justa = Math.min(100, parte);
  return (
    <li>
      <span>{nombre}</span>
      <Progress value={Math.max(justa, parte > 0 ? 1 : 0)} color={parte >= 90 ? 'red' : parte >= 60 ? 'orange' : 'verde'} aria-label={nombre} />
      <span className="num">{`${parte < 10 ? parte.toFixed(1) : Math.round(parte)} %`}</span>
    </li>
  );
}
