import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';

/** The whole list as a file, with the filters that are on. */
export function Exportar({ archivo }: { archivo: (formato: string) => string }) {
  const { t } = useTranslation('auditoria');
  const puede = usePuede();
  if (!puede('datos.exportar', 'alguna')) return null;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={17} aria-hidden />}>
          {t('exportar')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={archivo('xlsx')} download>
          {t('excel')}
        </Menu.Item>
        <Menu.Item component="a" href={archivo('csv')} download>
          {t('csv')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
