import { UnstyledButton } from '@mantine/core';
import { IconBolt, IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { lazy, Suspense, useState, type ComponentPropsWithRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PARTES } from './despues';
import { useEstadoVivo } from './vivo';

const Ayuda = lazy(PARTES.vivo);
const iconos = { vivo: IconBolt, reconectando: IconRefresh, 'sin-conexion': IconCloudOff };

export function BotonVivo(props: Omit<ComponentPropsWithRef<'button'>, 'style'>) {
  const { t } = useTranslation();
  const { estado } = useEstadoVivo();
  const Icono = iconos[estado];
  return (
    <UnstyledButton aria-label={t(`vivo.${estado}`)} aria-haspopup="dialog" aria-expanded={false} {...props} className="insignia" data-estado={estado}>
      <Icono size={14} aria-hidden />
      <span role="status">{t(`vivo.${estado}`)}</span>
    </UnstyledButton>
  );
}

/** Says whether what is shown is of this moment, and explains it to who asks. */
export function InsigniaVivo() {
  const [pedida, setPedida] = useState(false);
  if (!pedida) return <BotonVivo onClick={() => setPedida(true)} />;
  return (
    <Suspense fallback={<BotonVivo />}>
      <Ayuda />
    </Suspense>
  );
}
