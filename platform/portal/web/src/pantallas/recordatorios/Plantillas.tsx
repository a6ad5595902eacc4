/** The words of each kind of message on each channel. */
import { IconPencilCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { EditorCorreo } from './EditorCorreo';
import { EditorCorto } from './EditorCorto';
import { Partes } from './Partes';

const CORREO = 'correo';

export default function Plantillas() {
  const { t } = useTranslation('recordatorios');
  const [f] = useFiltros({ canal: 'whatsapp', tipo: 'recordatorio' });
  const cortas = $api.useQuery('get', '/api/v1/plantillas-mensaje');
  const correos = $api.useQuery('get', '/api/v1/plantillas-correo');
  return (
    <Partes detalle={t('plantillas.detalle')} acciones={<Exportar nombre={t('plantillas.cortas')} de="/api/v1/plantillas-mensaje" y={[{ nombre: t('plantillas.correos'), de: '/api/v1/plantillas-correo' }]} />}>
      <Segun consulta={cortas}>
        {(listaCorta) => (
          <Segun consulta={correos}>
            {(listaCorreo) => {
              const corta = listaCorta.find((una) => una.canal === f.canal && una.tipo === f.tipo);
              const correo = f.canal === CORREO ? listaCorreo.find((una) => una.tipo === f.tipo) : undefined;
              const filas = [...listaCorta.map(({ tipo, canal, propia }) => ({ tipo, canal: canal as string, propia })), ...listaCorreo.map(({ tipo, propia }) => ({ tipo, canal: CORREO, propia }))];
              return (
                <div className="plantillas">
                  <nav className="panel plantillas-lista" aria-label={t('parte.plantillas')}>
                    {[...new Set(filas.map((una) => una.canal))].map((canal) => (
                      <div key={canal}>
                        <h2>{t(`app:medio.${canal}`)}</h2>
                        {filas
                          .filter((una) => una.canal === canal)
                          .map(({ tipo, propia }) => (
                            <Enlace key={tipo} a="/recordatorios/plantillas" con={{ canal, tipo }} aria-current={canal === f.canal && tipo === f.tipo ? 'true' : undefined}>
                              {t(`tipo.${tipo}`)}
                              {propia && <IconPencilCheck size={15} role="img" aria-label={t('plantillas.propia')} />}
                            </Enlace>
                          ))}
                      </div>
                    ))}
                  </nav>
                  {correo && <EditorCorreo key={`${correo.tipo}-${correo.version}`} plantilla={correo} />}
                  {corta && <EditorCorto key={`${corta.tipo}-${corta.canal}-${corta.version}`} plantilla={corta} />}
                </div>
              );
            }}
          </Segun>
        )}
      </Segun>
    </Partes>
  );
}
