/** Beside the agenda and not over it: who waits can be dragged into a free time. */
import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { YoSede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import type { Medico } from '../datos';
import { Esperas } from './Esperas';
import { Pedidos } from './Pedidos';
import type { Espera, HuecoLibre } from './datos';

type Props = {
  cual: string;
  alElegir: (cual: string) => void;
  cuantos: { esperas: number; pedidos: number };
  sede: YoSede;
  medicos: Medico[];
  alAnotar: () => void;
  alDar: (espera: Espera, hueco: HuecoLibre) => void;
  alVerCita: (cita: string, inicio: string, seccion: string) => void;
};

export default function Lado({ cual, alElegir, cuantos, sede, medicos, alAnotar, alDar, alVerCita }: Props) {
  const { t } = useTranslation('agenda');
  return (
    <aside className="lado" aria-label={t('lado.titulo')}>
      <header>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('lado.titulo')}
          value={cual}
          onChange={alElegir}
          data={[
            { value: 'esperas', label: t('lado.esperas', { count: cuantos.esperas }) },
            { value: 'pedidos', label: t('lado.pedidos', { count: cuantos.pedidos }) },
          ]}
        />
        <Exportar chico icono de={cual === 'pedidos' ? '/api/v1/autoreservas' : '/api/v1/esperas'} con={{ sede_id: sede.id }} />
        <ActionIcon variant="subtle" color="gray" aria-label={t('app:cerrar')} onClick={() => alElegir('')}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      {cual === 'pedidos' ? <Pedidos sede={sede} alVerCita={alVerCita} /> : <Esperas sede={sede} medicos={medicos} alAnotar={alAnotar} alDar={alDar} />}
    </aside>
  );
}
