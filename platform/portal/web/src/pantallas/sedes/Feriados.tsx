/** The holidays of a year, month by month: national ones, and regional ones with where they are for. */
import { ActionIcon, Group } from '@mantine/core';
import { IconCalendarEvent, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Exportar } from '@/comun/Exportar';
import { Pestanas } from '@/comun/Pestanas';
import { Seccion } from '@/comun/Seccion';
import { diaMedio, hoyEn, ZONA } from '@/comun/tiempo';
import { usePartes } from './datos';
import type { Feriado } from './dias';
import '@/comun/listas.css';
import './sedes.css';

export default function Feriados() {
  const { t, i18n } = useTranslation('sedes');
  const hoy = hoyEn(ZONA);
  const [f, cambiar] = useFiltros({ anio: hoy.slice(0, 4) });
  const anio = Number(f.anio);
  const consulta = $api.useQuery('get', '/api/v1/feriados', { params: { query: { desde: `${anio}-01-01`, hasta: `${anio}-12-31` } } }, { staleTime: 60 * 60_000 });
  const partes = usePartes();
  const mes = (numero: number) => new Intl.DateTimeFormat(i18n.language === 'en' ? 'en-GB' : 'es-PE', { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(anio, numero, 5)));
  return (
    <Marco titulo={t('feriados.titulo')} detalle={t('feriados.detalle')} acciones={<Exportar de="/api/v1/feriados" con={{ desde: `${anio}-01-01`, hasta: `${anio}-12-31` }} />} filtros={<Pestanas nombre={t('partes')} lista={partes} />}>
      <Group gap={4} mb="md">
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
      <Segun consulta={consulta} vacio={(todos) => (todos.length === 0 ? <Vacio icono={IconCalendarEvent} titulo={t('feriados.ninguno', { anio })} detalle={t('feriados.ninguno_detalle')} /> : null)}>
        {(todos) => (
          <div className="anio">
            {Array.from({ length: 12 }, (_, i) => {
              const suyos = todos.filter((uno) => Number(uno.fecha.slice(5, 7)) === i + 1);
              return (
                <Seccion key={i} titulo={mes(i)} cuenta={suyos.length}>
                  {suyos.length === 0 ? <span className="tenue chico">{t('feriados.sin')}</span> : <Lista feriados={suyos} hoy={hoy} />}
                </Seccion>
              );
            })}
          </div>
        )}
      </Segun>
    </Marco>
  );
}

function Lista({ feriados, hoy }: { feriados: Feriado[]; hoy: string }) {
  const { t } = useTranslation('sedes');
  return (
    <ul className="lineas">
      {feriados.map((uno) => (
        <li key={uno.fecha + uno.ambito} data-pasado={uno.fecha < hoy || undefined}>
          <b>{diaMedio(uno.fecha)}</b> · {uno.nombre}
          <div className="tenue chico">{[uno.ambito ? t('feriados.regional', { ambito: uno.ambito }) : t('feriados.nacional'), uno.fuente].join(' · ')}</div>
        </li>
      ))}
    </ul>
  );
}
