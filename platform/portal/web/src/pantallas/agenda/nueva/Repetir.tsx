/** The same appointment again and again: how often, until when, and what each date would meet, before anything is booked. */
import { ActionIcon, Alert, Group, Loader, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconRepeat, IconX } from '@tabler/icons-react';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { textoDeFalla } from '@/app/avisos';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { diaEn, fechaHora, sumarDias } from '@/comun/tiempo';
import { decirEstorbos } from '../estorbos';
import type { Cadencia } from './reservar';

export type Repeticion = { cada: string; unidad: 'semanas' | 'dias'; fin: 'veces' | 'hasta'; veces: string; hasta: string };
export const REPETICION: Repeticion = { cada: '1', unidad: 'semanas', fin: 'veces', veces: '4', hasta: '' };

/** Undefined while it is not complete. */
export function cadenciaDe(r: Repeticion): Cadencia | undefined {
  const [cada, veces] = [Number(r.cada), Number(r.veces)];
  if (!Number.isInteger(cada) || cada < 1 || cada > 364) return undefined;
  if (r.fin === 'hasta') return r.hasta ? { cada, unidad: r.unidad, hasta: r.hasta } : undefined;
  return Number.isInteger(veces) && veces >= 2 && veces <= 104 ? { cada, unidad: r.unidad, veces } : undefined;
}

/** Nothing is written by asking. It is kept among the free times: what makes those old makes this old. */
export function useSimulacion(serie: Esquemas['NuevaSerie'] | undefined) {
  const [pausada] = useDebouncedValue(serie, 250);
  return useQuery({
    queryKey: ['get', '/api/v1/disponibilidad', 'serie', JSON.stringify(pausada)],
    queryFn: () => cuerpo(api.POST('/api/v1/citas/series/simular', { body: pausada as Esquemas['NuevaSerie'] })),
    enabled: !!serie && !!pausada,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

type Props = { valor: Repeticion; alCambiar: (valor: Repeticion) => void; quitar: () => void; inicio: string | undefined; zona: string; falta: string | undefined; simulacion: ReturnType<typeof useSimulacion>; nombreDe: (medico: string) => string };

export function Repetir({ valor, alCambiar, quitar, inicio, zona, falta, simulacion, nombreDe }: Props) {
  const { t } = useTranslation('agenda');
  const poner = (cambio: Partial<Repeticion>) => alCambiar({ ...valor, ...cambio });
  return (
    <fieldset className="repetir">
      <legend>
        <IconRepeat size={16} aria-hidden /> {t('serie.titulo')}
      </legend>
      <Group gap="xs" align="flex-end" wrap="wrap">
        <TextInput w={78} type="number" min={1} max={364} label={t('serie.cada')} value={valor.cada} onChange={(e) => poner({ cada: e.currentTarget.value })} />
        <Select w={124} aria-label={t('serie.unidad')} data={[{ value: 'semanas', label: t('serie.semanas') }, { value: 'dias', label: t('serie.dias') }]} value={valor.unidad} onChange={(unidad) => poner({ unidad: unidad === 'dias' ? 'dias' : 'semanas' })} allowDeselect={false} />
        <SegmentedControl
          aria-label={t('serie.fin')}
          value={valor.fin}
          onChange={(fin) => poner(fin === 'hasta' ? { fin: 'hasta', hasta: valor.hasta || (inicio ? sumarDias(diaEn(inicio, zona), 90) : '') } : { fin: 'veces' })}
          data={[{ value: 'veces', label: t('serie.veces') }, { value: 'hasta', label: t('serie.hasta') }]}
        />
        {valor.fin === 'veces' ? (
          <TextInput w={78} type="number" min={2} max={104} aria-label={t('serie.cuantas')} value={valor.veces} onChange={(e) => poner({ veces: e.currentTarget.value })} />
        ) : (
          <CampoFecha w={142} aria-label={t('serie.hasta')} valor={valor.hasta} alCambiar={(hasta) => poner({ hasta })} minimo={inicio ? diaEn(inicio, zona) : undefined} />
        )}
        <ActionIcon variant="subtle" color="gray" size={36} ml="auto" onClick={quitar} aria-label={t('serie.quitar')}>
          <IconX size={17} />
        </ActionIcon>
      </Group>
      {falta ? <Text size="sm" c="dimmed" mt="xs">{falta}</Text> : <Fechas simulacion={simulacion} zona={zona} nombreDe={nombreDe} />}
    </fieldset>
  );
}

function Fechas({ simulacion, zona, nombreDe }: Pick<Props, 'simulacion' | 'zona' | 'nombreDe'>) {
  const { t } = useTranslation('agenda');
  if (simulacion.isError) return <Text mt="xs" size="sm" c="var(--mantine-color-error)" role="alert">{textoDeFalla(simulacion.error)}</Text>;
  const datos = simulacion.data;
  if (!datos) return <Loader size="sm" mt="xs" />;
  const malas = datos.ocurrencias.length - datos.libres;
  return (
    <>
      {malas > 0 && (
        <Alert mt="xs" p="xs" color="orange" variant="light" icon={<IconAlertTriangle size={18} />} role="status">
          {t('serie.con_conflictos', { count: malas, total: datos.ocurrencias.length })}
        </Alert>
      )}
      <ol className="fechas" tabIndex={0} aria-label={t('serie.fechas')} data-vieja={simulacion.isPlaceholderData || undefined}>
        {datos.ocurrencias.map((una) => (
          <li key={una.numero} data-libre={una.libre || undefined}>
            {una.libre ? <IconCheck size={15} aria-label={t('serie.libre')} /> : <IconX size={15} aria-label={t('serie.no_libre')} />}
            <b className="num">{fechaHora(una.inicio, zona)}</b>
            {!una.libre && <span>{decirEstorbos(t, una, nombreDe, zona).join(' ')}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}
