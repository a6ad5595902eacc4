import { Anchor, Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconMailCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/cliente';
import { Enlace } from '@/app/direccion';
import { cadenaDeLaDireccion, ultimaCadena } from '@/app/entrada';
import { useEnvio } from '@/comun/formulario';
import { Portada } from '../ingresar/Portada';

export default function Olvido() {
  const { t } = useTranslation('olvido');
  const [cadena, setCadena] = useState(ultimaCadena);
  const [correo, setCorreo] = useState('');
  const [enviado, setEnviado] = useState(false);
  const { va, falla, enviar } = useEnvio();
  async function pedir(evento: React.FormEvent) {
    evento.preventDefault();
    if (await enviar(() => api.POST('/api/v1/cuenta/olvido', { body: { cadena: cadena.trim().toLowerCase(), correo: correo.trim() } }))) setEnviado(true);
  }
  return (
    <Portada>
      {enviado ? (
        <Stack role="status">
          <span className="estado-icono">
            <IconMailCheck size={30} stroke={1.5} aria-hidden />
          </span>
          <Title order={1} size="h2">
            {t('enviado')}
          </Title>
          <Text c="dimmed">{t('enviado_detalle', { correo })}</Text>
          <Anchor component={Enlace} a="/ingresar">
            {t('volver')}
          </Anchor>
        </Stack>
      ) : (
        <form onSubmit={(evento) => void pedir(evento)}>
          <Stack>
            <div>
              <Title order={1} size="h2">
                {t('titulo')}
              </Title>
              <Text c="dimmed">{t('detalle')}</Text>
            </div>
            {!cadenaDeLaDireccion() && <TextInput label={t('app:entrada.cadena')} size="md" autoCapitalize="none" required value={cadena} onChange={(e) => setCadena(e.currentTarget.value)} />}
            <TextInput label={t('app:entrada.correo')} type="email" autoComplete="username" size="md" required autoFocus value={correo} onChange={(e) => setCorreo(e.currentTarget.value)} error={falla || null} />
            <Button type="submit" size="md" loading={va}>
              {t('pedir')}
            </Button>
            <Anchor component={Enlace} a="/ingresar" size="sm">
              {t('volver')}
            </Anchor>
          </Stack>
        </form>
      )}
    </Portada>
  );
}
