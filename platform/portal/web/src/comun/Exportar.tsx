import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';

/** The whole list as a file, with the filters that are on. */
export function Exportar({ archivo }: { archivo: (formato: string) => string }) {
  const { t } = useTranslation();
  const puede = usePuede();
  if (!puede('datos.exportar', 'alguna')) return null;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={17} aria-hidden />}>
          {t('exportar.hacer')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['xlsx', 'csv'] as const).map((formato) => (
          <Menu.Item key={formato} component="a" href={archivo(formato)} download>
            {t(`exportar.${formato}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
