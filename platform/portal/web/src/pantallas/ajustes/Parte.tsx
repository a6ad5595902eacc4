/** One part of the chain's settings. */
import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ComponentType } from 'react';
import { Enlace, useParametro } from '@/app/direccion';
import { SinPermiso } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { NoEncontrada } from '@/app/NoEncontrada';
import { Pestanas } from '@/comun/Pestanas';
import { useVerPestana } from '@/comun/verPestana';
import { Agenda } from './Agenda';
import { Antigenos } from './Antigenos';
import { usePartes, usePestanas } from './datos';
import { Especies } from './Especies';
import { Pacientes } from './Pacientes';
import { Razones } from './Razones';
import { Servicios } from './Servicios';
import { Vacunas } from './Vacunas';
import '@/comun/listas.css';
import './ajustes.css';

const PARTES: Record<string, ComponentType> = { servicios: Servicios, agenda: Agenda, pacientes: Pacientes, especies: Especies, vacunas: Vacunas, antigenos: Antigenos, razones: Razones };

export default function UnaParte() {
  const { t } = useTranslation('ajustes');
  const clave = useParametro('parte');
  useVerPestana();
  const pestanas = usePestanas();
  const parte = usePartes().find((una) => una.clave === clave);
  const Contenido = PARTES[clave];
  if (!Contenido) return <NoEncontrada />;
  return (
    <Marco
      titulo={t(`parte.${clave}`)}
      detalle={
        <Anchor component={Enlace} a="/ajustes" size="sm">
          {t('volver')}
        </Anchor>
      }
      filtros={<Pestanas nombre={t('titulo')} lista={pestanas} />}
    >
      {parte?.ve ? <Contenido /> : <SinPermiso detalle={t('sin_permiso')} />}
    </Marco>
  );
}
