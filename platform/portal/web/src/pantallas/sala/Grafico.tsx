/** Waits as pictures, and the same figures as a table for who cannot or will not read them from one. */
import { useTranslation } from 'react-i18next';
import { duracion } from '@/comun/tiempo';
import { Nada, Seccion } from '@/comun/Seccion';
import '@/comun/listas.css';

export type Dato = { de: string; nombre: string; corto: string; mediana: number; p90: number; visitas: number; excedidas: number };

const PASOS = [5, 10, 15, 20, 30, 60, 120, 240];
/** Two to four lines at round minutes above nothing. */
function escala(datos: Dato[]): number[] {
  const mayor = Math.max(5, ...datos.map((uno) => uno.p90));
  const paso = PASOS.find((uno) => mayor / uno <= 4) ?? Math.ceil(mayor / 4 / 60) * 60;
  return Array.from({ length: Math.ceil(mayor / paso) }, (_, i) => (i + 1) * paso);
}
const minutos = (cuantos: number) => duracion(Math.round(cuantos));

type Props = { titulo: string; cabeza: string; datos: Dato[]; clase?: string };

export function Columnas({ titulo, cabeza, datos, resumen, clase }: Props & { resumen: string }) {
  const { t } = useTranslation('sala');
  const lineas = escala(datos);
  const tope = lineas.at(-1) ?? 1;
  const cada = Math.ceil(datos.length / 16);
  const hay = datos.some((uno) => uno.visitas > 0);
  return (
    <div className={clase}>
      <Seccion titulo={titulo}>
        {hay ? (
          <>
            <div className="columnas" role="img" aria-label={resumen}>
              {lineas.map((una) => (
                <span key={una} className="columnas-linea num" style={{ bottom: `${(una / tope) * 100}%` }}>
                  {una === tope ? t('tiempos.min', { minutos: una }) : una}
                </span>
              ))}
              <div className="columnas-barras">
                {datos.map((uno) => (
                  <div key={uno.de} title={uno.visitas > 0 ? `${uno.nombre}: ${minutos(uno.mediana)} · ${t('tiempos.nueve_de_diez', { tiempo: minutos(uno.p90) })} · ${t('tiempos.visitas', { count: uno.visitas })}` : uno.nombre}>
                    {uno.visitas > 0 && (
                      <>
                        <i className="barra-p90" style={{ height: `${(uno.p90 / tope) * 100}%` }} />
                        <i className="barra-mediana" style={{ height: `${(uno.mediana / tope) * 100}%` }} />
                      </>
                    )}
                  </div>
                ))}
              </div>
            </div>
            <div className="columnas-pie num" aria-hidden>
              {datos.map((uno, i) => (
                <span key={uno.de}>{i % cada === 0 ? uno.corto : ''}</span>
              ))}
            </div>
            <Tabla titulo={titulo} cabeza={cabeza} datos={datos.filter((uno) => uno.visitas > 0)} />
          </>
        ) : (
          <Nada>{t('tiempos.sin_datos')}</Nada>
        )}
      </Seccion>
    </div>
  );
}

export function Filas({ titulo, cabeza, datos, conTriaje }: Props & { conTriaje?: boolean }) {
  const { t } = useTranslation('sala');
  const tope = Math.max(1, ...datos.map((uno) => uno.p90));
  return (
    <Seccion titulo={titulo}>
      {datos.length === 0 ? (
        <Nada>{t('tiempos.sin_datos')}</Nada>
      ) : (
        <>
          <ul className="filas">
            {datos.map((uno) => (
              <li key={uno.de}>
                <span className="filas-nombre">
                  {conTriaje && <i className={`triaje-punto triaje-${uno.de}`} aria-hidden />} {uno.nombre}
                </span>
                <b className="num">{minutos(uno.mediana)}</b>
                <span className="filas-barra" aria-hidden>
                  <i className="barra-p90" style={{ width: `${(uno.p90 / tope) * 100}%` }} />
                  <i className="barra-mediana" style={{ width: `${(uno.mediana / tope) * 100}%` }} />
                </span>
                <small className="tenue num">
                  {[t('tiempos.nueve_de_diez', { tiempo: minutos(uno.p90) }), t('tiempos.visitas', { count: uno.visitas }), uno.excedidas > 0 && t('tiempos.pasadas', { count: uno.excedidas })].filter(Boolean).join(' · ')}
                </small>
              </li>
            ))}
          </ul>
          <Tabla titulo={titulo} cabeza={cabeza} datos={datos} />
        </>
      )}
    </Seccion>
  );
}

function Tabla({ titulo, cabeza, datos }: Props) {
  const { t } = useTranslation('sala');
  return (
    <details className="tiempos-tabla">
      <summary>{t('tiempos.como_tabla')}</summary>
      <div className="tabla-caja" tabIndex={0} role="region" aria-label={`${titulo}, ${t('tiempos.como_tabla')}`}>
        <table className="tabla">
          <thead>
            <tr>
              <th scope="col">{cabeza}</th>
              <th scope="col">{t('tiempos.cifra.visitas')}</th>
              <th scope="col">{t('tiempos.cifra.mediana')}</th>
              <th scope="col">{t('tiempos.cifra.p90')}</th>
              <th scope="col">{t('tiempos.cifra.excedidas')}</th>
            </tr>
          </thead>
          <tbody>
            {datos.map((uno) => (
              <tr key={uno.de}>
                <th scope="row">{uno.nombre}</th>
                <td className="num">{uno.visitas}</td>
                <td className="num">{minutos(uno.mediana)}</td>
                <td className="num">{minutos(uno.p90)}</td>
                <td className="num">{uno.excedidas}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
