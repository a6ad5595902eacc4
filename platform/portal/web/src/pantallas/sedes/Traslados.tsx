/** Minutes from each sede to each other, both ways the same: a triangle of cells, each saved when one leaves it. */
import { NumberInput } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Pestanas } from '@/comun/Pestanas';
import { duracion } from '@/comun/tiempo';
import { useTodas } from '@/comun/todas';
import { usePartes, type Sede } from './datos';
import '@/comun/seccion.css';
import '@/comun/listas.css';
import './sedes.css';

type Traslado = Esquemas['Traslado'];

export default function Traslados() {
  const { t } = useTranslation('sedes');
  const consulta = $api.useQuery('get', '/api/v1/traslados');
  const sedes = useTodas<Sede>('/api/v1/sedes', 'todas', (query) => api.GET('/api/v1/sedes', { params: { query } }));
  const partes = usePartes();
  return (
    <Marco titulo={t('traslados.titulo')} detalle={t('traslados.detalle')} acciones={<Exportar de="/api/v1/traslados" />} filtros={<Pestanas nombre={t('partes')} lista={partes} />}>
      <Segun consulta={consulta} vacio={(pares) => (pares.length === 0 ? <Vacio icono={IconRoute} titulo={t('traslados.una')} detalle={t('traslados.una_detalle')} /> : null)}>
        {(pares) => (
          <Segun consulta={sedes}>
            {(todas) => (
              <>
                <Matriz sedes={todas.filter((sede) => sede.activa)} pares={pares} />
                <p className="tenue chico">{t('traslados.ayuda')}</p>
              </>
            )}
          </Segun>
        )}
      </Segun>
    </Marco>
  );
}

const corto = (sede: Sede) => sede.codigo;

function Matriz({ sedes, pares }: { sedes: Sede[]; pares: Traslado[] }) {
  const { t } = useTranslation('sedes');
  const puede = usePuede();
  const par = (a: Sede, b: Sede) => pares.find((uno) => (uno.sede_a === a.id && uno.sede_b === b.id) || (uno.sede_a === b.id && uno.sede_b === a.id));
  return (
    <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t('traslados.titulo')}>
      <table className="tabla traslados">
        <thead>
          <tr>
            <th scope="col">{t('sede')}</th>
            {sedes.slice(0, -1).map((sede) => (
              <th key={sede.id} scope="col" title={sede.nombre}>
                {corto(sede)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sedes.slice(1).map((fila, i) => (
            <tr key={fila.id}>
              <th scope="row">
                {fila.nombre} <span className="tenue">{corto(fila)}</span>
              </th>
              {sedes.slice(0, -1).map((columna, j) => {
                const uno = j <= i ? par(fila, columna) : undefined;
                return <td key={columna.id}>{uno && <Celda traslado={uno} nombre={t('traslados.entre', { a: fila.nombre, b: columna.nombre })} puede={puede('agenda.configurar', uno.sede_a) && puede('agenda.configurar', uno.sede_b)} />}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Celda({ traslado, nombre, puede }: { traslado: Traslado; nombre: string; puede: boolean }) {
  const { t } = useTranslation('sedes');
  const [valor, setValor] = useState<number | string>('');
  if (!puede)
    return (
      <span className="num">
        {duracion(traslado.minutos)}
        {traslado.estimado && <div className="tenue chico">{t('traslados.estimado')}</div>}
      </span>
    );
  const guardar = async () => {
    if (valor === '' || Number(valor) === traslado.minutos) return setValor('');
    try {
      const hecho = await poner(traslado, Number(valor));
      avisar({ tono: 'bien', titulo: t('traslados.guardado', { entre: nombre, minutos: Number(valor) }), deshacer: () => poner(hecho, traslado.minutos).then(() => undefined, avisarFalla) });
    } catch (falla) {
      avisarFalla(falla);
      await renovar('/api/v1/traslados');
    }
    setValor('');
  };
  return (
    <NumberInput
      aria-label={nombre}
      size="xs"
      w={96}
      min={0}
      max={1440}
      hideControls
      suffix=" min"
      value={valor === '' ? traslado.minutos : valor}
      data-estimado={traslado.estimado || undefined}
      description={traslado.estimado ? t('traslados.estimado') : undefined}
      inputWrapperOrder={['input', 'description']}
      onChange={setValor}
      onFocus={(evento) => evento.currentTarget.select()}
      onBlur={() => void guardar()}
      onKeyDown={(evento) => evento.key === 'Enter' && evento.currentTarget.blur()}
    />
  );
}

async function poner(traslado: Traslado, minutos: number): Promise<Traslado> {
  const hecho = await cuerpo(api.PUT('/api/v1/traslados/{sede_a}/{sede_b}', { params: { path: { sede_a: traslado.sede_a, sede_b: traslado.sede_b }, header: { 'If-Match': version(traslado) } }, body: { minutos } }));
  await renovar('/api/v1/traslados');
  return hecho as Traslado;
}
