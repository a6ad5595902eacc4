/** Every call of the last 14 days, the latest first; one of them whole in a drawer. */
import { Button, Select } from '@mantine/core';
import { IconFlask, IconHistory, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { nombrar } from '@/comun/nombrar';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { diaCorto, diaEn, hora, ZONA } from '@/comun/tiempo';
import { useAdministra, type Corrida } from '../datos';
import { Resultado } from '../Partes';
import { UnaCorrida } from './UnaCorrida';

const RESULTADOS = ['ok', 'rejected', 'not_authorized', 'invalid_input', 'unsupported', 'retry_later', 'indeterminate', 'internal', 'trap', 'timeout', 'limit', 'refused', 'host'];
const OPERACIONES = ['evaluate', 'describe', 'check', 'send', 'handle_webhook', 'migrate', 'create', 'capture', 'cancel', 'refund', 'sync', 'validate', 'issue', 'poll', 'void_documents', 'estimate'];

/** `complemento`: of this one only; without it, of all of them. */
export function Corridas({ complemento }: { complemento?: string }) {
  const { t } = useTranslation('complementos');
  const [f, cambiar] = useFiltros({ de: '', resultado: '', operacion: '', corrida: '' });
  const nombres = $api.useQuery('get', '/api/v1/complementos', { params: { query: { limite: 200 } } }, { enabled: !complemento });
  const de = complemento ?? f.de;
  const filtros = { ...(de ? { complemento: de } : {}), ...(f.resultado ? { resultado: f.resultado } : {}), ...(f.operacion ? { operacion: f.operacion } : {}) };
  const consulta = usePaginas('/api/v1/complementos/corridas', filtros, (cursor) => cuerpo(api.GET('/api/v1/complementos/corridas', { params: { query: { ...filtros, limite: 50, ...cursor } } })));
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('filtro.quitar') } } as const;
  const nombreDe = (id: string) => nombres.data?.items.find((uno) => uno.complemento === id)?.nombre ?? id;
  return (
    <div className="cmp-columna">
      <div className="marco-filtros">
        {!complemento && <Select {...quitar} searchable aria-label={t('corrida.de')} placeholder={t('corrida.de')} data={(nombres.data?.items ?? []).filter((uno) => uno.instalacion).map((uno) => ({ value: uno.complemento, label: uno.nombre }))} value={f.de || null} onChange={(uno) => cambiar({ de: uno ?? '' })} />}
        <Select {...quitar} aria-label={t('corrida.como')} placeholder={t('corrida.como')} data={RESULTADOS.map((uno) => ({ value: uno, label: nombrar(`complementos:resultado.${uno}`, uno) }))} value={f.resultado || null} onChange={(uno) => cambiar({ resultado: uno ?? '' })} />
        <Select {...quitar} aria-label={t('corrida.que')} placeholder={t('corrida.que')} data={OPERACIONES.map((uno) => ({ value: uno, label: nombrar(`complementos:operacion.${uno}`, uno) }))} value={f.operacion || null} onChange={(uno) => cambiar({ operacion: uno ?? '' })} />
        <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} loading={consulta.isRefetching} onClick={() => void consulta.refetch()}>
          {t('corrida.releer')}
        </Button>
        <Exportar de="/api/v1/complementos/corridas" con={filtros} />
      </div>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={8} alto={44} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconHistory} titulo={t('corrida.nada')} detalle={t('corrida.nada_ayuda')} />}
      {consulta.items.length > 0 && (
        <ul className="panel cmp-corridas">
          {consulta.items.map((una) => (
            <Linea key={una.id} corrida={una} nombre={complemento ? undefined : nombreDe(una.complemento)} abrir={() => cambiar({ corrida: una.id }, { historia: true })} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
      <UnaCorrida id={f.corrida} cerrar={() => cambiar({ corrida: '' })} />
    </div>
  );
}

function Linea({ corrida, nombre, abrir }: { corrida: Corrida; nombre: string | undefined; abrir: () => void }) {
  const { t } = useTranslation('complementos');
  const administra = useAdministra();
  const hizo = nombrar(`complementos:operacion.${corrida.operacion}`, corrida.operacion);
  const dentro = (
    <>
      <time className="num tenue" dateTime={corrida.inicio}>
        {diaCorto(diaEn(corrida.inicio, ZONA)).slice(0, 5)} {hora(corrida.inicio, ZONA)}
      </time>
      <span className="cmp-corrida-que">
        <b>{[nombre, hizo].filter(Boolean).join(' · ')}</b>
        {corrida.motivo && <span className="tenue chico">{corrida.motivo}</span>}
        {corrida.intento > 1 && <span className="tenue chico">{t('corrida.intento', { n: corrida.intento })}</span>}
      </span>
      <span className="cmp-pastillas">
        {corrida.sandbox && (
          <Pastilla tono="aviso" icono={IconFlask}>
            {t('como.pruebas')}
          </Pastilla>
        )}
        <Resultado resultado={corrida.resultado} />
      </span>
    </>
  );
  return <li>{administra ? <button type="button" className="cmp-corrida" onClick={abrir}>{dentro}</button> : <div className="cmp-corrida">{dentro}</div>}</li>;
}
