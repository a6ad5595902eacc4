/** What makes a day different: holidays, special days, blocked times, in the order in which they come. */
import { Button, Group } from '@mantine/core';
import { IconCalendarStar, IconCalendarX, IconClockPause, IconFlag, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Seccion } from '@/comun/Seccion';
import { diaCorto, diaEn, diaLargo, hora } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { useMedicos, type Sede } from './datos';
import { aLaVista, claveDe, renovarDias, useDias, type Bloqueo, type Excepcion, type Suceso } from './dias';
import { FormaBloqueo } from './FormaBloqueo';
import { FormaExcepcion } from './FormaExcepcion';
import { useLocales } from './locales';

export function Dias({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const [f, cambiar] = useFiltros({ abrir: '' });
  const { sucesos, falla } = useDias(sede);
  const puede = usePuede()('agenda.configurar', sede.id);
  const cerrar = () => cambiar({ abrir: '' });
  const rango = aLaVista(sede);
  return (
    <Seccion
      titulo={t('dias.titulo')}
      acciones={
        <Group gap="xs">
          <Exportar
            chico
            icono
            nombre={t('dias.especiales')}
            de={`/api/v1/sedes/${sede.id}/excepciones`}
            con={rango}
            y={[{ nombre: t('dias.bloqueos'), de: `/api/v1/sedes/${sede.id}/bloqueos`, con: rango }]}
          />
          {puede && (
            <>
              <Button size="compact-sm" variant="light" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => cambiar({ abrir: 'dia' })}>
                {t('dias.nuevo_dia')}
              </Button>
              <Button size="compact-sm" variant="light" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => cambiar({ abrir: 'bloqueo' })}>
                {t('dias.nuevo_bloqueo')}
              </Button>
            </>
          )}
        </Group>
      }
    >
      <p className="tenue chico local-ayuda">{t('dias.ayuda')}</p>
      {falla ? <Fallo falla={falla.error} reintentar={() => void falla.refetch()} /> : !sucesos ? <Cargando /> : sucesos.length === 0 ? <Vacio icono={IconCalendarStar} titulo={t('dias.ninguno')} /> : <Lista sede={sede} sucesos={sucesos} puede={puede} />}
      <Lateral titulo={t('dias.nuevo_dia')} abierto={puede && f.abrir === 'dia'} cerrar={cerrar}>
        <FormaExcepcion sede={sede} listo={cerrar} />
      </Lateral>
      <Lateral titulo={t('dias.nuevo_bloqueo')} abierto={puede && f.abrir === 'bloqueo'} cerrar={cerrar}>
        <FormaBloqueo sede={sede} listo={cerrar} />
      </Lateral>
    </Seccion>
  );
}

const ICONOS = { feriado: IconFlag, excepcion: IconCalendarStar, bloqueo: IconClockPause };

function Lista({ sede, sucesos, puede }: { sede: Sede; sucesos: Suceso[]; puede: boolean }) {
  const { t } = useTranslation('sedes');
  const medicos = useMedicos(sede.id);
  const locales = useLocales(sede.id);
  const nombreDe = (lista: { id: string; nombre: string }[] | undefined, id: string | null | undefined) => lista?.find((uno) => uno.id === id)?.nombre;
  const deQuien = (s: Excepcion | Bloqueo) => {
    if (s.medico_id) return nombreDe(medicos, s.medico_id) ?? t('dias.un_medico');
    if ('ambiente_id' in s && s.ambiente_id) return nombreDe(locales.ambiente.data, s.ambiente_id) ?? t('local.ambiente.uno');
    if ('equipo_id' in s && s.equipo_id) return nombreDe(locales.equipo.data, s.equipo_id) ?? t('local.equipo.uno');
    return t('dias.toda');
  };
  return (
    <ul className="lineas dias-lista">
      {sucesos.map((s) => {
        const Icono = s.clase === 'excepcion' && !s.excepcion.abierto ? IconCalendarX : ICONOS[s.clase];
        const clave = s.clase === 'feriado' ? claveDe(s.feriado) : s.clase === 'excepcion' ? s.excepcion.id : s.bloqueo.id;
        return (
          <li key={clave}>
            <Icono size={20} stroke={1.6} aria-hidden />
            <div>
              <b>{mayuscula(diaLargo(s.dia))}</b>
              <div>{s.clase === 'feriado' ? s.feriado.nombre : s.clase === 'excepcion' ? s.excepcion.motivo : s.bloqueo.motivo}</div>
              <div className="tenue chico">
                {s.clase === 'feriado' && t(sede.atiende_feriados ? 'dias.feriado_abre' : 'dias.feriado_cierra')}
                {s.clase === 'excepcion' && `${deQuien(s.excepcion)} · ${horasDe(s.excepcion, t)}`}
                {s.clase === 'bloqueo' && `${deQuien(s.bloqueo)} · ${periodo(s.bloqueo, sede.zona_horaria)}`}
              </div>
            </div>
            {puede && s.clase !== 'feriado' && (
              <Button variant="subtle" size="compact-sm" color="gray" aria-label={t('dias.quitar', { motivo: s.clase === 'excepcion' ? s.excepcion.motivo : s.bloqueo.motivo })} onClick={() => void (s.clase === 'excepcion' ? quitarExcepcion(s.excepcion, t('dias.quitado')) : quitarBloqueo(s.bloqueo, t('dias.quitado')))}>
                {t('quitar')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function horasDe(una: Excepcion, t: (clave: string, con?: Record<string, unknown>) => string) {
  const tramo = una.desde && una.hasta ? `${una.desde.slice(0, 5)}–${una.hasta.slice(0, 5)}` : '';
  if (una.abierto) return t('dias.abre', { tramo });
  return tramo ? t('dias.no_atiende', { tramo }) : t('dias.cerrado');
}

function periodo(b: Bloqueo, zona: string) {
  const [desde, hasta] = [diaEn(b.desde, zona), diaEn(b.hasta, zona)];
  return desde === hasta ? `${hora(b.desde, zona)}–${hora(b.hasta, zona)}` : `${diaCorto(desde)} ${hora(b.desde, zona)} – ${diaCorto(hasta)} ${hora(b.hasta, zona)}`;
}

async function quitarExcepcion(una: Excepcion, titulo: string) {
  try {
    await api.DELETE('/api/v1/excepciones/{id}', { params: { path: { id: una.id } } });
    await renovarDias();
    const { id: _, sede_id, ...body } = una;
    avisar({ tono: 'bien', titulo, detalle: una.motivo, deshacer: () => cuerpo(api.POST('/api/v1/sedes/{id}/excepciones', { params: { path: { id: sede_id }, header: { 'Idempotency-Key': llave() } }, body })).then(() => void renovarDias(), avisarFalla) });
  } catch (falla) {
    avisarFalla(falla);
  }
}

export async function quitarBloqueo(uno: Bloqueo, titulo: string) {
  try {
    await api.DELETE('/api/v1/bloqueos/{id}', { params: { path: { id: uno.id } } });
    await renovarDias();
    const { id: _, sede_id, creado_en: __, ...body } = uno;
    avisar({ tono: 'bien', titulo, detalle: uno.motivo, deshacer: () => cuerpo(api.POST('/api/v1/sedes/{id}/bloqueos', { params: { path: { id: sede_id }, header: { 'Idempotency-Key': llave() } }, body: { ...body, confirmar: true } })).then(() => void renovarDias(), avisarFalla) });
  } catch (falla) {
    avisarFalla(falla);
  }
}
