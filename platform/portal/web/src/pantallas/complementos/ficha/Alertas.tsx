/** What somebody has to see to, above all else. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Enlace, useFiltros } from '@/app/direccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { ficha, hayNueva, useAdministra, type Detalle } from '../datos';
import { liberar } from '../hacer';
import { Aviso } from '../Partes';

export function Alertas({ detalle }: { detalle: Detalle }) {
  const { t } = useTranslation('complementos');
  const administra = useAdministra();
  const [, cambiar] = useFiltros({ hacer: '' });
  const { instalacion } = detalle;
  if (!instalacion) return null;
  return (
    <>
      {instalacion.cuarentena_desde && (
        <Aviso
          tono="grave"
          titulo={t('alerta.cuarentena')}
          acciones={
            <>
              <Button component={Enlace} a={ficha(detalle.complemento, 'corridas')} variant="default" size="xs">
                {t('alerta.ver_fallas')}
              </Button>
              {administra && (
                <Button size="xs" onClick={() => void liberar(detalle)}>
                  {t('alerta.liberar')}
                </Button>
              )}
            </>
          }
        >
          {t('alerta.cuarentena_detalle', { desde: fechaHora(instalacion.cuarentena_desde, ZONA) })}
        </Aviso>
      )}
      {instalacion.estado_version === 'retirada' && (
        <Aviso tono="grave" titulo={t('alerta.retirada')}>
          {t('alerta.retirada_detalle', { version: instalacion.version })}
        </Aviso>
      )}
      {hayNueva(detalle) && (
        <Aviso
          tono="nota"
          titulo={t('alerta.nueva', { version: detalle.version })}
          acciones={
            administra && (
              <Button size="xs" onClick={() => cambiar({ hacer: 'actualizar' })}>
                {t('alerta.ver_cambios')}
              </Button>
            )
          }
        >
          {t('alerta.nueva_detalle', { version: instalacion.version })}
        </Aviso>
      )}
    </>
  );
}
