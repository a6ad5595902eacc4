import { Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { renovarMascota } from '../datos';

export function Botones({ va, listo, guardar }: { va: boolean; listo: () => void; guardar: string }) {
  const { t } = useTranslation('pacientes');
  return (
    <Group justify="flex-end" gap="xs" mt="xs">
      <Button variant="default" onClick={listo}>
        {t('app:cancelar')}
      </Button>
      <Button type="submit" loading={va}>
        {guardar}
      </Button>
    </Group>
  );
}

/** Written, and taken back with one press: it stays in the history as undone. */
export function anotado(titulo: string, deshecho: string, hecho: string) {
  void renovarMascota();
  avisar({
    tono: 'bien',
    titulo,
    deshacer: () => cuerpo(api.DELETE('/api/v1/hechos-clinicos/{id}', { params: { path: { id: hecho }, query: { motivo: deshecho } } })).then(() => void renovarMascota(), avisarFalla),
  });
}
