/** The shell: header with sede, search and live badge; the menu; the page; what lies over all of it. */
import { ActionIcon, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from '@tabler/icons-react';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PANTALLAS } from '@/pantallas';
import { Avisos } from './avisos';
import { useAtajo } from './atajos';
import { alPerderRed, olvidarCopia, usarCopia } from './copia';
import { consultas } from '@/api/cliente';
import { SinRed } from '@/api/problema';
import { PARTES, traerDespues } from './despues';
import { Enlace, useFiltros, useIr, useRuta } from './direccion';
import { Cargando, Fallo } from './estados';
import { InsigniaVivo } from './InsigniaVivo';
import { MenuUsuario } from './MenuUsuario';
import { useBloqueoPorOcio } from './ocio';
import { visible, type Pantalla } from './pantalla';
import { SelectorSede } from './SelectorSede';
import { esPorSede, noHaySesion, SesionProvider, usePuede, useSedeEscrita, useSesion } from './sesion';
import { useVivo } from './vivo';

const Paleta = lazy(PARTES.paleta);
const HojaAtajos = lazy(PARTES.atajos);
const Cerradura = lazy(PARTES.cerradura);
const Reingreso = lazy(PARTES.reingreso);

const ESTRECHO = 'huella.menu';

export function Concha() {
  const { t } = useTranslation();
  return (
    <SesionProvider
      cargando={
        <div className="sola" aria-label={t('cargando')}>
          <img src="/favicon.svg" width={44} height={44} alt="" className="latido" />
        </div>
      }
      fuera={(falla) => <Fuera falla={falla} />}
    >
      <Dentro />
    </SesionProvider>
  );
}

/** No session: to the sign-in, and back here afterwards. No network: what was kept. */
function Fuera({ falla }: { falla: unknown }) {
  const ir = useIr();
  const [nada, setNada] = useState(false);
  const sin = noHaySesion(falla);
  useEffect(() => {
    if (sin) {
      void olvidarCopia();
      const aqui = location.pathname + location.search;
      ir('/ingresar', aqui === '/' || aqui === '/inicio' ? {} : { luego: aqui }, true);
    } else if (falla instanceof SinRed) {
      void usarCopia(consultas).then((cuando) => setNada(cuando === undefined));
    }
  }, [sin, falla, ir]);
  if (sin || (falla instanceof SinRed && !nada)) return null;
  return (
    <main className="sola">
      <Fallo falla={falla} reintentar={() => location.reload()} />
    </main>
  );
}

export function useMenu() {
  const puede = usePuede();
  const { plataforma } = useSesion().yo.cadena;
  return useMemo(
    () => PANTALLAS.filter((p) => p.menu && visible(p, puede, plataforma)).sort((a, b) => (a.menu?.orden ?? 0) - (b.menu?.orden ?? 0)),
    [puede, plataforma],
  );
}

function AtajoIr({ pantalla }: { pantalla: Pantalla }) {
  const { t } = useTranslation();
  const ir = useIr();
  useAtajo(`g ${pantalla.menu?.tecla ?? ''}`, t(`menu.${pantalla.clave}`), () => ir(pantalla.ruta), 'ir', !!pantalla.menu?.tecla);
  return null;
}

function Dentro() {
  const { t } = useTranslation();
  const { yo, sede, puede, bloquear, perdida } = useSesion();
  const [paleta, setPaleta] = useState(false);
  const [hoja, setHoja] = useState(false);
  const [sedes, setSedes] = useState(false);
  const [sePerdio, setSePerdio] = useState(perdida);
  if (perdida && !sePerdio) setSePerdio(true);
  const [estrecho, setEstrecho] = useState(() => localStorage.getItem(ESTRECHO) === '1');
  const sinLugar = useMediaQuery('(max-width: 1100px)', undefined, { getInitialValueInEffect: false });
  const menu = useMenu();
  const bloqueada = yo.bloqueada === true;
  const conVivo = !!sede && puede('cita.ver');
  useVivo(sede?.id, !bloqueada && conVivo);
  useBloqueoPorOcio(!bloqueada && !perdida && yo.tiene_pin === true, bloquear);
  useSedeEnLaDireccion();
  useEffect(traerDespues, []);

  const abrirPaleta = useCallback(() => setPaleta(true), []);
  useAtajo('mod+k', t('atajos.buscar'), abrirPaleta, 'general', !bloqueada);
  useAtajo('/', t('atajos.buscar'), abrirPaleta, 'general', !bloqueada);
  useAtajo('?', t('atajos.ayuda'), () => setHoja(true), 'general', !bloqueada);
  useAtajo('s', t('atajos.sede'), () => setSedes(true), 'general', !bloqueada && yo.sedes.length > 1);
  useAtajo('b l', t('atajos.bloquear'), () => void bloquear().catch(() => undefined), 'general', !bloqueada && yo.tiene_pin === true);

  if (bloqueada)
    return (
      <Suspense fallback={null}>
        <Cerradura />
      </Suspense>
    );
  return (
    <div className="concha" data-estrecho={estrecho || sinLugar || undefined}>
      <a className="saltar" href="#contenido">
        {t('saltar')}
      </a>
      <header className="cabeza">
        <Enlace a="/inicio" className="marca" aria-label={`Huella · ${yo.cadena.nombre}`}>
          <img src="/favicon.svg" width={26} height={26} alt="" />
          <b>{yo.cadena.nombre}</b>
        </Enlace>
        <SelectorSede abierto={sedes} alAbrir={setSedes} />
        <UnstyledButton className="buscador" onClick={abrirPaleta} aria-keyshortcuts="Control+K" aria-label={t('buscar')}>
          <IconSearch size={16} aria-hidden />
          <span>{t('buscar')}</span>
          <kbd>Ctrl K</kbd>
        </UnstyledButton>
        <div className="cabeza-fin">
          {conVivo && <InsigniaVivo />}
          <MenuUsuario alPedirAtajos={() => setHoja(true)} />
        </div>
      </header>
      <nav className="menu" aria-label={t('nav.principal')}>
        {(['atencion', 'gestion', 'sistema'] as const).map((grupo) => (
          <Grupo key={grupo} titulo={t(`nav.${grupo}`)} pantallas={menu.filter((p) => p.menu?.grupo === grupo)} />
        ))}
        <div className="menu-pie">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t(estrecho ? 'nav.desplegar' : 'nav.plegar')}
            onClick={() => {
              localStorage.setItem(ESTRECHO, estrecho ? '0' : '1');
              setEstrecho(!estrecho);
            }}
          >
            {estrecho ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
          </ActionIcon>
        </div>
      </nav>
      <main className="contenido" id="contenido" tabIndex={-1}>
        <SinRedAviso />
        <Suspense fallback={<Cargando />}>
          <Outlet />
        </Suspense>
      </main>
      <Avisos />
      <BarraMovil menu={menu} alBuscar={abrirPaleta} />
      {menu.map((pantalla) => (
        <AtajoIr key={pantalla.clave} pantalla={pantalla} />
      ))}
      <Suspense fallback={null}>
        {paleta && <Paleta cerrar={() => setPaleta(false)} />}
        {hoja && <HojaAtajos cerrar={() => setHoja(false)} />}
        {sePerdio && <Reingreso />}
      </Suspense>
    </div>
  );
}

function Grupo({ titulo, pantallas }: { titulo: string; pantallas: Pantalla[] }) {
  const { t } = useTranslation();
  const ruta = useRuta();
  if (pantallas.length === 0) return null;
  return (
    <div className="menu-grupo">
      <span className="menu-titulo">{titulo}</span>
      {pantallas.map(({ clave, ruta: a, menu }) => {
        if (!menu) return null;
        const Icono = menu.icono;
        const aqui = ruta === a || ruta.startsWith(`${a}/`);
        return (
          <Enlace key={clave} a={a} className="menu-linea" aria-label={t(`menu.${clave}`)} aria-current={aqui ? 'page' : undefined}>
            <Icono size={19} stroke={1.7} aria-hidden />
            <span>{t(`menu.${clave}`)}</span>
            {menu.tecla && <kbd aria-hidden>{`G ${menu.tecla.toUpperCase()}`}</kbd>}
          </Enlace>
        );
      })}
    </div>
  );
}

/** On a phone the menu is a bar below: the first screens, and the rest behind the palette, which lists them all. */
function BarraMovil({ menu, alBuscar }: { menu: Pantalla[]; alBuscar: () => void }) {
  const { t } = useTranslation();
  const ruta = useRuta();
  return (
    <nav className="barra" aria-label={t('nav.principal')}>
      {menu
        .filter((p) => p.menu?.movil)
        .slice(0, 4)
        .map(({ clave, ruta: a, menu: m }) => {
          if (!m) return null;
          const Icono = m.icono;
          return (
            <Enlace key={clave} a={a} className="barra-linea" aria-current={ruta === a || ruta.startsWith(`${a}/`) ? 'page' : undefined}>
              <Icono size={21} stroke={1.7} aria-hidden />
              <span>{t(`menu.${clave}`)}</span>
            </Enlace>
          );
        })}
      <UnstyledButton className="barra-linea" onClick={alBuscar}>
        <IconDots size={21} aria-hidden />
        <span>{t('mas')}</span>
      </UnstyledButton>
    </nav>
  );
}

/** Says since when what is shown is old, for as long as there is no network. */
function SinRedAviso() {
  const { t } = useTranslation();
  const [desde, setDesde] = useState<Date | null>(null);
  useEffect(() => alPerderRed((hay) => setDesde((antes) => (hay ? null : (antes ?? new Date(ultimaLectura()))))), []);
  if (!desde) return null;
  return (
    <div className="sin-red" role="status">
      {t('sin_red.lectura', { hora: desde.toLocaleTimeString('es-PE', { hour: '2-digit', minute: '2-digit', hour12: false }) })}
    </div>
  );
}

const ultimaLectura = () =>
  Math.max(0, ...consultas.getQueryCache().getAll().map((consulta) => consulta.state.dataUpdatedAt)) || Date.now();

/** The other way round: a sede chosen above, or none in the address. What is written there is read in `SesionProvider`. */
function useSedeEnLaDireccion() {
  const { sede } = useSesion();
  const ruta = useRuta();
  const escrita = useSedeEscrita();
  const [, cambiar] = useFiltros({ sede: '' });
  const porSede = esPorSede(ruta);
  useEffect(() => {
    if (porSede && sede && escrita !== sede.id) cambiar({ sede: sede.id });
  }, [porSede, sede, escrita, cambiar]);
}
