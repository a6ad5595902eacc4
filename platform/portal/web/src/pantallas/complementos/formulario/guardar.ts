/** Saves configuration, secrets and keys, in this order: each raises the revision that the next one has to name. */
import { api, cuerpo } from '@/api/cliente';
import { Problema } from '@/api/problema';
import type { Configuracion } from '../datos';
import type { Objeto } from './esquema';
import type { Cambio } from './Secretos';

const base64 = (bytes: Uint8Array) => btoa(Array.from(bytes, (uno) => String.fromCharCode(uno)).join(''));

/** `quedo` hears of each step that was kept, so that what fails after it can be mended and sent again. */
export async function guardar(id: string, antes: Configuracion, config: Objeto, cambios: Record<string, Cambio>, quedo: (ahora: Configuracion) => void): Promise<void> {
  const claves = new Set(antes.claves.map((una) => una.nombre));
  const secretos: Record<string, string | null> = {};
  for (const [nombre, cambio] of Object.entries(cambios)) {
    if (claves.has(nombre)) continue;
    if (cambio === 'borrar') secretos[nombre] = null;
    else if ('texto' in cambio && cambio.texto !== '') secretos[nombre] = cambio.texto;
  }
  const header = (una: Configuracion) => ({ 'If-Match': `"${una.revision}"` });
  let ahora = await cuerpo(api.PUT('/api/v1/complementos/{id}/configuracion', { params: { path: { id }, header: header(antes) }, body: { config: config as never, secretos: secretos as never } }));
  if (!ahora) return;
  quedo(ahora);
  for (const ranura of claves) {
    const cambio = cambios[ranura];
    if (!cambio) continue;
    ahora = (await unaClave(id, ranura, cambio, header(ahora))) ?? ahora;
    quedo(ahora);
  }
}

async function unaClave(id: string, ranura: string, cambio: Cambio, header: { 'If-Match': string }): Promise<Configuracion | undefined> {
  try {
    if (cambio === 'borrar') return await cuerpo(api.DELETE('/api/v1/complementos/{id}/claves/{ranura}', { params: { path: { id, ranura } } }));
    const bytes = 'texto' in cambio ? new TextEncoder().encode(cambio.texto) : new Uint8Array((await cambio.archivo?.arrayBuffer()) ?? new ArrayBuffer(0));
    if (bytes.length === 0) return undefined;
    const contrasena = 'contrasena' in cambio && cambio.contrasena ? { contrasena: cambio.contrasena } : {};
    return await cuerpo(api.PUT('/api/v1/complementos/{id}/claves/{ranura}', { params: { path: { id, ranura }, header }, body: { contenido: base64(bytes), ...contrasena } }));
  } catch (falla) {
    // The server names the field of this request; the form has one per slot.
    if (falla instanceof Problema && falla.errores.length) throw new Problema(falla.status, { ...falla.cuerpo, errors: falla.errores.map((uno) => ({ pointer: uno.pointer.startsWith('/claves') ? uno.pointer : `/claves/${ranura}`, detail: uno.detail })) });
    throw falla;
  }
}
