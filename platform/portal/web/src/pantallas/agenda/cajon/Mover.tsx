/** Moving without a mouse: another day, hour, vet or sede. */
import { Button, Group, Select, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda } from '@/api/cliente';
import { usePuede, useSesion } from '@/app/sesion';
import type { Alcance as Cual, Movimiento } from '@/comun/citas/estados';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { CampoHora } from '@/comun/fecha/CampoHora';
import { deZona, enZona, hoyEn } from '@/comun/tiempo';
import { medicosDe, useRoles, type Medico } from '../datos';
import { Alcance } from './Alcance';

export function Mover({ cita, zona, medicos, enfocar, alMover }: { cita: CitaEnAgenda; zona: string; medicos: Medico[]; enfocar: boolean; alMover: (cita: CitaEnAgenda, a: Movimiento) => void }) {
  const { t } = useTranslation('agenda');
  const { yo } = useSesion();
  const puede = usePuede();
  const aqui = enZona(cita.inicio, zona);
  const [fecha, setFecha] = useState(aqui.slice(0, 10));
  const [a, setA] = useState(aqui.slice(11));
  const [medico, setMedico] = useState(cita.medico_id);
  const [sede, setSede] = useState(cita.sede_id);
  const [alcance, setAlcance] = useState<Cual>('esta');
  const sedes = yo.sedes.filter((una) => una.activa && puede('cita.mover', una.id));
  const otra = sede !== cita.sede_id;
  const [rol] = useRoles(otra ? [sede] : [], fecha);
  const alli = otra ? medicosDe(rol?.data?.dias ?? []) : medicos;
  const opciones = alli.some((m) => m.id === medico) ? alli : [...alli, { id: cita.medico_id, titulo: cita.medico }];
  const igual = fecha === aqui.slice(0, 10) && a === aqui.slice(11) && medico === cita.medico_id && !otra;
  return (
    <form
      className="mover"
      onSubmit={(evento) => {
        evento.preventDefault();
        if (fecha && a) alMover(cita, { medico_id: medico, inicio: deZona(`${fecha}T${a}`, zona), ...(otra ? { sede_id: sede } : {}), ...(alcance === 'esta' ? {} : { alcance }) });
      }}
    >
      <Title order={3} size="h6">
        {t('mover.titulo')}
      </Title>
      {cita.serie_id && <Alcance valor={alcance} alCambiar={setAlcance} />}
      <Group grow gap="xs" align="flex-start">
        <CampoFecha label={t('mover.fecha')} valor={fecha} alCambiar={setFecha} hoy={hoyEn(zona)} />
        <CampoHora label={t('mover.hora')} valor={a} alCambiar={setA} data-autofocus={enfocar || undefined} />
      </Group>
      {sedes.length > 1 && <Select label={t('mover.sede')} data={sedes.map((una) => ({ value: una.id, label: una.nombre }))} value={sede} onChange={(nueva) => nueva && setSede(nueva)} allowDeselect={false} />}
      <Select label={t('mover.medico')} data={opciones.map((m) => ({ value: m.id, label: m.titulo }))} value={medico} onChange={(nuevo) => nuevo && setMedico(nuevo)} allowDeselect={false} />
      <Button type="submit" variant="light" disabled={igual}>
        {t('mover.boton')}
      </Button>
    </form>
  );
}
