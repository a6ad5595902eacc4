/** What is going to be sent, day by day, and what is not and why: it is seen before it leaves. */
import { Alert, Anchor, Select } from '@mantine/core';
import { IconBellOff, IconCircleMinus, IconClockPause } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { mayuscula, sinTildes } from '@/comun/texto';
import { nombrar } from '@/comun/nombrar';
import { diaLargo, hoyEn, sumarDias, ZONA } from '@/comun/tiempo';
import { sinDia } from '../pacientes/texto';
import { ICONO_MEDIO } from './iconos';
import { Partes } from './Partes';
import { motivoDicho } from './porque';
import { familia } from './reglas';
import { porDia, usePrevistos, type Mensaje, type Previsto } from './previstos';

const SALE = 'sale';

export default function Previstos() {
  const { t } = useTranslation('recordatorios');
  const [f, cambiar] = useFiltros({ dias: '7', canal: '', regla: '', motivo: '' });
  const hoy = hoyEn(ZONA);
  const hasta = sumarDias(hoy, Math.min(60, Number(f.dias) || 7));
  const consulta = usePrevistos(hasta);
  const todos = consulta.data?.items ?? [];
  const valores = (de: (uno: Previsto) => string | null | undefined) => [...new Set(todos.map(de).filter((uno): uno is string => !!uno))].sort();
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('app:quitar') } } as const;
  const cumple = (uno: Previsto) => (!f.canal || uno.canal === f.canal) && (!f.regla || familia(uno.regla) === f.regla) && (!f.motivo || (f.motivo === SALE ? !uno.motivo : uno.motivo === f.motivo));
  return (
    <Partes
      detalle={t('previstos.detalle')}
      acciones={<Exportar de="/api/v1/recordatorios/previstos" con={{ hasta }} />}
      filtros={
        <>
          <Select size="sm" aria-label={t('previstos.hasta')} allowDeselect={false} data={['7', '14', '30', '60'].map((dias) => ({ value: dias, label: t('previstos.proximos', { dias }) }))} value={f.dias} onChange={(dias) => cambiar({ dias: dias ?? '7' })} />
          <Select {...quitar} aria-label={t('previstos.sale')} placeholder={t('previstos.sale')} data={[{ value: SALE, label: t('previstos.si_sale') }, ...valores((uno) => uno.motivo).map((motivo) => ({ value: motivo, label: t('previstos.no_sale', { motivo: motivoDicho(motivo) }) }))]} value={f.motivo || null} onChange={(motivo) => cambiar({ motivo: motivo ?? '' })} />
          <Select {...quitar} aria-label={t('canal')} placeholder={t('canal')} data={valores((uno) => uno.canal).map((canal) => ({ value: canal, label: t(`app:medio.${canal}`) }))} value={f.canal || null} onChange={(canal) => cambiar({ canal: canal ?? '' })} />
          <Select {...quitar} aria-label={t('previstos.por')} placeholder={t('previstos.por')} data={valores((uno) => familia(uno.regla)).map((regla) => ({ value: regla, label: nombrar(`recordatorios:regla.${regla}`, regla) }))} value={f.regla || null} onChange={(regla) => cambiar({ regla: regla ?? '' })} />
        </>
      }
    >
      <Apagados />
      <Segun consulta={consulta} vacio={({ items }) => (items.some(cumple) ? null : <Vacio icono={IconBellOff} titulo={t(items.length > 0 ? 'previstos.nada_asi' : 'previstos.nada')} detalle={t(items.length > 0 ? 'previstos.nada_asi_detalle' : 'previstos.nada_detalle')} />)}>
        {({ items, incompleto }) => (
          <div className="pila">
            {incompleto && <Alert color="yellow" variant="light">{t('previstos.incompleto')}</Alert>}
            {porDia(items.filter(cumple)).map(([dia, mensajes], i) => (
              <Dia key={dia} dia={dia} mensajes={mensajes} abierto={i === 0} hoy={hoy} />
            ))}
          </div>
        )}
      </Segun>
    </Partes>
  );
}

/** With the reminders off the queue shows what would leave; that has to be said first. */
function Apagados() {
  const { t } = useTranslation('recordatorios');
  const configura = usePuede()('mensaje.configurar', 'cadena');
  const { data } = $api.useQuery('get', '/api/v1/ajustes/recordatorios', {}, { enabled: configura });
  if (!data || data.activo) return null;
  return (
    <Alert color="orange" variant="light" icon={<IconClockPause size={18} />} title={t('previstos.apagados')} mb="md">
      {t('previstos.apagados_detalle')}{' '}
      <Anchor component={Enlace} a="/recordatorios/ajustes" fz="inherit" c="inherit" underline="always">
        {t('previstos.encender')}
      </Anchor>
    </Alert>
  );
}

function Dia({ dia, mensajes, abierto, hoy }: { dia: string; mensajes: Mensaje[]; abierto: boolean; hoy: string }) {
  const { t } = useTranslation('recordatorios');
  const salen = mensajes.filter((uno) => !uno.motivo).length;
  const nombre = dia === hoy ? t('app:hoy') : mayuscula(diaLargo(dia));
  return (
    <details className="panel dia-previsto" open={abierto}>
      <summary>
        <b>{nombre}</b>
        <span className="tenue num">{[t('previstos.salen', { count: salen }), mensajes.length > salen && t('previstos.no_salen', { count: mensajes.length - salen })].filter(Boolean).join(' · ')}</span>
      </summary>
      <ul className="lineas renglones">
        {[...mensajes].sort((a, b) => Number(!!a.motivo) - Number(!!b.motivo) || sinTildes(a.tutor).localeCompare(sinTildes(b.tutor))).map((uno) => (
          <Uno key={uno.clave} mensaje={uno} />
        ))}
      </ul>
    </details>
  );
}

function Uno({ mensaje: { tutor, tutor_id, canal, motivo, cosas } }: { mensaje: Mensaje }) {
  const { t } = useTranslation('recordatorios');
  const Icono = canal ? ICONO_MEDIO[canal] : IconCircleMinus;
  return (
    <li className="previsto" data-no={motivo ? true : undefined}>
      <Icono size={19} aria-hidden className="previsto-icono" />
      <div>
        <Anchor component={Enlace} a={`/tutores/${tutor_id}`} fw={600} fz="inherit" c="inherit" underline="always">
          {tutor}
        </Anchor>
        <div className="tenue chico">{motivo ? t('previstos.no_sale', { motivo: motivoDicho(motivo) }) : canal && t('previstos.por_canal', { canal: t(`app:medio.${canal}`) })}</div>
      </div>
      <ul className="previsto-cosas">
        {cosas.map((una) => (
          <li key={una.alerta_id}>
            <Anchor component={Enlace} a={`/pacientes/${una.mascota_id}`} fz="inherit" c="inherit" underline="always">
              {una.mascota}
            </Anchor>{' '}
            <span className="tenue">{sinDia(una.titulo)}</span> <span className="tenue chico num">{pasoDicho(t, una.paso)}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}

/** «7 días antes», «el mismo día», «30 días después». */
export const pasoDicho = (t: (clave: string, opciones?: Record<string, unknown>) => string, paso: number) => (paso === 0 ? t('paso.mismo') : t(paso < 0 ? 'paso.antes' : 'paso.despues', { count: Math.abs(paso) }));
