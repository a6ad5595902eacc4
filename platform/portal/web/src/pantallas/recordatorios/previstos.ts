import { useQuery } from '@tanstack/react-query';
import { api, cuerpo, type Esquemas } from '@/api/cliente';

export type Previsto = Esquemas['Page_Previsto']['items'][number];
/** What goes to one owner on one day in one message. */
export type Mensaje = { clave: string; tutor: string; tutor_id: string; canal: Previsto['canal']; motivo: string | undefined; cosas: Previsto[] };

const PAGINAS = 6;

/** The API goes owner by owner; days are only whole once all of them came. */
export const usePrevistos = (hasta: string) =>
  useQuery({
    queryKey: ['get', '/api/v1/recordatorios/previstos', { hasta }],
    queryFn: async () => {
      const items: Previsto[] = [];
      let cursor: string | null | undefined;
      for (let i = 0; i < PAGINAS; i += 1) {
        const pagina: Esquemas['Page_Previsto'] = await cuerpo(api.GET('/api/v1/recordatorios/previstos', { params: { query: { hasta, limite: 200, ...(cursor ? { cursor } : {}) } } }));
        items.push(...pagina.items);
        cursor = pagina.siguiente;
        if (!cursor) break;
      }
      return { items, incompleto: !!cursor };
    },
  });

export function porDia(items: Previsto[]): [dia: string, mensajes: Mensaje[]][] {
  const dias = new Map<string, Map<string, Mensaje>>();
  for (const uno of items) {
    const dia = dias.get(uno.fecha) ?? new Map<string, Mensaje>();
    dias.set(uno.fecha, dia);
    const clave = `${uno.tutor_id}-${uno.mensaje}-${uno.canal ?? ''}-${uno.motivo ?? ''}`;
    const antes = dia.get(clave);
    if (antes) antes.cosas.push(uno);
    else dia.set(clave, { clave, tutor: uno.tutor, tutor_id: uno.tutor_id, canal: uno.canal, motivo: uno.motivo ?? undefined, cosas: [uno] });
  }
  return [...dias].sort(([a], [b]) => a.localeCompare(b)).map(([dia, mensajes]) => [dia, [...mensajes.values()]]);
}
