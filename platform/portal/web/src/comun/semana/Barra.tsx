import { minutos, type Horas } from './leer';
import './semana.css';

/** A day from midnight to midnight; the hours are said beside it in words, so it is decoration for who does not see it. */
export const Barra = ({ horas }: { horas: Horas[] }) => (
  <span className="semana-barra" aria-hidden>
    {horas.map((h) => (
      <i key={h.desde} style={{ left: `${minutos(h.desde) / 14.4}%`, width: `${(minutos(h.hasta) - minutos(h.desde)) / 14.4}%` }} />
    ))}
  </span>
);
