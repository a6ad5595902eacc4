/** On the start page of who runs the chain, until all is done or they put it away. */
import { Anchor, CloseButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Enlace } from '@/app/direccion';
import { useSesion } from '@/app/sesion';
import { Avance, Lista } from './Lista';
import { faltan, usePasos } from './pasos';
import '@/comun/seccion.css';

const llave = (cadena: string) => `huella.arranque.${cadena}`;
/** Put away, or done: what asks the server a dozen questions does so no more. */
export const arranqueGuardado = (cadena: string) => localStorage.getItem(llave(cadena)) !== null;

export default function EnInicio() {
  const { yo } = useSesion();
  const [fuera, setFuera] = useState(() => arranqueGuardado(yo.cadena.id));
  const guardar = () => {
    localStorage.setItem(llave(yo.cadena.id), '1');
    setFuera(true);
  };
  return fuera ? null : <Tarjeta guardar={guardar} />;
}

function Tarjeta({ guardar }: { guardar: () => void }) {
  const { t } = useTranslation('arranque');
  const { yo } = useSesion();
  const { pasos } = usePasos();
  const hecho = pasos !== undefined && faltan(pasos).length === 0;
  useEffect(() => {
    if (hecho) localStorage.setItem(llave(yo.cadena.id), '1');
  }, [hecho, yo.cadena.id]);
  if (!pasos || hecho) return null;
  return (
    <section className="panel arranque arranque-inicio" aria-label={t('titulo')}>
      <header>
        <h2>{t('titulo')}</h2>
        <CloseButton aria-label={t('ocultar')} onClick={guardar} />
      </header>
      <Avance pasos={pasos} />
      <Lista pasos={pasos.filter((paso) => !paso.hecho).slice(0, 3)} />
      <Anchor component={Enlace} a="/puesta-en-marcha" size="sm">
        {t('ver_todo')}
      </Anchor>
    </section>
  );
}
