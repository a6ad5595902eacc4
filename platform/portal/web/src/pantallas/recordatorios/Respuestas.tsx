/** What owners answered. Most of it the server did by itself (confirm, cancel, opt out); the rest waits for a person. */
import { Anchor, Button, Group, Select } from '@mantine/core';
import { IconCheck, IconInbox, IconMail, IconMessageQuestion } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Falla, useEnvio } from '@/comun/formulario';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { usePersonas } from '@/comun/Quien';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { ICONO_MEDIO } from './iconos';
import { Partes } from './Partes';
import { Tutor } from './UnMensaje';

type Respuesta = Esquemas['Page_RespuestaDeMensaje']['items'][number];
export default function Respuestas() {
  const { t } = useTranslation('recordatorios');
  const [f, cambiar] = useFiltros({ ver: 'abiertas' });
  const consulta = usePaginas('/api/v1/mensajes/respuestas', f, (cursor) => cuerpo(api.GET('/api/v1/mensajes/respuestas', { params: { query: { limite: 25, ...(f.ver === 'abiertas' ? { abierta: true } : {}), ...cursor } } })));
  return (
    <Partes detalle={t('respuestas.detalle')} acciones={<Exportar de="/api/v1/mensajes/respuestas" con={{ abierta: f.ver === 'abiertas' || null }} />} filtros={<Select size="sm" aria-label={t('respuestas.ver')} allowDeselect={false} data={['abiertas', 'todas'].map((valor) => ({ value: valor, label: t(`respuestas.${valor}`) }))} value={f.ver} onChange={(valor) => cambiar({ ver: valor ?? 'abiertas' })} />}>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={5} alto={80} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconInbox} titulo={t(f.ver === 'abiertas' ? 'respuestas.nada' : 'respuestas.nunca')} detalle={t('respuestas.nada_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((una) => (
            <Una key={una.id} respuesta={una} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
    </Partes>
  );
}

function Una({ respuesta }: { respuesta: Respuesta }) {
  const { t } = useTranslation('recordatorios');
  const puede = usePuede();
  const persona = usePersonas();
  const { va, falla, enviar } = useEnvio();
  const Icono = respuesta.canal ? ICONO_MEDIO[respuesta.canal] : IconMail;
  const espera = ['por_hacer', 'por_leer', 'no_se_puede'].includes(respuesta.hecho) && !respuesta.atendida_en;
  const atender = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/mensajes/respuestas/{id}/atender', { params: { path: { id: respuesta.id } } }));
      avisar({ tono: 'bien', titulo: t('respuestas.hecha') });
      await renovar('/api/v1/mensajes/respuestas', '/api/v1/sedes/{id}/hoy');
    });
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <Icono size={17} aria-hidden />
          {respuesta.tutor_id ? <Tutor id={respuesta.tutor_id} /> : <b className="num">{respuesta.de ?? t('mensajes.tutor_desconocido')}</b>}
          <Pastilla tono={espera ? 'aviso' : 'bien'} icono={espera ? IconMessageQuestion : IconCheck}>
            {t(respuesta.atendida_en ? 'respuestas.atendida' : `respuestas.hecho.${respuesta.hecho}`)}
          </Pastilla>
        </div>
        {respuesta.texto && <p className="dicho">{respuesta.texto}</p>}
        <Group gap={10} className="tenue chico num">
          <span>{fechaHora(respuesta.en, ZONA)}</span>
          {respuesta.cita_id && (
            <Anchor component={Enlace} a="/agenda" con={{ cita: respuesta.cita_id }} fz="inherit" underline="always">
              {t('respuestas.ver_cita')}
            </Anchor>
          )}
          {respuesta.atendida_en && <span>{t('mensajes.atendio', { quien: persona(respuesta.atendida_por) ?? t('mensajes.alguien'), cuando: fechaHora(respuesta.atendida_en, ZONA) })}</span>}
        </Group>
        {falla && <Falla>{falla}</Falla>}
      </div>
      {espera && puede('mensaje.reenviar', 'alguna') && (
        <Button size="compact-sm" loading={va} leftSection={<IconCheck size={15} aria-hidden />} onClick={atender}>
          {t('respuestas.atender')}
        </Button>
      )}
    </li>
  );
}
