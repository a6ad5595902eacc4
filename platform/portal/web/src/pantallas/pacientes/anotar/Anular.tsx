import { ActionIcon, Button, Popover, Stack, Textarea, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/cliente';
import { usePuede } from '@/app/sesion';
import { aplazar } from '@/comun/aplazar';
import { renovarMascota, type Entrada, type Mascota } from '../datos';

/** Takes back what was written wrongly; it stays in the history with its reason, and nothing brings it back: it is sent when the time for thinking again is over. */
export function Anular({ entrada, mascota, titulo }: { entrada: Entrada; mascota: Mascota; titulo: string }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const [abierto, setAbierto] = useState(false);
  const formulario = useForm({ initialValues: { motivo: '' }, validate: { motivo: (v) => (v.trim() ? null : t('motivo_falta')) } });
  const clinico = entrada.origen === 'clinico';
  const peso = entrada.origen === 'ficha' && entrada.detalle.tipo === 'peso';
  if (!(clinico && puede('clinica.registrar', 'alguna')) && !(peso && puede('peso.registrar', 'alguna'))) return null;
  function anular({ motivo }: { motivo: string }) {
    const query = { motivo: motivo.trim() };
    setAbierto(false);
    formulario.reset();
    aplazar({
      clave: entrada.id,
      titulo: t('anulado_hecho', { que: titulo }),
      detalle: t('anulado_queda'),
      enviar: () =>
        (clinico
          ? api.DELETE('/api/v1/hechos-clinicos/{id}', { params: { path: { id: entrada.id }, query }, keepalive: true })
          : api.DELETE('/api/v1/pacientes/{id}/pesos/{peso}', { params: { path: { id: mascota.id, peso: entrada.id }, query }, keepalive: true })
        ).finally(renovarMascota),
    });
  }
  return (
    <Popover opened={abierto} onChange={setAbierto} width={290} trapFocus position="bottom-end" shadow="md" withinPortal>
      <Popover.Target>
        <Tooltip label={t('anular')}>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('anular_este', { que: titulo })} onClick={() => setAbierto(!abierto)}>
            <IconTrash size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('anular_este', { que: titulo })}>
        <form noValidate onSubmit={formulario.onSubmit(anular)}>
          <Stack gap="xs">
            <Textarea label={t('motivo')} description={t('anulado_queda')} placeholder={t('anular_ejemplo')} autosize minRows={2} data-autofocus maxLength={500} {...formulario.getInputProps('motivo')} />
            <Button type="submit" color="red">
              {t('anular')}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
