/** Finding one's way on the agenda: free times, blocks and points of the grid. */
import { expect, type APIRequestContext, type Locator, type Page } from '@playwright/test';
import { cliente } from './base';
import type { Rol } from './ajustes';

export type Cita = { id: string; inicio: string; fin: string; estado: string; version: number; mascota: string; mascota_id: string; medico: string; medico_id: string; servicio_id: string; sede_id: string; ambiente_id?: string | null };
export type Hueco = { inicio: string; fin: string; medico_id: string; sede_id: string };
export type Cliente = Awaited<ReturnType<typeof cliente>>;

const lima = (instante: string | number, opciones: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Lima', ...opciones }).format(new Date(instante));
export const diaDe = (instante: string | number) => lima(instante, { year: 'numeric', month: '2-digit', day: '2-digit' });
export const horaDe = (instante: string | number) => lima(instante, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export class Recepcion {
  private constructor(
    readonly api: Cliente,
    readonly sede: string,
    readonly servicio: string,
  ) {}
  static async de(request: APIRequestContext, rol: Rol = 'recepcion') {
    const api = await cliente(request, rol);
    const yo = await api.leer<{ sedes: { id: string }[] }>('/yo');
    const servicios = await api.leer<{ items: { id: string; codigo: string }[] }>('/servicios?limite=200');
    const consulta = servicios.items.find((s) => s.codigo === 'CONS') ?? servicios.items[0];
    return new Recepcion(api, yo.sedes[0]?.id ?? '', consulta?.id ?? '');
  }
  /** Free times from so many days ahead: far enough that no other test is there. */
  async huecos(dias: number, limite = 20): Promise<Hueco[]> {
    const desde = new Date(Date.now() + dias * 86_400_000).toISOString();
    const { huecos } = await this.api.leer<{ huecos: Hueco[] }>(`/disponibilidad?servicio_id=${this.servicio}&sedes=${this.sede}&desde=${desde}&limite=${limite}`);
    expect(huecos.length, 'la demo tiene horas libres').toBeGreaterThan(0);
    return huecos;
  }
  /** One of them; there is one. */
  async hueco(dias: number): Promise<Hueco> {
    const [hueco] = await this.huecos(dias, 1);
    if (!hueco) throw new Error('la demo no tiene horas libres');
    return hueco;
  }
  async citas(fecha: string): Promise<Cita[]> {
    return (await this.api.leer<{ items: Cita[] }>(`/citas?sede_id=${this.sede}&fecha=${fecha}&con_anuladas=true`)).items;
  }
  async cita(id: string) {
    return this.api.leer<Cita>(`/citas/${id}`);
  }
  /** Some pet that is alive and has nothing at that time. */
  async reservar(hueco: Hueco, busca = 'luna', mas: Record<string, unknown> = {}): Promise<Cita & { nombre: string }> {
    const { items } = await this.api.leer<{ items: { mascota?: { id: string; nombre: string; fallecida_en?: string | null } | null; restringida?: boolean }[] }>(`/pacientes?buscar=${busca}&limite=60`);
    const libres = items.filter((i) => i.mascota && !i.mascota.fallecida_en && !i.restringida);
    const mascota = libres[Math.floor(Math.random() * libres.length)]?.mascota;
    expect(mascota, `hay mascotas que se llaman ${busca}`).toBeTruthy();
    const cita = await this.api.enviar<Cita>('POST', '/citas/reservar', { sede_id: this.sede, servicio_id: this.servicio, mascota_id: mascota?.id, medico_id: hueco.medico_id, inicio: hueco.inicio, ...mas });
    return { ...cita, nombre: mascota?.nombre ?? '' };
  }
  /** To a state that the server allows from where it is. */
  async pasar(id: string, estado: string) {
    const { version } = await this.cita(id);
    await this.api.enviar('PUT', `/citas/${id}/estado`, { estado }, { 'If-Match': `"${version}"` });
  }
  async anular(cita: { id: string }) {
    await this.api.enviar('DELETE', `/citas/${cita.id}?motivo=prueba`).catch(() => undefined);
  }
}

export async function abrirDia(page: Page, fecha: string, mas = '') {
  await page.goto(`/agenda?fecha=${fecha}${mas}`);
  await page.locator('.ec .ec-body').waitFor();
  await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
}
export const bloque = (page: Page, id: string): Locator => page.locator(`.ec-event[data-cita="${id}"]`).first();

/** Where on the screen a vet's time is; it scrolls there first. */
export async function punto(page: Page, columna: number, hora: string): Promise<{ x: number; y: number }> {
  const [h = 0, m = 0] = hora.split(':').map(Number);
  return page.evaluate(
    ([i, minutos]) => {
      const cuerpo = document.querySelector<HTMLElement>('.ec .ec-body');
      const principal = document.querySelector<HTMLElement>('.ec .ec-main');
      const primera = document.querySelector('.ec .ec-sidebar time')?.getAttribute('datetime') ?? '';
      const dias = document.querySelectorAll<HTMLElement>('.ec .ec-body .ec-day');
      const dia = dias[i ?? 0];
      if (!cuerpo || !principal || !dia) throw new Error('no hay agenda');
      const desde = Number(/T?(\d\d):(\d\d)/.exec(primera)?.[1] ?? 0) * 60;
      const y = (((minutos ?? 0) - desde) / 15) * 24 + 6;
      principal.scrollTop = Math.max(0, y - principal.clientHeight / 2);
      const caja = dia.getBoundingClientRect();
      return { x: caja.x + caja.width / 2, y: cuerpo.getBoundingClientRect().y + y };
    },
    [columna, h * 60 + m],
  );
}
/** Which column a vet has, from left to right. */
export const columnaDe = async (page: Page, medico: string) => {
  const titulos = await page.locator('.ec .columna b').allTextContents();
  const lugar = titulos.findIndex((titulo) => titulo && medico.startsWith(titulo));
  expect(lugar, `${medico} tiene una columna entre ${titulos.join(', ')}`).toBeGreaterThanOrEqual(0);
  return lugar;
};

export async function arrastrar(page: Page, desde: Locator, hasta: { x: number; y: number }) {
  const caja = await desde.boundingBox();
  if (!caja) throw new Error('el bloque no se ve');
  await page.mouse.move(caja.x + caja.width / 2, caja.y + 6);
  await page.mouse.down();
  await page.mouse.move(caja.x + caja.width / 2 + 6, caja.y + 12, { steps: 3 });
  await page.mouse.move(hasta.x, hasta.y, { steps: 14 });
  await page.mouse.up();
}
