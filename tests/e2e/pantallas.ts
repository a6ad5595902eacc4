/** Every screen, and who opens it: one list for what holds of all of them (calidad) and for their pictures (capturas). */
import type { Page } from '@playwright/test';
import { diaDe } from './agenda';
import { CADENA, CLAVE, URL_BASE, type Rol } from './ajustes';
import { cliente, expect, ingresar } from './base';

export type Quien = Rol | 'plataforma' | 'nadie';
export interface Pantalla {
  /** As a file of pictures is called; unique. */
  clave: string;
  ruta: string;
}
const MANANA = diaDe(Date.now() + 86_400_000);
const agenda = (con: string) => `/agenda?fecha=${MANANA}${con}`;
const de = (filas: Record<string, string>): Pantalla[] => Object.entries(filas).map(([clave, ruta]) => ({ clave, ruta }));

/** In the order of the menu. `SEDE`, `YO`, `PACIENTE`, `TUTOR`: of whoever looks. */
export const PANTALLAS: { quien: Quien; pantallas: Pantalla[] }[] = [
  {
    quien: 'nadie',
    pantallas: de({
      ingresar: '/ingresar',
      olvido: '/olvido',
      restablecer: '/cuenta/restablecer#x',
      aceptar: '/cuenta/aceptar',
      reservar: `/reservar/${CADENA}`,
      libro: `/libro-de-reclamaciones/${CADENA}`,
    }),
  },
  {
    quien: 'recepcion',
    pantallas: de({
      inicio: '/inicio',
      'agenda-dia': agenda(''),
      'agenda-ambientes': agenda('&por=ambiente'),
      'agenda-semana': agenda('&vista=semana'),
      'agenda-lista': agenda('&vista=lista'),
      'agenda-pendientes': agenda('&lado=esperas'),
      'agenda-pedidos': agenda('&lado=pedidos'),
      'agenda-hueco': agenda('&buscar=1'),
      'agenda-espera': agenda('&nueva=espera'),
      'agenda-nueva': agenda('&nueva=1'),
      sala: '/sala',
      'sala-tv': '/sala?tv=1',
      'sala-sin-cita': '/sala?sin_cita=1',
      'sala-tiempos': '/sala/tiempos',
      pacientes: '/pacientes?q=luna',
      'paciente-nuevo': '/pacientes/nuevo',
      paciente: '/pacientes/PACIENTE',
      tutor: '/tutores/TUTOR',
      alertas: '/alertas',
      recordatorios: '/recordatorios',
      mensajes: '/recordatorios/mensajes?estado=todos&atendido=todos',
      respuestas: '/recordatorios/respuestas',
      resultados: '/recordatorios/resultados',
      calendarios: '/integracion/calendarios',
      cuenta: '/cuenta',
      'sin-permiso': '/complementos',
      'no-existe': '/nada-de-esto',
    }),
  },
  { quien: 'veterinario', pantallas: de({ 'inicio-medico': '/inicio', 'agenda-medico': agenda('') }) },
  {
    quien: 'administrador_cadena',
    pantallas: de({
      'inicio-cadena': '/inicio',
      'agenda-sedes': agenda('&vista=sedes'),
      sedes: '/sedes',
      'sede-nueva': '/sedes?nueva=1',
      'sede-datos': '/sedes/SEDE/datos',
      'sede-horario': '/sedes/SEDE/horario',
      'sede-dias': '/sedes/SEDE/dias',
      'sede-bloqueo': '/sedes/SEDE/dias?abrir=bloqueo',
      'sede-ambientes': '/sedes/SEDE/ambientes',
      'sede-medicos': '/sedes/SEDE/medicos',
      'sede-rol': '/sedes/SEDE/medicos?ver=semana',
      'sede-turnos': '/sedes/SEDE/turnos',
      'sede-turno-nuevo': '/sedes/SEDE/turnos?abrir=turno',
      'sede-reservas': '/sedes/SEDE/reservas',
      feriados: '/feriados',
      traslados: '/traslados',
      personal: '/personal',
      persona: '/personal/YO',
      invitar: '/personal?nueva=1',
      roles: '/roles',
      'rol-nuevo': '/roles?abrir=nuevo',
      'por-que': '/por-que?usuario=YO&permiso=cita.ver&lugar=cadena',
      ajustes: '/ajustes',
      servicios: '/ajustes/servicios',
      'servicio-nuevo': '/ajustes/servicios?abrir=nuevo',
      'ajustes-agenda': '/ajustes/agenda',
      'ajustes-pacientes': '/ajustes/pacientes',
      especies: '/ajustes/especies',
      vacunas: '/ajustes/vacunas',
      antigenos: '/ajustes/antigenos',
      razones: '/ajustes/razones',
      'puesta-en-marcha': '/puesta-en-marcha',
      reclamos: '/reclamos?estado=todos',
      ensayos: '/alertas/ensayos',
      plantillas: '/recordatorios/plantillas',
      avisos: '/recordatorios/ajustes',
      importaciones: '/importaciones',
      claves: '/integracion',
      webhooks: '/integracion/webhooks',
      trabajos: '/integracion/trabajos',
      exportaciones: '/integracion/exportaciones',
      solicitudes: '/datos-personales',
      incidentes: '/datos-personales/incidentes',
      conservacion: '/datos-personales/conservacion',
      aperturas: '/datos-personales/aperturas',
      auditoria: '/auditoria',
      ingresos: '/auditoria/ingresos',
      complementos: '/complementos',
      complemento: '/complementos/pe.huella.whatsapp/resumen',
      'complemento-configuracion': '/complementos/pe.huella.vacunas/configuracion',
      'complemento-corridas': '/complementos/corridas',
      modulos: '/complementos/modulos',
      taller: '/complementos/taller',
    }),
  },
  { quien: 'auditor', pantallas: de({ 'inicio-auditor': '/inicio', 'auditoria-auditor': '/auditoria' }) },
  { quien: 'plataforma', pantallas: de({ cadenas: '/cadenas', revision: '/complementos/revision' }) },
];

/** Of one thing each: of what the demonstration has none, `hacerLoQueFalta` makes one. Where somebody may see none, they say that it is not there. */
const DE_UNO: typeof PANTALLAS = [
  { quien: 'recepcion', pantallas: de({ 'una-cita': agenda('&cita=CITA') }) },
  {
    quien: 'administrador_cadena',
    pantallas: de({
      sede: '/sedes/SEDE',
      'un-reclamo': '/reclamos/RECLAMO',
      'un-ensayo': '/alertas/ensayos/ENSAYO',
      'una-importacion': '/importaciones/IMPORTACION',
      'un-webhook': '/integracion/webhooks/WEBHOOK',
      'un-editor': '/complementos/editores/EDITOR',
      'complemento-suyas': '/complementos/pe.huella.vacunas/corridas',
    }),
  },
  { quien: 'plataforma', pantallas: de({ 'una-version': '/complementos/versiones/VERSION', 'un-editor-ajeno': '/complementos/editores/EDITOR' }) },
];
export const TODAS: typeof PANTALLAS = PANTALLAS.map(({ quien, pantallas }) => ({ quien, pantallas: [...pantallas, ...DE_UNO.filter((una) => una.quien === quien).flatMap((una) => una.pantallas)] }));
/** Where each is listed, and what its address calls it by. */
const LISTADOS: Record<string, [lista: string, campo: string]> = {
  CITA: [`citas?fecha=${MANANA}&sede_id=SEDE`, 'id'],
  RECLAMO: ['reclamos', 'id'],
  ENSAYO: ['alertas/ensayos', 'id'],
  IMPORTACION: ['importaciones', 'id'],
  WEBHOOK: ['webhooks', 'id'],
  EDITOR: ['complementos/editores', 'clave'],
  VERSION: ['complementos/versiones', 'digest'],
};
const NINGUNO = '00000000-0000-7000-8000-000000000000';

let hay = false;
/** Nothing of it leaves the machine, writes to anybody or changes a patient. */
async function hacerLoQueFalta(page: Page) {
  if (hay) return;
  const admin = await cliente(page.request, 'administrador_cadena');
  const falta = async (lista: string) => (await admin.leer<{ items: unknown[] }>(`/${lista}`)).items.length === 0;
  if (await falta('webhooks')) await admin.enviar('POST', '/webhooks', { nombre: 'De muestra', url: 'https://receptor.invalid/hook', eventos: ['cita.reservada'], activo: false });
  if (await falta('importaciones')) await admin.enviar('POST', '/importaciones?tipo=tutores&nombre=muestra.csv', 'Nombres;Apellidos;Celular\nRosa;De Muestra;987654321\n', { 'content-type': 'text/csv' });
  if (await falta('alertas/ensayos')) {
    const { id } = await admin.enviar<{ id: string }>('POST', '/alertas/ensayos', { complemento: 'pe.huella.vacunas' });
    // One that still runs would be drawn anew under whoever looks.
    await expect.poll(async () => (await admin.leer<{ estado: string }>(`/alertas/ensayos/${id}`)).estado, { timeout: 60_000 }).toMatch(/^(terminado|fallido)$/);
  }
  hay = true;
}

/** As `entrar`, for `DE_UNO` too; there is nothing to find for who is nobody. */
export async function entrarYHallar(page: Page, quien: Quien): Promise<(ruta: string) => string> {
  const lugar = await entrar(page, quien);
  if (quien === 'nadie') return lugar;
  await hacerLoQueFalta(page);
  const listados = Object.entries(LISTADOS).map(([nombre, [lista, campo]]) => [nombre, lugar(`/${lista}`).replace(/^https?:\/\/[^/]+/, ''), campo] as const);
  const hallados = await page.evaluate(
    (todos) =>
      Promise.all(
        todos.map(async ([nombre, lista, campo]) => {
          const dicho = (await (await fetch(`/api/v1${lista}`)).json().catch(() => ({}))) as { items?: Record<string, string>[] };
          return [nombre, dicho.items?.[0]?.[campo] ?? ''] as const;
        }),
      ),
    listados,
  );
  const ids = new Map(hallados);
  return (ruta) => lugar(ruta.replace(new RegExp(Object.keys(LISTADOS).join('|'), 'g'), (nombre) => ids.get(nombre) || NINGUNO));
}

/** Signs in as somebody, and says how to find what a route names. */
export async function entrar(page: Page, quien: Quien): Promise<(ruta: string) => string> {
  await page.context().clearCookies();
  if (quien === 'nadie') return (ruta) => ruta;
  if (quien === 'plataforma') {
    const plataforma = URL_BASE.replace(`//${CADENA}.`, '//plataforma.');
    await page.goto(`${plataforma}/ingresar?luego=%2Finicio`);
    await page.getByLabel('Correo').fill('operacion@huella.example.pe');
    await page.getByLabel('Contraseña', { exact: true }).fill(CLAVE);
    await page.getByRole('button', { name: 'Ingresar' }).click();
    // The page to sign in has a heading too.
    await page.getByRole('banner').first().waitFor();
    await page.getByRole('main').locator('h1').waitFor();
    return (ruta) => plataforma + ruta;
  }
  await ingresar(page, quien);
  const { yo, luna } = await page.evaluate(async () => {
    const leer = async (ruta: string) => (await (await fetch(`/api/v1/${ruta}`)).json()) as unknown;
    return {
      yo: (await leer('yo')) as { id: string; sedes: { id: string }[] },
      luna: (await leer('pacientes?buscar=luna&limite=5')) as { items?: { mascota?: { id: string }; tutor?: { id: string } }[] },
    };
  });
  const hallada = luna.items?.find((item) => item.mascota && item.tutor);
  const lugares: Record<string, string> = { SEDE: yo.sedes[0]?.id ?? '', YO: yo.id, PACIENTE: hallada?.mascota?.id ?? '', TUTOR: hallada?.tutor?.id ?? '' };
  return (ruta) => ruta.replace(/SEDE|YO|PACIENTE|TUTOR/g, (lugar) => lugares[lugar] ?? '');
}

/** Goes there and waits until it is drawn. */
export async function abrir(page: Page, ruta: string) {
  await page.goto(ruta);
  await page.locator('h1').first().waitFor();
  await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0);
  // Live events keep the network busy for ever; what is drawn late is what this waits for.
  await page.waitForTimeout(350);
}
