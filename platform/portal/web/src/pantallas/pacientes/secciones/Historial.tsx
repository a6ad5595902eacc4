import { Anchor, Chip, Group } from '@mantine/core';
import { IconAlertOctagon, IconBug, IconCalendarEvent, IconFileText, IconHistory, IconPill, IconStethoscope, IconUser, IconVaccine, IconWeight, IconX, type Icon } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { useSesion } from '@/app/sesion';
import { EN_LISTA } from '@/comun/citas/estados';
import { useAplazadas } from '@/comun/aplazar';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { nombrar } from '@/comun/nombrar';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { mayuscula } from '@/comun/texto';
import { diaCorto, diaEn, hora, mesLargo, ZONA } from '@/comun/tiempo';
import { Anular } from '../anotar/Anular';
import type { Entrada, HechoClinico, Mascota } from '../datos';
import { kilos } from '../texto';

const TIPOS = ['cita', 'vacuna', 'desparasitacion', 'problema', 'alergia', 'tratamiento', 'peso', 'antecedente', 'ficha'] as const;
const ICONOS: Record<string, Icon> = { cita: IconCalendarEvent, vacuna: IconVaccine, desparasitacion: IconBug, problema: IconStethoscope, alergia: IconAlertOctagon, tratamiento: IconPill, peso: IconWeight, antecedente: IconHistory, ficha: IconFileText, tutor: IconUser };

export function Historial({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const [{ tipos }, cambiar] = useFiltros({ tipos: '' });
  const consulta = usePaginas('/api/v1/pacientes/{id}/historial', { id: mascota.id, tipos }, (cursor) =>
    cuerpo(api.GET('/api/v1/pacientes/{id}/historial', { params: { path: { id: mascota.id }, query: { limite: 30, ...(tipos ? { tipos } : {}), ...cursor } } })),
  );
  const entradas = consulta.items;
  const meses = new Map<string, Entrada[]>();
  for (const una of entradas) {
    const mes = diaEn(una.en, ZONA).slice(0, 7);
    meses.set(mes, [...(meses.get(mes) ?? []), una]);
  }
  return (
    <Seccion titulo={t('historial.titulo')} acciones={<Exportar chico icono nombre={t('historial.titulo')} de={`/api/v1/pacientes/${mascota.id}/historial`} con={{ tipos }} />}>
      <Chip.Group multiple value={tipos ? tipos.split(',') : []} onChange={(valor: string[]) => cambiar({ tipos: TIPOS.filter((tipo) => valor.includes(tipo)).join(',') })}>
        <Group gap={6} mb="sm" role="group" aria-label={t('historial.filtrar')}>
          {TIPOS.map((tipo) => (
            <Chip key={tipo} value={tipo} size="xs" variant="light">
              {t(`historial.tipo.${tipo}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={6} alto={48} />}
      {consulta.data && entradas.length === 0 && <Nada>{t(tipos ? 'historial.nada_asi' : 'historial.nada')}</Nada>}
      {[...meses].map(([mes, suyas]) => (
        <div key={mes}>
          <h3 className="mes">{mayuscula(mesLargo(`${mes}-15`))}</h3>
          <ol className="historial">
            {suyas.map((una) => (
              <Linea key={una.id} entrada={una} mascota={mascota} />
            ))}
          </ol>
        </div>
      ))}
      <Mas consulta={consulta} />
    </Seccion>
  );
}

type Parte = string | false | 0 | null | undefined;
type Dicho = { clase: string; titulo: string; detalle: Parte[]; anulado?: string | undefined };

function Linea({ entrada, mascota }: { entrada: Entrada; mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const { yo } = useSesion();
  const sede = (id?: string | null) => yo.sedes.find((una) => una.id === id)?.nombre;
  const seAnula = useAplazadas().has(entrada.id);
  const suyo = decir(t, entrada, sede);
  const dicho = seAnula && suyo.anulado === undefined ? { ...suyo, anulado: '' } : suyo;
  const Icono = ICONOS[dicho.clase] ?? IconFileText;
  const conHora = entrada.origen === 'cita' || (entrada.origen === 'ficha' && entrada.detalle.tipo !== 'fallecimiento');
  const zona = (entrada.origen === 'cita' && yo.sedes.find((una) => una.id === entrada.detalle.sede_id)?.zona_horaria) || ZONA;
  return (
    <li className="entrada" data-anulado={dicho.anulado !== undefined || undefined}>
      <span className="entrada-icono">
        <Icono size={16} aria-hidden />
      </span>
      <div className="entrada-texto">
        <div className="entrada-titulo">
          {entrada.origen === 'cita' ? (
            <Anchor component={Enlace} a="/agenda" con={{ cita: entrada.detalle.cita_id, fecha: diaEn(entrada.en, zona), sede: entrada.detalle.sede_id, vista: EN_LISTA.has(entrada.detalle.estado) ? 'lista' : undefined }} fw={600} fz="inherit" c="inherit">
              {dicho.titulo}
            </Anchor>
          ) : (
            <b>{dicho.titulo}</b>
          )}
          {entrada.origen === 'cita' && <span className={`pastilla st-${entrada.detalle.estado}`}>{t(`app:estado.${entrada.detalle.estado}`)}</span>}
          {dicho.anulado !== undefined && (
            <Pastilla tono="gris" icono={IconX}>
              {t('anulado')}
            </Pastilla>
          )}
        </div>
        <div className="tenue">{dicho.detalle.filter(Boolean).join(' · ')}</div>
        {dicho.anulado && <div className="tenue">{t('anulado_por', { motivo: dicho.anulado })}</div>}
      </div>
      <time className="entrada-dia num tenue" dateTime={entrada.en}>
        {diaCorto(diaEn(entrada.en, zona))}
        {conHora && <span> {hora(entrada.en, zona)}</span>}
      </time>
      {dicho.anulado === undefined && !mascota.fallecida_en && <Anular entrada={entrada} mascota={mascota} titulo={dicho.titulo} />}
    </li>
  );
}

function decir(t: TFunction<'pacientes'>, entrada: Entrada, sede: (id?: string | null) => string | undefined): Dicho {
  if (entrada.origen === 'cita') {
    const { servicio, motivo, medico, sede_id, sobrecupo } = entrada.detalle;
    return { clase: 'cita', titulo: servicio, detalle: [motivo, medico, sede(sede_id), sobrecupo && t('historial.sobrecupo')] };
  }
  if (entrada.origen === 'antecedente') return { clase: 'antecedente', titulo: entrada.detalle.titulo, detalle: [entrada.detalle.texto, entrada.detalle.profesional, t('de_otro_lugar')] };
  if (entrada.origen === 'clinico') return decirClinico(t, entrada.detalle, sede);
  return decirFicha(t, entrada.detalle, sede);
}

function decirClinico(t: TFunction<'pacientes'>, hecho: HechoClinico, sede: (id?: string | null) => string | undefined): Dicho {
  const final = [hecho.texto, hecho.medico ?? hecho.profesional, sede(hecho.sede_id), hecho.anterior && t('de_otro_lugar')];
  const fin = hecho.hasta && (hecho.tipo === 'tratamiento' ? t('tratamientos.hasta', { dia: diaCorto(hecho.hasta) }) : t('problemas.hasta', { dia: diaCorto(hecho.hasta) }));
  const propios: Record<HechoClinico['tipo'], () => Parte[]> = {
    vacuna: () => (hecho.tipo === 'vacuna' ? [hecho.lote && t('vacunas.lote', { lote: hecho.lote }), hecho.proxima && t('vacunas.proxima', { dia: diaCorto(hecho.proxima) })] : []),
    desparasitacion: () => (hecho.tipo === 'desparasitacion' ? [t(`alcance.${hecho.alcance}`), hecho.proxima && t('vacunas.proxima', { dia: diaCorto(hecho.proxima) })] : []),
    problema: () => (hecho.tipo === 'problema' ? [hecho.cronico && t('problemas.cronico'), fin, hecho.hasta_motivo] : []),
    alergia: () => (hecho.tipo === 'alergia' ? [t(`gravedad.${hecho.gravedad}`), hecho.reaccion, fin, hecho.hasta_motivo] : []),
    tratamiento: () => (hecho.tipo === 'tratamiento' ? [hecho.dosis, hecho.cada_horas && t('tratamientos.cada', { horas: hecho.cada_horas }), fin, hecho.hasta_motivo] : []),
  };
  return { clase: hecho.tipo, titulo: hecho.tipo === 'alergia' ? t('problemas.alergia_a', { a: hecho.titulo }) : hecho.titulo, detalle: [...propios[hecho.tipo](), ...final], anulado: hecho.anulado?.motivo };
}

type DeFicha = Extract<Entrada, { origen: 'ficha' }>['detalle'];
function decirFicha(t: TFunction<'pacientes'>, hecho: DeFicha, sede: (id?: string | null) => string | undefined): Dicho {
  switch (hecho.tipo) {
    case 'peso':
      return { clase: 'peso', titulo: kilos(hecho.kg), detalle: [hecho.condicion && t('peso.condicion', { valor: hecho.condicion }), sede(hecho.sede_id)], anulado: hecho.anulado_motivo ?? undefined };
    case 'registro':
      return { clase: 'ficha', titulo: t('historial.hecho.registro'), detalle: [hecho.tutor] };
    case 'cambio':
      return { clase: 'ficha', titulo: t('historial.hecho.cambio'), detalle: [hecho.campos.map((campo) => nombrar(`pacientes:campo.${campo}`, campo)).join(', ')] };
    case 'tutor':
      return { clase: 'tutor', titulo: t(`historial.hecho.tutor_${hecho.accion}`, { relacion: t(`relacion.${hecho.relacion}`).toLowerCase() }), detalle: [hecho.tutor] };
    case 'identificador':
      return { clase: 'ficha', titulo: t(`historial.hecho.identificador_${hecho.accion}`, { cual: t(`identificador.${hecho.identificador}`) }), detalle: [hecho.valor] };
    case 'fallecimiento':
      return { clase: 'ficha', titulo: t('historial.hecho.fallecimiento'), detalle: [diaCorto(hecho.fecha), hecho.causa] };
    case 'fallecimiento_corregido':
      return { clase: 'ficha', titulo: t('historial.hecho.fallecimiento_corregido'), detalle: [hecho.motivo] };
    default:
      return { clase: 'ficha', titulo: t(`historial.hecho.${hecho.tipo}`), detalle: [] };
  }
}
