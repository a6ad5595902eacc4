import { ActionIcon, Alert, Anchor, Group, Tooltip } from '@mantine/core';
import { IconCash, IconMail, IconPhone, IconUserMinus, IconUserPlus, IconUserShare } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import { aplazar, useAplazadas } from '@/comun/aplazar';
import { Nada, Seccion } from '@/comun/Seccion';
import { ZONA } from '@/comun/tiempo';
import { useAnotar } from '../anotar/abrir';
import { renovarMascota, renovarTutor, soloDia, useTutor, type Mascota } from '../datos';
import { telefono } from '../texto';

export function Tutores({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const abrir = useAnotar();
  const idos = useAplazadas();
  const edita = puede('paciente.editar', 'alguna');
  const tutores = mascota.tutores.filter((uno) => !idos.has(uno.id));
  const dueno = tutores.find((uno) => uno.relacion === 'propietario');
  /** Nothing reopens a link that ended, so it ends when the time for thinking again is over. */
  const quitar = (vinculo: Mascota['tutores'][number]) =>
    aplazar({
      clave: vinculo.id,
      titulo: t('tutores.quitado', { tutor: vinculo.tutor.nombre, nombre: mascota.nombre }),
      enviar: () => api.DELETE('/api/v1/pacientes/{id}/tutores/{vinculo}', { params: { path: { id: mascota.id, vinculo: vinculo.id } }, keepalive: true }).finally(() => Promise.all([renovarMascota(), renovarTutor()])),
    });
  return (
    <Seccion
      titulo={t('tutores.titulo')}
      cuenta={tutores.length > 1 ? tutores.length : undefined}
      acciones={
        edita && (
          <Group gap={2} wrap="nowrap">
            <Tooltip label={t('tutores.agregar')}>
              <ActionIcon variant="subtle" color="gray" aria-label={t('tutores.agregar')} onClick={() => abrir('agregar_tutor')}>
                <IconUserPlus size={17} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t('transferir.titulo')}>
              <ActionIcon variant="subtle" color="gray" aria-label={t('transferir.titulo')} onClick={() => abrir('transferencia')}>
                <IconUserShare size={17} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </Group>
        )
      }
    >
      {tutores.length === 0 && <Nada>{t('tutores.ninguno')}</Nada>}
      <ul className="lineas">
        {tutores.map((vinculo) => (
          <li key={vinculo.id}>
            <Anchor component={Enlace} a={`/tutores/${vinculo.tutor.id}`} fw={600} fz="inherit" c="inherit" underline="always">
              {vinculo.tutor.nombre}
            </Anchor>
            <div className="vinculo">
              <span className="tenue">{t(`relacion.${vinculo.relacion}`)}</span>
              {edita && vinculo.relacion !== 'propietario' && (
                <Tooltip label={t('tutores.quitar')}>
                  <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('tutores.quitar_este', { tutor: vinculo.tutor.nombre })} onClick={() => quitar(vinculo)}>
                    <IconUserMinus size={16} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              )}
            </div>
            {vinculo === dueno ? <Contacto id={vinculo.tutor.id} /> : vinculo.tutor.telefono && <div className="num">{telefono(vinculo.tutor.telefono)}</div>}
          </li>
        ))}
      </ul>
      <Conducta mascota={mascota} />
    </Seccion>
  );
}

function Contacto({ id }: { id: string }) {
  const { t } = useTranslation('pacientes');
  const { data, isError, refetch } = useTutor(id);
  if (isError && !data)
    return (
      <div className="contacto" role="alert">
        {t('tutores.sin_leer')}{' '}
        <Anchor component="button" type="button" size="sm" onClick={() => void refetch()}>
          {t('app:reintentar')}
        </Anchor>
      </div>
    );
  if (!data) return null;
  return (
    <div className="contacto">
      {data.telefono && (
        <a href={`tel:${data.telefono}`} className="num">
          <IconPhone size={15} aria-hidden /> {telefono(data.telefono)}
        </a>
      )}
      {data.correo && (
        <a href={`mailto:${data.correo}`}>
          <IconMail size={15} aria-hidden /> {data.correo}
        </a>
      )}
      {!data.telefono && !data.correo && <span className="tenue">{t('tutores.sin_contacto')}</span>}
    </div>
  );
}

/** How the owner kept the appointments: only what has to be known at the counter. */
export function Conducta({ mascota: { conducta } }: { mascota: Pick<Mascota, 'conducta'> }) {
  const { t } = useTranslation('pacientes');
  if (!conducta || (conducta.inasistencias === 0 && conducta.anulaciones_tardias === 0 && !conducta.exige_pago_previo)) return null;
  const dicho = [conducta.inasistencias > 0 && t('conducta.faltas', { count: conducta.inasistencias }), conducta.anulaciones_tardias > 0 && t('conducta.tardias', { count: conducta.anulaciones_tardias })].filter(Boolean).join(' · ');
  if (!conducta.exige_pago_previo)
    return (
      <p className="conducta tenue">
        {dicho}
        {conducta.ultima && ` · ${t('conducta.ultima', { dia: soloDia(conducta.ultima, ZONA) })}`}
      </p>
    );
  return (
    <Alert color="orange" variant="light" icon={<IconCash size={18} />} mt="xs" p="xs" title={t('conducta.pago_previo')}>
      {dicho}
    </Alert>
  );
}
