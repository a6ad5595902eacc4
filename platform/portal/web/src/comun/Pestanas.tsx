/** The parts of a screen that has several, each with an address of its own: links, so that they open in another tab too. */
import { Enlace, useRuta } from '@/app/direccion';
import './pestanas.css';

export type Pestana = { a: string; nombre: string; cuenta?: number | undefined; ve?: boolean };

export function Pestanas({ nombre, lista }: { nombre: string; lista: Pestana[] }) {
  const ruta = useRuta();
  const visibles = lista.filter((una) => una.ve !== false);
  if (visibles.length < 2) return null;
  // The longest address that fits: `/mensajes/respuestas` is not `/mensajes`.
  const aqui = visibles.filter(({ a }) => ruta === a || ruta.startsWith(`${a}/`)).sort((x, y) => y.a.length - x.a.length)[0];
  return (
    <nav className="pestanas" aria-label={nombre}>
      {visibles.map((una) => (
        <Enlace key={una.a} a={una.a} className="pestana" aria-current={una === aqui ? 'page' : undefined}>
          {una.nombre}
          {una.cuenta !== undefined && una.cuenta > 0 && <span className="seccion-cuenta num">{una.cuenta}</span>}
        </Enlace>
      ))}
    </nav>
  );
}
