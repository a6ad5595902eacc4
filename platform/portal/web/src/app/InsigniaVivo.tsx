import { Popover, Text, UnstyledButton } from '@mantine/core';
import { IconBolt, IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useEstadoVivo } from './vivo';

const iconos = { vivo: IconBolt, reconectando: IconRefresh, 'sin-conexion': IconCloudOff };
const ayudas = { vivo: 'vivo.vivo_ayuda', reconectando: 'vivo.reconectando_ayuda', 'sin-conexion': 'vivo.sin_ayuda' };

export function InsigniaVivo() {
  const { t } = useTranslation();
  const { estado, desde } = useEstadoVivo();
  const Icono = iconos[estado];
  return (
    <Popover width={240} shadow="md" withinPortal>
      <Popover.Target>
        <UnstyledButton className="insignia" data-estado={estado}>
          <Icono size={14} aria-hidden />
          <span role="status">{t(`vivo.${estado}`)}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm">{t(ayudas[estado], { hora: desde.toLocaleTimeString('es-PE', { hour: '2-digit', minute: '2-digit', hour12: false }) })}</Text>
      </Popover.Dropdown>
    </Popover>
  );
}
