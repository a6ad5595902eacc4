import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Vacio } from './estados';
import { Enlace } from './direccion';

export function NoEncontrada() {
  const { t } = useTranslation();
  return (
    <main className="sola">
      <Vacio
        nivel={1}
        titulo={t('no_encontrada.titulo')}
        detalle={t('no_encontrada.detalle')}
        accion={
          <Button component={Enlace} a="/inicio">
            {t('no_encontrada.inicio')}
          </Button>
        }
      />
    </main>
  );
}
