/** What the search for a free time asks for. In the address like every filter; without `busca_desde` it begins at the day that the agenda shows. */
export const BUSCADO = { buscar: '', busca_servicio: '', busca_medico: '', busca_sedes: '', busca_desde: '', busca_parte: 'todo' };
export type Buscado = typeof BUSCADO;
