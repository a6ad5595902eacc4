import { $api, api, cuerpo, llave, renovar, version, type Esquemas, type Estado } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { aplazar } from '@/comun/aplazar';
import { cambiarEstado } from '@/comun/citas/hacer';
import { SIGUIENTES } from '@/comun/citas/estados';
import i18n from '@/app/i18n';

export type EnSala = Esquemas['EnSala'];
export type Triaje = Esquemas['Triaje'];
export const TRIAJES: Triaje[] = ['rojo', 'naranja', 'amarillo', 'verde', 'azul'];

export type Columna = 'por_llegar' | 'en_espera' | 'en_consulta' | 'por_cobrar' | 'terminadas';
export const COLUMNAS: Columna[] = ['por_llegar', 'en_espera', 'en_consulta', 'por_cobrar', 'terminadas'];
/** The state into which a card goes that is dropped there. */
export const ENTRADA: Record<Columna, Estado> = { por_llegar: 'confirmada', en_espera: 'en_espera', en_consulta: 'en_consulta', por_cobrar: 'por_cobrar', terminadas: 'terminada' };

export const useSala = (sede: string) => $api.useQuery('get', '/api/v1/sedes/{id}/sala', { params: { path: { id: sede } } }, { staleTime: 10_000, refetchInterval: 60_000 });

export const clave = (fila: EnSala) => fila.cita?.id ?? fila.visita?.id ?? fila.mascota_id;
export const admite = (fila: EnSala, columna: Columna) => admiteEstado(fila, ENTRADA[columna]);

/** The keys 1 to 5 are the columns from left to right; 6 takes the card off the board. */
export const TECLAS: Record<string, Estado> = { ...Object.fromEntries(COLUMNAS.map((columna, i) => [String(i + 1), ENTRADA[columna]])), '6': 'no_asistio' };
export const admiteEstado = (fila: EnSala, estado: Estado) => (fila.cita ? SIGUIENTES[fila.estado].includes(estado) : fila.estado === 'en_espera' && estado === 'en_consulta');

const releer = () => renovar('/api/v1/sedes/{id}/sala', '/api/v1/citas');
const t = (texto: string, datos?: Record<string, unknown>) => i18n.t(`sala:${texto}`, datos ?? {});

/** On to a state. Who came without an appointment is taken by a vet, and gets one with it. */
export async function pasar(fila: EnSala, estado: Estado, medico?: string): Promise<boolean> {
  if (fila.cita) return cambiarEstado({ ...fila.cita, mascota: fila.mascota }, estado);
  if (!fila.visita || estado !== 'en_consulta') return false;
  try {
    await cuerpo(
      api.POST('/api/v1/visitas/{id}/tomar', {
        params: { path: { id: fila.visita.id }, header: { 'Idempotency-Key': llave() } },
        body: { ...(medico ? { medico_id: medico } : {}) },
      }),
    );
    avisar({ tono: 'bien', titulo: i18n.t('app:cita.hecho.en_consulta', { mascota: fila.mascota }) });
    void releer();
    return true;
  } catch (falla) {
    avisarFalla(falla);
    void releer();
    return false;
  }
}

export async function clasificar(fila: EnSala, triaje: Triaje | null) {
  const visita = fila.visita;
  if (!visita) return;
  const antes = visita.triaje ?? null;
  const poner = (fila_: { id: string; version: number }, nuevo: Triaje | null) =>
    cuerpo(
      api.PUT('/api/v1/visitas/{id}', {
        params: { path: { id: fila_.id }, header: { 'If-Match': version(fila_) } },
        body: { triaje: nuevo, motivo: visita.motivo ?? null, medico_id: visita.medico_id ?? null },
      }),
    );
  try {
    const nueva = await poner(visita, triaje);
    void releer();
    avisar({ tono: 'bien', titulo: t('clasificada', { mascota: fila.mascota }), deshacer: () => poner(nueva, antes).then(releer, avisarFalla).then(() => undefined) });
  } catch (falla) {
    avisarFalla(falla);
    void releer();
  }
}

/** The server has no way back from it, so it is sent when the time for thinking again is over. */
export function retirar(fila: EnSala, motivo: string) {
  const visita = fila.visita;
  if (!visita) return;
  aplazar({
    clave: clave(fila),
    titulo: t('retirada', { mascota: fila.mascota }),
    enviar: () => api.DELETE('/api/v1/visitas/{id}', { params: { path: { id: visita.id }, query: { motivo } }, keepalive: true }).finally(releer),
  });
}

export async function llamarSiguiente(sede: string) {
  try {
    await cuerpo(api.POST('/api/v1/sedes/{id}/sala/siguiente', { params: { path: { id: sede }, header: { 'Idempotency-Key': llave() } }, body: {} }));
  } catch (falla) {
    avisarFalla(falla);
  }
  void releer();
}
