/** One sede in parts, each with its own address. */
import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ReactNode } from 'react';
import { $api } from '@/api/cliente';
import { Enlace, useParametro } from '@/app/direccion';
import { Segun, SinPermiso } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Pestanas } from '@/comun/Pestanas';
import { useVerPestana } from '@/comun/verPestana';
import { Autoreserva } from './Autoreserva';
import { DatosDeSede } from './Datos';
import type { Sede } from './datos';
import { Dias } from './Dias';
import { Ficha } from './Ficha';
import { Horario } from './Horario';
import { Locales } from './Locales';
import { Medicos } from './Medicos';
import { Turnos } from './Turnos';
import '@/comun/listas.css';
import './sedes.css';

const PARTES: Record<string, { permiso: string; ver: (sede: Sede) => ReactNode }> = {
  datos: { permiso: 'sede.ver', ver: (sede) => <Datos sede={sede} /> },
  horario: { permiso: 'cita.ver', ver: (sede) => <Horario sede={sede} /> },
  dias: { permiso: 'cita.ver', ver: (sede) => <Dias sede={sede} /> },
  ambientes: { permiso: 'sede.ver', ver: (sede) => <Locales sede={sede} /> },
  medicos: { permiso: 'cita.ver', ver: (sede) => <Medicos sede={sede} /> },
  turnos: { permiso: 'cita.ver', ver: (sede) => <Turnos sede={sede} /> },
  reservas: { permiso: 'cita.ver', ver: (sede) => <Autoreserva sede={sede} /> },
};

export default function UnaSede() {
  const { t } = useTranslation('sedes');
  const id = useParametro('id');
  const parte = useParametro('parte') || 'datos';
  useVerPestana();
  const puede = usePuede();
  const consulta = $api.useQuery('get', '/api/v1/sedes/{id}', { params: { path: { id } } }, { enabled: puede('sede.ver', id) });
  const esta = PARTES[parte] ?? PARTES.datos;
  if (!puede('sede.ver', id))
    return (
      <Marco titulo={t('sede')}>
        <SinPermiso detalle={t('ajena')} />
      </Marco>
    );
  return (
    <Marco
      titulo={consulta.data?.nombre ?? t('sede')}
      detalle={
        <Anchor component={Enlace} a="/sedes" size="sm">
          {t('todas')}
        </Anchor>
      }
      filtros={<Pestanas nombre={t('sede')} lista={Object.entries(PARTES).map(([clave, una]) => ({ a: `/sedes/${id}/${clave}`, nombre: t(`parte.${clave}`), ve: puede(una.permiso, id) }))} />}
    >
      <Segun consulta={consulta}>{(sede) => (puede(esta?.permiso ?? '', id) ? esta?.ver(sede) : <SinPermiso permiso={esta?.permiso ?? ''} />)}</Segun>
    </Marco>
  );
}

function Datos({ sede }: { sede: Sede }) {
  const puede = usePuede();
  if (!puede('sede.configurar', sede.id)) return <Ficha sede={sede} />;
  return (
    <div className="panel hoja-panel">
      <DatosDeSede key={sede.id} sede={sede} />
    </div>
  );
}
