/** How a publisher's plugins fail: how often and in how many chains, and from chains that agreed, each failure. */
import { Drawer } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { nombrar } from '@/comun/nombrar';
import { Nada, Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { DocumentoDe, type Documento } from '../ficha/UnaCorrida';
import { Resultado } from '../Partes';

export function Fallas({ clave }: { clave: string }) {
  const { t } = useTranslation('complementos');
  const [{ falla }, cambiar] = useFiltros({ falla: '' });
  const consulta = $api.useQuery('get', '/api/v1/complementos/editores/{clave}/fallas', { params: { path: { clave } } });
  return (
    <Seccion titulo={t('falla.titulo')}>
      <Segun consulta={consulta}>
        {({ resumen, compartidas }) => (
          <>
            {resumen.length === 0 && <Nada>{t('falla.ninguna')}</Nada>}
            {resumen.length > 0 && (
              <div className="tabla-caja" tabIndex={0} role="region" aria-label={t('falla.titulo')}>
                <table className="tabla">
                  <thead>
                    <tr>
                      <th scope="col">{t('falla.complemento')}</th>
                      <th scope="col">{t('corrida.como')}</th>
                      <th scope="col" className="cifra">
                        {t('falla.veces')}
                      </th>
                      <th scope="col" className="cifra">
                        {t('falla.cadenas')}
                      </th>
                      <th scope="col">{t('falla.ultima')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {resumen.map((una) => (
                      <tr key={`${una.complemento}${una.version}${una.operacion}${una.resultado}`}>
                        <th scope="row">
                          {una.complemento} {una.version}
                          <div className="tenue chico">{nombrar(`complementos:operacion.${una.operacion}`, una.operacion)}</div>
                        </th>
                        <td>
                          <Resultado resultado={una.resultado} />
                        </td>
                        <td className="cifra">{una.veces}</td>
                        <td className="cifra">{una.en_cuarentena ? t('falla.en_cuarentena', { n: una.cadenas, count: una.en_cuarentena }) : una.cadenas}</td>
                        <td className="num">{fechaHora(una.ultima, ZONA)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {compartidas.length > 0 && (
              <>
                <h3 className="cmp-sub">{t('falla.compartidas')}</h3>
                <ul className="cmp-corridas">
                  {compartidas.map((una) => (
                    <li key={una.id}>
                      <button type="button" className="cmp-corrida" onClick={() => cambiar({ falla: una.id }, { historia: true })}>
                        <time className="num tenue" dateTime={una.inicio}>
                          {fechaHora(una.inicio, ZONA)}
                        </time>
                        <span className="cmp-corrida-que">
                          <b>
                            {una.complemento} {una.version}
                          </b>
                          {una.detalle && <span className="tenue chico">{una.detalle}</span>}
                        </span>
                        <Resultado resultado={una.resultado} />
                      </button>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Segun>
      <UnaFalla clave={clave} id={falla} cerrar={() => cambiar({ falla: '' })} />
    </Seccion>
  );
}

function UnaFalla({ clave, id, cerrar }: { clave: string; id: string; cerrar: () => void }) {
  const { t } = useTranslation('complementos');
  const consulta = $api.useQuery('get', '/api/v1/complementos/editores/{clave}/fallas/{id}', { params: { path: { clave, id } } }, { enabled: id !== '' });
  return (
    <Drawer opened={id !== ''} onClose={cerrar} position="right" size="lg" title={t('falla.una')} closeButtonProps={{ 'aria-label': t('cerrar') }}>
      <Segun consulta={consulta}>
        {(una) => (
          <div className="cmp-columna">
            <div className="cmp-pastillas">
              <Resultado resultado={una.resultado} />
              <span className="tenue chico">
                {una.complemento} {una.version} · {fechaHora(una.inicio, ZONA)}
              </span>
            </div>
            <p className="cmp-explica">{nombrar(`complementos:explica.${una.resultado}`, una.resultado)}</p>
            {una.detalle && <p className="cmp-dicho">{una.detalle}</p>}
            <DocumentoDe documento={(una.documento ?? {}) as Documento} />
          </div>
        )}
      </Segun>
    </Drawer>
  );
}
