/** The patients opened last, on this screen only: they are names, so nothing of it is written to disk. */
export type Reciente = { id: string; nombre: string; detalle: string };
const CABEN = 8;
let lista: Reciente[] = [];
export const recordar = (nuevo: Reciente) => {
  lista = [nuevo, ...lista.filter((otro) => otro.id !== nuevo.id)].slice(0, CABEN);
};
export const recientes = () => lista;
