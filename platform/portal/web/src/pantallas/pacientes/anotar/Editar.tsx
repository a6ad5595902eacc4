import {  } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { renovarMascota, type Mascota } from '../datos';
import { CamposMascota, cuerpoMascota, MASCOTA_VACIA } from './Campos';
import type { DeCajon } from './Cajon';

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
  const envio = useEnvio({ ...formulario, setErrors: (campos: Record<string, string>) => formulario.setErrors(Object.fromEntries(Object.entries(campos).map(([ruta, dicho]) => [`mascota.${ruta}`, dicho]))), getValues: () => formulario.getValues().mascota } as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      await cuerpo(api.PUT('/api/v1/pacientes/{id}', { params: { path: { id: mascota.id }, header: { 'If-Match': version(mascota) } }, body: cuerpoMascota(v.mascota) }));
      listo();
      avisar({ tono: 'bien', titulo: t('ficha.guardada', { nombre: v.mascota.nombre }) });
      void renovarMascota();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('app:guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CamposMascota formulario={formulario} />
    </Forma>
  );
}
