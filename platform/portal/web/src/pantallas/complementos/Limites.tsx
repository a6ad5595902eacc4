import { useTranslation } from 'react-i18next';

const VISIBLES = ['wall', 'cpu', 'memory', 'http_calls', 'http_response', 'fuel'];
/** `15s` as people write it, `15 s`. */
export const conEspacio = (medida: string) => medida.replace(/^(\d+)([a-zA-Z]+)$/, '$1 $2');

/** What one call may use up at most. */
export function Limites({ limites }: { limites: unknown }) {
  const { t } = useTranslation('complementos');
  const valores = limites as Record<string, string | number | null>;
  return (
    <dl className="cmp-datos">
      {VISIBLES.filter((clave) => valores[clave] !== null && valores[clave] !== undefined).map((clave) => (
        <div key={clave}>
          <dt>{t(`limites.${clave}`)}</dt>
          <dd className="num">{clave === 'http_calls' && valores[clave] === 0 ? t('limites.sin_internet') : typeof valores[clave] === 'number' ? valores[clave].toLocaleString('es-PE') : conEspacio(String(valores[clave]))}</dd>
        </div>
      ))}
    </dl>
  );
}
