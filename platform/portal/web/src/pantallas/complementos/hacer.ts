/** What may be done with an installed plugin; each tells how it went, and how to take it back where that can be done. */
import { api, cuerpo } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import i18n from '@/app/i18n';
import { releer, type Detalle } from './datos';

const t = (clave: string, valores: Record<string, unknown> = {}) => i18n.t(`complementos:${clave}`, valores);
const en = (id: string) => ({ params: { path: { id } } });

async function hacer(acto: () => Promise<unknown>, bien: { titulo: string; detalle?: string; deshacer?: () => Promise<unknown> }) {
  try {
    await acto();
    const atras = bien.deshacer;
    avisar({ tono: 'bien', titulo: bien.titulo, detalle: bien.detalle, deshacer: atras && (() => hacer(atras, { titulo: t('hecho.deshecho') })) });
  } catch (falla) {
    avisarFalla(falla);
  }
  await releer();
}

type Donde = { sedes: string[] | null; sandbox: boolean };
export const habilitar = (id: string, donde: Donde) => api.POST('/api/v1/complementos/{id}/habilitar', { ...en(id), body: { ...(donde.sedes ? { sedes: donde.sedes } : {}), sandbox: donde.sandbox } });
const deshabilitarla = (id: string) => api.POST('/api/v1/complementos/{id}/deshabilitar', en(id));

export function deshabilitar({ complemento, nombre, instalacion }: Detalle) {
  const antes = { sedes: instalacion?.sedes ?? null, sandbox: instalacion?.sandbox ?? false };
  return hacer(() => deshabilitarla(complemento), { titulo: t('hecho.deshabilitado', { nombre }), detalle: t('hecho.deshabilitado_detalle'), deshacer: () => habilitar(complemento, antes) });
}

export const liberar = ({ complemento, nombre }: Detalle) => hacer(() => api.POST('/api/v1/complementos/{id}/liberar', en(complemento)), { titulo: t('hecho.liberado', { nombre }) });

export function revertir({ complemento, instalacion }: Detalle) {
  return hacer(() => api.POST('/api/v1/complementos/{id}/revertir', en(complemento)), { titulo: t('hecho.revertido', { version: instalacion?.anterior }), detalle: t('hecho.revertido_detalle') });
}

export function compartir({ complemento, instalacion }: Detalle, consiente: boolean) {
  const poner = (valor: boolean) => api.POST('/api/v1/complementos/{id}/compartir', { ...en(complemento), body: { consiente: valor } });
  return hacer(() => poner(consiente), { titulo: t(consiente ? 'hecho.comparte' : 'hecho.no_comparte'), deshacer: () => poner(Boolean(instalacion?.comparte_desde)) });
}

export const probar = (id: string) => cuerpo(api.POST('/api/v1/complementos/{id}/probar', en(id)));
