import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla, type Aviso } from '@/app/avisos';
import { useEnvio } from '@/comun/formulario';
import { renovarMascota, type HechoClinico } from '../datos';
import type { DeCajon } from './Cajon';

/** Written, and taken back with one press: it stays in the history as undone. */
export function anotado(titulo: string, deshecho: string, hecho: string, luego?: Aviso['luego']) {
  void renovarMascota();
  avisar({
    tono: 'bien',
    titulo,
    luego,
    deshacer: () => cuerpo(api.DELETE('/api/v1/hechos-clinicos/{id}', { params: { path: { id: hecho }, query: { motivo: deshecho } } })).then(() => void renovarMascota(), avisarFalla),
  });
}

/** The form of a clinical fact: sent, told by name, closed, and undone if it was a slip. */
export function useHecho({ mascota, listo }: DeCajon, formulario: Pick<UseFormReturnType<never>, 'setErrors'> & { getValues: () => unknown }, nombres: Record<string, string> = {}) {
  const { t } = useTranslation('pacientes');
  const envio = useEnvio(formulario, { nombres });
  const anotar = (pedir: (params: { path: { id: string }; header: { 'Idempotency-Key': string } }) => Promise<{ data?: HechoClinico }>, decir: (titulo: string) => string, luego?: Aviso['luego']) =>
    envio.enviar(async () => {
      const hecho = await cuerpo(pedir({ path: { id: mascota.id }, header: { 'Idempotency-Key': llave() } }));
      listo();
      anotado(decir(hecho.titulo), t('deshecho'), hecho.id, luego);
    });
  return { envio, anotar };
}
