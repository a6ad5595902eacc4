import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconKeyboard, IconLanguage, IconLock, IconLogout, IconMoon, IconSun, IconUserShield } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { esProblema } from '@/api/problema';
import { avisarFalla } from './avisos';
import { useNaceAbierto } from './despues';
import { useIr } from './direccion';
import { cambiarIdioma, type Idioma } from './i18n';
import { BotonUsuario } from './MenuUsuario';
import { useSesion } from './sesion';

const TEMAS: [MantineColorScheme, 'claro' | 'oscuro' | 'auto', typeof IconSun][] = [
  ['light', 'claro', IconSun],
  ['dark', 'oscuro', IconMoon],
  ['auto', 'auto', IconDeviceDesktop],
];

export default function OpcionesUsuario({ alPedirAtajos }: { alPedirAtajos: () => void }) {
  const { t, i18n } = useTranslation();
  const { yo, bloquear, salir } = useSesion();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const ir = useIr();
  const { boton, abierto, setAbierto } = useNaceAbierto();
  const pedirBloqueo = () =>
    bloquear().catch((falla: unknown) => (esProblema(falla, 'sin-pin') ? ir('/cuenta', { pin: '1' }) : avisarFalla(falla)));
  return (
    <Menu opened={abierto} onChange={setAbierto} width={250} position="bottom-end" shadow="md">
      <Menu.Target>
        <BotonUsuario ref={boton} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{yo.correo}</Menu.Label>
        <Menu.Item leftSection={<IconUserShield size={16} />} onClick={() => ir('/cuenta')}>
          {t('usuario.cuenta')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection={<kbd>?</kbd>} onClick={alPedirAtajos}>
          {t('usuario.atajos')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('usuario.tema')}</Menu.Label>
        {TEMAS.map(([valor, clave, Icono]) => (
          <Menu.Item key={valor} leftSection={<Icono size={16} />} rightSection={colorScheme === valor ? <IconCheck size={15} /> : null} closeMenuOnClick={false} onClick={() => setColorScheme(valor)}>
            {t(`usuario.${clave}`)}
          </Menu.Item>
        ))}
        <Menu.Label>{t('usuario.idioma')}</Menu.Label>
        {(['es', 'en'] as Idioma[]).map((idioma) => (
          <Menu.Item key={idioma} leftSection={<IconLanguage size={16} />} rightSection={i18n.language === idioma ? <IconCheck size={15} /> : null} closeMenuOnClick={false} onClick={() => void cambiarIdioma(idioma)}>
            {idioma === 'es' ? 'Español' : 'English'}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLock size={16} />} onClick={() => void pedirBloqueo()}>
          {t('usuario.bloquear')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void salir()}>
          {t('usuario.salir')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
