import qrcode from 'qrcode-generator';
import { useMemo } from 'react';

/** Drawn here: the secret goes to no other server. */
export function Qr({ texto, etiqueta }: { texto: string; etiqueta: string }) {
  const [lado, camino] = useMemo(() => {
    const qr = qrcode(0, 'M');
    qr.addData(texto);
    qr.make();
    const n = qr.getModuleCount();
    let trazo = '';
    for (let y = 0; y < n; y += 1) for (let x = 0; x < n; x += 1) if (qr.isDark(y, x)) trazo += `M${x + 4} ${y + 4}h1v1h-1z`;
    return [n + 8, trazo] as const;
  }, [texto]);
  return (
    <svg viewBox={`0 0 ${lado} ${lado}`} width={200} height={200} role="img" aria-label={etiqueta} shapeRendering="crispEdges" className="qr">
      <rect width={lado} height={lado} fill="#fff" />
      <path d={camino} fill="#000" />
    </svg>
  );
}
