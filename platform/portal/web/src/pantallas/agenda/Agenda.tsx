import { ActionIcon, Button, Kbd, Tooltip } from '@mantine/core';
import { IconCalendarPlus, IconCalendarSearch, IconInbox, IconPrinter } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda } from '@/api/cliente';
import { useAtajo } from '@/app/atajos';
import { traer } from '@/app/despues';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede, useSede } from '@/app/sesion';
import { siguienteDe } from '@/comun/citas/estados';
import { cambiarEstado } from '@/comun/citas/hacer';
import { Exportar } from '@/comun/Exportar';
import { deZona, diaEn, diaLargo, diaMedio, hora, hoyEn, minutosEntre, sumarDias } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { useImprime } from '@/comun/useImprime';
import { AgendaGrid, type Gesto, type Tecla } from './AgendaGrid';
import { useActos } from './actos';
import { nombreCorto } from './datos';
import { Filtros } from './Filtros';
import { ARRASTRE, useAutoreservas, useCambios, useEsperas, type Espera } from './lado/datos';
import { Lista } from './Lista';
import { fechaDe } from './primero';
import { BUSCADO } from './buscado';
import { deHueco, HUECO, huecoDe, type Hueco } from '@/comun/citas/hueco';
import { SIN_AMBIENTE, useVista } from './vista';
import './agenda.css';
import './lado/lado.css';

// The day comes first; what is opened over it or beside it, when it is there.
const traerDialogos = () => import('./Dialogos');
const traerLado = () => import('./lado/Lado');
const Dialogos = lazy(traerDialogos);
const Lado = lazy(traerLado);

const FILTROS = { fecha: '', vista: 'dia', por: 'medico', medico: '', estado: '', lado: '', cita: '', seccion: '', nueva: '', mascota: '', nombre: '', ...HUECO, ...BUSCADO };
const PASO_MIN = 15;
const DESPUES_MS = 500;

export default function Agenda() {
  const { t } = useTranslation('agenda');
  const sede = useSede();
  const puede = usePuede();
  const zona = sede.zona_horaria;
  const [f, cambiar] = useFiltros(FILTROS);
  const hoy = hoyEn(zona);
  const fecha = fechaDe(f.fecha, hoy);
  const v = useVista(f, sede, fecha);
  const hueco = huecoDe(f);
  const esperas = useEsperas(sede.id, 'activa', v.lista);
  const ofrecidas = useEsperas(sede.id, 'ofrecida', v.lista);
  const autoreservas = useAutoreservas(sede.id, v.lista);
  const cambios = useCambios(sede.id, v.lista);
  const cuantos = { esperas: (esperas.data?.items.length ?? 0) + (ofrecidas.data?.items.length ?? 0), pedidos: (autoreservas.data?.items.length ?? 0) + (cambios.data?.items.length ?? 0) };
  const cerrarCita = useCallback(() => cambiar({ cita: '', seccion: '' }), [cambiar]);
  const actos = useActos({ zona, medicos: v.medicos, citas: v.todas, listo: v.lista, alHacer: cerrarCita });

  const reserva = puede('cita.reservar');
  const ir = useCallback((pasos: number) => cambiar({ fecha: sumarDias(fecha, pasos * (f.vista === 'semana' ? 7 : 1)) }), [cambiar, fecha, f.vista]);
  const abrir = useCallback((cita: CitaEnAgenda, seccion = '') => cambiar({ cita: cita.id, seccion }), [cambiar]);
  const nueva = useCallback(() => cambiar({ nueva: '1' }), [cambiar]);
  const buscar = useCallback(() => cambiar({ buscar: '1' }), [cambiar]);
  const lado = useCallback((cual: string) => cambiar({ lado: cual }), [cambiar]);
  useAtajo('n', t('atajo.nueva'), nueva, 'pantalla', reserva);
  useAtajo('b', t('atajo.hueco'), buscar, 'pantalla', reserva);
  useAtajo('e', t('atajo.pendientes'), () => lado(f.lado ? '' : 'esperas'));
  useAtajo('h', t('atajo.hoy'), () => cambiar({ fecha: '' }));
  useAtajo('ArrowLeft', t('atajo.antes'), () => ir(-1));
  useAtajo('ArrowRight', t('atajo.despues'), () => ir(1));
  useAtajo('v d', t('atajo.dia'), () => cambiar({ vista: 'dia' }));
  useAtajo('v s', t('atajo.semana'), () => cambiar({ vista: 'semana' }));
  useAtajo('v l', t('atajo.lista'), () => cambiar({ vista: 'lista' }));
  useAtajo('v c', t('atajo.sedes'), () => cambiar({ vista: 'sedes' }), 'pantalla', v.sedes.length > 1);
  // What the focused appointment does by itself: told to who may.
  useAtajo('l', t('atajo.llego'), () => undefined, 'pantalla', puede('cita.atender'));
  useAtajo('m', t('atajo.mover'), () => undefined, 'pantalla', puede('cita.mover'));
  useAtajo('d', t('atajo.duracion'), () => undefined, 'pantalla', puede('cita.mover') && puede('cita.sobrecupo'));
  useAtajo('x', t('atajo.anular'), () => undefined, 'pantalla', puede('cita.anular'));

  const alMover = (gesto: Gesto) => {
    const columna = v.semana ? undefined : gesto.columna;
    const { cita } = gesto;
    const donde = !columna ? {} : v.porSedes ? { sede_id: columna } : v.porMedico ? { medico_id: columna } : columna !== SIN_AMBIENTE ? { ambiente_id: columna } : {};
    void actos.intentar(cita, { inicio: deZona(gesto.inicio, zona), medico_id: cita.medico_id, ...donde }, gesto.deshacer);
  };
  const enColumna = (columna: string | undefined, inicio: string): Hueco => ({
    inicio: deZona(inicio, zona),
    medico_id: v.semana || v.porSedes ? v.medico || undefined : v.porMedico ? columna : undefined,
    ambiente_id: !v.semana && !v.porSedes && !v.porMedico && columna !== SIN_AMBIENTE ? columna : undefined,
    sede_id: v.porSedes ? columna : undefined,
  });
  const darEn = (espera: Espera, donde: Hueco) => actos.dar(espera, { ...donde, sede_id: donde.sede_id ?? sede.id });
  const alTecla = (cita: CitaEnAgenda, tecla: Tecla) => {
    if (tecla === 'm') return abrir(cita, 'mover');
    if (tecla === 'x') return abrir(cita, 'anular');
    if (tecla === 'l') return void (siguienteDe(cita.estado) === 'en_espera' && puede('cita.atender') && cambiarEstado(cita, 'en_espera'));
    if (!puede('cita.mover') || !puede('cita.sobrecupo')) return;
    const dura = minutosEntre(cita.inicio, cita.fin);
    if (tecla === 'd') return actos.setAlargada({ cita, minutos: dura });
    actos.alargar(cita, Math.max(PASO_MIN, dura + (tecla === 'mas' ? PASO_MIN : -PASO_MIN)));
  };
  const cuenta = v.citas.filter((c) => c.estado !== 'anulada' && c.estado !== 'no_asistio').length;
  const pendientes = cuantos.esperas + cuantos.pedidos;
  const imprime = useImprime();
  const abre = f.nueva || f.buscar || f.cita || actos.estorbo || actos.alargada || actos.serie;
  useEffect(() => {
    if (!v.lista) return;
    const reloj = setTimeout(() => void traer([traerDialogos, traerLado]), DESPUES_MS);
    return () => clearTimeout(reloj);
  }, [v.lista]);
  const lista = <Lista citas={v.citas} zona={zona} ambientes={v.nombres} alAbrir={abrir} alTecla={alTecla} />;

  return (
    <Marco
      lleno
      titulo={v.semana ? t('titulo_semana', { desde: diaMedio(v.desdeDia), hasta: diaMedio(sumarDias(v.desdeDia, 6)) }) : mayuscula(diaLargo(fecha))}
      detalle={v.lista ? t('cuantas', { count: cuenta }) : ' '}
      acciones={
        <>
          {f.vista === 'lista' && <Exportar icono de="/api/v1/citas" con={{ sede_id: sede.id, fecha, dias: 1, con_anuladas: true, medico_id: v.medico }} />}
          <Tooltip label={t(v.semana ? 'imprimir_semana' : 'imprimir')}>
            <ActionIcon variant="default" size={36} aria-label={t(v.semana ? 'imprimir_semana' : 'imprimir')} onClick={() => print()} className="no-movil">
              <IconPrinter size={18} />
            </ActionIcon>
          </Tooltip>
          <Button variant="default" className="boton-lado" leftSection={<IconInbox size={17} />} aria-pressed={f.lado !== ''} aria-label={t('lado.boton', { count: pendientes })} onClick={() => lado(f.lado ? '' : cuantos.pedidos > 0 && cuantos.esperas === 0 ? 'pedidos' : 'esperas')}>
            <span className="no-movil">{t('lado.titulo')}</span>
            <b className="num">{pendientes}</b>
          </Button>
          {reserva && (
            <>
              <Button variant="default" leftSection={<IconCalendarSearch size={17} />} rightSection={<Kbd size="xs">B</Kbd>} onClick={buscar} className="no-movil">
                {t('hueco')}
              </Button>
              <Button leftSection={<IconCalendarPlus size={17} />} rightSection={<kbd className="kbd-claro">N</kbd>} onClick={nueva}>
                {t('nueva.titulo')}
              </Button>
            </>
          )}
        </>
      }
      filtros={<Filtros f={f.vista === 'sedes' && !v.porSedes ? { ...f, vista: 'dia' } : f} fecha={fecha} hoy={hoy} medico={v.medico} medicos={v.medicos} citas={v.todas.filter((c) => !v.medico || c.medico_id === v.medico)} conSedes={v.sedes.length > 1} cambiar={cambiar} ir={ir} />}
    >
      <div className="agenda-cuerpo">
        <div className="agenda-principal">
          {v.falla ? (
            <Fallo falla={v.falla} reintentar={v.reintentar} />
          ) : !v.lista ? (
            <Cargando filas={8} alto={56} />
          ) : f.vista === 'lista' ? (
            lista
          ) : v.columnas.length === 0 && !v.semana ? (
            <Vacio
              titulo={t('cerrado.titulo')}
              detalle={t(v.feriado ? 'cerrado.feriado' : 'cerrado.detalle')}
              accion={
                puede('sede.ver') && (
                  <Button component={Enlace} a={`/sedes/${sede.id}/${v.feriado ? 'dias' : 'horario'}`} variant="default">
                    {t('cerrado.horarios')}
                  </Button>
                )
              }
            />
          ) : (
            <AgendaGrid
              fecha={fecha}
              zona={zona}
              semana={v.semana}
              ancho={v.semana ? 104 : v.porSedes && !v.medico ? 236 : 148}
              columnas={v.columnas}
              columnaDe={(cita) => (v.porSedes ? cita.sede_id : v.porMedico ? cita.medico_id : (cita.ambiente_id ?? SIN_AMBIENTE))}
              citas={v.citas}
              fondo={v.fondo}
              desde={v.desde}
              hasta={v.hasta}
              puedeMover={puede('cita.mover')}
              puedeAlargar={puede('cita.mover') && puede('cita.sobrecupo')}
              puedeReservar={reserva}
              textos={{
                etiqueta: t(v.porSedes ? 'rejilla_sedes' : v.semana ? 'rejilla_semana' : v.porMedico ? 'rejilla_medicos' : 'rejilla_ambientes'),
                cita: (cita) => [hora(cita.inicio, zona), cita.mascota, cita.servicio, nombreCorto(cita.medico), t(`app:estado.${cita.estado}`), cita.sobrecupo && t('cajon.sobrecupo')].filter(Boolean).join(', '),
                sobrecupo: t('cajon.sobrecupo'),
              }}
              alMover={alMover}
              alAlargar={(gesto) => actos.alargar(gesto.cita, minutosEntre(gesto.inicio, gesto.fin), gesto.deshacer)}
              alElegir={(elegido) => {
                cambiar({ nueva: '1', ...deHueco(enColumna(elegido.columna, elegido.inicio)) });
              }}
              alAbrir={abrir}
              alTecla={alTecla}
              recibe={reserva ? { tipo: ARRASTRE, alSoltar: (dato, donde) => void darEn(JSON.parse(dato) as Espera, enColumna(donde.columna, donde.inicio)) } : undefined}
            />
          )}
          {f.vista !== 'lista' && v.lista && imprime && (
            <div className="solo-imprimir">
              <b>{sede.nombre}</b>
              {lista}
            </div>
          )}
        </div>
        {f.lado && (
          <Suspense fallback={<aside className="lado" />}>
            <Lado
              cual={f.lado}
              alElegir={lado}
              cuantos={cuantos}
              sede={sede}
              medicos={v.medicos}
              alAnotar={() => cambiar({ nueva: 'espera' })}
              alDar={(espera, donde) => void actos.dar(espera, donde)}
              alVerCita={(cita, inicio, seccion) => cambiar({ cita, seccion, fecha: diaEn(inicio, zona), vista: f.vista === 'sedes' ? 'dia' : f.vista })}
            />
          </Suspense>
        )}
      </div>
      <Suspense fallback={null}>{abre && <Dialogos f={f} cambiar={cambiar} sede={sede} fecha={fecha} hoy={hoy} vista={v} actos={actos} hueco={hueco} />}</Suspense>
    </Marco>
  );
}
