import { Avatar, UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useState, type ComponentPropsWithRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PARTES } from './despues';
import { useSesion } from './sesion';

const Opciones = lazy(PARTES.usuario);

export function BotonUsuario(props: Omit<ComponentPropsWithRef<'button'>, 'style'>) {
  const { t } = useTranslation();
  const { yo } = useSesion();
  const nombre = `${yo.nombres} ${yo.apellidos}`.trim();
  return (
    <UnstyledButton aria-label={`${t('usuario.menu')}: ${nombre}`} aria-haspopup="menu" aria-expanded={false} {...props} className="yo">
      <Avatar size={30} radius="xl" color="verde" name={nombre} variant="light" aria-hidden />
      <span>{yo.nombres}</span>
    </UnstyledButton>
  );
}

/** The menu takes the place of its button when it is first asked for. */
export function MenuUsuario({ alPedirAtajos }: { alPedirAtajos: () => void }) {
  const [pedido, setPedido] = useState(false);
  if (!pedido) return <BotonUsuario onClick={() => setPedido(true)} />;
  return (
    <Suspense fallback={<BotonUsuario />}>
      <Opciones alPedirAtajos={alPedirAtajos} />
    </Suspense>
  );
}
