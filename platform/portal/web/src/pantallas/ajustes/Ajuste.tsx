/** A handful of decisions of the chain, saved together. Who may not change them reads them in the same place. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { useEdicion } from '@/comun/edicion';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';

type Versionada = { version: number };
type Props<F extends Versionada, V extends Record<string, unknown>> = {
  titulo: string;
  detalle: string;
  consulta: UseQueryResult<F, unknown>;
  valoresDe: (fila: F) => V;
  poner: (etag: string, valores: V) => Promise<F>;
  releer: () => Promise<unknown>;
  campos: (formulario: UseFormReturnType<V>) => ReactNode;
};

export function Ajuste<F extends Versionada, V extends Record<string, unknown>>(props: Props<F, V>) {
  return (
    <Seccion titulo={props.titulo}>
      <Text size="sm" c="dimmed" mb="md">
        {props.detalle}
      </Text>
      <Segun consulta={props.consulta}>{(fila) => <Forma {...props} fila={fila} />}</Segun>
    </Seccion>
  );
}

function Forma<F extends Versionada, V extends Record<string, unknown>>({ titulo, fila, valoresDe, poner, releer, campos }: Props<F, V> & { fila: F }) {
  const { t } = useTranslation('ajustes');
  const edita = usePuede()('cadena.configurar', 'cadena');
  const formulario = useForm<V>({ initialValues: valoresDe(fila) });
  const envio = useEnvio(formulario as never);
  const { base, tomar, guardando } = useEdicion(formulario, fila, version(fila), valoresDe);
  const cambiar = async (etag: string, valores: V) => {
    const hecha = await poner(etag, valores);
    await releer();
    return hecha;
  };
  const guardar = (valores: V) =>
    envio.enviar(async () => {
      const antes = valoresDe(base.fila);
      const hecha = await guardando(() => cambiar(base.version, valores), releer);
      tomar(hecha, version(hecha));
      avisar({ tono: 'bien', titulo: t('guardado', { que: titulo }), deshacer: () => cambiar(version(hecha), antes).then(() => undefined, avisarFalla) });
    });
  return (
    <form noValidate onSubmit={formulario.onSubmit((valores) => void guardar(valores))}>
      <fieldset className="ajustes-campos" disabled={!edita}>
        <Stack>
          <Falla>{envio.falla}</Falla>
          {campos(formulario)}
          {edita && (
            <Group justify="flex-end">
              <Button type="submit" loading={envio.va} disabled={!formulario.isDirty()}>
                {t('app:guardar')}
              </Button>
            </Group>
          )}
        </Stack>
      </fieldset>
    </form>
  );
}
