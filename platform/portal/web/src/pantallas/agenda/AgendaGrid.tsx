/** The only file that knows the calendar library: appointments in; what was moved, resized, chosen or opened out. */
import { createCalendar, destroyCalendar, Interaction, ResourceTimeGrid, TimeGrid, type Calendar } from '@event-calendar/core';
import '@event-calendar/core/index.css';
import { useEffect, useRef } from 'react';
import type { CitaEnAgenda } from '@/api/cliente';
import { LETRA, movible } from '@/comun/citas/estados';
import { enZona, minutosEntre } from '@/comun/tiempo';
import './grid.css';

export type Columna = { id: string; titulo: string; detalle: string };
export type Tramo = { desde: string; hasta: string; columna?: string; clase: 'cerrado' | 'bloqueo' | 'retenida'; titulo?: string };
export type Gesto = { cita: CitaEnAgenda; columna: string | undefined; inicio: string; fin: string; deshacer: () => void };
export type Textos = { etiqueta: string; cita: (cita: CitaEnAgenda) => string; sobrecupo: string };
/** What a key on a block asks for. */
export type Tecla = 'l' | 'm' | 'x' | 'd' | 'mas' | 'menos';

type Props = {
  fecha: string;
  zona: string;
  semana: boolean;
  /** Pixels that a column has at least. */
  ancho: number;
  columnas: Columna[];
  columnaDe: (cita: CitaEnAgenda) => string;
  citas: CitaEnAgenda[];
  fondo: Tramo[];
  desde: string;
  hasta: string;
  puedeMover: boolean;
  puedeAlargar: boolean;
  puedeReservar: boolean;
  textos: Textos;
  alMover: (gesto: Gesto) => void;
  alAlargar: (gesto: Gesto) => void;
  alElegir: (hueco: { columna: string | undefined; inicio: string; fin: string }) => void;
  alAbrir: (cita: CitaEnAgenda) => void;
  alTecla: (cita: CitaEnAgenda, tecla: Tecla) => void;
  /** Something from outside that may be let go on a free time: of this kind. */
  recibe?: { tipo: string; alSoltar: (dato: string, donde: { columna: string | undefined; inicio: string }) => void } | undefined;
};

const TECLAS = ['l', 'm', 'x', 'd'] as const;
const dos = (n: number) => String(n).padStart(2, '0');
/** The library speaks in dates whose local clock is the sede's. */
const civil = (d: Date) => `${d.getFullYear()}-${dos(d.getMonth() + 1)}-${dos(d.getDate())}T${dos(d.getHours())}:${dos(d.getMinutes())}`;

/** `-05:00`: the calendar's now-line runs on the sede's clock and not on this computer's. */
function desfase(zona: string): string {
  const ahora = new Date();
  const minutos = Math.round((Date.parse(`${enZona(ahora, zona)}:00Z`) - Math.floor(+ahora / 60_000) * 60_000) / 60_000);
  return `${minutos < 0 ? '-' : '+'}${dos(Math.floor(Math.abs(minutos) / 60))}:${dos(Math.abs(minutos) % 60)}`;
}

const CON_PAPEL = '[role=row],[role=rowgroup],[role=columnheader],[role=rowheader],[role=cell]';

/** It calls itself a table and is none; blocks are buttons in a group. Redone whenever it draws again. */
function accesible(raiz: HTMLElement, etiqueta: string) {
  const arreglar = () => {
    const ec = raiz.querySelector('.ec');
    if (ec?.getAttribute('role') !== 'group') {
      ec?.setAttribute('role', 'group');
      ec?.setAttribute('aria-label', etiqueta);
    }
    for (const nodo of raiz.querySelectorAll(CON_PAPEL)) {
      nodo.removeAttribute('role');
      nodo.removeAttribute('aria-colindex');
      nodo.removeAttribute('aria-colspan');
    }
  };
  arreglar();
  // A block that is dragged is drawn at every step, and has nothing to put right.
  const toca = (nodo: Node) => nodo instanceof Element && (nodo.matches(CON_PAPEL) || nodo.querySelector(CON_PAPEL) !== null);
  const observador = new MutationObserver((cambios) => cambios.some((uno) => uno.type === 'attributes' || [...uno.addedNodes].some(toca)) && arreglar());
  observador.observe(raiz, { childList: true, subtree: true, attributes: true, attributeFilter: ['role'] });
  return () => observador.disconnect();
}

/** `empieza`: where the block is; while it is dragged that is where it would land. */
function contenido(cita: CitaEnAgenda, empieza: string, sobrecupo: string): Node[] {
  const nodo = (nombre: string, clase: string, texto: string) => {
    const hecho = document.createElement(nombre);
    hecho.className = clase;
    hecho.textContent = texto;
    return hecho;
  };
  const minutos = minutosEntre(cita.inicio, cita.fin);
  const caja = nodo('div', `cita ${minutos < 25 ? 'cita-baja' : minutos < 45 ? 'cita-media' : ''}`, '');
  const primera = nodo('div', 'cita-quien', '');
  primera.append(nodo('span', 'cita-letra', LETRA[cita.estado]), nodo('b', '', cita.mascota));
  if (cita.sobrecupo) {
    const marca = nodo('span', 'cita-sobrecupo', '+1');
    marca.title = sobrecupo;
    primera.append(marca);
  }
  primera.append(nodo('time', '', empieza));
  caja.append(primera, nodo('div', 'cita-que', [cita.servicio, cita.tutor].filter(Boolean).join(' · ')));
  return [caja];
}

function cabeza(columna: { title?: unknown; extendedProps?: unknown }): Node[] {
  const caja = document.createElement('div');
  caja.className = 'columna';
  const titulo = document.createElement('b');
  titulo.textContent = String(columna.title ?? '');
  const detalle = document.createElement('span');
  detalle.textContent = (columna.extendedProps as { detalle?: string }).detalle ?? '';
  caja.append(titulo, detalle);
  return [caja];
}

/** A block: what it is made of, and how. As long as the first is the same, it stays on the screen as it is. */
type Pieza = { de: readonly unknown[]; hacer: () => Calendar.EventInput };
const iguales = (a: readonly unknown[] | undefined, b: readonly unknown[]) => a?.length === b.length && a.every((uno, i) => uno === b[i]);

function piezas(p: Props): Map<string, Pieza> {
  const fondo = p.fondo.map(({ desde, hasta, clase, titulo, columna }, i): [string, Pieza] => {
    const id = `fondo${i}`;
    const hacer = () => ({ id, start: desde, end: hasta, display: 'background' as const, classNames: [`ec-${clase}`], ...(titulo ? { title: titulo } : {}), ...(columna ? { resourceIds: [columna] } : {}) });
    return [id, { de: [desde, hasta, clase, titulo, columna], hacer }];
  });
  const citas = p.citas.map((cita): [string, Pieza] => {
    const columna = p.semana ? undefined : p.columnaDe(cita);
    const hacer = () => ({
      id: cita.id,
      resourceIds: columna === undefined ? [] : [columna],
      start: enZona(cita.inicio, p.zona),
      end: enZona(cita.fin, p.zona),
      title: cita.mascota,
      classNames: [`st-${cita.estado}`, ...((cita as { se_anula?: boolean }).se_anula ? ['se-anula'] : []), ...(cita.sobrecupo ? ['sobrecupo'] : [])],
      startEditable: p.puedeMover && movible(cita.estado),
      durationEditable: p.puedeAlargar && movible(cita.estado),
      extendedProps: { cita },
    });
    return [cita.id, { de: [cita, columna, p.puedeMover, p.puedeAlargar], hacer }];
  });
  return new Map([...fondo, ...citas]);
}
const eventos = (cuales: Map<string, Pieza>): Calendar.EventInput[] => [...cuales.values()].map((una) => una.hacer());

/** More of them than this are drawn faster all at once. */
const POCAS = 30;

/** Only what changed is drawn again: after a move, or a change elsewhere, that is one block of a hundred and fifty. */
function poner(ec: Calendar, antes: Map<string, Pieza>, ahora: Map<string, Pieza>) {
  const sobran = [...antes.keys()].filter((id) => !ahora.has(id));
  const cambian = [...ahora].filter(([id, una]) => !iguales(antes.get(id)?.de, una.de));
  if (sobran.length + cambian.length > POCAS) return void ec.setOption('events', eventos(ahora));
  sobran.forEach((id) => ec.removeEventById(id));
  for (const [id, una] of cambian) {
    if (antes.has(id)) ec.updateEvent(una.hacer());
    else ec.addEvent(una.hacer());
  }
}

export function AgendaGrid(props: Props) {
  const host = useRef<HTMLDivElement>(null);
  const calendario = useRef<Calendar | null>(null);
  const ultimo = useRef(props);
  const puestos = useRef(new Map<string, Pieza>());
  const horas = useRef('');
  useEffect(() => {
    ultimo.current = props;
  });
  const { fecha, zona, semana, ancho, columnas, desde, hasta, puedeReservar } = props;
  const columnasTexto = JSON.stringify(columnas);

  useEffect(() => {
    const raiz = host.current;
    if (!raiz) return;
    const gesto = (info: { event: Calendar.Event; newResource?: Calendar.Resource; revert: () => void }): Gesto => ({
      cita: info.event.extendedProps.cita as CitaEnAgenda,
      columna: info.newResource ? String(info.newResource.id) : info.event.resourceIds[0] === undefined ? undefined : String(info.event.resourceIds[0]),
      inicio: civil(info.event.start),
      fin: civil(info.event.end),
      deshacer: info.revert,
    });
    puestos.current = piezas(ultimo.current);
    horas.current = ultimo.current.desde + ultimo.current.hasta;
    const ec = createCalendar(raiz, [ResourceTimeGrid, TimeGrid, Interaction], {
      view: semana ? 'timeGridWeek' : 'resourceTimeGridDay',
      date: fecha,
      timeZone: desfase(zona),
      locale: document.documentElement.lang,
      firstDay: 1,
      headerToolbar: { start: '', center: '', end: '' },
      height: '100%',
      resources: semana ? [] : (JSON.parse(columnasTexto) as Columna[]).map((c) => ({ id: c.id, title: c.titulo, extendedProps: { detalle: c.detalle } })),
      slotDuration: '00:15',
      snapDuration: '00:05',
      slotLabelInterval: '01:00',
      slotHeight: 24,
      slotMinTime: ultimo.current.desde,
      slotMaxTime: ultimo.current.hasta,
      scrollTime: enZona(new Date(), zona).slice(0, 10) === fecha ? `${dos(Math.max(0, Number(enZona(new Date(), zona).slice(11, 13)) - 1))}:00` : ultimo.current.desde,
      nowIndicator: true,
      allDaySlot: false,
      selectable: puedeReservar,
      unselectAuto: true,
      editable: true,
      eventResizableFromStart: false,
      slotEventOverlap: false,
      dragScroll: true,
      longPressDelay: 350,
      columnWidth: `minmax(${ancho}px, 1fr)`,
      slotLabelFormat: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
      // Blocks say their time themselves. The library would work out a text for each of them, at every beginning and end of a drag.
      eventTimeFormat: () => '',
      // Its class for a drag has a rule for all that is below it: the whole day would be styled anew. `grid.css` does with the block.
      theme: (suyo: Calendar.Theme) => ({ ...suyo, dragging: '' }),
      dayHeaderFormat: { weekday: 'short', day: 'numeric', month: 'short' },
      resourceLabelContent: (info: { resource: Calendar.Resource }) => ({ domNodes: cabeza(info.resource) }),
      eventContent: (info: { event: Calendar.Event }) => {
        const cita = info.event.extendedProps.cita as CitaEnAgenda | undefined;
        if (!cita) return info.event.display === 'background' ? String(info.event.title ?? '') : '';
        return { domNodes: contenido(cita, civil(info.event.start).slice(11), ultimo.current.textos.sobrecupo) };
      },
      eventDidMount: (info: { event: Calendar.Event; el: HTMLElement }) => {
        const cita = info.event.extendedProps.cita as CitaEnAgenda | undefined;
        if (!cita) return info.el.setAttribute('aria-hidden', 'true');
        info.el.setAttribute('aria-label', ultimo.current.textos.cita(cita));
        info.el.dataset.cita = cita.id;
      },
      eventClick: (info: { event: Calendar.Event }) => {
        const cita = info.event.extendedProps.cita as CitaEnAgenda | undefined;
        if (cita) ultimo.current.alAbrir(cita);
      },
      // Let go where it was, it was not moved: the library tells of it all the same.
      eventDrop: (info: Calendar.EventDropInfo) => {
        if (civil(info.event.start) !== civil(info.oldEvent.start) || info.newResource?.id !== info.oldResource?.id) ultimo.current.alMover(gesto(info));
      },
      eventResize: (info: Calendar.EventResizeInfo) => {
        if (civil(info.event.end) !== civil(info.oldEvent.end)) ultimo.current.alAlargar(gesto(info));
      },
      select: (info: Calendar.SelectInfo) => ultimo.current.alElegir({ columna: info.resource && String(info.resource.id), inicio: civil(info.start), fin: civil(info.end) }),
      dateClick: (info: Calendar.DateClickInfo) => {
        if (!puedeReservar) return;
        ultimo.current.alElegir({ columna: info.resource && String(info.resource.id), inicio: civil(info.date), fin: civil(info.date) });
      },
      events: eventos(puestos.current),
    } as Calendar.Options);
    calendario.current = ec;
    const deja = accesible(raiz, ultimo.current.textos.etiqueta);
    return () => {
      deja();
      calendario.current = null;
      void destroyCalendar(ec);
    };
  }, [fecha, zona, semana, ancho, columnasTexto, puedeReservar]);

  useEffect(() => {
    // A new calendar has these already, and lays out all columns anew for them.
    if (horas.current === desde + hasta) return;
    horas.current = desde + hasta;
    calendario.current?.setOption('slotMinTime', desde);
    calendario.current?.setOption('slotMaxTime', hasta);
  }, [desde, hasta]);
  useEffect(() => {
    // A new calendar has them already.
    const ahora = piezas(ultimo.current);
    if (calendario.current) poner(calendario.current, puestos.current, ahora);
    puestos.current = ahora;
  }, [props.citas, props.fondo, columnasTexto, props.puedeMover, props.puedeAlargar]);

  function tecla(evento: React.KeyboardEvent) {
    const bloque = (evento.target as HTMLElement).closest<HTMLElement>('[data-cita]');
    const cita = bloque && props.citas.find((una) => una.id === bloque.dataset.cita);
    if (!cita || evento.ctrlKey || evento.metaKey || evento.altKey) return;
    const largo = evento.shiftKey ? ({ ArrowDown: 'mas', ArrowUp: 'menos' } as const)[evento.key] : undefined;
    const letra = largo ?? (evento.shiftKey ? undefined : TECLAS.find((una) => una === evento.key.toLowerCase()));
    if (!letra) return;
    evento.preventDefault();
    evento.stopPropagation();
    props.alTecla(cita, letra);
  }
  const { recibe } = props;
  const viene = (evento: React.DragEvent) => recibe && evento.dataTransfer.types.includes(recibe.tipo);
  function soltar(evento: React.DragEvent) {
    if (!recibe || !viene(evento)) return;
    evento.preventDefault();
    const donde = calendario.current?.dateFromPoint(evento.clientX, evento.clientY);
    if (donde) recibe.alSoltar(evento.dataTransfer.getData(recibe.tipo), { columna: donde.resource && String(donde.resource.id), inicio: civil(donde.date) });
  }
  return <div ref={host} className="rejilla" onKeyDown={tecla} onDragOver={(evento) => viene(evento) && evento.preventDefault()} onDrop={soltar} />;
}
