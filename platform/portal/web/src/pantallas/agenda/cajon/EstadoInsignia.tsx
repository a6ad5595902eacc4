import { useTranslation } from 'react-i18next';
import type { Estado } from '@/api/cliente';
import { LETRA } from '@/comun/citas/estados';

export function EstadoInsignia({ estado }: { estado: Estado }) {
  const { t } = useTranslation();
  return (
    <span className={`insignia-estado st-${estado}`}>
      <i aria-hidden>{LETRA[estado]}</i>
      {t(`estado.${estado}`)}
    </span>
  );
}
