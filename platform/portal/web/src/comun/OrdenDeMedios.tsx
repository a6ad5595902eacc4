/** By which means people are written to, and which is tried first. */
import { ActionIcon, Group, Switch } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import './seccion.css';

export const MEDIOS = ['whatsapp', 'sms', 'correo'] as const;
export type Medio = (typeof MEDIOS)[number];

export function OrdenDeMedios({ valor, alCambiar }: { valor: Medio[]; alCambiar: (medios: Medio[]) => void }) {
  const { t } = useTranslation('app');
  const mover = (i: number, cuanto: number) => {
    const otra = [...valor];
    const [uno] = otra.splice(i, 1);
    if (uno) otra.splice(i + cuanto, 0, uno);
    alCambiar(otra);
  };
  return (
    <ul className="lineas medios">
      {[...valor, ...MEDIOS.filter((uno) => !valor.includes(uno))].map((medio) => {
        const lugar = valor.indexOf(medio);
        const nombre = t(`medio.${medio}`);
        return (
          <li key={medio}>
            <Switch label={nombre} checked={lugar >= 0} onChange={(e) => alCambiar(e.currentTarget.checked ? [...valor, medio] : valor.filter((uno) => uno !== medio))} />
            {lugar >= 0 && (
              <Group gap={2}>
                <ActionIcon variant="subtle" color="gray" disabled={lugar === 0} aria-label={t('medio_antes', { medio: nombre })} onClick={() => mover(lugar, -1)}>
                  <IconArrowUp size={16} aria-hidden />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" disabled={lugar === valor.length - 1} aria-label={t('medio_despues', { medio: nombre })} onClick={() => mover(lugar, 1)}>
                  <IconArrowDown size={16} aria-hidden />
                </ActionIcon>
              </Group>
            )}
          </li>
        );
      })}
    </ul>
  );
}
