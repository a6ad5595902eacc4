/** The waiting list of a sede: who waits for what, which free times would do, and what was offered. */
import { Button, Loader, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconCalendarCheck, IconClock, IconDots, IconGripVertical, IconHourglass, IconPlus } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { usePuede, type YoSede } from '@/app/sesion';
import { aplazar } from '@/comun/aplazar';
import { deZona, diaEn, diaMedio, diasDeLaSemana, fechaHora, hora, sumarDias } from '@/comun/tiempo';
import { nombreCorto, type Medico } from '../datos';
import { useHorasLibres } from '../libres';
import { ARRASTRE, leSirve, LIMITE, releerEsperas, retirarEspera, useEsperas, useOcultos, type Espera, type HuecoLibre } from './datos';

const CUANTOS = 4;

export function Esperas({ sede, medicos, alAnotar, alDar }: { sede: YoSede; medicos: Medico[]; alAnotar: () => void; alDar: (espera: Espera, hueco: HuecoLibre) => void }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede();
  const activas = useEsperas(sede.id, 'activa', true);
  const ofrecidas = useEsperas(sede.id, 'ofrecida', true);
  const { ocultos, ocultar } = useOcultos();
  const filas = [...(ofrecidas.data?.items ?? []), ...(activas.data?.items ?? [])].filter((una) => !ocultos.has(una.id));
  const cargando = !activas.data || !ofrecidas.data;
  const falla = activas.error ?? ofrecidas.error;
  return (
    <>
      <div className="lado-filas">
        {falla && cargando ? (
          <Fallo falla={falla} reintentar={() => void releerEsperas()} />
        ) : cargando ? (
          <Cargando filas={3} alto={84} />
        ) : filas.length === 0 ? (
          <p className="lado-nada">
            <IconHourglass size={26} stroke={1.5} aria-hidden />
            {t('espera.nadie')}
          </p>
        ) : (
          filas.map((una) => <Ficha key={una.id} espera={una} sede={sede} medicos={medicos} alDar={alDar} ocultar={ocultar(una.id)} />)
        )}
        {(activas.data?.siguiente || ofrecidas.data?.siguiente) && <p className="lado-nada">{t('espera.hay_mas', { count: LIMITE })}</p>}
      </div>
      {puede('cita.reservar') && (
        <footer>
          <Button fullWidth variant="light" leftSection={<IconPlus size={16} />} onClick={alAnotar}>
            {t('espera.anotar')}
          </Button>
        </footer>
      )}
    </>
  );
}

function Ficha({ espera, sede, medicos, alDar, ocultar }: { espera: Espera; sede: YoSede; medicos: Medico[]; alDar: (espera: Espera, hueco: HuecoLibre) => void; ocultar: (oculta: boolean) => void }) {
  const { t } = useTranslation('agenda');
  const puede = usePuede()('cita.reservar');
  const [horas, setHoras] = useState(false);
  const p = espera.preferencia;
  const activa = espera.estado === 'activa';
  const medico = medicos.find((m) => m.id === p.medico_id);
  const dias = diasDeLaSemana();
  const retirar = () => aplazar({ clave: espera.id, titulo: t('espera.retirada', { mascota: espera.mascota }), ocultar, enviar: () => retirarEspera(espera.id, t('espera.ya_no')) });
  return (
    <article
      className="espera"
      data-prioridad={p.prioridad}
      draggable={activa && puede}
      onDragStart={(evento) => {
        evento.dataTransfer.effectAllowed = 'copy';
        evento.dataTransfer.setData(ARRASTRE, JSON.stringify(espera));
        evento.dataTransfer.setData('text/plain', espera.mascota);
      }}
    >
      <header>
        {activa && puede && <IconGripVertical size={15} className="espera-asa" aria-hidden />}
        <Enlace a={`/pacientes/${espera.mascota_id}`} className="espera-quien">
          {espera.mascota}
        </Enlace>
        {p.prioridad !== 'normal' && <span className={`marca-prioridad prioridad-${p.prioridad ?? 'normal'}`}>{t(`espera.prioridad.${p.prioridad ?? 'normal'}`)}</span>}
        {puede && (
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <UnstyledButton className="espera-mas" aria-label={t('espera.mas_de', { mascota: espera.mascota })}>
                <IconDots size={16} aria-hidden />
              </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="red" onClick={retirar}>
                {t('espera.retirar')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </header>
      <p>
        {espera.servicio}
        {espera.tutor && ` · ${espera.tutor}`}
        <br />
        {p.desde === p.hasta ? diaMedio(p.desde) : t('espera.entre', { desde: diaMedio(p.desde), hasta: diaMedio(p.hasta) })}
        {!!p.dias?.length && p.dias.length < 7 && ` · ${p.dias.map((d) => dias[d - 1]).join(', ')}`}
        {p.hora_desde && p.hora_hasta && ` · ${p.hora_desde.slice(0, 5)}–${p.hora_hasta.slice(0, 5)}`}
        {p.hora_desde && !p.hora_hasta && ` · ${t('espera.desde_las', { hora: p.hora_desde.slice(0, 5) })}`}
        {!p.hora_desde && p.hora_hasta && ` · ${t('espera.hasta_las', { hora: p.hora_hasta.slice(0, 5) })}`}
        {p.medico_id && ` · ${nombreCorto(medico?.titulo ?? t('columna.otro_medico'))}`}
        {p.nota && <em>{p.nota}</em>}
        <small>{t('espera.desde_cuando', { dia: diaMedio(diaEn(espera.creada_en, sede.zona_horaria)) })}</small>
      </p>
      {espera.oferta && <Oferta espera={espera} zona={sede.zona_horaria} puede={puede} />}
      {activa &&
        puede &&
        (horas ? (
          <Horas espera={espera} sede={sede} medicos={medicos} alDar={(hueco) => alDar(espera, hueco)} />
        ) : (
          <Button size="compact-sm" variant="light" leftSection={<IconClock size={14} />} onClick={() => setHoras(true)}>
            {t('espera.ver_horas')}
          </Button>
        ))}
    </article>
  );
}

/** Free times that this entry waits for, in which its pet is free too. */
function Horas({ espera, sede, medicos, alDar }: { espera: Espera; sede: YoSede; medicos: Medico[]; alDar: (hueco: HuecoLibre) => void }) {
  const { t } = useTranslation('agenda');
  const p = espera.preferencia;
  const zona = sede.zona_horaria;
  const [ahora] = useState(() => new Date().toISOString());
  const primero = deZona(`${p.desde}T${p.hora_desde?.slice(0, 5) ?? '00:00'}`, zona);
  const consulta = useHorasLibres(
    {
      mascota_id: espera.mascota_id,
      servicio_id: p.servicio_id,
      sede_id: sede.id,
      medico_id: p.medico_id ?? undefined,
      desde: +new Date(primero) > +new Date(ahora) ? primero : ahora,
      hasta: deZona(`${sumarDias(p.hasta, 1)}T00:00`, zona),
      tomadas: [],
    },
    CUANTOS,
    { clave: p, sirve: (hueco) => leSirve(p, hueco, zona) },
  );
  const lista = useRef<HTMLDivElement>(null);
  const leidas = consulta.data !== undefined;
  // The button that asked for them is gone: whoever works by keys goes on with the first of them.
  useEffect(() => {
    if (leidas && document.activeElement === document.body) lista.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [leidas]);
  if (consulta.isError) return <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />;
  if (!consulta.data)
    return (
      <div role="status" aria-label={t('app:cargando')}>
        <Loader size="xs" />
      </div>
    );
  const sirven = consulta.data;
  if (sirven.length === 0) return <Text size="sm" c="dimmed">{t('espera.sin_horas')}</Text>;
  return (
    <div ref={lista} className="espera-horas" role="group" aria-label={t('espera.horas_de', { mascota: espera.mascota })}>
      {sirven.map((hueco) => (
        <UnstyledButton key={hueco.inicio + hueco.medico_id} className="hueco" onClick={() => alDar(hueco)}>
          <b>{fechaHora(hueco.inicio, zona)}</b>
          <span>{nombreCorto(medicos.find((m) => m.id === hueco.medico_id)?.titulo ?? t('columna.otro_medico'))}</span>
        </UnstyledButton>
      ))}
    </div>
  );
}

/** A time that became free is held for this entry; the owner answers by the link of the letter, or by telephone. */
function Oferta({ espera, zona, puede }: { espera: Espera; zona: string; puede: boolean }) {
  const { t } = useTranslation('agenda');
  const [va, setVa] = useState(false);
  const oferta = espera.oferta;
  if (!oferta) return null;
  async function contestar(que: 'aceptar' | 'rechazar') {
    setVa(true);
    try {
      const ruta = { path: { id: espera.id }, header: { 'Idempotency-Key': llave() } };
      if (que === 'aceptar') await cuerpo(api.POST('/api/v1/esperas/{id}/oferta/aceptar', { params: ruta }));
      else await api.POST('/api/v1/esperas/{id}/oferta/rechazar', { params: { path: ruta.path } });
      avisar({ tono: 'bien', titulo: t(`espera.${que}`, { mascota: espera.mascota }) });
    } catch (falla) {
      avisarFalla(falla);
    } finally {
      setVa(false);
      void releerEsperas();
    }
  }
  return (
    <div className="espera-oferta">
      <IconCalendarCheck size={16} aria-hidden />
      <span>
        {t('espera.ofrecida', { cuando: fechaHora(oferta.inicio, zona) })}
        <small>{t('espera.hasta', { hora: hora(oferta.hasta, zona) })}</small>
      </span>
      {puede && (
        <div>
          <Button size="compact-sm" loading={va} onClick={() => void contestar('aceptar')}>
            {t('espera.acepto')}
          </Button>
          <Button size="compact-sm" variant="default" disabled={va} onClick={() => void contestar('rechazar')}>
            {t('espera.no_quiso')}
          </Button>
        </div>
      )}
    </div>
  );
}
