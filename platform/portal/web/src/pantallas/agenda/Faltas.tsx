/** How an owner kept appointments, for who books the next: only if there is something to know. */
import { Anchor } from '@mantine/core';
import { IconUserExclamation } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import { Pastilla } from '@/comun/Pastilla';

export function Faltas({ tutor, conducta }: { tutor: string; conducta: Esquemas['Conducta'] | null | undefined }) {
  const { t } = useTranslation('agenda');
  const faltas = conducta ? conducta.inasistencias + conducta.anulaciones_tardias : 0;
  if (!conducta || faltas === 0) return null;
  return (
    <Anchor component={Enlace} a={`/tutores/${tutor}`} className="cajon-faltas">
      <Pastilla tono={conducta.exige_pago_previo ? 'grave' : 'aviso'} icono={IconUserExclamation}>
        {t('cajon.faltas', { count: faltas })}
        {conducta.exige_pago_previo && ` · ${t('cajon.pago_previo')}`}
      </Pastilla>
    </Anchor>
  );
}

/** The same of whoever brings this pet. */
export function FaltasDe({ mascota }: { mascota: string }) {
  const puede = usePuede();
  const ficha = $api.useQuery('get', '/api/v1/pacientes/{id}', { params: { path: { id: mascota } } }, { enabled: puede('paciente.ver', 'alguna'), retry: false });
  const tutor = ficha.data?.tutores[0]?.tutor;
  return tutor ? <Faltas tutor={tutor.id} conducta={ficha.data?.conducta} /> : null;
}
