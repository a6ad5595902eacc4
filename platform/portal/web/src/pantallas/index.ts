/**
 * Every screen, a line each. A screen is a folder here with its component, its queries and its texts
 * (`textos.es.json`, `textos.en.json`; the folder's name is the namespace).
 */
import { IconBuildingStore, IconCalendarWeek, IconHome2, IconLayoutKanban, IconListSearch, IconPaw } from '@tabler/icons-react';
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
    clave: 'sedes',
    ruta: '/sedes',
    permiso: 'sede.ver',
    donde: 'alguna',
    carga: () => import('./sedes/Sedes'),
    menu: { grupo: 'sistema', orden: 60, icono: IconBuildingStore, nombre: { es: 'Sedes', en: 'Sites' }, tecla: 'd' },
    acciones: [{ nombre: { es: 'Crear una sede', en: 'Create a site' }, con: { nueva: '1' }, permiso: 'cadena.configurar' }],
  },
  { clave: 'sedes', ruta: '/sedes/$id', permiso: 'sede.ver', donde: 'alguna', carga: () => import('./sedes/Sede') },
  { clave: 'sedes', ruta: '/sedes/$id/$parte', permiso: 'sede.ver', donde: 'alguna', carga: () => import('./sedes/Sede') },
  { clave: 'sedes', ruta: '/feriados', permiso: 'cita.ver', donde: 'alguna', carga: () => import('./sedes/Feriados') },
  { clave: 'sedes', ruta: '/traslados', permiso: 'cita.ver', donde: 'alguna', carga: () => import('./sedes/Traslados') },
  {
    clave: 'auditoria',
    ruta: '/auditoria',
    permiso: 'auditoria.ver',
    donde: 'alguna',
    carga: () => import('./auditoria/Auditoria'),
    menu: { grupo: 'sistema', orden: 90, icono: IconListSearch, nombre: { es: 'Auditoría', en: 'Audit' }, tecla: 'u' },
  },
];
