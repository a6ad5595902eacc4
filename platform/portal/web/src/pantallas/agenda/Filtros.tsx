/** Day, view, and whom one looks for. On a phone the rest is behind one button. */
import { ActionIcon, Button, Group, SegmentedControl, Select } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda, Estado } from '@/api/cliente';
import { ESTADOS, LETRA } from '@/comun/citas/estados';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { nombreCorto, type Medico } from './datos';

type Valores = { vista: string; por: string; estado: string };
type Props = {
  f: Valores;
  fecha: string;
  hoy: string;
  medico: string;
  medicos: Medico[];
  /** For the legend. */
  citas: CitaEnAgenda[];
  conSedes: boolean;
  cambiar: (cambios: Partial<Valores> & { fecha?: string; medico?: string }) => void;
  ir: (pasos: number) => void;
};

export function Filtros({ f, fecha, hoy, medico, medicos, citas, conSedes, cambiar, ir }: Props) {
  const { t } = useTranslation('agenda');
  const [abierto, setAbierto] = useState(false);
  const semana = f.vista === 'semana';
  const puestos = Number(!!f.estado) + Number(!!medico && !semana) + Number(f.por === 'ambiente');
  const vistas = ['dia', 'semana', 'lista', ...(conSedes ? ['sedes'] : [])];
  return (
    <>
      <Group gap={4} wrap="nowrap">
        <ActionIcon variant="default" size={34} aria-label={t(semana ? 'semana_antes' : 'dia_antes')} onClick={() => ir(-1)}>
          <IconChevronLeft size={18} />
        </ActionIcon>
        <Button variant="default" size="xs" h={34} onClick={() => cambiar({ fecha: '' })} disabled={fecha === hoy}>
          {t('app:hoy')}
        </Button>
        <ActionIcon variant="default" size={34} aria-label={t(semana ? 'semana_despues' : 'dia_despues')} onClick={() => ir(1)}>
          <IconChevronRight size={18} />
        </ActionIcon>
      </Group>
      <CampoFecha size="xs" aria-label={t('fecha')} valor={fecha} alCambiar={(dia) => cambiar({ fecha: dia })} hoy={hoy} className="agenda-fecha" />
      <Button variant="default" size="xs" h={34} className="solo-movil" aria-expanded={abierto} leftSection={<IconAdjustmentsHorizontal size={16} />} onClick={() => setAbierto(!abierto)}>
        {t('filtros')}
        {puestos > 0 && ` · ${puestos}`}
      </Button>
      <div className="agenda-mas" data-abierto={abierto || undefined}>
        <SegmentedControl size="xs" aria-label={t('vista')} value={f.vista} onChange={(vista) => cambiar({ vista })} data={vistas.map((una) => ({ value: una, label: t(`ver.${una}`) }))} />
        {f.vista === 'dia' && (
          <SegmentedControl
            size="xs"
            aria-label={t('columnas')}
            value={f.por}
            onChange={(por) => cambiar({ por })}
            data={[
              { value: 'medico', label: t('por_medico') },
              { value: 'ambiente', label: t('por_ambiente') },
            ]}
          />
        )}
        <Select size="xs" w={170} aria-label={t('medico')} placeholder={t('todos_medicos')} clearable={!semana} data={medicos.map((m) => ({ value: m.id, label: nombreCorto(m.titulo) }))} value={medico || null} onChange={(nuevo) => cambiar({ medico: nuevo ?? '' })} clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
        <Select size="xs" w={160} aria-label={t('estado')} placeholder={t('todos_estados')} clearable data={ESTADOS.map((e) => ({ value: e, label: t(`app:estado.${e}`) }))} value={f.estado || null} onChange={(nuevo) => cambiar({ estado: nuevo ?? '' })} clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
      </div>
      <Leyenda citas={citas} />
    </>
  );
}

/** What the letters and colours mean, with how many of each there are. */
function Leyenda({ citas }: { citas: CitaEnAgenda[] }) {
  const { t } = useTranslation();
  const cuantas = (estado: Estado) => citas.filter((c) => c.estado === estado).length;
  return (
    <ul className="leyenda">
      {ESTADOS.filter((e) => cuantas(e) > 0).map((estado) => (
        <li key={estado}>
          <i className={`st-${estado}`} aria-hidden>
            {LETRA[estado]}
          </i>
          {t(`estado.${estado}`)} <b className="num">{cuantas(estado)}</b>
        </li>
      ))}
    </ul>
  );
}
