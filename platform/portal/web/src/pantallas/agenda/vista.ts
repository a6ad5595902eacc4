/** What the agenda shows, by vet, by room, for a week, or the sedes side by side: columns, appointments and what lies behind them. */
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CitaEnAgenda } from '@/api/cliente';
import { usePuede, useSesion, type YoSede } from '@/app/sesion';
import { enZona, sumarDias } from '@/comun/tiempo';
import type { Columna, Tramo } from './AgendaGrid';
import { columnasDeMedicos, huecosDe, limites, medicosDe, useAmbientes, useBloqueos, useCitas, useCitasDeSedes, useFondo, useRetenciones, useRol, useRoles } from './datos';
import { periodoDe } from './primero';

export const SIN_AMBIENTE = 'sin';
export type Filtros = { vista: string; por: string; medico: string; estado: string };

export function useVista(f: Filtros, sede: YoSede, fecha: string) {
  const { t } = useTranslation('agenda');
  const { yo } = useSesion();
  const puede = usePuede();
  const zona = sede.zona_horaria;
  const sedes = useMemo(() => yo.sedes.filter((una) => una.activa && puede('cita.ver', una.id)), [yo.sedes, puede]);
  const porSedes = f.vista === 'sedes' && sedes.length > 1;
  const { semana, dias, desdeDia, conAnuladas } = periodoDe(f, fecha);
  const porMedico = f.por !== 'ambiente';
  const ids = useMemo(() => (porSedes ? sedes.map((una) => una.id) : []), [porSedes, sedes]);

  const consulta = useCitas(sede.id, desdeDia, dias, conAnuladas);
  const rol = useRol(sede.id, fecha);
  const ambientes = useAmbientes(sede.id, true);
  const bloqueos = useBloqueos(sede.id, desdeDia, sumarDias(desdeDia, dias));
  const retenciones = useRetenciones(sede.id, consulta.isSuccess);
  const deSedes = useCitasDeSedes(ids, fecha, conAnuladas);
  const roles = useRoles(ids, fecha);

  const clave = deSedes.map((una) => una.dataUpdatedAt).join() + roles.map((uno) => uno.dataUpdatedAt).join();
  const todas = useMemo((): CitaEnAgenda[] => (porSedes ? deSedes.flatMap((una) => una.data?.items ?? []) : (consulta.data?.items ?? [])), [porSedes, clave, consulta.data]);
  const diasDelRol = useMemo(() => (porSedes ? roles.flatMap((uno) => uno.data?.dias ?? []) : (rol.data?.dias ?? [])).filter((dia) => semana || dia.fecha === fecha), [porSedes, clave, rol.data, semana, fecha]);
  const medicos = useMemo(() => {
    const conocidos = medicosDe(porSedes ? roles.flatMap((uno) => uno.data?.dias ?? []) : (rol.data?.dias ?? []));
    const otros = new Map(todas.filter((cita) => !conocidos.some((m) => m.id === cita.medico_id)).map((cita) => [cita.medico_id, cita.medico]));
    return [...conocidos, ...[...otros].map(([id, titulo]) => ({ id, titulo }))].sort((a, b) => a.titulo.localeCompare(b.titulo, 'es'));
  }, [porSedes, clave, rol.data, todas]);
  const medico = semana ? f.medico || (medicos.some((m) => m.id === yo.id) ? yo.id : (medicos[0]?.id ?? '')) : f.medico;
  const citas = useMemo(() => todas.filter((c) => (!f.estado || c.estado === f.estado) && (!medico || c.medico_id === medico)), [todas, f.estado, medico]);
  const detalle = useCallback((horas: { desde: string; hasta: string }[]) => (horas.length === 0 ? t('columna.sin_turno') : horas.map((h) => `${h.desde} – ${h.hasta}`).join(', ')), [t]);

  const horasDe = useCallback(
    (id: string) => {
      const dia = roles[ids.indexOf(id)]?.data?.dias.find((uno) => uno.fecha === fecha);
      return medico ? (dia?.medicos.find((m) => m.medico_id === medico)?.horas ?? []) : (dia?.horas ?? []);
    },
    [clave, ids, fecha, medico],
  );
  const columnas = useMemo((): Columna[] => {
    if (porSedes) return sedes.map((una) => ({ id: una.id, titulo: una.nombre, detalle: horasDe(una.id).length === 0 && !medico ? t('columna.cerrada') : detalle(horasDe(una.id)) }));
    if (porMedico) return columnasDeMedicos(diasDelRol[0], citas, detalle).filter((c) => !medico || c.id === medico);
    const usados = new Set(citas.map((c) => c.ambiente_id ?? SIN_AMBIENTE));
    const lista = (ambientes.data?.items ?? []).filter((a) => a.activo || usados.has(a.id)).map((a) => ({ id: a.id, titulo: a.nombre, detalle: t(`ambiente.${a.tipo}`) }));
    return usados.has(SIN_AMBIENTE) ? [...lista, { id: SIN_AMBIENTE, titulo: t('columna.sin_ambiente'), detalle: '' }] : lista;
  }, [porSedes, sedes, horasDe, porMedico, diasDelRol, citas, detalle, medico, ambientes.data, t]);

  const [desde, hasta] = useMemo(() => limites(diasDelRol, citas, zona), [diasDelRol, citas, zona]);
  const fondoDeSede = useFondo(sede, diasDelRol, columnas, porMedico, semana ? medico : undefined, bloqueos.data, desde, hasta);
  const fondo = useMemo((): Tramo[] => {
    if (porSedes) return ids.flatMap((id) => huecosDe(fecha, horasDe(id), desde, hasta).map((tramo) => ({ ...tramo, columna: id, clase: 'cerrado' as const })));
    const retenidas = (retenciones.data ?? []).filter((una) => !semana || una.medico_id === medico);
    return [
      ...fondoDeSede,
      ...retenidas.flatMap((una): Tramo[] => {
        const columna = porMedico ? una.medico_id : (una.ambiente_id ?? SIN_AMBIENTE);
        const que = { desde: enZona(una.inicio, zona), hasta: enZona(una.fin, zona), clase: 'retenida' as const, titulo: t('retenida') };
        return semana ? [que] : columnas.some((c) => c.id === columna) ? [{ ...que, columna }] : [];
      }),
    ];
  }, [porSedes, ids, fecha, horasDe, desde, hasta, fondoDeSede, retenciones.data, semana, medico, porMedico, columnas, zona, t]);

  const nombres = useMemo(() => new Map((ambientes.data?.items ?? []).map((a) => [a.id, a.nombre])), [ambientes.data]);
  const lista = porSedes ? deSedes.every((una) => una.data) : !!consulta.data && (!!rol.data || rol.isError);
  const falla = porSedes ? deSedes.find((una) => una.isError && !una.data)?.error : consulta.isError && !consulta.data ? consulta.error : undefined;
  const reintentar = () => void (porSedes ? deSedes.forEach((una) => void una.refetch()) : consulta.refetch());
  return { porSedes, semana, porMedico, desdeDia, sedes, todas, citas, medicos, medico, columnas, fondo, desde, hasta, nombres, lista, falla, reintentar, feriado: diasDelRol[0]?.feriado === true };
}
