/** Sending a form: one at a time, the server's word beside each field, and the rest of what it said above them. */
import { Alert } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconAlertCircle } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { Problema } from '@/api/problema';
import { textoDeFalla } from '@/app/avisos';

type Formulario = Pick<UseFormReturnType<never>, 'setErrors'> & { getValues: () => unknown };

const existe = (valores: unknown, ruta: string): boolean =>
  ruta.split('.').every((parte) => {
    if (typeof valores !== 'object' || valores === null || !(parte in valores)) return false;
    valores = (valores as Record<string, unknown>)[parte];
    return true;
  });

const enfocarPrimero = () => requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());

/**
 * `enviar(hacer)` runs it and says whether it went well. `nombres`: fields that the form calls otherwise than the API.
 * `aparte`: failures that the screen shows in its own way; it says whether it took this one.
 */
export function useEnvio(formulario?: Formulario, { nombres = {}, aparte }: { nombres?: Record<string, string>; aparte?: (falla: unknown) => boolean } = {}) {
  const [va, setVa] = useState(false);
  const [falla, setFalla] = useState<string>('');
  async function enviar(hacer: () => Promise<unknown>): Promise<boolean> {
    if (va) return false;
    setVa(true);
    setFalla('');
    try {
      await hacer();
      return true;
    } catch (error) {
      if (!aparte?.(error)) repartir(error);
      return false;
    } finally {
      setVa(false);
    }
  }
  function repartir(error: unknown) {
    const campos = error instanceof Problema ? error.errores.map((uno) => ({ ruta: uno.pointer.replace(/^[/?]/, '').replaceAll('/', '.'), dicho: uno.detail })) : [];
    const propios: Record<string, string> = {};
    const sueltos: string[] = [];
    for (const { ruta, dicho } of campos) {
      const aqui = nombres[ruta] ?? ruta;
      if (formulario && existe(formulario.getValues(), aqui)) propios[aqui] = dicho;
      else sueltos.push(dicho);
    }
    formulario?.setErrors(propios as never);
    if (Object.keys(propios).length > 0) enfocarPrimero();
    if (campos.length === 0) setFalla(textoDeFalla(error));
    else if (sueltos.length > 0) setFalla(sueltos.join(' '));
  }
  return { va, falla, enviar, olvidar: () => setFalla('') };
}

export const Falla = ({ children }: { children: ReactNode }) =>
  children ? (
    <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} role="alert">
      {children}
    </Alert>
  ) : null;

/** Empty words are nothing at all for the API. */
export const oNada = (texto: string) => texto.trim() || null;
