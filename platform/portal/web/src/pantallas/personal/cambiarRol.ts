/** One permission of one role. Clicks come faster than answers, so changes of a role go one after the other, each over the last. */
import { api, consultas, cuerpo, renovar, version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import i18n from '@/app/i18n';
import { describir, type Permiso, type Rol } from './datos';

const CLAVE = ['get', '/api/v1/roles', 'todas', 'todas'];
const colas = new Map<string, Promise<unknown>>();

export const renovarRoles = () => renovar('/api/v1/roles', '/api/v1/roles/{id}', '/api/v1/yo');
const enPantalla = (id: string) => consultas.getQueryData<Rol[]>(CLAVE)?.find((rol) => rol.id === id);
const mostrar = (rol: Rol) => consultas.setQueryData<Rol[]>(CLAVE, (todos) => todos?.map((uno) => (uno.id === rol.id ? rol : uno)));

const con = (permisos: string[], clave: string, si: boolean) => [...permisos.filter((una) => una !== clave), ...(si ? [clave] : [])];

async function enviar(id: string, clave: string, si: boolean): Promise<void> {
  const rol = enPantalla(id);
  if (!rol) return;
  const body = { nombre: rol.nombre, exige_segundo_factor: rol.exige_segundo_factor, permisos: con(rol.permisos, clave, si) };
  const hecho = await cuerpo(api.PUT('/api/v1/roles/{id}', { params: { path: { id }, header: { 'If-Match': version(rol) } }, body }));
  if (hecho) mostrar(hecho);
  await renovar('/api/v1/yo');
}

function encolar(id: string, hacer: () => Promise<void>) {
  const siguiente = (colas.get(id) ?? Promise.resolve()).then(hacer, hacer);
  colas.set(id, siguiente.catch(() => undefined));
  return siguiente;
}

export async function cambiarPermiso(rol: Rol, permiso: Permiso, si: boolean) {
  // Shown at once; the answer brings the version with which the next change goes.
  mostrar({ ...rol, permisos: con(enPantalla(rol.id)?.permisos ?? rol.permisos, permiso.clave, si), version: enPantalla(rol.id)?.version ?? rol.version });
  try {
    await encolar(rol.id, () => enviar(rol.id, permiso.clave, si));
    avisar({
      tono: 'bien',
      titulo: i18n.t(si ? 'personal:roles.dado' : 'personal:roles.quitado', { rol: rol.nombre }),
      detalle: describir(permiso),
      deshacer: () => encolar(rol.id, () => enviar(rol.id, permiso.clave, !si)).catch(avisarFalla),
    });
  } catch (falla) {
    avisarFalla(falla, i18n.t('personal:roles.no_cambio', { rol: rol.nombre }));
    await renovarRoles();
  }
}
