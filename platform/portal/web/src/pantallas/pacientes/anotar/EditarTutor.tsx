import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { renovarTutor, type Tutor } from '../datos';
import { CamposTutor, cuerpoTutor, TUTOR_VACIO } from './Campos';
import '../pacientes.css';

export function EditarTutor({ tutor, listo }: { tutor: Tutor; listo: () => void }) {
  const { t } = useTranslation('pacientes');
  const { documento } = tutor;
  const formulario = useForm({
    initialValues: { tutor: { ...TUTOR_VACIO, nombres: tutor.nombres, apellidos: tutor.apellidos, telefono: tutor.telefono ?? '', correo: tutor.correo ?? '', documento: documento ?? { tipo: 'dni', numero: '' }, direccion: tutor.direccion ?? '', notas: tutor.notas ?? '', ubigeo: tutor.ubigeo ?? '' } },
    validate: { tutor: { nombres: (v: string) => (v.trim() ? null : t('registro.nombres_falta')) } },
  });
  const envio = useEnvio({ setErrors: (campos: Record<string, string>) => formulario.setErrors(Object.fromEntries(Object.entries(campos).map(([ruta, dicho]) => [`tutor.${ruta}`, dicho]))), getValues: () => formulario.getValues().tutor } as never, { nombres: { documento: 'documento.numero' } });
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      await cuerpo(api.PUT('/api/v1/tutores/{id}', { params: { path: { id: tutor.id }, header: { 'If-Match': version(tutor) } }, body: cuerpoTutor(v.tutor) }));
      listo();
      avisar({ tono: 'bien', titulo: t('tutores.guardado') });
      void renovarTutor();
    });
  return (
    <Forma envio={envio} listo={listo} guardar={t('app:guardar')} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CamposTutor formulario={formulario} />
    </Forma>
  );
}
