/** Booking one appointment or a series of them, each with the way back. */
import { api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import i18n from '@/app/i18n';
import { fechaHora } from '@/comun/tiempo';

export type Pedido = { sede_id: string; zona: string; servicio_id: string; mascota: { id: string; nombre: string }; inicio: string; medico_id?: string | undefined; ambiente_id?: string | undefined; motivo?: string | undefined };

const releer = () => renovar('/api/v1/citas', '/api/v1/sedes/{id}/sala', '/api/v1/disponibilidad', '/api/v1/esperas');
const base = (p: Pedido) => ({
  sede_id: p.sede_id,
  servicio_id: p.servicio_id,
  mascota_id: p.mascota.id,
  inicio: p.inicio,
  ...(p.ambiente_id ? { ambiente_id: p.ambiente_id } : {}),
  ...(p.motivo?.trim() ? { motivo: p.motivo.trim() } : {}),
});
const soltar = (cita: string, alcance: 'esta' | 'todas') =>
  api.DELETE('/api/v1/citas/{id}', { params: { path: { id: cita }, query: { motivo: i18n.t('app:cita.reserva_deshecha'), alcance } } }).then(releer, avisarFalla).then(() => undefined);

export async function reservarCita(p: Pedido, clave: string, mas: Partial<Esquemas['NuevaCita']>, deshacible: boolean, alDeshacer?: () => Promise<unknown>) {
  const cita = await cuerpo(api.POST('/api/v1/citas/reservar', { params: { header: { 'Idempotency-Key': clave } }, body: { ...base(p), ...(p.medico_id ? { medico_id: p.medico_id } : {}), ...mas } }));
  void releer();
  avisar({
    tono: 'bien',
    titulo: i18n.t('app:cita.reservada', { mascota: p.mascota.nombre }),
    detalle: fechaHora(cita.inicio, p.zona),
    deshacer: deshacible
      ? async () => {
          await soltar(cita.id, 'esta');
          await alDeshacer?.();
        }
      : undefined,
  });
  return cita;
}

export type Cadencia = Pick<Esquemas['NuevaSerie'], 'cada' | 'unidad' | 'veces' | 'hasta'>;
export const cuerpoDeSerie = (p: Pedido & { medico_id: string }, cadencia: Cadencia, si_hay_conflicto: 'rechazar' | 'omitir'): Esquemas['NuevaSerie'] => ({ ...base(p), medico_id: p.medico_id, ...cadencia, si_hay_conflicto });

export async function reservarSerie(nueva: Esquemas['NuevaSerie'], mascota: string, zona: string, clave: string, deshacible: boolean) {
  const serie = await cuerpo(api.POST('/api/v1/citas/series', { params: { header: { 'Idempotency-Key': clave } }, body: nueva }));
  void releer();
  const primera = serie.citas[0];
  avisar({
    tono: 'bien',
    titulo: i18n.t('agenda:serie.reservada', { count: serie.citas.length, mascota }),
    detalle: primera ? i18n.t('agenda:serie.desde', { cuando: fechaHora(primera.inicio, zona) }) : undefined,
    deshacer: deshacible && primera ? () => soltar(primera.id, 'todas') : undefined,
  });
  return serie;
}
