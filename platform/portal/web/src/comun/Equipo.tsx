/** Browser and system of who came in; what they said themselves, whole, is a hover away. */
import { useTranslation } from 'react-i18next';
import { equipoDe } from './navegador';

export function useNombreDeEquipo() {
  const { t } = useTranslation();
  return (agente: string): string => {
    const { programa, sistema } = equipoDe(agente);
    return programa && sistema ? t('equipo.en', { programa, sistema }) : (programa ?? sistema ?? t('equipo.desconocido'));
  };
}

export function Equipo({ agente }: { agente: string }) {
  const nombre = useNombreDeEquipo();
  return <span title={agente}>{nombre(agente)}</span>;
}
