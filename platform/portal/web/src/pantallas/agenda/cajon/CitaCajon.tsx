/** One appointment: what it is, what comes next, and moving it without a mouse. */
import { Anchor, Badge, Button, Divider, Drawer, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight, IconArrowsVertical, IconCalendarTime, IconDoor, IconPaw, IconRepeat, IconStethoscope } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type CitaEnAgenda, type Esquemas, type Estado } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { usePuede, useSesion, type YoSede } from '@/app/sesion';
import { EN_LISTA, movible, SIGUIENTES, siguienteDe, type Movimiento } from '@/comun/citas/estados';
import { cambiarEstado } from '@/comun/citas/hacer';
import { diaEn, diaLargo, enZona, hora, minutosEntre } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import type { Medico } from '../datos';
import { Anular } from './Anular';
import { EstadoInsignia } from './EstadoInsignia';
import { Mover } from './Mover';
import { Paciente } from './Paciente';

type Props = {
  id: string;
  fila: CitaEnAgenda | undefined;
  seccion: string;
  sede: YoSede;
  medicos: Medico[];
  ambientes: Map<string, string>;
  alMover: (cita: CitaEnAgenda, a: Movimiento) => void;
  alAlargar: (cita: CitaEnAgenda) => void;
  cerrar: () => void;
};

export function CitaCajon({ id, fila, seccion, sede, medicos, ambientes, alMover, alAlargar, cerrar }: Props) {
  const { t } = useTranslation('agenda');
  const suelta = $api.useQuery('get', '/api/v1/citas/{id}', { params: { path: { id } } }, { enabled: !fila });
  return (
    <Drawer opened onClose={cerrar} position="right" size={400} title={<b>{fila ? fila.mascota : t('cajon.titulo')}</b>} closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      {fila ? (
        <Contenido key={fila.id} cita={fila} seccion={seccion} sede={sede} medicos={medicos} ambientes={ambientes} alMover={alMover} alAlargar={alAlargar} cerrar={cerrar} />
      ) : suelta.isError ? (
        <Fallo falla={suelta.error} reintentar={() => void suelta.refetch()} />
      ) : suelta.data ? (
        <OtroDia cita={suelta.data} zona={sede.zona_horaria} />
      ) : (
        <Cargando />
      )}
    </Drawer>
  );
}

/** It exists but not on the day, or in the sede, that is shown: one step away. What was called off is on the list only. */
function OtroDia({ cita, zona }: { cita: Esquemas['Cita']; zona: string }) {
  const { t } = useTranslation('agenda');
  const { yo } = useSesion();
  const dia = diaEn(cita.inicio, yo.sedes.find((una) => una.id === cita.sede_id)?.zona_horaria ?? zona);
  return (
    <Stack>
      <Text>{t('cajon.otro_dia', { dia: diaLargo(dia) })}</Text>
      <Button component={Enlace} a="/agenda" con={{ fecha: dia, cita: cita.id, sede: cita.sede_id, vista: EN_LISTA.has(cita.estado) ? 'lista' : undefined }}>
        {t('cajon.ir_al_dia')}
      </Button>
    </Stack>
  );
}

function Contenido({ cita, seccion, sede, medicos, ambientes, alMover, alAlargar, cerrar }: Omit<Props, 'id' | 'fila'> & { cita: CitaEnAgenda }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const { yo } = useSesion();
  const zona = sede.zona_horaria;
  const [anula, setAnula] = useState(seccion === 'anular');
  const propia = cita.medico_id === yo.id || puede('cita.ajenas');
  const atiende = puede('cita.atender') && propia;
  const sigue = siguienteDe(cita.estado);
  const otros = SIGUIENTES[cita.estado].filter((estado) => estado !== sigue && estado !== 'anulada');
  const pasar = (estado: Estado) => void cambiarEstado(cita, estado).then((bien) => bien && cerrar());
  return (
    <Stack gap="md">
      <Group gap="xs">
        <EstadoInsignia estado={cita.estado} />
        {cita.sobrecupo && (
          <Badge color="orange.9" variant="light" leftSection={<IconAlertTriangle size={12} />}>
            {t('cajon.sobrecupo')}
          </Badge>
        )}
        {cita.serie_id && (
          <Badge variant="default" leftSection={<IconRepeat size={12} />}>
            {t('cajon.serie')}
          </Badge>
        )}
      </Group>
      <dl className="ficha">
        <Dato icono={<IconCalendarTime size={17} />} nombre={t('cajon.hora')}>
          {mayuscula(diaLargo(enZona(cita.inicio, zona).slice(0, 10)))}
          <br />
          <b className="num">
            {hora(cita.inicio, zona)} – {hora(cita.fin, zona)}
          </b>{' '}
          · {minutosEntre(cita.inicio, cita.fin)} min
        </Dato>
        <Dato icono={<IconStethoscope size={17} />} nombre={t('cajon.servicio')}>
          {cita.servicio} · {cita.medico}
        </Dato>
        {cita.ambiente_id && (
          <Dato icono={<IconDoor size={17} />} nombre={t('cajon.ambiente')}>
            {ambientes.get(cita.ambiente_id) ?? '…'}
          </Dato>
        )}
        <Dato icono={<IconPaw size={17} />} nombre={t('cajon.paciente')}>
          <Anchor component={Enlace} a={`/pacientes/${cita.mascota_id}`}>
            {cita.mascota}
          </Anchor>{' '}
          · {mayuscula(cita.especie)}
        </Dato>
      </dl>
      <Paciente cita={cita} />
      {cita.motivo && (
        <Text size="sm">
          <b>{t('cajon.motivo')}:</b> {cita.motivo}
        </Text>
      )}
      {cita.anulada_motivo && (
        <Text size="sm">
          <b>{t('cajon.anulada')}:</b> {cita.anulada_motivo}
        </Text>
      )}
      {cita.sobrecupo && cita.sobrecupo_motivo && (
        <Text size="sm">
          <b>{t('cajon.sobrecupo')}:</b> {cita.sobrecupo_motivo}
        </Text>
      )}
      {atiende && (sigue || otros.length > 0) && (
        <Group gap="xs">
          {sigue && (
            <Button data-autofocus={seccion === '' || undefined} rightSection={<IconArrowRight size={16} />} onClick={() => pasar(sigue)}>
              {t(`app:cita.accion.${sigue}`)}
            </Button>
          )}
          {otros.map((estado) => (
            <Button key={estado} variant="default" onClick={() => pasar(estado)}>
              {t(`app:cita.accion.${estado}`)}
            </Button>
          ))}
        </Group>
      )}
      {!propia && puede('cita.atender') && <Text size="sm">{t('cajon.ajena')}</Text>}
      {movible(cita.estado) && puede('cita.mover') && propia && <Mover cita={cita} zona={zona} medicos={medicos} enfocar={seccion === 'mover'} alMover={alMover} />}
      {movible(cita.estado) && puede('cita.mover') && puede('cita.sobrecupo') && propia && (
        <Button variant="default" leftSection={<IconArrowsVertical size={16} />} onClick={() => alAlargar(cita)}>
          {t('alargar.boton')}
        </Button>
      )}
      {SIGUIENTES[cita.estado].includes('anulada') && puede('cita.anular') && propia && (
        <>
          <Divider />
          {anula ? (
            <Anular cita={cita} cerrar={cerrar} />
          ) : (
            <Button variant="subtle" color="red" onClick={() => setAnula(true)}>
              {t('cajon.anular')}
            </Button>
          )}
        </>
      )}
    </Stack>
  );
}

const Dato = ({ icono, nombre, children }: { icono: React.ReactNode; nombre: string; children: React.ReactNode }) => (
  <div>
    <dt title={nombre}>
      <span aria-hidden>{icono}</span>
      <span className="oculto">{nombre}</span>
    </dt>
    <dd>{children}</dd>
  </div>
);
