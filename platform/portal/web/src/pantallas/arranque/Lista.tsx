import { Anchor, Button, Progress } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Enlace } from '@/app/direccion';
import { faltan, type Paso } from './pasos';
import '@mantine/core/styles/Progress.css';
import './arranque.css';

export function Avance({ pasos }: { pasos: Paso[] }) {
  const { t } = useTranslation('arranque');
  const necesarios = pasos.filter((paso) => !paso.opcional);
  const hechos = necesarios.length - faltan(pasos).length;
  return (
    <div className="arranque-avance">
      <Progress value={(hechos / necesarios.length) * 100} size="sm" radius="xl" aria-label={t('avance')} />
      <span className="tenue chico num">{t('hechos', { hechos, total: necesarios.length })}</span>
    </div>
  );
}

export function Lista({ pasos }: { pasos: Paso[] }) {
  const { t } = useTranslation('arranque');
  const siguiente = pasos.find((paso) => !paso.hecho && !paso.opcional) ?? pasos.find((paso) => !paso.hecho);
  return (
    <ol className="arranque-lista">
      {pasos.map((paso) => (
        <li key={paso.clave} data-hecho={paso.hecho || undefined} data-sigue={paso === siguiente || undefined} aria-current={paso === siguiente ? 'step' : undefined}>
          {paso.hecho ? <IconCircleCheckFilled size={24} role="img" aria-label={t('hecho')} /> : <IconCircleDashed size={24} stroke={1.6} role="img" aria-label={t('falta')} />}
          <div>
            <b>{t(`paso.${paso.clave}`)}</b> {paso.opcional && <span className="tenue chico">{t('opcional')}</span>}
            <div className="tenue chico">{t(`por_que.${paso.clave}`)}</div>
            {!paso.hecho && paso.enlaces.some((enlace) => enlace.nombre) && (
              <div className="chico arranque-sedes">
                {t('en')}{' '}
                {paso.enlaces.map((enlace) => (
                  <Anchor key={enlace.a} component={Enlace} a={enlace.a} size="sm" underline="always">
                    {enlace.nombre}
                  </Anchor>
                ))}
              </div>
            )}
          </div>
          {!paso.hecho && paso.enlaces[0] && (
            <Button component={Enlace} a={paso.enlaces[0].a} con={paso.enlaces[0].con} size="compact-md" variant={paso === siguiente ? 'filled' : 'default'} aria-label={t('ir_a', { paso: t(`paso.${paso.clave}`) })}>
              {t('ir')}
            </Button>
          )}
        </li>
      ))}
    </ol>
  );
}
