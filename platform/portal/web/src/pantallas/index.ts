/**
 * Every screen, a line each. A screen is a folder here with its component, its queries and its texts
 * (`textos.es.json`, `textos.en.json`; the folder's name is the namespace).
 */
import { IconCalendarWeek, IconHome2, IconLayoutKanban, IconListSearch, IconPaw, IconPuzzle } from '@tabler/icons-react';
import type { Pantalla } from '@/app/pantalla';

export const PANTALLAS: Pantalla[] = [
  { clave: 'ingresar', ruta: '/ingresar', publica: true, carga: () => import('./ingresar/Ingresar') },
  { clave: 'olvido', ruta: '/olvido', publica: true, carga: () => import('./olvido/Olvido') },
  { clave: 'contrasena', ruta: '/cuenta/restablecer', publica: true, carga: () => import('./contrasena/Restablecer') },
  { clave: 'contrasena', ruta: '/cuenta/aceptar', publica: true, carga: () => import('./contrasena/Aceptar') },
  { clave: 'cuenta', ruta: '/cuenta', carga: () => import('./cuenta/Cuenta') },
  {
    clave: 'inicio',
    ruta: '/inicio',
    porSede: true,
    carga: () => import('./inicio/Inicio'),
    menu: { grupo: 'atencion', orden: 10, icono: IconHome2, nombre: { es: 'Inicio', en: 'Start' }, tecla: 'i', movil: true },
  },
  {
    clave: 'agenda',
    ruta: '/agenda',
    permiso: 'cita.ver',
    porSede: true,
    carga: () => import('./agenda/Agenda'),
    menu: { grupo: 'atencion', orden: 20, icono: IconCalendarWeek, nombre: { es: 'Agenda', en: 'Agenda' }, tecla: 'a', movil: true },
    acciones: [{ nombre: { es: 'Nueva cita', en: 'New appointment' }, con: { nueva: '1' }, permiso: 'cita.reservar' }],
  },
  {
    clave: 'sala',
    ruta: '/sala',
    permiso: 'cita.ver',
    porSede: true,
    carga: () => import('./sala/Sala'),
    menu: { grupo: 'atencion', orden: 30, icono: IconLayoutKanban, nombre: { es: 'Sala', en: 'Waiting room' }, tecla: 's', movil: true },
    acciones: [{ nombre: { es: 'Anotar a quien llegó sin cita', en: 'Add a walk-in' }, con: { sin_cita: '1' }, permiso: 'cita.atender' }],
  },
  {
    clave: 'pacientes',
    ruta: '/pacientes',
    permiso: 'paciente.ver',
    donde: 'alguna',
    carga: () => import('./pacientes/Buscar'),
    menu: { grupo: 'atencion', orden: 40, icono: IconPaw, nombre: { es: 'Pacientes', en: 'Patients' }, tecla: 'p', movil: true },
  },
  {
    clave: 'pacientes',
    ruta: '/pacientes/nuevo',
    permiso: 'paciente.registrar',
    donde: 'alguna',
    carga: () => import('./pacientes/Registro'),
    acciones: [{ nombre: { es: 'Registrar paciente', en: 'Register a patient' }, permiso: 'paciente.registrar' }],
  },
  { clave: 'pacientes', ruta: '/pacientes/$id', permiso: 'paciente.ver', donde: 'alguna', carga: () => import('./pacientes/Paciente') },
  { clave: 'pacientes', ruta: '/tutores/$id', permiso: 'paciente.ver', donde: 'alguna', carga: () => import('./pacientes/Tutor') },
  {
    clave: 'auditoria',
    ruta: '/auditoria',
    permiso: 'auditoria.ver',
    donde: 'alguna',
    carga: () => import('./auditoria/Auditoria'),
    menu: { grupo: 'sistema', orden: 90, icono: IconListSearch, nombre: { es: 'Auditoría', en: 'Audit' }, tecla: 'u' },
  },
  {
    clave: 'complementos',
    ruta: '/complementos',
    permiso: 'complemento.ver',
    donde: 'alguna',
    carga: () => import('./complementos/Catalogo'),
    menu: { grupo: 'sistema', orden: 80, icono: IconPuzzle, nombre: { es: 'Complementos', en: 'Plugins' }, tecla: 'k' },
  },
  {
    clave: 'complementos',
    ruta: '/complementos/modulos',
    permiso: 'complemento.ver',
    donde: 'alguna',
    carga: () => import('./complementos/Modulos'),
    acciones: [{ nombre: { es: 'Activar o desactivar módulos', en: 'Switch modules on or off' }, permiso: 'complemento.administrar' }],
  },
  { clave: 'complementos', ruta: '/complementos/corridas', permiso: 'complemento.ver', donde: 'alguna', carga: () => import('./complementos/Corridas') },
  { clave: 'complementos', ruta: '/complementos/taller', permiso: 'complemento.publicar', donde: 'cadena', carga: () => import('./complementos/taller/Taller') },
  { clave: 'complementos', ruta: '/complementos/revision', permiso: 'complemento.revisar', donde: 'cadena', carga: () => import('./complementos/taller/Revision') },
  { clave: 'complementos', ruta: '/complementos/versiones/$digest', permiso: 'complemento.publicar', donde: 'cadena', carga: () => import('./complementos/taller/UnaVersion') },
  { clave: 'complementos', ruta: '/complementos/editores/$clave', permiso: 'complemento.publicar', donde: 'cadena', carga: () => import('./complementos/taller/UnEditor') },
  // The identifier has dots, and what ends in a name with a dot is a file for the server: so there is always a part behind it.
  { clave: 'complementos', ruta: '/complementos/$id/$parte', permiso: 'complemento.ver', donde: 'alguna', carga: () => import('./complementos/Ficha') },
];
