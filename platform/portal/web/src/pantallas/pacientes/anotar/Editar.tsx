import { Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Falla, useEnvio } from '@/comun/formulario';
import { renovarMascota, type Mascota } from '../datos';
import { CamposMascota, cuerpoMascota, MASCOTA_VACIA } from './Campos';
import type { DeCajon } from './Cajon';
import { Botones } from './comun';

const valores = (mascota: Mascota) => ({
  ...MASCOTA_VACIA,
  nombre: mascota.nombre,
  especie_id: mascota.especie.id,
  raza_id: mascota.raza?.id ?? '',
  sexo: mascota.sexo,
  esterilizado: mascota.esterilizado == null ? '' : mascota.esterilizado ? 'si' : 'no',
  como: mascota.nacimiento && mascota.nacimiento_estimado ? 'estimada' : mascota.nacimiento ? 'fecha' : 'edad',
  nacimiento: mascota.nacimiento ?? '',
  color: mascota.color ?? '',
  notas: mascota.notas ?? '',
});

export function EditarFicha({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const formulario = useForm({ initialValues: { mascota: valores(mascota) }, validate: { mascota: { nombre: (v: string) => (v.trim() ? null : t('registro.mascota_falta')) } } });
  const { va, falla, enviar } = useEnvio({ ...formulario, setErrors: (campos: Record<string, string>) => formulario.setErrors(Object.fromEntries(Object.entries(campos).map(([ruta, dicho]) => [`mascota.${ruta}`, dicho]))), getValues: () => formulario.getValues().mascota } as never);
  const guardar = (v: typeof formulario.values) =>
    enviar(async () => {
      await cuerpo(api.PUT('/api/v1/pacientes/{id}', { params: { path: { id: mascota.id }, header: { 'If-Match': version(mascota) } }, body: cuerpoMascota(v.mascota) }));
      listo();
      avisar({ tono: 'bien', titulo: t('ficha.guardada', { nombre: v.mascota.nombre }) });
      void renovarMascota();
    });
  return (
    <form noValidate onSubmit={formulario.onSubmit((v) => void guardar(v))}>
      <Stack>
        <Falla>{falla}</Falla>
        <CamposMascota formulario={formulario} />
        <Botones va={va} listo={listo} guardar={t('app:guardar')} />
      </Stack>
    </form>
  );
}
