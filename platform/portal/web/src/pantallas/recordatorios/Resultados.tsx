/** Whether reminders work: sent, arrived, read, booked, came. */
import { Group, Select } from '@mantine/core';
import { IconChartDots } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { nombrar } from '@/comun/nombrar';
import { hoyEn, sumarDias, ZONA } from '@/comun/tiempo';
import { Partes } from './Partes';
import { pasoDicho } from './Previstos';

type Fila = Esquemas['Conversion'];
const ETAPAS = ['enviados', 'entregados', 'leidos', 'reservados', 'atendidos'] as const;
const porciento = (parte: number, todo: number) => (todo > 0 ? `${Math.round((parte / todo) * 100)} %` : '–');
const nombreRegla = (regla: string) => `${nombrar(`recordatorios:regla.${regla.split('.')[0] ?? ''}`, regla.split('.')[0] ?? regla)}${regla.includes('.') ? ` · ${regla.split('.').slice(1).join(' ').replaceAll('_', ' ')}` : ''}`;

export default function Resultados() {
  const { t } = useTranslation('recordatorios');
  const hoy = hoyEn(ZONA);
  const [f, cambiar] = useFiltros({ desde: sumarDias(hoy, -30), hasta: hoy, por: 'regla' });
  const consulta = $api.useQuery('get', '/api/v1/recordatorios/conversion', { params: { query: { desde: f.desde, hasta: f.hasta } } });
  return (
    <Partes
      detalle={t('resultados.detalle')}
      acciones={<Exportar de="/api/v1/recordatorios/conversion" con={{ desde: f.desde, hasta: f.hasta }} />}
      filtros={
        <>
          <Group gap={6} wrap="nowrap">
            <CampoFecha w={142} aria-label={t('desde')} valor={f.desde} maximo={f.hasta} alCambiar={(desde) => cambiar({ desde })} />
            <span aria-hidden>–</span>
            <CampoFecha w={142} aria-label={t('hasta')} valor={f.hasta} minimo={f.desde} maximo={hoy} alCambiar={(hasta) => cambiar({ hasta })} />
          </Group>
          <Select size="sm" aria-label={t('resultados.por')} allowDeselect={false} data={['regla', 'canal', 'paso'].map((valor) => ({ value: valor, label: t(`resultados.por_${valor}`) }))} value={f.por} onChange={(valor) => cambiar({ por: valor ?? 'regla' })} />
        </>
      }
    >
      <Segun consulta={consulta} vacio={(filas) => (filas.length === 0 ? <Vacio icono={IconChartDots} titulo={t('resultados.nada')} detalle={t('resultados.nada_detalle')} /> : null)}>
        {(filas) => <Cuadro filas={filas} por={f.por as 'regla' | 'canal' | 'paso'} />}
      </Segun>
    </Partes>
  );
}

const sumar = (filas: Fila[]) => Object.fromEntries(ETAPAS.map((etapa) => [etapa, filas.reduce((suma, una) => suma + una[etapa], 0)])) as Record<(typeof ETAPAS)[number], number>;

function Cuadro({ filas, por }: { filas: Fila[]; por: 'regla' | 'canal' | 'paso' }) {
  const { t } = useTranslation('recordatorios');
  const total = sumar(filas);
  const grupos = [...new Set(filas.map((una) => String(una[por])))].map((clave) => ({ clave, suma: sumar(filas.filter((una) => String(una[por]) === clave)) }));
  const nombre = (clave: string) => (por === 'regla' ? nombreRegla(clave) : por === 'canal' ? t(`app:medio.${clave}`) : pasoDicho(t, Number(clave)));
  grupos.sort((a, b) => b.suma.enviados - a.suma.enviados);
  return (
    <>
      <dl className="embudo num">
        {ETAPAS.map((etapa) => (
          <div key={etapa} className="panel">
            <dt>{t(`resultados.${etapa}`)}</dt>
            <dd>
              {total[etapa]}
              {etapa !== 'enviados' && <small>{porciento(total[etapa], total.enviados)}</small>}
            </dd>
          </div>
        ))}
      </dl>
      <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t('resultados.tabla')}>
        <table className="tabla">
          <thead>
            <tr>
              <th scope="col">{t(`resultados.por_${por}`)}</th>
              {ETAPAS.map((etapa) => (
                <th key={etapa} scope="col" className="cifra">
                  {t(`resultados.${etapa}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {grupos.map(({ clave, suma }) => (
              <tr key={clave}>
                <td>{nombre(clave)}</td>
                {ETAPAS.map((etapa) => (
                  <td key={etapa} className="cifra">
                    {suma[etapa]} {etapa !== 'enviados' && <span className="tenue chico">{porciento(suma[etapa], suma.enviados)}</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
