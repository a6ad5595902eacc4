/** What stands in the way of a time, in a receptionist's words. */
import type { TFunction } from 'i18next';
import type { Esquemas } from '@/api/cliente';
import { Problema } from '@/api/problema';
import { hora } from '@/comun/tiempo';
import type { Tomada } from './libres';

export type Choque = Esquemas['Conflicto'];
export type Impedimento = { tipo: string };

export function decirEstorbos(t: TFunction<'agenda'>, que: { conflictos: Choque[]; impedimentos: Impedimento[] }, nombreDe: (medico: string) => string, zona: string, quienes: string[] = []): string[] {
  const choques = que.conflictos.map((choque, i) =>
    choque.retenida_hasta
      ? t('conflicto.retenida', { desde: hora(choque.inicio, zona), hasta: hora(choque.fin, zona), plazo: hora(choque.retenida_hasta, zona) })
      : t(`conflicto.${choque.recurso}`, {
          quien: quienes[i] || t('conflicto.otra_cita'),
          medico: choque.recurso === 'medico' || choque.recurso === 'traslado' ? nombreDe(choque.recurso_id) : '',
          desde: hora(choque.inicio, zona),
          hasta: hora(choque.fin, zona),
        }),
  );
  return [...choques, ...que.impedimentos.map((uno) => t(`impedimento.${uno.tipo}`))];
}

export type Estorbo = {
  falla: Problema;
  mascota: string;
  mascota_id: string;
  /** The one that was to be moved. */
  cita_id?: string;
  servicio_id: string;
  sede_id: string;
  medico_id?: string | undefined;
  inicio: string;
  nombreDe: (medico: string) => string;
  conHora: (hueco: { inicio: string; medico_id: string }) => Promise<void>;
  conSobrecupo: (motivo: string) => Promise<void>;
  conEspera?: () => void;
};

/** When the pet itself is elsewhere, as a refusal tells it. */
export const tomadasDe = (falla: unknown): Tomada[] =>
  falla instanceof Problema ? (falla.extra<Choque[]>('conflictos') ?? []).filter((choque) => choque.recurso === 'mascota').map(({ inicio, fin }) => ({ inicio, fin })) : [];

/** Only these two are answered with a choice; other failures are just told. */
export const esEstorbo = (falla: unknown): falla is Problema =>
  falla instanceof Problema && (falla.tipo === 'cita-traslape' || falla.tipo === 'cita-fuera-de-agenda');
