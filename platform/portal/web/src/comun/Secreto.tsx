/** A secret that the server tells once. It stays on the screen until the person says that it is kept. */
import { ActionIcon, Alert, CopyButton, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

export function Copiable({ nombre, valor, detalle }: { nombre: string; valor: string; detalle?: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={valor} timeout={2_000}>
      {({ copied, copy }) => (
        <TextInput
          label={nombre}
          description={detalle}
          value={valor}
          readOnly
          styles={{ input: { fontFamily: 'ui-monospace, monospace', fontSize: 13 } }}
          onFocus={(evento) => evento.currentTarget.select()}
          rightSection={
            <Tooltip label={t(copied ? 'copiado' : 'copiar')}>
              <ActionIcon variant="subtle" color="gray" aria-label={`${t(copied ? 'copiado' : 'copiar')}: ${nombre}`} onClick={copy}>
                {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          }
        />
      )}
    </CopyButton>
  );
}

export function UnaVez() {
  const { t } = useTranslation();
  return (
    <Alert color="orange" variant="light" icon={<IconKey size={18} />} title={t('una_vez.titulo')}>
      {t('una_vez.detalle')}
    </Alert>
  );
}
