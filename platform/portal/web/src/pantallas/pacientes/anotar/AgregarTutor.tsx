/** Somebody else who answers for the pet: a co-owner, who looks after it, or its owner where it has none. */
import { Button, Group, Radio, Stack } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { BuscaTutor, type TutorHallado } from '@/comun/tutores/BuscaTutor';
import { renovarMascota, renovarTutor } from '../datos';
import type { DeCajon } from './Cajon';

type Relacion = Esquemas['Relacion'];

export function AgregarTutor({ mascota, listo }: DeCajon) {
  const { t } = useTranslation('pacientes');
  const conDueno = mascota.tutores.some((uno) => uno.relacion === 'propietario');
  const relaciones: Relacion[] = conDueno ? ['copropietario', 'cuidador'] : ['propietario', 'copropietario', 'cuidador'];
  const [nuevo, setNuevo] = useState<TutorHallado>();
  const [relacion, setRelacion] = useState<Relacion>(relaciones[0] ?? 'copropietario');
  const envio = useEnvio();
  if (!nuevo) return <BuscaTutor nombre={t('tutores.a_quien')} sin={mascota.tutores.map((uno) => uno.tutor.id)} alElegir={setNuevo} />;
  const renovar = () => Promise.all([renovarMascota(), renovarTutor()]).then(() => undefined);
  const agregar = () =>
    envio.enviar(async () => {
      const fila = await cuerpo(api.POST('/api/v1/pacientes/{id}/tutores', { params: { path: { id: mascota.id }, header: { 'Idempotency-Key': llave() } }, body: { tutor_id: nuevo.id, relacion } }));
      listo();
      void renovar();
      const vinculo = fila.tutores.find((uno) => uno.tutor.id === nuevo.id);
      avisar({
        tono: 'bien',
        titulo: t('tutores.agregado', { tutor: nuevo.nombre, nombre: mascota.nombre }),
        // An owner is only ever replaced by another one.
        ...(vinculo && relacion !== 'propietario' ? { deshacer: () => api.DELETE('/api/v1/pacientes/{id}/tutores/{vinculo}', { params: { path: { id: mascota.id, vinculo: vinculo.id } } }).then(renovar, avisarFalla) } : {}),
      });
    });
  return (
    <Forma
      envio={envio}
      listo={listo}
      guardar={t('tutores.agregar')}
      alEnviar={(evento) => {
        evento?.preventDefault();
        void agregar();
      }}
    >
      <Group justify="space-between" wrap="nowrap" className="elegido">
        <b>{nuevo.nombre}</b>
        <Button variant="default" size="xs" leftSection={<IconX size={15} aria-hidden />} onClick={() => setNuevo(undefined)}>
          {t('registro.otro_tutor')}
        </Button>
      </Group>
      <Radio.Group label={t('tutores.como_que', { nombre: mascota.nombre })} value={relacion} onChange={(una) => setRelacion(una as Relacion)}>
        <Stack gap={6} mt={6}>
          {relaciones.map((una) => (
            <Radio key={una} value={una} label={t(`relacion.${una}`)} description={t(`tutores.que_es.${una}`)} />
          ))}
        </Stack>
      </Radio.Group>
    </Forma>
  );
}
