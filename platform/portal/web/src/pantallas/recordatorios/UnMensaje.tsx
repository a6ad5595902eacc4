import { Anchor, Button, Menu } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconChevronDown, IconClock, IconHelpCircle, IconMinus, IconPencil, IconSend, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import { Falla, useEnvio } from '@/comun/formulario';
import { Pastilla, type Tono } from '@/comun/Pastilla';
import { useNombreSede, usePersonas } from '@/comun/Quien';
import { fechaHora, ZONA } from '@/comun/tiempo';
import type { Mensaje } from './Mensajes';
import { MEDIOS, type Medio } from '@/comun/OrdenDeMedios';
import { porque } from './porque';

const TONO: Record<Mensaje['estado'], [Tono, Icon]> = { fallido: ['grave', IconAlertCircle], incierto: ['aviso', IconHelpCircle], omitido: ['gris', IconMinus], pendiente: ['nota', IconClock], enviado: ['bien', IconCheck] };
const renovarMensajes = () => renovar('/api/v1/mensajes', '/api/v1/sedes/{id}/hoy');

/** The owner's name is not in the list of messages; it is read beside it. */
export function Tutor({ id }: { id: string | null | undefined }) {
  const { t } = useTranslation('recordatorios');
  const { data, isError } = $api.useQuery('get', '/api/v1/tutores/{id}', { params: { path: { id: id ?? '' } } }, { enabled: !!id, staleTime: 5 * 60_000 });
  if (!id || isError) return <b>{t('mensajes.tutor_desconocido')}</b>;
  return (
    <Anchor component={Enlace} a={`/tutores/${id}`} fw={600} fz="inherit" c="inherit" underline="always">
      {data ? `${data.nombres} ${data.apellidos}`.trim() || t('mensajes.tutor_desconocido') : t('app:cargando')}
    </Anchor>
  );
}

export function UnMensaje({ mensaje, alCorregir }: { mensaje: Mensaje; alCorregir: () => void }) {
  const { t } = useTranslation('recordatorios');
  const persona = usePersonas();
  const sede = useNombreSede();
  const [tono, icono] = TONO[mensaje.estado];
  const causa = porque(mensaje.error);
  const destino = [...mensaje.envios].reverse().find((uno) => uno.destino)?.destino;
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <Tutor id={mensaje.tutor_id} />
          <Pastilla tono={tono} icono={icono}>
            {t(`mensajes.estado_de.${mensaje.estado}`)}
          </Pastilla>
          {mensaje.atendido_en && (
            <Pastilla tono="bien" icono={IconCheck}>
              {t('mensajes.atendido')}
            </Pastilla>
          )}
        </div>
        <div className="tenue num">{[t(`tipo.${mensaje.tipo}`), fechaHora(mensaje.ultimo_en, ZONA), sede(mensaje.sede_id), destino].filter(Boolean).join(' · ')}</div>
        {mensaje.error && (
          <p className="mensaje-porque">
            {causa.clave ? t(`porque.${causa.clave}`) : t('porque.otro', { error: mensaje.error })}
            {causa.clave && mensaje.estado === 'fallido' && <span className="tenue chico"> ({mensaje.error})</span>}
          </p>
        )}
        {mensaje.envios.length > 1 && <div className="tenue chico">{mensaje.envios.map((uno) => `${t(`app:medio.${uno.canal}`)}: ${t(`mensajes.envio.${uno.entrega ?? uno.estado}`)}`).join(' → ')}</div>}
        {mensaje.atendido_en && <div className="tenue chico">{t('mensajes.atendio', { quien: persona(mensaje.atendido_por) ?? t('mensajes.alguien'), cuando: fechaHora(mensaje.atendido_en, ZONA) })}</div>}
      </div>
      <Botones mensaje={mensaje} contacto={causa.contacto} alCorregir={alCorregir} />
    </li>
  );
}

function Botones({ mensaje, contacto, alCorregir }: { mensaje: Mensaje; contacto: boolean; alCorregir: () => void }) {
  const { t } = useTranslation('recordatorios');
  const puede = usePuede();
  const { va, falla, enviar } = useEnvio();
  const params = { path: { id: mensaje.id } };
  const reenviar = (canal: Medio | null) =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/mensajes/{id}/reenviar', { params, body: { canal } }));
      avisar({ tono: 'bien', titulo: t('mensajes.reenviado'), detalle: t('mensajes.reenviado_detalle') });
      await renovarMensajes();
    });
  const atender = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/mensajes/{id}/atender', { params }));
      avisar({ tono: 'bien', titulo: t('mensajes.ya_atendido') });
      await renovarMensajes();
    });
  if (!puede('mensaje.reenviar', 'alguna')) return null;
  const pende = ['fallido', 'incierto'].includes(mensaje.estado);
  return (
    <div>
      <div className="renglon-botones">
        {contacto && mensaje.tutor_id && puede('paciente.editar', 'alguna') && (
          <Button size="compact-sm" variant="light" leftSection={<IconPencil size={15} aria-hidden />} onClick={alCorregir}>
            {t('mensajes.corregir')}
          </Button>
        )}
        {mensaje.estado !== 'pendiente' && (
          <Menu position="bottom-end" shadow="md" width={230}>
            <Menu.Target>
              <Button size="compact-sm" variant="default" loading={va} leftSection={<IconSend size={15} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>
                {t('mensajes.reenviar')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => reenviar(null)}>{t('mensajes.por_los_de_siempre')}</Menu.Item>
              {MEDIOS.map((medio) => (
                <Menu.Item key={medio} onClick={() => reenviar(medio)}>
                  {t('mensajes.solo_por', { canal: t(`app:medio.${medio}`) })}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {pende && !mensaje.atendido_en && (
          <Button size="compact-sm" variant="default" loading={va} leftSection={<IconCheck size={15} aria-hidden />} onClick={atender}>
            {t('mensajes.atender')}
          </Button>
        )}
      </div>
      {falla && <Falla>{falla}</Falla>}
    </div>
  );
}
