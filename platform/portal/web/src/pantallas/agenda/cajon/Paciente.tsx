/** What reception has to know of the pet before it comes: its alerts, and how its owner keeps appointments. */
import { Anchor } from '@mantine/core';
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle, IconUser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type CitaEnAgenda, type Esquemas } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import type { Tono } from '@/comun/Pastilla';
import { diaCorto } from '@/comun/tiempo';
import { Faltas } from '../Faltas';

type Alerta = Esquemas['AlertasDeMascota']['alertas'][number];
const VISTA: Record<Alerta['gravedad'], { tono: Tono; icono: typeof IconInfoCircle; orden: number }> = {
  critica: { tono: 'grave', icono: IconAlertOctagon, orden: 0 },
  advertencia: { tono: 'aviso', icono: IconAlertTriangle, orden: 1 },
  info: { tono: 'nota', icono: IconInfoCircle, orden: 2 },
};
const CUANTAS = 3;

export function Paciente({ cita }: { cita: CitaEnAgenda }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const ficha = $api.useQuery('get', '/api/v1/pacientes/{id}', { params: { path: { id: cita.mascota_id } } }, { enabled: puede('paciente.ver', 'alguna'), retry: false });
  const alertas = $api.useQuery('get', '/api/v1/pacientes/{id}/alertas', { params: { path: { id: cita.mascota_id }, query: {} } }, { enabled: puede('alerta.ver', 'alguna'), retry: false });
  const tutor = ficha.data?.tutores[0]?.tutor;
  const abiertas = (alertas.data?.alertas ?? []).filter((una) => !una.cerrada_en).sort((a, b) => VISTA[a.gravedad].orden - VISTA[b.gravedad].orden);
  return (
    <>
      {(tutor || cita.tutor) && (
        <div className="cajon-tutor">
          <IconUser size={17} aria-hidden />
          <span>
            <span className="oculto">{t('cajon.tutor')}: </span>
            {tutor ? (
              <Anchor component={Enlace} a={`/tutores/${tutor.id}`} size="sm">
                {tutor.nombre}
              </Anchor>
            ) : (
              cita.tutor
            )}
            {tutor?.telefono && <small className="num"> · {t('cajon.telefono', { fin: tutor.telefono })}</small>}
          </span>
        </div>
      )}
      {tutor && <Faltas tutor={tutor.id} conducta={ficha.data?.conducta} />}
      {abiertas.length > 0 && (
        <ul className="cajon-alertas" aria-label={t('cajon.alertas')}>
          {abiertas.slice(0, CUANTAS).map((una) => {
            const { tono, icono: Icono } = VISTA[una.gravedad];
            return (
              <li key={una.id} className={`tono-${tono}`}>
                <Icono size={16} aria-hidden />
                <span>
                  <span className="oculto">{t(`cajon.gravedad.${una.gravedad}`)}: </span>
                  {una.titulo}
                  {una.vence && <small> · {t('cajon.vence', { dia: diaCorto(una.vence) })}</small>}
                </span>
              </li>
            );
          })}
          {abiertas.length > CUANTAS && (
            <li>
              <Anchor component={Enlace} a={`/pacientes/${cita.mascota_id}`} size="sm">
                {t('cajon.mas_alertas', { count: abiertas.length - CUANTAS })}
              </Anchor>
            </li>
          )}
        </ul>
      )}
      {(alertas.data?.reglas_que_no_corrieron.length ?? 0) > 0 && <p className="cajon-nota">{t('cajon.reglas_mudas')}</p>}
    </>
  );
}
