import { Button, Select, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda } from '@/api/cliente';
import type { Alcance as Cual } from '@/comun/citas/estados';
import { anular } from '@/comun/citas/hacer';
import { Alcance } from './Alcance';

export function Anular({ cita, cerrar }: { cita: CitaEnAgenda; cerrar: () => void }) {
  const { t } = useTranslation('agenda');
  const [motivo, setMotivo] = useState('');
  const [por, setPor] = useState<'tutor' | 'clinica'>('tutor');
  const [alcance, setAlcance] = useState<Cual>('esta');
  return (
    <form
      className="mover"
      onSubmit={(evento) => {
        evento.preventDefault();
        anular(cita, motivo.trim() || t(`anular.por_${por}`), por, alcance);
        cerrar();
      }}
    >
      <Title order={3} size="h6">
        {t('anular.titulo')}
      </Title>
      {cita.serie_id && <Alcance valor={alcance} alCambiar={setAlcance} />}
      <Select
        label={t('anular.quien')}
        data={[
          { value: 'tutor', label: t('anular.por_tutor') },
          { value: 'clinica', label: t('anular.por_clinica') },
        ]}
        value={por}
        onChange={(nuevo) => setPor(nuevo === 'clinica' ? 'clinica' : 'tutor')}
        allowDeselect={false}
      />
      <TextInput label={t('anular.motivo')} placeholder={t('app:opcional')} value={motivo} onChange={(e) => setMotivo(e.currentTarget.value)} maxLength={500} autoFocus />
      <Button type="submit" color="red">
        {t(alcance === 'esta' ? 'cajon.anular' : `anular.boton_${alcance}`)}
      </Button>
    </form>
  );
}
