/** The drawer's form of one row of a catalogue: made, or changed against the version that was read, with Undo. */
import { useForm, type FormErrors, type UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useEdicion } from '@/comun/edicion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';

type Versionada = { version: number };
type Props<F extends Versionada, V> = {
  fila: F | undefined;
  listo: () => void;
  valoresDe: (fila: F | undefined) => V;
  validar?: (valores: V) => FormErrors;
  nombre: (valores: V) => string;
  crear: (valores: V) => Promise<F>;
  cambiar: (fila: F, etag: string, valores: V) => Promise<F>;
  releer: () => Promise<unknown>;
  /** What a row just made becomes when it is taken back; without it a creation has no Undo. */
  retirar?: (valores: V) => V;
  campos: (formulario: UseFormReturnType<V>) => ReactNode;
};

export function FormaFila<F extends Versionada, V extends object>({ fila, listo, valoresDe, validar, nombre, crear, cambiar, releer, retirar, campos }: Props<F, V>) {
  const { t } = useTranslation('ajustes');
  const formulario = useForm<V>({ initialValues: valoresDe(fila), ...(validar ? { validate: validar } : {}) } as never) as unknown as UseFormReturnType<V>;
  const envio = useEnvio(formulario as never);
  const { base, guardando } = useEdicion(formulario, fila, fila ? version(fila) : '', valoresDe);
  const guardar = (valores: V) =>
    envio.enviar(async () => {
      const antes = base.fila;
      const hecha = await guardando(() => (antes ? cambiar(antes, base.version, valores) : crear(valores)), releer);
      listo();
      await releer();
      const vuelta = antes ? valoresDe(antes) : retirar?.(valores);
      const deshacer =
        vuelta &&
        (() =>
          cambiar(hecha, version(hecha), vuelta)
            .then(releer)
            .then(() => undefined, avisarFalla));
      avisar({ tono: 'bien', titulo: t(antes ? 'guardado' : 'creado', { que: nombre(valores) }), deshacer });
    });
  return (
    <Forma envio={envio} guardar={t(fila ? 'app:guardar' : 'crear')} listo={listo} alEnviar={formulario.onSubmit((valores) => void guardar(valores as V))}>
      {campos(formulario)}
    </Forma>
  );
}

/** Nothing wrong is no error at all. */
export const faltas = (pares: Record<string, string | false | null | undefined>): FormErrors => Object.fromEntries(Object.entries(pares).filter(([, dicho]) => dicho));
