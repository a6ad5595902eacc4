import { useCallback } from 'react';
import { useFiltros } from '@/app/direccion';

export const CLASES = ['peso', 'vacuna', 'desparasitacion', 'problema', 'alergia', 'tratamiento'] as const;
export type Clase = (typeof CLASES)[number];

/** The drawer that is open is in the address, so that the palette and links lead to it. */
export const useAbierto = () => useFiltros({ abrir: '', producto: '' });

export function useAnotar() {
  const [, cambiar] = useAbierto();
  return useCallback((clase: Clase | 'editar' | 'fusion' | 'fallecimiento' | 'tutor' | 'identificador' | 'transferencia' | 'agregar_tutor', producto = '') => cambiar({ abrir: clase, producto }), [cambiar]);
}
