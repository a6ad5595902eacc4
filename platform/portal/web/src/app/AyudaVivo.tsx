import { Popover, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useNaceAbierto } from './despues';
import { BotonVivo } from './InsigniaVivo';
import { useEstadoVivo } from './vivo';

const ayudas = { vivo: 'vivo.vivo_ayuda', reconectando: 'vivo.reconectando_ayuda', 'sin-conexion': 'vivo.sin_ayuda' };

export default function AyudaVivo() {
  const { t } = useTranslation();
  const { estado, desde } = useEstadoVivo();
  const { boton, abierto, setAbierto } = useNaceAbierto();
  return (
    <Popover opened={abierto} onChange={setAbierto} width={240} shadow="md" withinPortal>
      <Popover.Target>
        <BotonVivo ref={boton} onClick={() => setAbierto(!abierto)} />
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm">{t(ayudas[estado], { hora: desde.toLocaleTimeString('es-PE', { hour: '2-digit', minute: '2-digit', hour12: false }) })}</Text>
      </Popover.Dropdown>
    </Popover>
  );
}
