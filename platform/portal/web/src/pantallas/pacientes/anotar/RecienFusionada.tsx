import { Alert, Button, Group } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { deshacerFusion } from './PreviaFusion';

/** After a merge the address carries it, so that it can be taken back as long as the chain allows. */
export function RecienFusionada() {
  const { t } = useTranslation('pacientes');
  const [{ fusion }, cambiar] = useFiltros({ fusion: '' });
  const { data } = $api.useQuery('get', '/api/v1/fusiones/{id}', { params: { path: { id: fusion } } }, { enabled: fusion !== '' });
  const [va, setVa] = useState(false);
  if (!fusion || !data || data.deshecha_en || data.deshacer_hasta < new Date().toISOString()) return null;
  return (
    <Alert color="blue" variant="light" icon={<IconGitMerge size={18} />} mb="md" withCloseButton closeButtonLabel={t('app:cerrar')} onClose={() => cambiar({ fusion: '' })} title={t('fusion.recien')}>
      <Group justify="space-between">
        <span>{t('fusion.hasta', { dia: fechaHora(data.deshacer_hasta, ZONA) })}</span>
        <Button
          size="compact-sm"
          variant="default"
          loading={va}
          onClick={() => {
            setVa(true);
            void deshacerFusion(fusion).finally(() => setVa(false));
          }}
        >
          {t('fusion.deshacer')}
        </Button>
      </Group>
    </Alert>
  );
}
