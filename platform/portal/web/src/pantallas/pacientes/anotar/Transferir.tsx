/** The pet goes to another owner. The one before stays in its history, or beside it. */
import { Alert, Group, Radio, Stack, Text } from '@mantine/core';
import { IconArrowNarrowRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { BuscaTutor, type TutorHallado } from '@/comun/tutores/BuscaTutor';
import { renovarMascota, renovarTutor } from '../datos';
import type { DeCajon } from './Cajon';

export function Transferir({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const dueno = mascota.tutores.find((uno) => uno.relacion === 'propietario');
  const [nuevo, setNuevo] = useState<TutorHallado>();
  const [anterior, setAnterior] = useState('nada');
  const envio = useEnvio();
  if (!nuevo) return <BuscaTutor nombre={t('transferir.a_quien')} sin={dueno?.tutor.id} alElegir={setNuevo} />;
  const pasar = (tutor_id: string, queda: 'copropietario' | 'cuidador' | null) => cuerpo(api.POST('/api/v1/pacientes/{id}/transferencia', { params: { path: { id: mascota.id }, header: { 'Idempotency-Key': llave() } }, body: { tutor_id, anterior_queda_como: queda } }));
  const renovar = () => void Promise.all([renovarMascota(), renovarTutor()]);
  const transferir = () =>
    envio.enviar(async () => {
      await pasar(nuevo.id, anterior === 'nada' ? null : (anterior as 'cuidador'));
      listo();
      renovar();
      avisar({
        tono: 'bien',
        titulo: t('transferir.hecha', { nombre: mascota.nombre, tutor: nuevo.nombre }),
        ...(dueno ? { deshacer: () => pasar(dueno.tutor.id, null).then(renovar, avisarFalla) } : {}),
      });
    });
  return (
    <Forma
      envio={envio}
      listo={listo}
      guardar={t('transferir.transferir')}
      alEnviar={(evento) => {
        evento?.preventDefault();
        void transferir();
      }}
    >
      <Group gap="sm" className="elegido">
        <span>{dueno?.tutor.nombre ?? t('tutores.ninguno')}</span>
        <IconArrowNarrowRight size={20} aria-hidden />
        <b>{nuevo.nombre}</b>
      </Group>
      {dueno && (
        <Radio.Group label={t('transferir.anterior', { tutor: dueno.tutor.nombre })} value={anterior} onChange={setAnterior}>
          <Stack gap={6} mt={6}>
            {['nada', 'copropietario', 'cuidador'].map((uno) => (
              <Radio key={uno} value={uno} label={t(`transferir.queda.${uno}`)} />
            ))}
          </Stack>
        </Radio.Group>
      )}
      <Alert variant="light" color="gray" p="xs">
        <Text size="sm">{t('transferir.que_pasa')}</Text>
      </Alert>
    </Forma>
  );
}
