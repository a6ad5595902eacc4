/** A new person: who, and at least one role somewhere. The invitation goes to their mail. */
import { ActionIcon, Button, Fieldset, Group, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useIr } from '@/app/direccion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { CamposPersona, cuerpoDePersona, useReglas, valoresDe } from './Campos';
import { nombreDe, renovarPersonal, useLugares, type Rol } from './datos';

export function Invitar({ roles, listo }: { roles: Rol[]; listo: () => void }) {
  const { t } = useTranslation('personal');
  const ir = useIr();
  const lugares = useLugares();
  const nueva = () => ({ rol_id: '', lugar: lugares.length === 1 ? (lugares[0]?.value ?? '') : '' });
  const reglas = useReglas();
  const formulario = useForm({
    initialValues: { ...valoresDe(), asignaciones: [nueva()] },
    validate: { ...reglas, asignaciones: { rol_id: (v: string) => (v ? null : t('falta.rol')), lugar: (v: string) => (v ? null : t('falta.lugar')) } },
  });
  const envio = useEnvio(formulario as never);
  const guardar = (v: typeof formulario.values) =>
    envio.enviar(async () => {
      const body = { ...cuerpoDePersona(v), asignaciones: v.asignaciones.map((una) => ({ rol_id: una.rol_id, sede_id: una.lugar === 'cadena' ? null : una.lugar })) };
      const persona = await cuerpo(api.POST('/api/v1/usuarios', { params: { header: { 'Idempotency-Key': llave() } }, body }));
      listo();
      await renovarPersonal();
      avisar({ tono: 'bien', titulo: t('invitada', { nombre: nombreDe(body) }), detalle: t('invitada_detalle', { correo: body.correo }) });
      if (persona) ir(`/personal/${persona.id}`);
    });
  return (
    <Forma envio={envio} guardar={t('enviar_invitacion')} listo={listo} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CamposPersona formulario={formulario} />
      <Fieldset legend={t('que_hara')}>
        <Stack gap="xs">
          {formulario.values.asignaciones.map((una, i) => (
            <Group key={i} gap="xs" align="flex-start" wrap="nowrap">
              <Select aria-label={t('rol')} placeholder={t('rol')} flex={1} allowDeselect={false} data={roles.map((rol) => ({ value: rol.id, label: rol.nombre }))} {...formulario.getInputProps(`asignaciones.${i}.rol_id`)} value={una.rol_id || null} />
              <Select aria-label={t('donde')} placeholder={t('donde')} flex={1} allowDeselect={false} data={lugares} {...formulario.getInputProps(`asignaciones.${i}.lugar`)} value={una.lugar || null} />
              {formulario.values.asignaciones.length > 1 && (
                <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('quitar')} onClick={() => formulario.removeListItem('asignaciones', i)}>
                  <IconTrash size={17} aria-hidden />
                </ActionIcon>
              )}
            </Group>
          ))}
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} aria-hidden />} style={{ alignSelf: 'flex-start' }} onClick={() => formulario.insertListItem('asignaciones', nueva())}>
            {t('otro_rol')}
          </Button>
        </Stack>
      </Fieldset>
    </Forma>
  );
}
