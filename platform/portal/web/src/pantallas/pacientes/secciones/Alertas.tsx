import { Alert, Button, Group, UnstyledButton } from '@mantine/core';
import { IconAlertOctagon, IconAlertTriangle, IconCalendarPlus, IconChevronDown, IconInfoCircle, IconPlugConnectedX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { usePuede, useSesion } from '@/app/sesion';
import { Falla, useEnvio } from '@/comun/formulario';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, hoyEn, ZONA } from '@/comun/tiempo';
import { Descartar } from '../anotar/DescartarAlerta';
import { renovarMascota, useAlertas, type Alerta, type Mascota } from '../datos';
import { conDias } from '../texto';

const ICONOS = { critica: IconAlertOctagon, advertencia: IconAlertTriangle, info: IconInfoCircle };
const ORDEN = { critica: 0, advertencia: 1, info: 2 };
const TONOS = { critica: 'grave', advertencia: 'aviso', info: 'nota' };

export function Alertas({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const consulta = useAlertas(mascota.id);
  const [otras, setOtras] = useState(false);
  if (consulta.isError) return <Seccion titulo={t('alertas.titulo')}><Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} /></Seccion>;
  if (!consulta.data) return <Seccion titulo={t('alertas.titulo')}><Cargando filas={2} alto={52} /></Seccion>;
  const { alertas, reglas_que_no_corrieron: mudas } = consulta.data;
  const abiertas = alertas.filter((una) => !una.cerrada_en).sort((a, b) => ORDEN[a.gravedad] - ORDEN[b.gravedad] || (a.vence ?? '9').localeCompare(b.vence ?? '9'));
  const descartadas = alertas.filter((una) => una.cerrada_motivo === 'descartada' && una.descarte?.vigente);
  return (
    <Seccion titulo={t('alertas.titulo')} cuenta={abiertas.length}>
      {mudas.length > 0 && (
        <Alert color="orange" variant="light" icon={<IconPlugConnectedX size={18} />} mb="xs" p="xs">
          {t('alertas.no_corrieron', { reglas: [...new Set(mudas.map((una) => una.nombre))].join(', ') })}
        </Alert>
      )}
      {abiertas.length === 0 && <Nada>{t(mudas.length > 0 ? 'alertas.ninguna_de_las_otras' : 'alertas.ninguna')}</Nada>}
      <ul className="alertas">
        {abiertas.map((una) => (
          <UnaAlerta key={una.id} alerta={una} mascota={mascota} />
        ))}
      </ul>
      {descartadas.length > 0 && (
        <>
          <UnstyledButton className="pliegue" aria-expanded={otras} onClick={() => setOtras(!otras)}>
            <IconChevronDown size={15} aria-hidden className="pliegue-flecha" />
            {t('alertas.descartadas', { count: descartadas.length })}
          </UnstyledButton>
          {otras && (
            <ul className="lineas">
              {descartadas.map((una) => (
                <Descartada key={una.id} alerta={una} mascota={mascota} />
              ))}
            </ul>
          )}
        </>
      )}
    </Seccion>
  );
}

function UnaAlerta({ alerta, mascota }: { alerta: Alerta; mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const [porque, setPorque] = useState(false);
  const Icono = ICONOS[alerta.gravedad];
  const hoy = hoyEn(ZONA);
  const vencida = alerta.vence && alerta.vence < hoy;
  return (
    <li className={`alerta tono-${TONOS[alerta.gravedad]}`}>
      <Icono size={18} aria-hidden className="alerta-icono" />
      <div className="alerta-texto">
        <b>{conDias(alerta.titulo)}</b>
        <span className="chico">
          {t(`alertas.gravedad.${alerta.gravedad}`)}
          {alerta.vence && !alerta.titulo.includes(alerta.vence) && ` · ${t(vencida ? 'alertas.vencio' : 'alertas.vence', { dia: diaCorto(alerta.vence) })}`}
          {alerta.sugiere_bloquear && ` · ${t('alertas.no_seguir')}`}
        </span>
        {porque && (
          <div className="alerta-porque">
            <p>{conDias(alerta.detalle)}</p>
            {alerta.evidencia.length > 0 && (
              <ul>
                {alerta.evidencia.map((hecho, i) => (
                  <li key={i}>{hecho.texto}</li>
                ))}
              </ul>
            )}
            <p className="chico">{t('alertas.regla', { complemento: alerta.complemento, version: alerta.version })}</p>
          </div>
        )}
        <Group gap={4} mt={4}>
          <UnstyledButton className="alerta-boton" aria-expanded={porque} onClick={() => setPorque(!porque)}>
            {t(porque ? 'alertas.menos' : 'alertas.porque')}
          </UnstyledButton>
          {puede('cita.reservar', 'alguna') && !mascota.fallecida_en && (
            <Enlace a="/agenda" con={{ nueva: '1', mascota: mascota.id, nombre: mascota.nombre }} className="alerta-boton">
              <IconCalendarPlus size={14} aria-hidden /> {t('reservar')}
            </Enlace>
          )}
        </Group>
      </div>
      {puede('alerta.descartar', 'alguna') && <Descartar alerta={alerta} />}
    </li>
  );
}

function Descartada({ alerta, mascota }: { alerta: Alerta; mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const { yo } = useSesion();
  const { va, enviar, falla } = useEnvio();
  const reabrir = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/alertas/{id}/reabrir', { params: { path: { id: alerta.id } } }));
      await renovarMascota();
    });
  return (
    <li>
      <b>{conDias(alerta.titulo)}</b>
      <div className="tenue">«{alerta.descarte?.motivo}»{alerta.descarte?.por === yo.id && ` · ${t('alertas.por_usted')}`}{alerta.descarte?.hasta && ` · ${t('alertas.vuelve', { dia: diaCorto(alerta.descarte.hasta) })}`}</div>
      {falla && <Falla>{falla}</Falla>}
      {puede('alerta.descartar', 'alguna') && !mascota.fallecida_en && (
        <Button size="compact-xs" variant="subtle" loading={va} onClick={reabrir}>
          {t('alertas.reabrir')}
        </Button>
      )}
    </li>
  );
}
