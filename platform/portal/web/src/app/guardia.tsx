import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { SinPermiso } from './estados';
import { permisosDe, visible, type Pantalla } from './pantalla';
import { usePuede, useSesion } from './sesion';

export function conPermiso(pantalla: Pantalla, Componente: ComponentType) {
  return function Guardada() {
    const puede = usePuede();
    const { yo } = useSesion();
    const { t } = useTranslation('app');
    if (pantalla.plataforma && !yo.cadena.plataforma) return <SinPermiso detalle={t('sin_permiso.plataforma')} nivel={1} />;
    return visible(pantalla, puede, yo.cadena.plataforma === true) ? <Componente /> : <SinPermiso permiso={permisosDe(pantalla)[0] ?? ''} nivel={1} />;
  };
}
