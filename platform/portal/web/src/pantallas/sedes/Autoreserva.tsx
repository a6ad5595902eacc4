/** What owners may book by themselves in a sede. Read for everybody, changed by who configures the agenda. */
import { Alert, Anchor } from '@mantine/core';
import { IconWorld, IconWorldOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, type Esquemas } from '@/api/cliente';
import { Problema } from '@/api/problema';
import { Cargando, Segun, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Juntas } from '@/comun/Juntas';
import { Seccion } from '@/comun/Seccion';
import type { Sede } from './datos';
import { FormaAutoreserva } from './FormaAutoreserva';

/** `null`: never configured. */
export const useAutoreserva = (id: string) =>
  useQuery({
    queryKey: ['get', '/api/v1/sedes/{id}/autoreserva', id],
    queryFn: async (): Promise<Esquemas['AutoreservaDeSede'] | null> => {
      try {
        return (await api.GET('/api/v1/sedes/{id}/autoreserva', { params: { path: { id } } })).data ?? null;
      } catch (falla) {
        if (falla instanceof Problema && falla.status === 404) return null;
        throw falla;
      }
    },
  });

const cadena = () => document.querySelector('meta[name="cadena"]')?.getAttribute('content');

export function Autoreserva({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const consulta = useAutoreserva(sede.id);
  const puede = usePuede()('agenda.configurar', sede.id);
  const clave = cadena();
  // As high as the form. What can be chosen comes after it, and by its ids alone the chosen would take more lines than by name.
  const mientras = <Cargando filas={puede ? 20 : 4} />;
  return (
    <Seccion titulo={t('reservas.titulo')}>
      <Juntas key={sede.id} mientras={mientras}>
        <Segun consulta={consulta} cargando={mientras} vacio={(hay) => (!hay && !puede ? <Vacio icono={IconWorldOff} titulo={t('reservas.nunca')} /> : null)}>
          {(hay) => (
            <div className="hoja-corta">
              <Alert color={hay?.autoreserva.activa ? 'verde' : 'gray'} variant="light" icon={hay?.autoreserva.activa ? <IconWorld size={18} /> : <IconWorldOff size={18} />} title={t(hay?.autoreserva.activa ? 'reservas.abierta' : 'reservas.cerrada')} mb="md">
                {t('reservas.detalle')}{' '}
                {clave && hay?.autoreserva.activa && (
                  <Anchor href={`/reservar/${clave}`} target="_blank" rel="noopener" size="sm">
                    {t('reservas.ver_pagina')}
                  </Anchor>
                )}
              </Alert>
              {puede ? <FormaAutoreserva key={sede.id} sede={sede} hay={hay} /> : hay && <Resumen hay={hay.autoreserva} />}
            </div>
          )}
        </Segun>
      </Juntas>
    </Seccion>
  );
}

function Resumen({ hay }: { hay: Esquemas['Autoreserva'] }) {
  const { t } = useTranslation('sedes');
  return (
    <ul className="lineas">
      <li>{t('reservas.n_servicios', { count: hay.servicios.length })}</li>
      <li>{t('reservas.hasta_dias', { count: hay.dias_max })}</li>
      <li>{t(hay.aprobar ? 'reservas.con_aprobar' : 'reservas.sin_aprobar')}</li>
    </ul>
  );
}
