import { Anchor, Button, Stack, Text, Title, PasswordInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { consultas, pedir } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { textoDeFalla } from './avisos';
import { useSesion } from './sesion';

/** A locked session shows nothing but this: the server answers 423 to everything else. */
export default function Cerradura() {
  const { t } = useTranslation();
  const { yo, salir } = useSesion();
  const [pin, setPin] = useState('');
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  async function abrir(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    try {
      await pedir('POST', '/api/v1/portal/desbloqueo', { pin });
      await consultas.invalidateQueries();
    } catch (error) {
      if (esProblema(error, 'sin-sesion')) return void salir();
      setFalla(esProblema(error, 'pin-incorrecto') ? t('bloqueo.incorrecto', { count: error.extra<number>('restantes') ?? 0 }) : textoDeFalla(error));
      setPin('');
    } finally {
      setVa(false);
    }
  }
  return (
    <main className="sola">
      <form onSubmit={(evento) => void abrir(evento)} className="cerradura">
        <Stack align="center" gap="sm">
          <span className="estado-icono">
            <IconLock size={30} stroke={1.5} aria-hidden />
          </span>
          <Title order={1} size="h3">
            {t('bloqueo.titulo')}
          </Title>
          <Text c="dimmed">{t('bloqueo.hola', { nombre: yo.nombres })}</Text>
          <PasswordInput
            label={t('bloqueo.pin')}
            inputMode="numeric"
            autoComplete="off"
            data-autofocus
            autoFocus
            w={220}
            maxLength={8}
            value={pin}
            onChange={(evento) => setPin(evento.currentTarget.value.replace(/\D/g, ''))}
            error={falla || null}
          />
          <Button type="submit" w={220} loading={va} disabled={pin.length < 4}>
            {t('bloqueo.entrar')}
          </Button>
          <Anchor component="button" type="button" size="sm" onClick={() => void salir()}>
            {t('bloqueo.otra')}
          </Anchor>
        </Stack>
      </form>
    </main>
  );
}
