/** The one act that comes next as the button, the others behind a menu. */
import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { IconArrowBackUp, IconBuildingStore, IconDots, IconPlayerPause, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Enlace, useFiltros } from '@/app/direccion';
import { faltan, ficha, standing, useConfiguracion, type Detalle } from '../datos';
import { deshabilitar, revertir } from '../hacer';
import { Actualizar } from './Actualizar';
import { Desinstalar } from './Desinstalar';
import { Habilitar } from './Habilitar';
import { Instalar } from './Instalar';

export function Acciones({ detalle }: { detalle: Detalle }) {
  const { t } = useTranslation('complementos');
  const [{ hacer }, cambiar] = useFiltros({ hacer: '' });
  const abrir = (que: string) => cambiar({ hacer: que });
  const cerrar = () => cambiar({ hacer: '' });
  const configuracion = useConfiguracion(detalle.complemento, Boolean(detalle.instalacion)).data;
  const como = standing(detalle);
  const { instalacion } = detalle;
  if (!instalacion)
    return detalle.digest ? (
      <>
        <Button onClick={() => abrir('instalar')}>{t('accion.instalar')}</Button>
        <Instalar detalle={detalle} abierto={hacer === 'instalar'} cerrar={cerrar} />
      </>
    ) : null;
  return (
    <Group gap="xs">
      {como === 'habilitado' && (
        <Button variant="default" leftSection={<IconPlayerPause size={17} aria-hidden />} onClick={() => void deshabilitar(detalle)}>
          {t('accion.deshabilitar')}
        </Button>
      )}
      {como === 'instalado' &&
        (faltan(detalle.esquema, configuracion).length > 0 ? (
          <Button component={Enlace} a={ficha(detalle.complemento, 'configuracion')}>
            {t('accion.configurar')}
          </Button>
        ) : (
          <Button onClick={() => abrir('habilitar')}>{t('accion.habilitar')}</Button>
        ))}
      <Menu position="bottom-end" shadow="md" width={260}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('accion.mas')}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {como === 'habilitado' && (
            <Menu.Item leftSection={<IconBuildingStore size={17} aria-hidden />} onClick={() => abrir('habilitar')}>
              {t('accion.donde')}
            </Menu.Item>
          )}
          {instalacion.anterior && (
            <Menu.Item leftSection={<IconArrowBackUp size={17} aria-hidden />} onClick={() => void revertir(detalle)}>
              {t('accion.revertir', { version: instalacion.anterior })}
            </Menu.Item>
          )}
          <Menu.Item color="red" leftSection={<IconTrash size={17} aria-hidden />} onClick={() => abrir('desinstalar')}>
            {t('accion.desinstalar')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Habilitar key={`${instalacion.revision}`} detalle={detalle} abierto={hacer === 'habilitar'} cerrar={cerrar} />
      <Actualizar detalle={detalle} abierto={hacer === 'actualizar'} cerrar={cerrar} />
      <Desinstalar detalle={detalle} abierto={hacer === 'desinstalar'} cerrar={cerrar} />
    </Group>
  );
}
