import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PANTALLAS } from '@/pantallas';
import { usePuede } from '@/app/sesion';

/** Each part of the settings: where, and who may look. Those of other screens are here too, so that there is one place for all. */
export type Parte = { clave: string; a: string; ve: boolean };
export type Pieza = { titulo: string; children: ReactNode };

export function usePartes(): Parte[] {
  const puede = usePuede();
  const partes: [clave: string, permiso: string, a?: string][] = [
    ['servicios', 'servicio.ver'],
    ['agenda', 'cita.ver'],
    ['pacientes', 'paciente.ver'],
    ['especies', 'paciente.ver'],
    ['vacunas', 'paciente.ver'],
    ['antigenos', 'paciente.ver'],
    ['razones', 'sede.ver'],
    ['mensajes', 'mensaje.configurar', '/recordatorios/ajustes'],
    ['modulos', 'complemento.ver', '/complementos/modulos'],
    ['importar', 'datos.importar', '/importaciones'],
  ];
  return partes
    .filter(([, , a]) => !a || PANTALLAS.some((pantalla) => pantalla.ruta === a))
    .map(([clave, permiso, a]) => ({ clave, a: a ?? `/ajustes/${clave}`, ve: puede(permiso, 'alguna') }));
}

export function usePestanas() {
  const { t } = useTranslation('ajustes');
  return usePartes()
    .filter((parte) => parte.a.startsWith('/ajustes/'))
    .map((parte) => ({ a: parte.a, nombre: t(`parte.${parte.clave}`), ve: parte.ve }));
}
