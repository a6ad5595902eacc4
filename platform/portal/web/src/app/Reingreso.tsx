import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { esProblema } from '@/api/problema';
import { entrar, ultimaCadena } from './entrada';
import { textoDeFalla } from './avisos';
import { useSesion } from './sesion';

/** A session that ended while somebody worked: signing in again lies over the page, and what was typed stays. */
export function Reingreso() {
  const { t } = useTranslation();
  const { yo, perdida, recobrada, salir } = useSesion();
  const [contrasena, setContrasena] = useState('');
  const [codigo, setCodigo] = useState<string | null>(null);
  const [falla, setFalla] = useState('');
  const [va, setVa] = useState(false);
  async function enviar(evento: React.FormEvent) {
    evento.preventDefault();
    setVa(true);
    setFalla('');
    try {
      await entrar({ cadena: ultimaCadena(), correo: yo.correo, contrasena, ...(codigo ? { codigo } : {}) });
      setContrasena('');
      setCodigo(null);
      recobrada();
    } catch (error) {
      if (esProblema(error, 'falta-codigo')) setCodigo('');
      else setFalla(textoDeFalla(error));
    } finally {
      setVa(false);
    }
  }
  return (
    <Modal opened={perdida} onClose={() => void salir()} title={t('reingreso.titulo')} withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <form onSubmit={(evento) => void enviar(evento)}>
        <Stack>
          <Text size="sm">{t('reingreso.detalle')}</Text>
          <TextInput label={t('entrada.correo')} value={yo.correo} readOnly autoComplete="username" />
          <PasswordInput label={t('entrada.contrasena')} value={contrasena} onChange={(e) => setContrasena(e.currentTarget.value)} autoComplete="current-password" data-autofocus error={falla || null} />
          {codigo !== null && <TextInput label={t('entrada.codigo')} inputMode="numeric" autoComplete="one-time-code" value={codigo} onChange={(e) => setCodigo(e.currentTarget.value)} autoFocus />}
          <Button type="submit" loading={va}>
            {t('entrada.entrar')}
          </Button>
          <Button variant="subtle" color="gray" onClick={() => void salir()}>
            {t('bloqueo.otra')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
