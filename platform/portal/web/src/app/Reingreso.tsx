import { Button, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { esProblema } from '@/api/problema';
import { useEnvio } from '@/comun/formulario';
import { entrar, ultimaCadena } from './entrada';
import { useSesion } from './sesion';

/** A session that ended while somebody worked: signing in again lies over the page, and what was typed stays. */
export default function Reingreso() {
  const { t } = useTranslation();
  const { yo, perdida, recobrada, salir } = useSesion();
  // Closed for one moment: a modal that is born open does not give the focus back.
  const [abierto, setAbierto] = useState(false);
  useEffect(() => setAbierto(perdida), [perdida]);
  const [contrasena, setContrasena] = useState('');
  const [codigo, setCodigo] = useState<string | null>(null);
  const { va, falla, enviar } = useEnvio(undefined, {
    aparte: (error) => {
      if (!esProblema(error, 'falta-codigo')) return false;
      setCodigo('');
      return true;
    },
  });
  const volver = () =>
    enviar(async () => {
      await entrar({ cadena: ultimaCadena(), correo: yo.correo, contrasena, ...(codigo ? { codigo } : {}) });
      setContrasena('');
      setCodigo(null);
      recobrada();
    });
  return (
    <Modal opened={abierto} onClose={() => void salir()} title={t('reingreso.titulo')} withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false}>
      <form
        onSubmit={(evento) => {
          evento.preventDefault();
          void volver();
        }}
      >
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
