/** What people ask about their data, with the law's clock running. */
import { Button, Select } from '@mantine/core';
import { IconCheck, IconInbox, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { diasEntre } from '@/comun/edad';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { AnotarSolicitud } from './AnotarSolicitud';
import { Partes } from './Partes';
import { Plazo } from './Plazo';
import { UnaSolicitud } from './UnaSolicitud';

export type Solicitud = Esquemas['SolicitudDeDatos'];
export const DERECHOS = ['acceso', 'rectificacion', 'cancelacion', 'oposicion', 'portabilidad', 'informacion'] as const;
const ESTADOS = ['recibida', 'observada', 'atendida', 'denegada'] as const;

export default function Solicitudes() {
  const { t } = useTranslation('datosPersonales');
  const [f, cambiar] = useFiltros({ estado: '', derecho: '', abrir: '', solicitud: '' });
  const consulta = usePaginas('/api/v1/solicitudes-datos', { estado: f.estado, derecho: f.derecho }, (cursor) =>
    cuerpo(api.GET('/api/v1/solicitudes-datos', { params: { query: { limite: 50, ...(f.estado ? { estado: f.estado as Solicitud['estado'] } : {}), ...(f.derecho ? { derecho: f.derecho as Solicitud['derecho'] } : {}), ...cursor } } })),
  );
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('app:quitar') } } as const;
  return (
    <Partes
      detalle={t('solicitudes.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/solicitudes-datos" con={{ estado: f.estado, derecho: f.derecho }} />
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nueva' })}>
            {t('solicitudes.nueva')}
          </Button>
        </>
      }
      filtros={
        <>
          <Select {...quitar} aria-label={t('solicitudes.estado')} placeholder={t('solicitudes.estado')} data={ESTADOS.map((uno) => ({ value: uno, label: t(`solicitudes.estados.${uno}`) }))} value={f.estado || null} onChange={(estado) => cambiar({ estado: estado ?? '' })} />
          <Select {...quitar} aria-label={t('solicitudes.que_pide')} placeholder={t('solicitudes.que_pide')} data={DERECHOS.map((uno) => ({ value: uno, label: t(`derecho.${uno}`) }))} value={f.derecho || null} onChange={(derecho) => cambiar({ derecho: derecho ?? '' })} />
        </>
      }
    >
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={5} alto={60} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconInbox} titulo={t(f.estado || f.derecho ? 'nada_asi' : 'solicitudes.nada')} detalle={f.estado || f.derecho ? undefined : t('solicitudes.nada_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((una) => (
            <Una key={una.id} solicitud={una} abrir={() => cambiar({ solicitud: una.id })} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
      <Lateral titulo={t('solicitudes.nueva')} abierto={f.abrir === 'nueva'} cerrar={() => cambiar({ abrir: '' })}>
        <AnotarSolicitud listo={() => cambiar({ abrir: '' })} />
      </Lateral>
      <Lateral titulo={t('solicitudes.una')} abierto={f.solicitud !== ''} cerrar={() => cambiar({ solicitud: '' })} ancho="lg">
        <UnaSolicitud id={f.solicitud} />
      </Lateral>
    </Partes>
  );
}

export function EstadoSolicitud({ solicitud }: { solicitud: Solicitud }) {
  const { t } = useTranslation('datosPersonales');
  if (solicitud.estado === 'atendida' || solicitud.estado === 'denegada')
    return (
      <Pastilla tono={solicitud.fuera_de_plazo ? 'aviso' : 'bien'} icono={solicitud.estado === 'atendida' ? IconCheck : IconX}>
        {t(`solicitudes.estado_de.${solicitud.estado}`)}
        {solicitud.fuera_de_plazo && ` · ${t('plazo.tarde')}`}
      </Pastilla>
    );
  return <Plazo dias={solicitud.vence_el ? diasEntre(hoyEn(ZONA), solicitud.vence_el) : undefined} vencido={solicitud.fuera_de_plazo} parado={solicitud.estado === 'observada'} />;
}

function Una({ solicitud, abrir }: { solicitud: Solicitud; abrir: () => void }) {
  const { t } = useTranslation('datosPersonales');
  const abierta = solicitud.estado === 'recibida' || solicitud.estado === 'observada';
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b className="num">
            {t('solicitudes.numero', { numero: solicitud.numero })} · {t(`derecho.${solicitud.derecho}`)}
          </b>
          <EstadoSolicitud solicitud={solicitud} />
        </div>
        <div className="tenue chico num">{[solicitud.pedido?.nombre, t('solicitudes.llego', { dia: diaCorto(solicitud.recibida_el) }), abierta && solicitud.vence_el && t('solicitudes.vence', { dia: diaCorto(solicitud.vence_el) })].filter(Boolean).join(' · ')}</div>
      </div>
      <Button size="compact-sm" variant={abierta ? 'light' : 'default'} aria-label={t('solicitudes.abrir', { numero: solicitud.numero })} onClick={abrir}>
        {t(abierta ? 'solicitudes.atender' : 'solicitudes.ver')}
      </Button>
    </li>
  );
}
