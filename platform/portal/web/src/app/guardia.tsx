import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { SinPermiso } from './estados';
import type { Pantalla } from './pantalla';
import { usePuede, useSesion } from './sesion';

export function conPermiso({ permiso = '', donde, plataforma }: Pantalla, Componente: ComponentType) {
  return function Guardada() {
    const puede = usePuede();
    const { yo } = useSesion();
    const { t } = useTranslation('app');
    if (plataforma && !yo.cadena.plataforma) return <SinPermiso detalle={t('sin_permiso.plataforma')} nivel={1} />;
    return puede(permiso, donde === 'sede' ? undefined : donde) ? <Componente /> : <SinPermiso permiso={permiso} nivel={1} />;
  };
}
