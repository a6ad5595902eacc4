/** Free times for one pet: those of the vets and rooms, without those in which the pet itself is elsewhere. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api, consultas, cuerpo, type Esquemas } from '@/api/cliente';
import { deZona, diaEn, sumarDias, ZONA } from '@/comun/tiempo';
import { opcionesDeServicios } from './datos';

type Hueco = Esquemas['Disponibilidad']['huecos'][number];
export type Tomada = { inicio: string; fin: string };
export type ParaMascota = {
  mascota_id: string;
  servicio_id: string;
  sede_id: string;
  medico_id?: string | undefined;
  desde: string;
  /** What begins then or later is of no use. */
  hasta?: string | undefined;
  /** The one that is moved: it does not stand in its own way. */
  cita_id?: string | undefined;
  /** Known from refusals, also of sedes that one may not see. */
  tomadas: Tomada[];
};

/** Of a day in which all vets are free, some two hours. */
const PAGINA = 60;
/** As many as there are at once, for who wants only some of the hours of some days. */
const PAGINA_ENTERA = 200;
const VUELTAS = 4;
/** As many as the list of appointments gives at once. */
const DIAS = 31;
const MINUTO_MS = 60_000;

const seCruzan = (a: Tomada, b: Tomada) => +new Date(a.inicio) < +new Date(b.fin) && +new Date(a.fin) > +new Date(b.inicio);
const conMargen = ({ inicio, fin }: Tomada, servicio: { antes_min: number; despues_min: number } | undefined): Tomada =>
  servicio ? { inicio: new Date(+new Date(inicio) - servicio.antes_min * MINUTO_MS).toISOString(), fin: new Date(+new Date(fin) + servicio.despues_min * MINUTO_MS).toISOString() } : { inicio, fin };

export async function horasLibres(busca: ParaMascota, cuantas: number, sirve?: (hueco: Hueco) => boolean): Promise<Hueco[]> {
  const pagina = sirve ? PAGINA_ENTERA : PAGINA;
  // Only their margins: who may not see services is offered times all the same.
  const lista = await consultas.fetchQuery(opcionesDeServicios).catch(() => undefined);
  const servicios = new Map((lista?.items ?? []).map((uno) => [uno.id, uno]));
  const suyo = servicios.get(busca.servicio_id);
  const libres = new Map<string, Hueco>();
  for (let vuelta = 0, desde = busca.desde; vuelta < VUELTAS && libres.size < cuantas; vuelta += 1) {
    const { huecos } = await cuerpo(api.GET('/api/v1/disponibilidad', { params: { query: { servicio_id: busca.servicio_id, sedes: busca.sede_id, desde, limite: pagina, ...(busca.medico_id ? { medico_id: busca.medico_id } : {}) } } }));
    const [primero, ultimo] = [huecos[0], huecos.at(-1)];
    if (!primero || !ultimo || (busca.hasta && +new Date(primero.inicio) >= +new Date(busca.hasta))) break;
    // From the eve, for what goes on past midnight; what lies behind the last day is not known, and comes in the next round.
    const fecha = sumarDias(diaEn(primero.inicio, ZONA), -1);
    const hasta = deZona(`${sumarDias(fecha, DIAS)}T00:00`, ZONA);
    const { items } = await cuerpo(api.GET('/api/v1/citas', { params: { query: { mascota_id: busca.mascota_id, fecha, dias: DIAS } } }));
    const tomadas = [...busca.tomadas, ...items.filter((cita) => cita.id !== busca.cita_id).map((cita) => conMargen(cita, servicios.get(cita.servicio_id)))];
    const queToma = (hueco: Hueco) => tomadas.find((una) => seCruzan(una, conMargen(hueco, suyo)));
    for (const hueco of huecos) if (+new Date(hueco.fin) <= +new Date(hasta) && !queToma(hueco) && (sirve?.(hueco) ?? true)) libres.set(hueco.inicio + hueco.medico_id, hueco);
    if (huecos.length < pagina && +new Date(ultimo.fin) <= +new Date(hasta)) break;
    const sigue = +new Date(ultimo.fin) > +new Date(hasta) ? hasta : ultimo.inicio;
    const suelta = queToma(ultimo)?.fin ?? sigue;
    desde = +new Date(suelta) > +new Date(sigue) ? suelta : sigue;
  }
  return [...libres.values()].slice(0, cuantas);
}

/** Kept among the free times: what makes those old makes these old. */
export const useHorasLibres = (busca: ParaMascota, cuantas: number, solo?: { clave: unknown; sirve: (hueco: Hueco) => boolean }) =>
  useQuery({ queryKey: ['get', '/api/v1/disponibilidad', 'de-mascota', busca, cuantas, solo?.clave], queryFn: () => horasLibres(busca, cuantas, solo?.sirve), placeholderData: keepPreviousData });
