/** The sede's day at a glance; every figure leads to the rows that make it. */
import { Anchor, Text } from '@mantine/core';
import { IconAlertTriangle, IconBook2, IconClock, IconMessageExclamation, IconUserOff } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, type CitaEnAgenda, type Esquemas } from '@/api/cliente';
import { useMenu } from '@/app/Concha';
import { Enlace } from '@/app/direccion';
import { Cargando, Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede, useSesion, type YoSede } from '@/app/sesion';
import { LETRA } from '@/comun/citas/estados';
import { diaLargo, duracion, hora, hoyEn, minutosEntre, ZONA } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { useAhora } from '@/comun/useAhora';
import { PANTALLAS } from '@/pantallas';
import { Esqueleto } from './Esqueleto';
import './inicio.css';

/** Only for who runs the chain, and only until it runs. */
const Arranque = lazy(() => import('../arranque/EnInicio'));

type Hoy = Esquemas['Inicio'];

export default function Inicio() {
  const { t } = useTranslation('inicio');
  const { yo, sede } = useSesion();
  const puede = usePuede();
  const zona = sede?.zona_horaria ?? ZONA;
  const ahora = useAhora(60_000);
  const h = Number(hora(new Date(ahora), zona).slice(0, 2));
  const saludo = t(h < 12 ? 'dias' : h < 19 ? 'tardes' : 'noches', { nombre: yo.nombres });
  return (
    <Marco titulo={saludo} detalle={[mayuscula(diaLargo(hoyEn(zona))), sede?.nombre].filter(Boolean).join(' · ')}>
      {puede('cadena.configurar', 'cadena') && (
        <Suspense fallback={null}>
          <Arranque />
        </Suspense>
      )}
      {sede && puede('cita.ver') ? <Dia sede={sede} ahora={ahora} /> : <Puertas />}
    </Marco>
  );
}

/** Who has nothing to do with appointments starts from what is theirs. */
function Puertas() {
  const { t } = useTranslation('inicio');
  const suyas = useMenu().filter((pantalla) => pantalla.clave !== 'inicio');
  if (suyas.length === 0) return <Vacio titulo={t('sin_nada')} detalle={t('sin_nada_detalle')} />;
  return (
    <nav aria-label={t('puede_abrir')}>
      <h2 className="puertas-titulo">{t('puede_abrir')}</h2>
      <ul className="puertas">
        {suyas.map(({ clave, ruta, menu }) => {
          if (!menu) return null;
          const Icono = menu.icono;
          return (
            <li key={ruta}>
              <Enlace a={ruta} className="panel puerta">
                <span className="cifra-icono" aria-hidden>
                  <Icono size={20} stroke={1.7} />
                </span>
                <b>{t(`app:menu.${clave}`)}</b>
                <small>{t(`puerta.${clave}`)}</small>
              </Enlace>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Dia({ sede, ahora }: { sede: YoSede; ahora: number }) {
  const { yo } = useSesion();
  const consulta = $api.useQuery('get', '/api/v1/sedes/{id}/hoy', { params: { path: { id: sede.id } } }, { staleTime: 10_000, refetchInterval: 60_000 });
  return (
    <Segun consulta={consulta} cargando={<Esqueleto />}>
      {(hoy) => (
        <div className="inicio">
          <Citas hoy={hoy} />
          <Cifras hoy={hoy} />
          {yo.es_medico && <MisCitas sede={sede} fecha={hoy.fecha} />}
          <Espera hoy={hoy} ahora={ahora} />
          <Ocupacion hoy={hoy} />
        </div>
      )}
    </Segun>
  );
}

function Panel({ titulo, enlace, clase, children }: { titulo: string; enlace?: { a: string; con?: Record<string, string>; texto: string }; clase?: string; children: React.ReactNode }) {
  return (
    <section className={`panel inicio-panel ${clase ?? ''}`}>
      <header>
        <h2>{titulo}</h2>
        {enlace && (
          <Anchor component={Enlace} a={enlace.a} con={enlace.con} size="sm">
            {enlace.texto}
          </Anchor>
        )}
      </header>
      {children}
    </section>
  );
}

/** One bar of the whole day, and each state below with its number: the bar alone would be colour only. */
function Citas({ hoy }: { hoy: Hoy }) {
  const { t } = useTranslation('inicio');
  const estados = hoy.citas.filter((e) => e.cuantas > 0);
  return (
    <Panel titulo={t('citas', { count: hoy.citas.filter((e) => e.estado !== 'anulada').reduce((suma, e) => suma + e.cuantas, 0) })} enlace={{ a: '/agenda', texto: t('ver_agenda') }} clase="inicio-citas">
      {estados.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('sin_citas')}
        </Text>
      ) : (
        <>
          <div className="dia-barra" aria-hidden>
            {estados.map((e) => (
              <i key={e.estado} className={`st-${e.estado}`} style={{ flexGrow: e.cuantas }} />
            ))}
          </div>
          <ul className="dia-estados">
            {estados.map((e) => (
              <li key={e.estado}>
                <Enlace a="/agenda" con={{ vista: 'lista', estado: e.estado }}>
                  <i className={`st-${e.estado}`} aria-hidden>
                    {LETRA[e.estado]}
                  </i>
                  <b className="num">{e.cuantas}</b>
                  <span>{t(`app:estado.${e.estado}`)}</span>
                </Enlace>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function Cifras({ hoy }: { hoy: Hoy }) {
  const { t } = useTranslation('inicio');
  const tasa = hoy.inasistencias.semana_citas > 0 ? Math.round((hoy.inasistencias.semana / hoy.inasistencias.semana_citas) * 100) : 0;
  return (
    <div className="cifras">
      <Cifra icono={<IconClock size={19} />} valor={hoy.espera.promedio_min == null ? '—' : duracion(Math.round(hoy.espera.promedio_min))} nombre={t('espera_media')} detalle={t('atendidas', { count: hoy.espera.atendidas })} a="/sala/tiempos" />
      <Cifra icono={<IconUserOff size={19} />} valor={String(hoy.inasistencias.hoy)} nombre={t('faltas')} detalle={t('faltas_semana', { n: hoy.inasistencias.semana, tasa })} a="/agenda" con={{ vista: 'lista', estado: 'no_asistio' }} />
      {hoy.alertas && <Cifra icono={<IconAlertTriangle size={19} />} valor={String(hoy.alertas.abiertas)} nombre={t('alertas')} detalle={t('criticas', { count: hoy.alertas.criticas })} a="/alertas" tono={hoy.alertas.criticas > 0 ? 'mal' : undefined} />}
      {hoy.reclamos && hoy.reclamos.pendientes > 0 && <Cifra icono={<IconBook2 size={19} />} valor={String(hoy.reclamos.pendientes)} nombre={t('reclamos')} detalle={t('reclamos_plazo', { por_vencer: hoy.reclamos.por_vencer, vencidos: hoy.reclamos.vencidos })} a="/reclamos" tono={hoy.reclamos.vencidos > 0 ? 'mal' : undefined} />}
      {hoy.mensajes && <Cifra icono={<IconMessageExclamation size={19} />} valor={String(hoy.mensajes.fallidos)} nombre={t('mensajes')} detalle={t('respuestas', { count: hoy.mensajes.respuestas })} a="/recordatorios/mensajes" tono={hoy.mensajes.fallidos > 0 ? 'mal' : undefined} />}
    </div>
  );
}

function Cifra({ icono, valor, nombre, detalle, a, con, tono }: { icono: React.ReactNode; valor: string; nombre: string; detalle: string; a: string; con?: Record<string, string>; tono?: 'mal' | undefined }) {
  const dentro = (
    <>
      <span className="cifra-icono" aria-hidden>
        {icono}
      </span>
      <span className="cifra-nombre">{nombre}</span>
      <b className="num">{valor}</b>
      <small>{detalle}</small>
    </>
  );
  // A figure whose rows have no screen is a figure only.
  if (!PANTALLAS.some((pantalla) => pantalla.ruta === a))
    return (
      <div className="panel cifra" data-tono={tono}>
        {dentro}
      </div>
    );
  return (
    <Enlace a={a} con={con} className="panel cifra" data-tono={tono}>
      {dentro}
    </Enlace>
  );
}

function Espera({ hoy, ahora }: { hoy: Hoy; ahora: number }) {
  const { t } = useTranslation('inicio');
  const filas = hoy.espera.ahora;
  return (
    <Panel titulo={t('esperan', { count: filas.length })} enlace={{ a: '/sala', texto: t('ver_sala') }}>
      {filas.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('nadie_espera')}
        </Text>
      ) : (
        <ul className="lista-inicio">
          {filas.slice(0, 8).map((fila) => {
            const minutos = Math.max(0, minutosEntre(fila.llegada_en, new Date(ahora)));
            return (
              <li key={fila.visita_id}>
                <Enlace a={`/pacientes/${fila.mascota_id}`}>{fila.mascota}</Enlace>
                <span>{fila.tutor}</span>
                {fila.triaje && <em>{t(`app:triaje_corto.${fila.triaje}`)}</em>}
                <b className="num" data-tono={fila.excedida ? 'mal' : undefined}>
                  {fila.excedida && <IconAlertTriangle size={14} aria-label={t('pasada')} />} {duracion(minutos)}
                </b>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

function Ocupacion({ hoy }: { hoy: Hoy }) {
  const { t } = useTranslation('inicio');
  return (
    <Panel titulo={t('ocupacion')}>
      {hoy.ocupacion.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('sin_turnos')}
        </Text>
      ) : (
        <ul className="ocupacion">
          {hoy.ocupacion.map((uno) => {
            const parte = uno.disponibles_min > 0 ? Math.round((uno.ocupados_min / uno.disponibles_min) * 100) : 0;
            return (
              <li key={uno.medico_id}>
                <Enlace a="/agenda" con={{ medico: uno.medico_id }}>
                  {uno.medico}
                </Enlace>
                <span className="num">
                  {parte} % · {t('citas_corto', { count: uno.citas })}
                </span>
                <i aria-hidden>
                  <i style={{ width: `${Math.min(100, parte)}%` }} />
                </i>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

function MisCitas({ sede, fecha }: { sede: YoSede; fecha: string }) {
  const { t } = useTranslation('inicio');
  const { yo } = useSesion();
  const consulta = $api.useQuery('get', '/api/v1/citas', { params: { query: { medico_id: yo.id, sede_id: sede.id, fecha, dias: 1 } } });
  return (
    <Panel titulo={t('mis_citas')} enlace={{ a: '/agenda', con: { medico: yo.id }, texto: t('ver_agenda') }}>
      <Segun consulta={consulta} cargando={<Cargando filas={3} alto={30} />}>
        {({ items }) => <SusCitas filas={items.filter((c) => c.estado !== 'terminada' && c.estado !== 'por_cobrar')} zona={sede.zona_horaria} />}
      </Segun>
    </Panel>
  );
}

function SusCitas({ filas, zona }: { filas: CitaEnAgenda[]; zona: string }) {
  const { t } = useTranslation('inicio');
  if (filas.length === 0)
    return (
      <Text c="dimmed" size="sm">
        {t('sin_mis_citas')}
      </Text>
    );
  return (
    <ul className="lista-inicio">
      {filas.slice(0, 8).map((c) => (
        <li key={c.id}>
          <time className="num">{hora(c.inicio, zona)}</time>
          <Enlace a={`/pacientes/${c.mascota_id}`}>{c.mascota}</Enlace>
          <span>{c.servicio}</span>
          <em>{t(`app:estado.${c.estado}`)}</em>
        </li>
      ))}
    </ul>
  );
}
