import type { ComponentType } from 'react';
import { SinPermiso } from './estados';
import type { Pantalla } from './pantalla';
import { usePuede } from './sesion';

export function conPermiso({ permiso = '', donde }: Pantalla, Componente: ComponentType) {
  return function Guardada() {
    const puede = usePuede();
    return puede(permiso, donde === 'sede' ? undefined : donde) ? <Componente /> : <SinPermiso permiso={permiso} nivel={1} />;
  };
}
