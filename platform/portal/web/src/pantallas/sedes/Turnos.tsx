/** Shifts: hours with a name ("Guardia de noche"), and who does them from when to when, in place of the usual week. */
import { Button, Group } from '@mantine/core';
import { IconClockHour4, IconPlus } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Nada, Seccion } from '@/comun/Seccion';
import { DIAS, escribirHoras, horasDeLaSemana } from '@/comun/semana/leer';
import { diaCorto, hoyEn, sumarDias } from '@/comun/tiempo';
import { useMedicos, type Sede } from './datos';
import { FormaAsignar } from './FormaAsignar';
import { FormaTurno } from './FormaTurno';

export type Turno = Esquemas['Turno'];
type Asignado = Esquemas['TurnoAsignado'];

export const renovarTurnos = () => renovar('/api/v1/sedes/{id}/turnos', '/api/v1/sedes/{id}/turnos-asignados', '/api/v1/sedes/{id}/rol', '/api/v1/sedes/{id}/hoy', '/api/v1/sedes/{id}/de-turno');

export function Turnos({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const [f, cambiar] = useFiltros({ abrir: '', turno: '' });
  const puede = usePuede()('agenda.configurar', sede.id);
  const consulta = $api.useQuery('get', '/api/v1/sedes/{id}/turnos', { params: { path: { id: sede.id } } });
  const turnos = consulta.data ?? [];
  const cerrar = () => cambiar({ abrir: '', turno: '' });
  const elegido = turnos.find((uno) => uno.id === f.turno);
  return (
    <div className="locales">
      <Seccion
        titulo={t('turnos.titulo')}
        acciones={
          <Group gap="xs">
            <Exportar chico icono nombre={t('turnos.titulo')} de={`/api/v1/sedes/${sede.id}/turnos`} />
            {puede && <Nuevo hacer={() => cambiar({ abrir: 'turno' })}>{t('turnos.nuevo')}</Nuevo>}
          </Group>
        }
      >
        <p className="tenue chico local-ayuda">{t('turnos.ayuda')}</p>
        <Segun consulta={consulta} vacio={(todos) => (todos.length === 0 ? <Vacio icono={IconClockHour4} titulo={t('turnos.ninguno')} detalle={t('turnos.ninguno_detalle')} /> : null)}>
          {(todos) => (
            <ul className="lineas">
              {todos.map((turno) => (
                <li key={turno.id} className="local">
                  <div>
                    {puede ? (
                      <button type="button" className="enlace-boton" onClick={() => cambiar({ abrir: 'turno', turno: turno.id })}>
                        {turno.nombre}
                      </button>
                    ) : (
                      <b>{turno.nombre}</b>
                    )}
                    <div className="tenue chico num">{resumen(turno, t)}</div>
                  </div>
                  <span className="tenue chico num">{t('horario.horas', { count: horasDeLaSemana(turno.tramos) })}</span>
                </li>
              ))}
            </ul>
          )}
        </Segun>
      </Seccion>
      <Asignados sede={sede} turnos={turnos} puede={puede} abrir={() => cambiar({ abrir: 'asignar' })} />
      <Lateral titulo={t(f.turno ? 'turnos.editar' : 'turnos.nuevo')} abierto={puede && f.abrir === 'turno' && (!f.turno || elegido !== undefined)} cerrar={cerrar} ancho="lg">
        <FormaTurno sede={sede} turno={elegido} listo={cerrar} />
      </Lateral>
      <Lateral titulo={t('turnos.asignar')} abierto={puede && f.abrir === 'asignar'} cerrar={cerrar}>
        <FormaAsignar sede={sede} turnos={turnos} listo={cerrar} />
      </Lateral>
    </div>
  );
}

const Nuevo = ({ hacer, children }: { hacer: () => void; children: string }) => (
  <Button size="compact-sm" variant="light" leftSection={<IconPlus size={15} aria-hidden />} onClick={hacer}>
    {children}
  </Button>
);

function resumen(turno: Turno, t: (clave: string) => string) {
  return DIAS.map((dia) => [dia, escribirHoras(turno.tramos.filter((tramo) => tramo.dia === dia))] as const)
    .filter(([, horas]) => horas)
    .map(([dia, horas]) => `${t(`semana.corto.${dia}`)} ${horas}`)
    .join(' · ');
}

function Asignados({ sede, turnos, puede, abrir }: { sede: Sede; turnos: Turno[]; puede: boolean; abrir: () => void }) {
  const { t } = useTranslation('sedes');
  const desde = hoyEn(sede.zona_horaria);
  const dias = { desde, hasta: sumarDias(desde, 180) };
  const consulta = $api.useQuery('get', '/api/v1/sedes/{id}/turnos-asignados', { params: { path: { id: sede.id }, query: dias } }, { placeholderData: keepPreviousData });
  const medicos = useMedicos(sede.id);
  const medicoDe = (uno: Asignado) => medicos.find((medico) => medico.id === uno.medico_id)?.nombre ?? t('dias.un_medico');
  const turnoDe = (uno: Asignado) => turnos.find((turno) => turno.id === uno.turno_id)?.nombre ?? '';
  return (
    <Seccion
      titulo={t('turnos.quien')}
      acciones={
        <Group gap="xs">
          <Exportar chico icono nombre={t('turnos.quien')} de={`/api/v1/sedes/${sede.id}/turnos-asignados`} con={dias} />
          {puede && turnos.length > 0 && <Nuevo hacer={abrir}>{t('turnos.asignar')}</Nuevo>}
        </Group>
      }
    >
      <p className="tenue chico local-ayuda">{t('turnos.quien_ayuda')}</p>
      <Segun consulta={consulta} vacio={(filas) => (filas.length === 0 ? <Nada>{t('turnos.nadie')}</Nada> : null)}>
        {(filas) => (
          <ul className="lineas">
            {filas.map((fila) => (
              <li key={fila.id} className="local">
                <div>
                  <b>{medicoDe(fila)}</b> · {turnoDe(fila)}
                  <div className="tenue chico num">{t('turnos.fechas', { desde: diaCorto(fila.desde), hasta: diaCorto(fila.hasta) })}</div>
                </div>
                {puede && (
                  <Button variant="subtle" size="compact-sm" color="gray" aria-label={t('turnos.quitar', { medico: medicoDe(fila), turno: turnoDe(fila) })} onClick={() => void quitar(fila, t('turnos.quitado', { medico: medicoDe(fila) }))}>
                    {t('quitar')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}

async function quitar(fila: Asignado, titulo: string) {
  try {
    await api.DELETE('/api/v1/turnos-asignados/{id}', { params: { path: { id: fila.id } } });
    await renovarTurnos();
    const { id: _, sede_id, ...body } = fila;
    avisar({ tono: 'bien', titulo, deshacer: () => cuerpo(api.POST('/api/v1/sedes/{id}/turnos-asignados', { params: { path: { id: sede_id }, header: { 'Idempotency-Key': llave() } }, body })).then(() => void renovarTurnos(), avisarFalla) });
  } catch (falla) {
    avisarFalla(falla);
  }
}
