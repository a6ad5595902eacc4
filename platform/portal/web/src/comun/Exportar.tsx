import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import './exportar.css';

type Valor = string | number | boolean | null | undefined;
type De = {
  /** The list's path in the API, with its ids. */
  de: `/api/v1/${string}`;
  /** The filters that are on, as the API takes them. */
  con?: Record<string, Valor>;
  /** In the head of a section and not of a page. */
  chico?: boolean;
  /** Where there is no room for its word. */
  icono?: boolean;
  /** Where a page has several lists: which one. */
  nombre?: string;
};

const direccion = (de: string, con: Record<string, Valor>, formato: string) => {
  const pregunta = Object.entries({ ...con, formato }).flatMap(([clave, valor]): [string, string][] => (valor == null || valor === '' ? [] : [[clave, String(valor)]]));
  return `${de}?${new URLSearchParams(pregunta).toString()}`;
};

/** The whole list as a file, with the filters that are on. */
export function Exportar({ de, con = {}, chico, icono, nombre }: De) {
  const { t } = useTranslation();
  const puede = usePuede();
  if (!puede('datos.exportar', 'alguna')) return null;
  const dicho = nombre ? t('exportar.de', { nombre }) : t('exportar.hacer');
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button className="exportar" data-icono={icono || undefined} variant="default" aria-label={dicho} {...(chico ? { size: 'compact-sm' } : {})} leftSection={<IconDownload size={chico ? 15 : 17} aria-hidden />}>
          {t('exportar.hacer')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['xlsx', 'csv'] as const).map((formato) => (
          <Menu.Item key={formato} component="a" href={direccion(de, con, formato)} download>
            {t(`exportar.${formato}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
