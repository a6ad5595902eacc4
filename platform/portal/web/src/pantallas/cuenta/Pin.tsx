import { Badge, Button, PasswordInput, Select, Stack, Text } from '@mantine/core';
import { IconPassword } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pedir, renovar } from '@/api/cliente';
import { erroresDeCampos } from '@/api/problema';
import { avisar, textoDeFalla } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { OPCIONES, ponerMinutosDeOcio, useMinutosDeOcio } from '@/app/ocio';
import { useSesion } from '@/app/sesion';
import { Seccion } from './Seccion';

export function Pin() {
  const { t } = useTranslation('cuenta');
  const { yo } = useSesion();
  const ocio = useMinutosDeOcio();
  const [{ pin: pedido }] = useFiltros({ pin: '' });
  const [pin, setPin] = useState('');
  const [contrasena, setContrasena] = useState('');
  const [fallas, setFallas] = useState<Record<string, string>>({});
  const [va, setVa] = useState(false);
  const entrada = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (pedido === '1') entrada.current?.focus();
  }, [pedido]);
  async function hacer(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFallas({});
    try {
      await pedir('PUT', '/api/v1/cuenta/pin', { contrasena, pin });
      setPin('');
      setContrasena('');
      // First what the shell goes by: who reads that it is kept may lock at once.
      await renovar('/api/v1/yo');
      avisar({ tono: 'bien', titulo: t('pin.guardado') });
    } catch (error) {
      const campos = erroresDeCampos(error);
      setFallas(Object.keys(campos).length > 0 ? campos : { pin: textoDeFalla(error) });
    } finally {
      setVa(false);
    }
  }
  return (
    <Seccion
      icono={<IconPassword size={20} />}
      titulo={t('pin.titulo')}
      estado={
        <Badge color={yo.tiene_pin ? 'verde' : 'gray'} variant="light">
          {t(yo.tiene_pin ? 'pin.tiene' : 'pin.no_tiene')}
        </Badge>
      }
    >
      <Text size="sm" c="dimmed">
        {t('pin.detalle')}
      </Text>
      <form onSubmit={(evento) => void hacer(evento)}>
        <Stack maw={420}>
          <PasswordInput ref={entrada} label={t('pin.nuevo')} description={t('pin.reglas')} inputMode="numeric" autoComplete="off" maxLength={8} value={pin} onChange={(e) => setPin(e.currentTarget.value.replace(/\D/g, ''))} error={fallas.pin ?? null} visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }} />
          <PasswordInput label={t('segundo.contrasena')} autoComplete="current-password" value={contrasena} onChange={(e) => setContrasena(e.currentTarget.value)} error={fallas.contrasena ?? null} visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }} />
          <Button type="submit" className="cuenta-boton" loading={va} disabled={pin.length < 4 || !contrasena}>
            {t('pin.guardar')}
          </Button>
        </Stack>
      </form>
      <Select
        maw={420}
        label={t('ocio.titulo')}
        description={t(yo.tiene_pin ? 'ocio.detalle' : 'ocio.sin_pin')}
        disabled={!yo.tiene_pin}
        allowDeselect={false}
        data={OPCIONES.map((uno) => ({ value: String(uno), label: uno === 0 ? t('ocio.nunca') : t('ocio.minutos', { count: uno }) }))}
        value={String(ocio)}
        onChange={(valor) => {
          ponerMinutosDeOcio(Number(valor));
          avisar({ tono: 'bien', titulo: t(valor === '0' ? 'ocio.apagado' : 'ocio.guardado', { count: Number(valor) }), deshacer: () => ponerMinutosDeOcio(ocio) });
        }}
      />
    </Seccion>
  );
}
