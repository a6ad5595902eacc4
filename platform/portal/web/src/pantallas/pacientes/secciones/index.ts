/**
 * What a patient's page is made of. Each section brings its own queries and stands alone; a capability or a plugin adds a
 * line. `zona`: the summary at the left, the narrow column at the right, or the middle.
 */
import type { ComponentType } from 'react';
import type { Mascota } from '../datos';
import { Alertas } from './Alertas';
import { Consentimientos } from './Consentimientos';
import { Desparasitaciones } from './Desparasitaciones';
import { Ficha } from './Ficha';
import { Historial } from './Historial';
import { Peso } from './Peso';
import { Problemas } from './Problemas';
import { Tratamientos } from './Tratamientos';
import { Tutores } from './Tutores';
import { Vacunas } from './Vacunas';
import { Vistas } from './Vistas';

export type SeccionDePaciente = {
  clave: string;
  zona: 'resumen' | 'carril' | 'centro';
  /** Without it the section is not there. */
  permiso?: string;
  Componente: ComponentType<{ mascota: Mascota }>;
};

export const SECCIONES: SeccionDePaciente[] = [
  { clave: 'alertas', zona: 'resumen', permiso: 'alerta.ver', Componente: Alertas },
  { clave: 'problemas', zona: 'resumen', permiso: 'historial.ver', Componente: Problemas },
  { clave: 'tratamientos', zona: 'resumen', permiso: 'historial.ver', Componente: Tratamientos },
  { clave: 'tutores', zona: 'resumen', Componente: Tutores },
  { clave: 'ficha', zona: 'resumen', Componente: Ficha },
  { clave: 'consentimientos', zona: 'resumen', Componente: Consentimientos },
  { clave: 'vistas', zona: 'resumen', permiso: 'auditoria.ver', Componente: Vistas },
  { clave: 'historial', zona: 'centro', permiso: 'historial.ver', Componente: Historial },
  { clave: 'peso', zona: 'carril', Componente: Peso },
  { clave: 'vacunas', zona: 'carril', permiso: 'historial.ver', Componente: Vacunas },
  { clave: 'desparasitaciones', zona: 'carril', permiso: 'historial.ver', Componente: Desparasitaciones },
];
