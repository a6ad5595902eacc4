/** Another password; the sessions on other computers end with it. */
import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconKey } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, renovar } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from './Seccion';

const LARGO = 12;

export function Contrasena() {
  const { t } = useTranslation('cuenta');
  const formulario = useForm({
    initialValues: { actual: '', nueva: '', otra_vez: '' },
    validate: { nueva: (v) => (v.length < LARGO ? t('clave.corta', { largo: LARGO }) : null), otra_vez: (v, { nueva }) => (v === nueva ? null : t('clave.distintas')) },
  });
  const envio = useEnvio(formulario as never, { nombres: { contrasena: 'actual' } });
  const cambiar = ({ actual, nueva }: typeof formulario.values) =>
    envio.enviar(async () => {
      await api.POST('/api/v1/cuenta/contrasena', { body: { actual, nueva } });
      formulario.reset();
      avisar({ tono: 'bien', titulo: t('clave.cambiada'), detalle: t('clave.cambiada_detalle') });
      await renovar('/api/v1/sesiones');
    });
  // A password's field does not say by itself that it is wrong.
  const campo = (cual: 'actual' | 'nueva' | 'otra_vez') => ({ visibilityToggleButtonProps: { 'aria-label': t('app:entrada.ver') }, 'aria-invalid': formulario.errors[cual] ? true : undefined, ...formulario.getInputProps(cual) });
  return (
    <Seccion icono={<IconKey size={20} />} titulo={t('clave.titulo')}>
      <Text size="sm" c="dimmed">
        {t('clave.detalle')}
      </Text>
      <form noValidate onSubmit={formulario.onSubmit((valores) => void cambiar(valores))}>
        <Stack maw={420}>
          <Falla>{envio.falla}</Falla>
          <PasswordInput label={t('clave.actual')} autoComplete="current-password" {...campo('actual')} />
          <PasswordInput label={t('clave.nueva')} description={t('clave.reglas', { largo: LARGO })} autoComplete="new-password" {...campo('nueva')} />
          <PasswordInput label={t('clave.otra_vez')} autoComplete="new-password" {...campo('otra_vez')} />
          <Button type="submit" className="cuenta-boton" loading={envio.va} disabled={!formulario.values.actual || !formulario.values.nueva}>
            {t('clave.cambiar')}
          </Button>
        </Stack>
      </form>
    </Seccion>
  );
}
