/** For the screen of the waiting room: who waits and who has gone in. Pets' first names and nothing else of anybody. */
import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useAtajo } from '@/app/atajos';
import { useSede } from '@/app/sesion';
import { duracion, hora, minutosEntre } from '@/comun/tiempo';
import { clave, type EnSala } from './datos';
import './tv.css';

const primerNombre = (fila: EnSala) => fila.mascota.split(/\s+/)[0] ?? '';

export function Tv({ espera, consulta, ahora, salir }: { espera: EnSala[]; consulta: EnSala[]; ahora: number; salir: () => void }) {
  const { t } = useTranslation('sala');
  const sede = useSede();
  useAtajo('Escape', t('tv_salir'), salir);
  // A screen on a wall stays on.
  useEffect(() => {
    let luz: { release: () => Promise<void> } | undefined;
    void navigator.wakeLock?.request('screen').then(
      (dada) => (luz = dada),
      () => undefined,
    );
    return () => void luz?.release();
  }, []);
  const minutos = (desde: string | null | undefined) => (desde ? duracion(Math.max(0, minutosEntre(desde, new Date(ahora)))) : '');
  return (
    <div className="tv">
      <header>
        <b>{sede.nombre}</b>
        <time className="num">{hora(new Date(ahora), sede.zona_horaria)}</time>
        <ActionIcon variant="subtle" color="gray" size={40} aria-label={t('tv_salir')} onClick={salir}>
          <IconX size={24} />
        </ActionIcon>
      </header>
      <section aria-labelledby="tv-consulta">
        <h2 id="tv-consulta">
          {t('tv_pasan')} <span className="num">{consulta.length}</span>
        </h2>
        <ul>
          {consulta.map((fila) => (
            <li key={clave(fila)}>{primerNombre(fila)}</li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="tv-espera">
        <h2 id="tv-espera">
          {t('columna.en_espera')} <span className="num">{espera.length}</span>
        </h2>
        <ul>
          {espera.map((fila) => (
            <li key={clave(fila)}>
              {primerNombre(fila)}
              <span className="num">{minutos(fila.visita?.llegada_en)}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
