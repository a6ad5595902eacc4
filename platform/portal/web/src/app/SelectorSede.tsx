import { InputBase } from '@mantine/core';
import { IconBuildingHospital, IconSelector } from '@tabler/icons-react';
import { lazy, Suspense, useState, type ComponentPropsWithRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PARTES } from './despues';
import { useSesion } from './sesion';

const Lista = lazy(PARTES.sedes);

/** The button alone: what the first paint shows, and what the list opens from. */
export function BotonSede(props: Omit<ComponentPropsWithRef<'button'>, 'size' | 'style'>) {
  const { t } = useTranslation();
  const { sede } = useSesion();
  return (
    <InputBase
      component="button"
      type="button"
      pointer
      size="xs"
      className="sede"
      leftSection={<IconBuildingHospital size={16} aria-hidden />}
      rightSection={<IconSelector size={15} aria-hidden />}
      rightSectionPointerEvents="none"
      aria-label={`${t('sede.elegir')}: ${sede?.nombre ?? ''}`}
      aria-haspopup="listbox"
      aria-expanded={false}
      aria-keyshortcuts="S"
      {...props}
    >
      {sede?.nombre ?? t('sede.ninguna')}
    </InputBase>
  );
}

/** The sede in use; `S` opens it from anywhere. With one sede only it is just its name. */
export function SelectorSede({ abierto, alAbrir }: { abierto: boolean; alAbrir: (abierto: boolean) => void }) {
  const { t } = useTranslation();
  const { yo, sede } = useSesion();
  const [pedida, setPedida] = useState(false);
  if (yo.sedes.filter((una) => una.activa).length < 2)
    return (
      <span className="sede-una">
        <IconBuildingHospital size={16} aria-hidden /> {sede?.nombre ?? t('sede.ninguna')}
      </span>
    );
  if (!abierto && !pedida) return <BotonSede onClick={() => alAbrir(true)} />;
  return (
    <Suspense fallback={<BotonSede />}>
      <Lista abierto={abierto} alAbrir={alAbrir} alVenir={() => setPedida(true)} />
    </Suspense>
  );
}
