import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { usePuede } from '@/app/sesion';
import './exportar.css';

type Valor = string | number | boolean | null | undefined;
type Lista = {
  /** The list's path in the API, with its ids. */
  de: `/api/v1/${string}`;
  /** The filters that are on, as the API takes them. */
  con?: Record<string, Valor>;
  /** Where a page has several lists: which one. */
  nombre?: string;
};
type De = Lista & {
  /** In the head of a section and not of a page. */
  chico?: boolean;
  /** Where there is no room for its word. */
  icono?: boolean;
  /** What is shown as one and is several lists of the API: the others, in the same menu. */
  y?: Lista[];
};

const direccion = (de: string, con: Record<string, Valor>, formato: string) => {
  const pregunta = Object.entries({ ...con, formato }).flatMap(([clave, valor]): [string, string][] => (valor == null || valor === '' ? [] : [[clave, String(valor)]]));
  return `${de}?${new URLSearchParams(pregunta).toString()}`;
};

/** The whole list as a file, with the filters that are on. */
export function Exportar({ de, con, nombre, chico, icono, y = [] }: De) {
  const { t } = useTranslation();
  const puede = usePuede();
  if (!puede('datos.exportar', 'alguna')) return null;
  const listas: Lista[] = [{ de, ...(con && { con }), ...(nombre && { nombre }) }, ...y];
  const dicho = nombre && y.length === 0 ? t('exportar.de', { nombre }) : t('exportar.hacer');
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button className="exportar" data-icono={icono || undefined} variant="default" aria-label={dicho} {...(chico ? { size: 'compact-sm' } : {})} leftSection={<IconDownload size={chico ? 15 : 17} aria-hidden />}>
          {t('exportar.hacer')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {listas.map((una) => (
          <Fragment key={una.de}>
            {y.length > 0 && <Menu.Label>{una.nombre}</Menu.Label>}
            {(['xlsx', 'csv'] as const).map((formato) => (
              <Menu.Item key={formato} component="a" href={direccion(una.de, una.con ?? {}, formato)} download {...(y.length > 0 ? { 'aria-label': `${una.nombre ?? ''}: ${t(`exportar.${formato}`)}` } : {})}>
                {t(`exportar.${formato}`)}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
