/** Secret addresses at which a provider tells of what happened. They are copied, and renewed when somebody saw one. */
import { ActionIcon, Button, CopyButton, Group, Modal, Text, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Fallo } from '@/app/estados';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { releer } from '../datos';

export function Ganchos({ id }: { id: string }) {
  const { t } = useTranslation('complementos');
  const consulta = $api.useQuery('get', '/api/v1/complementos/{id}/ganchos', { params: { path: { id } } });
  const [renueva, setRenueva] = useState<string | null>(null);
  const { va, falla, enviar } = useEnvio();
  if (consulta.isError && !consulta.data)
    return (
      <Seccion titulo={t('gancho.titulo')}>
        <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />
      </Seccion>
    );
  if (!consulta.data?.length) return null;
  const renovar = async () => {
    if (!renueva || !(await enviar(() => api.POST('/api/v1/complementos/{id}/ganchos/{nombre}/renovar', { params: { path: { id, nombre: renueva } } })))) return;
    avisar({ tono: 'bien', titulo: t('gancho.renovada'), detalle: t('gancho.renovada_detalle') });
    setRenueva(null);
    await releer();
  };
  return (
    <Seccion titulo={t('gancho.titulo')}>
      <p className="tenue chico">{t('gancho.ayuda')}</p>
      {consulta.data.map(({ nombre, direccion }) => (
        <Group key={nombre} gap={6} align="flex-end" wrap="nowrap">
          <TextInput className="cmp-crece cmp-mono" label={t('gancho.de', { nombre })} value={direccion} readOnly onFocus={(e) => e.currentTarget.select()} />
          <CopyButton value={direccion}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? 'gancho.copiada' : 'gancho.copiar')}>
                <ActionIcon variant="default" size={36} aria-label={t(copied ? 'gancho.copiada' : 'gancho.copiar')} onClick={copy}>
                  {copied ? <IconCheck size={17} aria-hidden /> : <IconCopy size={17} aria-hidden />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
          <Tooltip label={t('gancho.renovar')}>
            <ActionIcon variant="default" size={36} aria-label={t('gancho.renovar')} onClick={() => setRenueva(nombre)}>
              <IconRefresh size={17} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      ))}
      <Modal opened={renueva !== null} onClose={() => setRenueva(null)} title={t('gancho.pregunta')} closeButtonProps={{ 'aria-label': t('cerrar') }}>
        <Text size="sm" mb="sm">
          {t('gancho.pregunta_detalle')}
        </Text>
        <Falla>{falla}</Falla>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setRenueva(null)}>
            {t('cancelar')}
          </Button>
          <Button loading={va} onClick={() => void renovar()}>
            {t('gancho.renovar')}
          </Button>
        </Group>
      </Modal>
    </Seccion>
  );
}
