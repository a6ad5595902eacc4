/** The weight over time, drawn by hand: vets never load a chart library for one line. The table beside it says the same in words. */
import { useTranslation } from 'react-i18next';
import { diaCorto, diaEn, ZONA } from '@/comun/tiempo';
import { kilos } from '../texto';

type Punto = { pesado_en: string; kg: number };
const ANCHO = 320;
const ALTO = 148;
const M = { arriba: 10, abajo: 24, izquierda: 40, derecha: 10 };

/** Two to four round marks that hold the line. */
export function marcas(menor: number, mayor: number): number[] {
  const tramo = Math.max(mayor - menor, mayor * 0.05, 0.1);
  const crudo = tramo / 3;
  const base = 10 ** Math.floor(Math.log10(crudo));
  const paso = ([1, 2, 2.5, 5, 10].find((m) => m * base >= crudo) ?? 10) * base;
  const desde = Math.floor(menor / paso) * paso;
  const lista: number[] = [];
  // Two at least: one that never changed its weight needs a height too.
  for (let v = desde; v < mayor + paso || lista.length < 2; v += paso) lista.push(Number(v.toFixed(3)));
  return lista;
}

export function CurvaSvg({ puntos }: { puntos: Punto[] }) {
  const { t } = useTranslation('pacientes');
  const primero = puntos[0];
  const ultimo = puntos.at(-1);
  if (!primero || !ultimo) return null;
  const tiempos = puntos.map((uno) => Date.parse(uno.pesado_en));
  const t0 = tiempos[0] ?? 0;
  const tramo = Math.max(1, (tiempos.at(-1) ?? 0) - t0);
  const ejes = marcas(Math.min(...puntos.map((u) => u.kg)), Math.max(...puntos.map((u) => u.kg)));
  const [y0 = 0, y1 = 1] = [ejes[0], ejes.at(-1)];
  const x = (ms: number) => M.izquierda + ((ms - t0) / tramo) * (ANCHO - M.izquierda - M.derecha);
  const y = (kg: number) => ALTO - M.abajo - ((kg - y0) / (y1 - y0)) * (ALTO - M.arriba - M.abajo);
  const dia = (uno: Punto) => diaCorto(diaEn(uno.pesado_en, ZONA));
  const linea = puntos.map((uno, i) => `${x(tiempos[i] ?? 0).toFixed(1)},${y(uno.kg).toFixed(1)}`).join(' ');
  return (
    <svg className="curva" viewBox={`0 0 ${ANCHO} ${ALTO}`} role="img" aria-label={t('peso.curva', { count: puntos.length, de: kilos(primero.kg), desde: dia(primero), a: kilos(ultimo.kg), hasta: dia(ultimo) })}>
      {ejes.map((marca) => (
        <g key={marca}>
          <line x1={M.izquierda} x2={ANCHO - M.derecha} y1={y(marca)} y2={y(marca)} className="curva-eje" />
          <text x={M.izquierda - 6} y={y(marca) + 4} textAnchor="end">
            {marca.toLocaleString('es-PE')}
          </text>
        </g>
      ))}
      <text x={M.izquierda} y={ALTO - 6}>
        {dia(primero)}
      </text>
      <text x={ANCHO - M.derecha} y={ALTO - 6} textAnchor="end">
        {dia(ultimo)}
      </text>
      <polygon className="curva-area" points={`${M.izquierda},${y(y0)} ${linea} ${x(tiempos.at(-1) ?? 0)},${y(y0)}`} />
      <polyline className="curva-linea" points={linea} />
      {puntos.map((uno, i) => (
        <circle key={uno.pesado_en} cx={x(tiempos[i] ?? 0)} cy={y(uno.kg)} r={i === puntos.length - 1 ? 4.5 : 3.2} className="curva-punto">
          <title>{`${kilos(uno.kg)}, ${dia(uno)}`}</title>
        </circle>
      ))}
    </svg>
  );
}
