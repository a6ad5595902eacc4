/** The holidays of a year, month by month: those of the law, those that the chain adds, and which sedes work on each. */
import { ActionIcon, Button, Group, Select, Switch } from '@mantine/core';
import { IconCalendarEvent, IconChevronLeft, IconChevronRight, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Cargando, Puede, Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pestanas } from '@/comun/Pestanas';
import { Seccion } from '@/comun/Seccion';
import { diaMedio, hoyEn, ZONA } from '@/comun/tiempo';
import { usePartes, useSedes, type Sede } from './datos';
import { claveDe, esDeAqui, renovarFeriados, type Feriado } from './dias';
import { FormaFeriado } from './FormaFeriado';
import { Quienes } from './Quienes';
import '@/comun/listas.css';
import './sedes.css';

export default function Feriados() {
  const { t, i18n } = useTranslation('sedes');
  const hoy = hoyEn(ZONA);
  const [f, cambiar] = useFiltros({ anio: hoy.slice(0, 4), lugar: '', propios: '', abrir: '' });
  const anio = Number(f.anio);
  const consulta = $api.useQuery('get', '/api/v1/feriados', { params: { query: { desde: `${anio}-01-01`, hasta: `${anio}-12-31` } } }, { staleTime: 60 * 60_000 });
  const sedes = useSedes();
  const activas = (sedes.data ?? []).filter((una) => una.activa);
  const lugar = activas.find((una) => una.id === f.lugar);
  const configura = usePuede()('agenda.configurar', 'alguna');
  const partes = usePartes();
  const mes = (numero: number) => new Intl.DateTimeFormat(i18n.language === 'en' ? 'en-GB' : 'es-PE', { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(anio, numero, 5)));
  const seVe = (uno: Feriado) => (!lugar || esDeAqui(uno, lugar.ubigeo)) && (f.propios !== '1' || Boolean(uno.id));
  return (
    <Marco
      titulo={t('feriados.titulo')}
      detalle={t('feriados.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/feriados" con={{ desde: `${anio}-01-01`, hasta: `${anio}-12-31` }} />
          <Puede permiso="agenda.configurar" sede="alguna">
            <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
              {t('feriados.nuevo')}
            </Button>
          </Puede>
        </>
      }
      filtros={<Pestanas nombre={t('partes')} lista={partes} />}
    >
      <Group gap="md" mb="md">
        <Group gap={4}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('feriados.antes')} onClick={() => cambiar({ anio: String(anio - 1) })}>
            <IconChevronLeft size={18} />
          </ActionIcon>
          <b className="num" aria-live="polite">
            {anio}
          </b>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('feriados.despues')} onClick={() => cambiar({ anio: String(anio + 1) })}>
            <IconChevronRight size={18} />
          </ActionIcon>
        </Group>
        <Select aria-label={t('feriados.que_sede')} placeholder={t('feriados.todas')} clearable clearButtonProps={{ 'aria-label': t('quitar') }} data={activas.map((una) => ({ value: una.id, label: una.nombre }))} value={lugar?.id ?? null} onChange={(id) => cambiar({ lugar: id ?? '' })} />
        <Switch label={t('feriados.solo_propios')} checked={f.propios === '1'} onChange={(evento) => cambiar({ propios: evento.currentTarget.checked ? '1' : '' })} />
      </Group>
      {/* Who works on each day is part of its row: what came later would push the others. */}
      {sedes.isLoading ? (
        <Cargando />
      ) : (
        <Segun consulta={consulta} vacio={(todos) => (todos.length === 0 ? <Vacio icono={IconCalendarEvent} titulo={t('feriados.ninguno', { anio })} detalle={t('feriados.ninguno_detalle')} /> : null)}>
          {(todos) => (
            <div className="anio">
              {Array.from({ length: 12 }, (_, i) => {
                const suyos = todos.filter((uno) => Number(uno.fecha.slice(5, 7)) === i + 1 && seVe(uno));
                return (
                  <Seccion key={i} titulo={mes(i)} cuenta={suyos.length}>
                    {suyos.length === 0 ? <span className="tenue chico">{t('feriados.sin')}</span> : <Lista feriados={suyos} hoy={hoy} sedes={sedes.data ? activas : undefined} lugar={lugar} />}
                  </Seccion>
                );
              })}
            </div>
          )}
        </Segun>
      )}
      <Lateral titulo={t('feriados.nuevo')} abierto={configura && f.abrir === 'nuevo'} cerrar={() => cambiar({ abrir: '' })}>
        <FormaFeriado sedes={activas} listo={(dia) => cambiar({ abrir: '', ...(dia ? { anio: dia.slice(0, 4) } : {}) })} />
      </Lateral>
    </Marco>
  );
}

function Lista({ feriados, hoy, sedes, lugar }: { feriados: Feriado[]; hoy: string; sedes: Sede[] | undefined; lugar: Sede | undefined }) {
  const { t } = useTranslation('sedes');
  const puede = usePuede();
  const donde = ({ id, ambito }: Feriado) => (id ? t(ambito ? 'feriados.propio_regional' : 'feriados.propio', { ambito }) : ambito ? t('feriados.regional', { ambito }) : t('feriados.nacional'));
  /** As the server has it: in every sede that it closes. */
  const suyo = (uno: Feriado) => puede('agenda.configurar', 'cadena') || (sedes ?? []).filter((una) => esDeAqui(uno, una.ubigeo)).every((una) => puede('agenda.configurar', una.id));
  return (
    <ul className="lineas">
      {feriados.map((uno) => (
        <li key={claveDe(uno)} className="local" data-pasado={uno.fecha < hoy || undefined}>
          <div>
            <b>{diaMedio(uno.fecha)}</b> · {uno.nombre}
            <div className="tenue chico">{[donde(uno), uno.fuente].join(' · ')}</div>
            {lugar ? <div className="tenue chico">{t(lugar.atiende_feriados ? 'dias.feriado_abre' : 'dias.feriado_cierra')}</div> : sedes && <Quienes feriado={uno} sedes={sedes} />}
          </div>
          {uno.id && sedes && suyo(uno) && (
            <Button variant="subtle" size="compact-sm" color="gray" aria-label={t('feriados.quitar', { nombre: uno.nombre, dia: diaMedio(uno.fecha) })} onClick={() => void quitar(uno, t('feriados.quitado', { dia: diaMedio(uno.fecha) }))}>
              {t('quitar')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

async function quitar({ id, ...body }: Feriado, titulo: string) {
  try {
    await api.DELETE('/api/v1/feriados/{id}', { params: { path: { id: id ?? '' } } });
    await renovarFeriados();
    avisar({ tono: 'bien', titulo, detalle: body.nombre, deshacer: () => cuerpo(api.POST('/api/v1/feriados', { params: { header: { 'Idempotency-Key': llave() } }, body })).then(() => void renovarFeriados(), avisarFalla) });
  } catch (falla) {
    avisarFalla(falla);
  }
}
