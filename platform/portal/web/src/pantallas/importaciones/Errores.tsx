import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Cargando, Fallo } from '@/app/estados';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Seccion } from '@/comun/Seccion';
import type { Importacion } from './datos';

export function Errores({ importacion }: { importacion: Importacion }) {
  const { t } = useTranslation('importaciones');
  const { id } = importacion;
  const consulta = usePaginas('/api/v1/importaciones/{id}/errores', { id, version: importacion.version }, (cursor) => cuerpo(api.GET('/api/v1/importaciones/{id}/errores', { params: { path: { id }, query: { limite: 50, ...cursor } } })));
  return (
    <Seccion
      titulo={t(importacion.estado === 'importada' ? 'errores.no_se_importaron' : 'errores.no_se_importarian')}
      cuenta={importacion.errores}
      acciones={
        !importacion.archivada && (
          <Button component="a" href={`/api/v1/importaciones/${id}/archivo-errores`} download size="compact-sm" variant="default" leftSection={<IconDownload size={15} aria-hidden />}>
            {t('errores.bajar')}
          </Button>
        )
      }
    >
      <p className="tenue chico importar-nota">{t('errores.ayuda')}</p>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={3} />}
      {consulta.items.length > 0 && (
        <div className="tabla-caja" tabIndex={0} role="region" aria-label={t('errores.tabla')}>
          <table className="tabla">
            <thead>
              <tr>
                <th scope="col" className="cifra">
                  {t('errores.fila')}
                </th>
                <th scope="col">{t('errores.columna')}</th>
                <th scope="col">{t('errores.por_que')}</th>
              </tr>
            </thead>
            <tbody>
              {consulta.items.flatMap((una) =>
                una.errores.map((error, i) => (
                  <tr key={`${una.fila}-${i}`}>
                    <td className="cifra">{i === 0 ? una.fila : ''}</td>
                    <td>{error.columna ?? <span className="tenue">{t('errores.fila_entera')}</span>}</td>
                    <td>{error.detail}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      )}
      <Mas consulta={consulta} />
    </Seccion>
  );
}
