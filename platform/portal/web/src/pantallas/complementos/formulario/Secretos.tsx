/** Secrets and signing keys: written and never shown again. What is kept is a date. */
import { Button, FileInput, Group, Input, PasswordInput } from '@mantine/core';
import { IconLock, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { rotulo, useError, type Esquema } from './esquema';

/** What is to become of one: nothing, a new text, a file, or that it goes. */
export type Cambio = { texto: string } | { archivo: File | null; contrasena: string } | 'borrar';
type Props = { nombre: string; esquema: Esquema; donde: string; requerido: boolean; desde?: string | null | undefined; clase?: string | undefined; cambio: Cambio | undefined; cambiar: (cambio: Cambio | undefined) => void };

export function Secreto({ nombre, esquema, donde, requerido, desde, clase, cambio, cambiar }: Props) {
  const { t } = useTranslation('complementos');
  const error = useError(donde);
  const titulo = rotulo(nombre, esquema);
  const deArchivo = clase !== undefined && clase !== 'hmac';
  const comunes = { label: titulo, description: [esquema.description, t(esquema['x-secret'] === 'guest' ? 'secreto.legible' : 'secreto.ciego')].filter(Boolean).join(' '), error, withAsterisk: requerido };
  const nuevo: Cambio = deArchivo ? { archivo: null, contrasena: '' } : { texto: '' };
  if (desde && cambio === undefined)
    return (
      <Input.Wrapper {...comunes} labelElement="div">
        <Group gap={8} className="cmp-guardado">
          <IconLock size={16} aria-hidden />
          <span>{t('secreto.guardado', { desde: fechaHora(desde, ZONA) })}</span>
          <Button variant="default" size="compact-sm" aria-label={t('secreto.reemplazar_uno', { que: titulo })} onClick={() => cambiar(nuevo)}>
            {t('secreto.reemplazar')}
          </Button>
          {!requerido && (
            <Button variant="subtle" color="red" size="compact-sm" aria-label={t('secreto.borrar_uno', { que: titulo })} onClick={() => cambiar('borrar')}>
              {t('secreto.borrar')}
            </Button>
          )}
        </Group>
      </Input.Wrapper>
    );
  const atras = desde && (
    <Button variant="subtle" size="compact-sm" onClick={() => cambiar(undefined)}>
      {t('secreto.dejar')}
    </Button>
  );
  if (cambio === 'borrar')
    return (
      <Input.Wrapper {...comunes} labelElement="div">
        <Group gap={8} className="cmp-guardado">
          <IconTrash size={16} aria-hidden />
          <span>{t('secreto.se_borrara')}</span>
          {atras}
        </Group>
      </Input.Wrapper>
    );
  if (deArchivo) {
    const dado = cambio && 'archivo' in cambio ? cambio : { archivo: null, contrasena: '' };
    return (
      <div className="cmp-campos">
        <FileInput {...comunes} accept=".pfx,.p12,.pem,.key" placeholder={t('secreto.archivo')} value={dado.archivo} onChange={(archivo) => cambiar({ ...dado, archivo })} clearable clearButtonProps={{ 'aria-label': t('form.vaciar') }} />
        <PasswordInput label={t('secreto.contrasena')} autoComplete="new-password" value={dado.contrasena} onChange={(e) => cambiar({ ...dado, contrasena: e.currentTarget.value })} visibilityToggleButtonProps={{ 'aria-label': t('secreto.ver') }} />
        {atras}
      </div>
    );
  }
  return (
    <div className="cmp-secreto">
      <PasswordInput {...comunes} autoComplete="new-password" value={cambio && 'texto' in cambio ? cambio.texto : ''} onChange={(e) => cambiar({ texto: e.currentTarget.value })} visibilityToggleButtonProps={{ 'aria-label': t('secreto.ver') }} />
      {atras}
    </div>
  );
}
