/** Choosing a password with the link from a mail. The link is behind the `#`: it never reaches a server's log. */
import { Anchor, Button, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { erroresDeCampos } from '@/api/problema';
import { textoDeFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { Portada } from '../ingresar/Portada';

export function Elegir({ cual, enviar }: { cual: 'restablecer' | 'aceptar'; enviar: (datos: { enlace: string; contrasena: string }) => Promise<unknown> }) {
  const { t } = useTranslation('contrasena');
  const [enlace] = useState(() => location.hash.slice(1));
  const [contrasena, setContrasena] = useState('');
  const [hecho, setHecho] = useState(false);
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  async function mandar(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFalla('');
    try {
      await enviar({ enlace, contrasena });
      history.replaceState(null, '', location.pathname);
      setHecho(true);
    } catch (error) {
      setFalla(erroresDeCampos(error).contrasena ?? textoDeFalla(error));
    } finally {
      setVa(false);
    }
  }
  const titulo = !enlace ? t('sin_enlace') : hecho ? t('lista') : t(`${cual}.titulo`);
  return (
    <Portada>
      <Stack>
        <Title order={1} size="h2">
          {titulo}
        </Title>
        {!enlace || hecho ? (
          <>
            <Text c="dimmed">{t(hecho ? 'lista_detalle' : 'sin_enlace_detalle')}</Text>
            <Anchor component={Enlace} a={hecho ? '/ingresar' : '/olvido'}>
              {t(hecho ? 'ingresar' : 'pedir_otro')}
            </Anchor>
          </>
        ) : (
          <form onSubmit={(evento) => void mandar(evento)}>
            <Stack>
              <Text c="dimmed">{t(`${cual}.detalle`)}</Text>
              <PasswordInput
                label={t('nueva')}
                description={t('reglas')}
                autoComplete="new-password"
                size="md"
                autoFocus
                value={contrasena}
                onChange={(e) => setContrasena(e.currentTarget.value)}
                error={falla || null}
                visibilityToggleButtonProps={{ 'aria-label': t('app:entrada.ver') }}
              />
              <Button type="submit" size="md" loading={va} disabled={contrasena.length < 8}>
                {t('guardar')}
              </Button>
            </Stack>
          </form>
        )}
      </Stack>
    </Portada>
  );
}
