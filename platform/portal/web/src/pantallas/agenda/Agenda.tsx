import { ActionIcon, Button, Group, Kbd, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core';
import { IconCalendarPlus, IconCalendarSearch, IconChevronLeft, IconChevronRight, IconPrinter } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda, Estado } from '@/api/cliente';
import { avisarFalla } from '@/app/avisos';
import { useAtajo } from '@/app/atajos';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede, useSede, useSesion } from '@/app/sesion';
import { ESTADOS, LETRA, siguienteDe, type Movimiento } from '@/comun/citas/estados';
import { cambiarEstado, mover } from '@/comun/citas/hacer';
import { deZona, diaLargo, diaMedio, hora, hoyEn, lunes, minutosEntre, sumarDias } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { AgendaGrid, type Columna, type Gesto } from './AgendaGrid';
import { CitaCajon } from './CitaCajon';
import { Conflicto, esEstorbo, type Estorbo } from './Conflicto';
import { columnasDeMedicos, limites, nombreCorto, useAmbientes, useBloqueos, useCitas, useFondo, useRol } from './datos';
import { Lista } from './Lista';
import { NuevaCita, type Hueco } from './NuevaCita';
import './agenda.css';

const FILTROS = { fecha: '', vista: 'dia', por: 'medico', medico: '', estado: '', cita: '', seccion: '', nueva: '', mascota: '', nombre: '' };
const SIN_AMBIENTE = 'sin';

export default function Agenda() {
  const { t } = useTranslation('agenda');
  const sede = useSede();
  const { yo } = useSesion();
  const puede = usePuede();
  const zona = sede.zona_horaria;
  const [f, cambiar] = useFiltros(FILTROS);
  const hoy = hoyEn(zona);
  const fecha = /^\d{4}-\d\d-\d\d$/.test(f.fecha) ? f.fecha : hoy;
  const semana = f.vista === 'semana';
  const dias = semana ? 7 : 1;
  const desdeDia = semana ? lunes(fecha) : fecha;
  const porMedico = f.por !== 'ambiente';
  const consulta = useCitas(sede.id, desdeDia, dias, f.vista === 'lista' || f.estado === 'anulada' || f.estado === 'no_asistio');
  const rol = useRol(sede.id, fecha);
  const ambientes = useAmbientes(sede.id, true);
  const bloqueos = useBloqueos(sede.id, desdeDia, sumarDias(desdeDia, dias));
  const [hueco, setHueco] = useState<Hueco | undefined>();
  const [estorbo, setEstorbo] = useState<Estorbo | null>(null);

  const todas = useMemo(() => consulta.data?.items ?? [], [consulta.data]);
  const diasDelRol = useMemo(() => (rol.data?.dias ?? []).filter((dia) => (semana ? true : dia.fecha === fecha)), [rol.data, semana, fecha]);
  const detalle = useCallback((horas: { desde: string; hasta: string }[]) => (horas.length === 0 ? t('columna.sin_turno') : horas.map((h) => `${h.desde} – ${h.hasta}`).join(', ')), [t]);
  const nombres = useMemo(() => new Map((ambientes.data?.items ?? []).map((a) => [a.id, a.nombre])), [ambientes.data]);
  const medicos = useMemo(() => {
    const mapa = new Map<string, string>();
    for (const dia of rol.data?.dias ?? []) for (const m of dia.medicos) mapa.set(m.medico_id, m.medico);
    for (const cita of todas) mapa.set(cita.medico_id, cita.medico);
    return [...mapa].map(([id, titulo]) => ({ id, titulo })).sort((a, b) => a.titulo.localeCompare(b.titulo, 'es'));
  }, [rol.data, todas]);
  const medico = semana ? f.medico || (medicos.some((m) => m.id === yo.id) ? yo.id : (medicos[0]?.id ?? '')) : f.medico;
  const citas = useMemo(() => todas.filter((c) => (!f.estado || c.estado === f.estado) && (!medico || c.medico_id === medico)), [todas, f.estado, medico]);
  const columnas = useMemo((): Columna[] => {
    if (porMedico) return columnasDeMedicos(diasDelRol[0], citas, detalle).filter((c) => !medico || c.id === medico);
    const usados = new Set(citas.map((c) => c.ambiente_id ?? SIN_AMBIENTE));
    const lista = (ambientes.data?.items ?? []).filter((a) => a.activo || usados.has(a.id)).map((a) => ({ id: a.id, titulo: a.nombre, detalle: t(`ambiente.${a.tipo}`) }));
    return usados.has(SIN_AMBIENTE) ? [...lista, { id: SIN_AMBIENTE, titulo: t('columna.sin_ambiente'), detalle: '' }] : lista;
  }, [porMedico, diasDelRol, citas, detalle, medico, ambientes.data, t]);
  const [desde, hasta] = useMemo(() => limites(diasDelRol, citas, zona), [diasDelRol, citas, zona]);
  const fondo = useFondo(sede, diasDelRol, columnas, porMedico, semana ? medico : undefined, bloqueos.data, desde, hasta);

  const ir = useCallback((dias_mas: number) => cambiar({ fecha: sumarDias(fecha, dias_mas) }), [cambiar, fecha]);
  const abrir = useCallback((cita: CitaEnAgenda, seccion = '') => cambiar({ cita: cita.id, seccion }), [cambiar]);
  const nueva = useCallback(() => cambiar({ nueva: '1' }), [cambiar]);
  useAtajo('n', t('atajo.nueva'), nueva, 'pantalla', puede('cita.reservar'));
  useAtajo('b', t('atajo.hueco'), nueva, 'pantalla', puede('cita.reservar'));
  useAtajo('h', t('atajo.hoy'), () => cambiar({ fecha: '' }));
  useAtajo('ArrowLeft', t('atajo.antes'), () => ir(semana ? -7 : -1));
  useAtajo('ArrowRight', t('atajo.despues'), () => ir(semana ? 7 : 1));
  useAtajo('v d', t('atajo.dia'), () => cambiar({ vista: 'dia' }));
  useAtajo('v s', t('atajo.semana'), () => cambiar({ vista: 'semana' }));
  useAtajo('v l', t('atajo.lista'), () => cambiar({ vista: 'lista' }));
  useAtajo('l', t('atajo.llego'), () => undefined);
  useAtajo('m', t('atajo.mover'), () => undefined);
  useAtajo('x', t('atajo.anular'), () => undefined);

  const intentar = useCallback(
    async (cita: CitaEnAgenda, a: Movimiento, deshacer?: () => void) => {
      try {
        await mover(cita, a, zona);
        cambiar({ cita: '', seccion: '' });
      } catch (falla) {
        deshacer?.();
        if (!esEstorbo(falla)) return avisarFalla(falla);
        setEstorbo({
          falla,
          mascota: cita.mascota,
          servicio_id: cita.servicio_id,
          sede_id: cita.sede_id,
          medico_id: a.medico_id,
          inicio: a.inicio,
          nombreDe: (id) => medicos.find((m) => m.id === id)?.titulo ?? t('columna.otro_medico'),
          conHora: async (otra) => void (await mover(cita, { inicio: otra.inicio, medico_id: otra.medico_id }, zona)),
          conSobrecupo: async (sobrecupo_motivo) => void (await mover(cita, { ...a, sobrecupo_motivo }, zona)),
        });
      }
    },
    [zona, medicos, cambiar, t],
  );
  const alMover = (gesto: Gesto) => {
    const columna = semana ? undefined : gesto.columna;
    void intentar(
      gesto.cita,
      {
        inicio: deZona(gesto.inicio, zona),
        medico_id: porMedico && columna ? columna : gesto.cita.medico_id,
        ...(!porMedico && columna && columna !== SIN_AMBIENTE ? { ambiente_id: columna } : {}),
      },
      gesto.deshacer,
    );
  };
  const alAlargar = (gesto: Gesto) =>
    void intentar(
      gesto.cita,
      { inicio: gesto.cita.inicio, medico_id: gesto.cita.medico_id, duracion_min: minutosEntre(gesto.inicio, gesto.fin), sobrecupo_motivo: t('otra_duracion') },
      gesto.deshacer,
    );
  const alTecla = (cita: CitaEnAgenda, tecla: string) => {
    if (tecla === 'm') return abrir(cita, 'mover');
    if (tecla === 'x') return abrir(cita, 'anular');
    if (siguienteDe(cita.estado) === 'en_espera' && puede('cita.atender')) void cambiarEstado(cita, 'en_espera');
  };
  const cuenta = citas.filter((c) => c.estado !== 'anulada' && c.estado !== 'no_asistio').length;

  return (
    <Marco
      lleno
      titulo={semana ? t('titulo_semana', { desde: diaMedio(desdeDia), hasta: diaMedio(sumarDias(desdeDia, 6)) }) : mayuscula(diaLargo(fecha))}
      detalle={consulta.data ? t('cuantas', { count: cuenta }) : ' '}
      acciones={
        <>
          <Tooltip label={t('imprimir')}>
            <ActionIcon variant="default" size={36} aria-label={t('imprimir')} onClick={() => print()} className="no-movil">
              <IconPrinter size={18} />
            </ActionIcon>
          </Tooltip>
          {puede('cita.reservar') && (
            <>
              <Button variant="default" leftSection={<IconCalendarSearch size={17} />} rightSection={<Kbd size="xs">B</Kbd>} onClick={nueva} className="no-movil">
                {t('hueco')}
              </Button>
              <Button leftSection={<IconCalendarPlus size={17} />} rightSection={<kbd className="kbd-claro">N</kbd>} onClick={nueva}>
                {t('nueva.titulo')}
              </Button>
            </>
          )}
        </>
      }
      filtros={
        <>
          <Group gap={4} wrap="nowrap">
            <ActionIcon variant="default" size={34} aria-label={t(semana ? 'semana_antes' : 'dia_antes')} onClick={() => ir(semana ? -7 : -1)}>
              <IconChevronLeft size={18} />
            </ActionIcon>
            <Button variant="default" size="xs" h={34} onClick={() => cambiar({ fecha: '' })} disabled={fecha === hoy}>
              {t('app:hoy')}
            </Button>
            <ActionIcon variant="default" size={34} aria-label={t(semana ? 'semana_despues' : 'dia_despues')} onClick={() => ir(semana ? 7 : 1)}>
              <IconChevronRight size={18} />
            </ActionIcon>
          </Group>
          <TextInput type="date" size="xs" aria-label={t('fecha')} value={fecha} onChange={(e) => e.currentTarget.value && cambiar({ fecha: e.currentTarget.value })} className="agenda-fecha" />
          <SegmentedControl
            size="xs"
            aria-label={t('vista')}
            value={f.vista}
            onChange={(vista) => cambiar({ vista })}
            data={[
              { value: 'dia', label: t('dia') },
              { value: 'semana', label: t('semana') },
              { value: 'lista', label: t('lista_vista') },
            ]}
          />
          {f.vista === 'dia' && (
            <SegmentedControl
              size="xs"
              aria-label={t('columnas')}
              value={f.por}
              onChange={(por) => cambiar({ por })}
              data={[
                { value: 'medico', label: t('por_medico') },
                { value: 'ambiente', label: t('por_ambiente') },
              ]}
            />
          )}
          <Select size="xs" w={170} aria-label={t('medico')} placeholder={t('todos_medicos')} clearable={!semana} data={medicos.map((m) => ({ value: m.id, label: nombreCorto(m.titulo) }))} value={medico || null} onChange={(nuevo) => cambiar({ medico: nuevo ?? '' })} clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
          <Select size="xs" w={160} aria-label={t('estado')} placeholder={t('todos_estados')} clearable data={ESTADOS.map((e) => ({ value: e, label: t(`app:estado.${e}`) }))} value={f.estado || null} onChange={(nuevo) => cambiar({ estado: nuevo ?? '' })} clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
          <Leyenda citas={todas.filter((c) => !medico || c.medico_id === medico)} />
        </>
      }
    >
      {consulta.isError && !consulta.data ? (
        <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />
      ) : !consulta.data || (!rol.data && !rol.isError) ? (
        <Cargando filas={8} alto={56} />
      ) : f.vista === 'lista' ? (
        <Lista citas={citas} zona={zona} ambientes={nombres} alAbrir={abrir} alTecla={alTecla} />
      ) : columnas.length === 0 && !semana ? (
        <Vacio titulo={t('cerrado.titulo')} detalle={t(diasDelRol[0]?.feriado ? 'cerrado.feriado' : 'cerrado.detalle')} />
      ) : (
        <AgendaGrid
          fecha={fecha}
          zona={zona}
          semana={semana}
          columnas={columnas}
          columnaDe={(cita) => (porMedico ? cita.medico_id : (cita.ambiente_id ?? SIN_AMBIENTE))}
          citas={citas}
          fondo={fondo}
          desde={desde}
          hasta={hasta}
          puedeMover={puede('cita.mover')}
          puedeAlargar={puede('cita.mover') && puede('cita.sobrecupo')}
          puedeReservar={puede('cita.reservar')}
          textos={{
            etiqueta: t(semana ? 'rejilla_semana' : porMedico ? 'rejilla_medicos' : 'rejilla_ambientes'),
            cita: (cita) => `${hora(cita.inicio, zona)}, ${cita.mascota}, ${cita.servicio}, ${nombreCorto(cita.medico)}, ${t(`app:estado.${cita.estado}`)}`,
          }}
          alMover={alMover}
          alAlargar={alAlargar}
          alElegir={(elegido) => {
            setHueco({ inicio: deZona(elegido.inicio, zona), medico_id: semana ? medico : porMedico ? elegido.columna : undefined, ambiente_id: !semana && !porMedico && elegido.columna !== SIN_AMBIENTE ? elegido.columna : undefined });
            nueva();
          }}
          alAbrir={abrir}
          alTecla={alTecla}
        />
      )}
      {f.vista !== 'lista' && consulta.data && (
        <div className="solo-imprimir">
          <Lista citas={citas} zona={zona} ambientes={nombres} alAbrir={abrir} alTecla={alTecla} />
        </div>
      )}
      {f.nueva && !estorbo && (
        <NuevaCita
          sede={sede}
          hueco={hueco}
          mascota={f.mascota ? { id: f.mascota, nombre: f.nombre, detalle: '' } : undefined}
          medicos={medicos}
          desde={fecha > hoy ? deZona(`${fecha}T00:00`, zona) : new Date(Math.ceil(Date.now() / 60_000) * 60_000).toISOString()}
          alEstorbo={setEstorbo}
          cerrar={() => {
            setHueco(undefined);
            cambiar({ nueva: '', mascota: '', nombre: '' });
          }}
        />
      )}
      {f.cita && !estorbo && (
        <CitaCajon
          id={f.cita}
          fila={todas.find((c) => c.id === f.cita)}
          seccion={f.seccion}
          sede={sede}
          medicos={medicos}
          ambientes={nombres}
          alMover={(cita, a) => void intentar(cita, a)}
          cerrar={() => cambiar({ cita: '', seccion: '' })}
        />
      )}
      {estorbo && (
        <Conflicto
          estorbo={estorbo}
          zona={zona}
          cerrar={() => {
            setEstorbo(null);
            setHueco(undefined);
            cambiar({ nueva: '', mascota: '', nombre: '', cita: '', seccion: '' });
          }}
        />
      )}
    </Marco>
  );
}

/** What the letters and colours mean, with how many of each there are. */
function Leyenda({ citas }: { citas: CitaEnAgenda[] }) {
  const { t } = useTranslation();
  const cuantas = (estado: Estado) => citas.filter((c) => c.estado === estado).length;
  return (
    <ul className="leyenda">
      {ESTADOS.filter((e) => cuantas(e) > 0).map((estado) => (
        <li key={estado}>
          <i className={`st-${estado}`} aria-hidden>
            {LETRA[estado]}
          </i>
          {t(`estado.${estado}`)} <b className="num">{cuantas(estado)}</b>
        </li>
      ))}
    </ul>
  );
}

