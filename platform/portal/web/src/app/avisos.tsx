import { CloseButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Problema, SinRed } from '@/api/problema';
import i18n from './i18n';

export type Aviso = {
  id: string;
  tono: 'bien' | 'mal' | 'nota';
  titulo: string;
  detalle?: string | undefined;
  /** What takes the act back; the toast stays for 8 seconds. */
  deshacer?: (() => void | Promise<void>) | undefined;
  /** What commonly comes next. */
  luego?: { texto: string; hacer: () => void } | undefined;
};

const DURA_MS = { bien: 5_000, nota: 6_000, mal: 10_000 };
const CON_DESHACER_MS = 8_000;
const CABEN = 3;

let lista: Aviso[] = [];
const oyentes = new Set<() => void>();
const poner = (nueva: Aviso[]) => {
  lista = nueva;
  oyentes.forEach((oyente) => oyente());
};

export function avisar(aviso: Omit<Aviso, 'id'>) {
  const id = crypto.randomUUID();
  poner([...lista, { ...aviso, id }].slice(-CABEN));
  return id;
}
export const quitarAviso = (id: string) => poner(lista.filter((aviso) => aviso.id !== id));

/** What a person can read of a failure. Never raw text: the server's `detail` is written for people. */
export function textoDeFalla(falla: unknown): string {
  if (falla instanceof SinRed) return i18n.t('app:sin_red.no_guardado');
  if (!(falla instanceof Problema)) return i18n.t('app:fallo.detalle');
  if (falla.status === 412) return i18n.t('app:fallo.cambio_otro');
  if (falla.status >= 500) return [i18n.t('app:fallo.detalle'), falla.traza && i18n.t('app:fallo.codigo', { traza: falla.traza })].filter(Boolean).join(' ');
  const campos = falla.errores.map((error) => error.detail).join(' ');
  return falla.detalle ?? (campos || falla.titulo || i18n.t('app:fallo.detalle'));
}
export function avisarFalla(falla: unknown, titulo?: string) {
  if (falla instanceof Problema && (falla.status === 401 || falla.status === 423)) return;
  avisar({ tono: 'mal', titulo: titulo ?? i18n.t('app:fallo.no_guardado'), detalle: textoDeFalla(falla) });
}

const iconos = { bien: IconCircleCheck, mal: IconAlertTriangle, nota: IconInfoCircle };

function UnAviso({ aviso }: { aviso: Aviso }) {
  const { t } = useTranslation();
  const Icono = iconos[aviso.tono];
  useEffect(() => {
    const reloj = setTimeout(() => quitarAviso(aviso.id), aviso.deshacer ? CON_DESHACER_MS : DURA_MS[aviso.tono]);
    return () => clearTimeout(reloj);
  }, [aviso]);
  return (
    <div className="aviso" data-tono={aviso.tono}>
      <Icono size={18} aria-hidden />
      <div className="aviso-texto">
        <b>{aviso.titulo}</b>
        {aviso.detalle && <span>{aviso.detalle}</span>}
        {aviso.luego && (
          <button
            type="button"
            className="aviso-deshacer"
            onClick={() => {
              quitarAviso(aviso.id);
              aviso.luego?.hacer();
            }}
          >
            {aviso.luego.texto}
          </button>
        )}
        {aviso.deshacer && (
          <button
            type="button"
            className="aviso-deshacer"
            onClick={() => {
              quitarAviso(aviso.id);
              void aviso.deshacer?.();
            }}
          >
            {t('deshacer')} <kbd>Ctrl Z</kbd>
          </button>
        )}
      </div>
      <CloseButton size="sm" variant="transparent" aria-label={t('cerrar')} onClick={() => quitarAviso(aviso.id)} />
    </div>
  );
}

export function Avisos() {
  const avisos = useSyncExternalStore(
    (oyente) => {
      oyentes.add(oyente);
      return () => void oyentes.delete(oyente);
    },
    () => lista,
  );
  useEffect(() => {
    const tecla = (evento: KeyboardEvent) => {
      if (!(evento.ctrlKey || evento.metaKey) || evento.key.toLowerCase() !== 'z') return;
      if (evento.target instanceof HTMLElement && /^(INPUT|TEXTAREA)$/.test(evento.target.tagName)) return;
      const ultimo = [...lista].reverse().find((aviso) => aviso.deshacer);
      if (!ultimo) return;
      evento.preventDefault();
      quitarAviso(ultimo.id);
      void ultimo.deshacer?.();
    };
    window.addEventListener('keydown', tecla);
    return () => window.removeEventListener('keydown', tecla);
  }, []);
  return (
    <div className="avisos" role="status" aria-live="polite">
      {avisos.map((aviso) => (
        <UnAviso key={aviso.id} aviso={aviso} />
      ))}
    </div>
  );
}
