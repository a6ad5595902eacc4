/** Ctrl K: patients, owners, appointments and actions in one list, from one request. */
import { Loader, Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBolt, IconCalendarEvent, IconClock, IconPaw, IconPlus, IconSearch, IconUser, type Icon } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { sinTildes } from '@/comun/texto';
import { diaEn, fechaHora, ZONA } from '@/comun/tiempo';
import { PANTALLAS } from '@/pantallas';
import { useMenu } from './Concha';
import { useIr } from './direccion';
import { Fallo } from './estados';
import { visible } from './pantalla';
import { recientes, recordar } from './recientes';
import { usePuede, useSesion } from './sesion';

export type Hallado = Esquemas['Hallazgos'];
type Linea = { clave: string; icono: Icon; titulo: string; detalle?: string; nota?: string; hacer: () => void; masAcciones?: Linea[] };
type Grupo = { titulo: string; lineas: Linea[] };

const PAUSA_MS = 150;

export const buscar = (q: string) => cuerpo(api.GET('/api/v1/buscar', { params: { query: { q } } }));

function useAcciones(cerrar: () => void): Linea[] {
  const { t } = useTranslation();
  const puede = usePuede();
  const { plataforma } = useSesion().yo.cadena;
  const menu = useMenu();
  const ir = useIr();
  return useMemo(() => {
    const linea = (clave: string, icono: Icon, titulo: string, a: string, con?: Record<string, string>): Linea => ({
      clave,
      icono,
      titulo,
      hacer: () => {
        cerrar();
        ir(a, con);
      },
    });
    const hechos = PANTALLAS.filter((p) => visible(p, puede, plataforma)).flatMap((p) =>
      (p.acciones ?? []).filter((a) => !a.permiso || puede(a.permiso, p.donde === 'sede' ? undefined : p.donde)).map((a) => linea(a.clave, IconBolt, t(`accion.${a.clave}`), p.ruta, a.con)),
    );
    const idas = menu.map((p) => linea(`ir${p.clave}`, p.menu?.icono ?? IconBolt, t('paleta.ir_a', { pantalla: t(`menu.${p.clave}`) }), p.ruta));
    return [...hechos, ...idas, linea('cuenta', IconUser, t('usuario.cuenta'), '/cuenta')];
  }, [t, puede, plataforma, menu, ir, cerrar]);
}

function useHallados(hallado: Hallado | undefined, cerrar: () => void): Grupo[] {
  const { t } = useTranslation();
  const { yo } = useSesion();
  const puede = usePuede();
  const ir = useIr();
  return useMemo(() => {
    if (!hallado) return [];
    const y = (a: string, con?: Record<string, string>) => () => {
      cerrar();
      ir(a, con);
    };
    const zona = (sede: string) => yo.sedes.find((una) => una.id === sede)?.zona_horaria ?? ZONA;
    const mascotas = hallado.mascotas.map((m): Linea => {
      const detalle = [m.raza ?? m.especie, m.tutor?.nombre].filter(Boolean).join(' · ');
      const abrir = () => {
        recordar({ id: m.id, nombre: m.nombre, detalle });
        y(`/pacientes/${m.id}`)();
      };
      const agendar: Linea = { clave: `ag${m.id}`, icono: IconPlus, titulo: t('paleta.agendar', { nombre: m.nombre }), hacer: y('/agenda', { nueva: '1', mascota: m.id, nombre: m.nombre }) };
      const ver: Linea = { clave: `ver${m.id}`, icono: IconPaw, titulo: t('paleta.ver_paciente', { nombre: m.nombre }), hacer: abrir };
      const nota = m.fallecida_en ? t('paleta.fallecida') : m.restringida ? t('paleta.restringida') : t(`paleta.por.${m.por}`);
      return { clave: m.id, icono: IconPaw, titulo: m.nombre, detalle, nota, hacer: abrir, masAcciones: puede('cita.reservar') && !m.fallecida_en ? [agendar, ver] : [ver] };
    });
    const tutores = hallado.tutores.map((u): Linea => ({ clave: u.id, icono: IconUser, titulo: u.nombre, nota: t(`paleta.por.${u.por}`), hacer: y(`/tutores/${u.id}`) }));
    const citas = hallado.citas.map(
      (c): Linea => ({
        clave: c.id,
        icono: IconCalendarEvent,
        titulo: `${c.mascota} · ${c.servicio}`,
        detalle: [fechaHora(c.inicio, zona(c.sede_id)), c.medico].join(' · '),
        nota: t(`estado.${c.estado}`),
        hacer: y('/agenda', { fecha: diaEn(c.inicio, zona(c.sede_id)), cita: c.id, sede: c.sede_id }),
      }),
    );
    return [
      { titulo: t('paleta.mascotas'), lineas: mascotas },
      { titulo: t('paleta.tutores'), lineas: tutores },
      { titulo: t('paleta.citas'), lineas: citas },
    ].filter((grupo) => grupo.lineas.length > 0);
  }, [hallado, t, yo, puede, ir, cerrar]);
}

export default function Paleta({ cerrar }: { cerrar: () => void }) {
  const { t } = useTranslation();
  const ir = useIr();
  const [q, setQ] = useState('');
  const [pausada] = useDebouncedValue(q.trim(), PAUSA_MS);
  const [elegida, setElegida] = useState(0);
  const [acciones, setAcciones] = useState<Linea[] | null>(null);
  const raiz = useId();
  const lista = useRef<HTMLDivElement>(null);
  const consulta = useQuery({ queryKey: ['get', '/api/v1/buscar', pausada], queryFn: () => buscar(pausada), enabled: pausada.length >= 2, placeholderData: keepPreviousData, staleTime: 10_000 });
  const todas = useAcciones(cerrar);
  const hallados = useHallados(q.trim().length >= 2 ? consulta.data : undefined, cerrar);

  const grupos = useMemo((): Grupo[] => {
    if (acciones) return [{ titulo: t('paleta.acciones'), lineas: acciones }];
    const palabras = sinTildes(q.trim()).split(/\s+/).filter(Boolean);
    const propias = todas.filter((linea) => palabras.every((palabra) => sinTildes(linea.titulo).includes(palabra)));
    if (palabras.length > 0) return [...hallados, { titulo: t('paleta.acciones'), lineas: propias }].filter((g) => g.lineas.length > 0);
    const ultimos = recientes().map((r): Linea => ({
      clave: `re${r.id}`,
      icono: IconClock,
      titulo: r.nombre,
      detalle: r.detalle,
      hacer: () => {
        cerrar();
        ir(`/pacientes/${r.id}`);
      },
    }));
    return [{ titulo: t('paleta.recientes'), lineas: ultimos }, { titulo: t('paleta.acciones'), lineas: propias }].filter((g) => g.lineas.length > 0);
  }, [acciones, q, todas, hallados, t, cerrar, ir]);
  const lineas = grupos.flatMap((grupo) => grupo.lineas);
  const actual = lineas[Math.min(elegida, lineas.length - 1)];
  useEffect(() => setElegida(0), [q, acciones]);
  useEffect(() => {
    lista.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [actual?.clave]);

  function tecla(evento: React.KeyboardEvent) {
    const mover = { ArrowDown: 1, ArrowUp: -1 }[evento.key];
    if (mover) {
      setElegida((antes) => (Math.min(antes, lineas.length - 1) + mover + lineas.length) % Math.max(1, lineas.length));
    } else if (evento.key === 'Enter') actual?.hacer();
    else if (evento.key === 'Tab' && actual?.masAcciones) setAcciones(actual.masAcciones);
    else if (evento.key === 'Backspace' && q === '' && acciones) setAcciones(null);
    else return;
    evento.preventDefault();
  }
  const nada = q.trim().length >= 2 && lineas.length === 0 && !consulta.isFetching && pausada === q.trim();
  return (
    <Modal opened onClose={() => (acciones ? setAcciones(null) : cerrar())} withCloseButton={false} padding={0} size={620} yOffset="10vh" centered={false} aria-label={t('paleta.titulo')} radius="lg">
      <div className="paleta" onKeyDown={tecla}>
        <label className="paleta-entrada">
          <IconSearch size={19} aria-hidden />
          <input
            data-autofocus
            value={q}
            onChange={(evento) => setQ(evento.currentTarget.value)}
            placeholder={t('paleta.placeholder')}
            aria-label={t('paleta.titulo')}
            role="combobox"
            aria-expanded
            aria-controls={`${raiz}-lista`}
            aria-activedescendant={actual ? `${raiz}-${actual.clave}` : undefined}
            autoComplete="off"
            spellCheck={false}
            data-1p-ignore
            data-lpignore="true"
          />
          {consulta.isFetching && <Loader size={16} aria-hidden />}
        </label>
        <div className="paleta-lista" id={`${raiz}-lista`} role="listbox" aria-label={t('paleta.titulo')} ref={lista}>
          {grupos.map((grupo) => (
            <div key={grupo.titulo} role="group" aria-label={grupo.titulo}>
              <div className="paleta-grupo" aria-hidden>
                {grupo.titulo}
              </div>
              {grupo.lineas.map((linea) => (
                <div
                  key={linea.clave}
                  id={`${raiz}-${linea.clave}`}
                  role="option"
                  aria-selected={linea === actual}
                  className="paleta-linea"
                  onMouseMove={() => setElegida(lineas.indexOf(linea))}
                  onClick={linea.hacer}
                >
                  <linea.icono size={18} stroke={1.7} aria-hidden />
                  <span className="paleta-texto">
                    <b>{linea.titulo}</b>
                    {linea.detalle && <small>{linea.detalle}</small>}
                  </span>
                  {linea.nota && <em>{linea.nota}</em>}
                </div>
              ))}
            </div>
          ))}
        </div>
        {consulta.isError && q.trim().length >= 2 && <Fallo falla={consulta.error} />}
        {nada && !consulta.isError && (
          <div className="paleta-nada" role="status">
            <b>{t('paleta.nada', { q })}</b>
            <span>{t('paleta.nada_ayuda')}</span>
          </div>
        )}
        <div className="paleta-pie">
          <span>
            <kbd>↑</kbd>
            <kbd>↓</kbd> {t('paleta.pie_mover')}
          </span>
          <span>
            <kbd>⏎</kbd> {t('paleta.pie_abrir')}
          </span>
          {actual?.masAcciones && (
            <span>
              <kbd>Tab</kbd> {t('paleta.pie_acciones')}
            </span>
          )}
        </div>
      </div>
    </Modal>
  );
}
