/** What owners asked for by themselves: bookings to approve, and other times for appointments they have. */
import { Button, Group } from '@mantine/core';
import { IconCheck, IconClockEdit, IconInbox, IconWorld } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { usePuede, type YoSede } from '@/app/sesion';
import { aplazar } from '@/comun/aplazar';
import { fechaHora, hora } from '@/comun/tiempo';
import { useAutoreservas, useCambios, useOcultos, type Autoreserva, type Cambio } from './datos';

const releer = () => renovar('/api/v1/autoreservas', '/api/v1/citas/solicitudes', '/api/v1/citas', '/api/v1/retenciones', '/api/v1/disponibilidad');
type AlVer = (cita: string, inicio: string, seccion: string) => void;

export function Pedidos({ sede, alVerCita }: { sede: YoSede; alVerCita: AlVer }) {
  const { t } = useTranslation('agenda');
  const autoreservas = useAutoreservas(sede.id, true);
  const cambios = useCambios(sede.id, true);
  const { ocultos, ocultar } = useOcultos();
  if (!autoreservas.data || !cambios.data) {
    const falla = autoreservas.error ?? cambios.error;
    return <div className="lado-filas">{falla ? <Fallo falla={falla} reintentar={() => void releer()} /> : <Cargando filas={3} alto={96} />}</div>;
  }
  const nuevas = autoreservas.data.items.filter((una) => !ocultos.has(una.cita_id));
  const otras = cambios.data.items.filter((una) => !ocultos.has(una.id));
  return (
    <div className="lado-filas">
      {nuevas.length + otras.length === 0 && (
        <p className="lado-nada">
          <IconInbox size={26} stroke={1.5} aria-hidden />
          {t('pedido.ninguno')}
        </p>
      )}
      {nuevas.map((una) => (
        <Reserva key={una.cita_id} una={una} zona={sede.zona_horaria} ocultar={ocultar(una.cita_id)} />
      ))}
      {otras.map((una) => (
        <OtraHora key={una.id} una={una} zona={sede.zona_horaria} alVerCita={alVerCita} />
      ))}
    </div>
  );
}

function Reserva({ una, zona, ocultar }: { una: Autoreserva; zona: string; ocultar: (oculta: boolean) => void }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede()('cita.reservar');
  const [va, setVa] = useState(false);
  const mascota = una.mascota ?? t('pedido.mascota');
  async function aprobar() {
    setVa(true);
    try {
      await cuerpo(api.POST('/api/v1/autoreservas/{id}/aprobar', { params: { path: { id: una.cita_id }, header: { 'Idempotency-Key': llave() } } }));
      avisar({ tono: 'bien', titulo: t('pedido.aprobada', { mascota }) });
    } catch (falla) {
      avisarFalla(falla);
    } finally {
      setVa(false);
      void releer();
    }
  }
  // The owner is told at once, and the time is free for all: it waits for the eight seconds.
  const rechazar = () =>
    aplazar({
      clave: una.cita_id,
      titulo: t('pedido.rechazada', { mascota }),
      ocultar,
      enviar: () => api.POST('/api/v1/autoreservas/{id}/rechazar', { params: { path: { id: una.cita_id } } }).finally(() => void releer()),
    });
  return (
    <article className="espera">
      <header>
        <IconWorld size={16} aria-hidden />
        <b className="espera-quien">{mascota}</b>
        {una.faltas > 0 && <span className="marca-prioridad">{t('cajon.faltas', { count: una.faltas })}</span>}
        {una.tutor_nuevo && <span className="marca-prioridad">{t('pedido.nuevo')}</span>}
      </header>
      <p>
        {[una.servicio, una.tutor].filter(Boolean).join(' · ')}
        <br />
        {una.inicio && <b className="num">{fechaHora(una.inicio, zona)}</b>}
        {una.motivo && <em>{una.motivo}</em>}
        {una.retenida_hasta && <small>{t('pedido.retenida', { cuando: fechaHora(una.retenida_hasta, zona) })}</small>}
      </p>
      {puede && (
        <Group gap="xs">
          <Button size="compact-sm" loading={va} leftSection={<IconCheck size={14} />} onClick={() => void aprobar()}>
            {t('pedido.aprobar')}
          </Button>
          <Button size="compact-sm" variant="default" disabled={va} onClick={rechazar}>
            {t('pedido.rechazar')}
          </Button>
          <Enlace a={`/tutores/${una.tutor_id}`} className="espera-enlace">
            {t('pedido.ver_tutor')}
          </Enlace>
        </Group>
      )}
    </article>
  );
}

function OtraHora({ una, zona, alVerCita }: { una: Cambio; zona: string; alVerCita: AlVer }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede()('cita.mover');
  const [va, setVa] = useState(false);
  async function atender() {
    setVa(true);
    try {
      await cuerpo(api.POST('/api/v1/citas/solicitudes/{id}/atender', { params: { path: { id: una.id } } }));
    } catch (falla) {
      avisarFalla(falla);
    } finally {
      setVa(false);
      void releer();
    }
  }
  return (
    <article className="espera">
      <header>
        <IconClockEdit size={16} aria-hidden />
        <b className="espera-quien">{una.mascota}</b>
        <time className="num" title={t('pedido.llego')}>
          {hora(una.creada_en, zona)}
        </time>
      </header>
      <p>
        {t('pedido.otra_hora', { cuando: fechaHora(una.inicio, zona) })}
        {una.texto && <em>«{una.texto}»</em>}
      </p>
      <Group gap="xs">
        <Button size="compact-sm" variant="light" onClick={() => alVerCita(una.cita_id, una.inicio, 'mover')}>
          {t('pedido.mover')}
        </Button>
        {puede && (
          <Button size="compact-sm" variant="default" loading={va} onClick={() => void atender()}>
            {t('pedido.atendido')}
          </Button>
        )}
      </Group>
    </article>
  );
}
