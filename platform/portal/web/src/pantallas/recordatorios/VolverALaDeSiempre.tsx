import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { avisar, avisarFalla } from '@/app/avisos';
import { renovar } from '@/api/cliente';

export const renovarPlantillas = () => renovar('/api/v1/plantillas-mensaje', '/api/v1/plantillas-correo');

/** Back to the platform's words; what the chain had written comes back with undo. */
export function VolverALaDeSiempre({ volver, reponer }: { volver: () => Promise<unknown>; reponer: () => Promise<unknown> }) {
  const { t } = useTranslation('recordatorios');
  const hacer = () =>
    volver().then(() => {
      void renovarPlantillas();
      avisar({ tono: 'bien', titulo: t('plantillas.vuelta'), deshacer: () => reponer().then(() => void renovarPlantillas(), avisarFalla) });
    }, avisarFalla);
  return (
    <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void hacer()}>
      {t('plantillas.volver')}
    </Button>
  );
}
