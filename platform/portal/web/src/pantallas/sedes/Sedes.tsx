/** The chain's sedes, each a link to all that it has. */
import { Button, Switch } from '@mantine/core';
import { IconBuildingStore, IconCircleCheck, IconCircleOff, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros, useIr } from '@/app/direccion';
import { Puede, Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pastilla } from '@/comun/Pastilla';
import { Pestanas } from '@/comun/Pestanas';
import { useTodas } from '@/comun/todas';
import '@/comun/listas.css';
import '@/comun/seccion.css';
import { DatosDeSede } from './Datos';
import { useEntidades, usePartes } from './datos';
import './sedes.css';

type Sede = Esquemas['Sede'];

export default function Sedes() {
  const { t } = useTranslation('sedes');
  const ir = useIr();
  const puede = usePuede();
  const [f, cambiar] = useFiltros({ inactivas: '', nueva: '' });
  const consulta = useTodas<Sede>('/api/v1/sedes', 'todas', (query) => api.GET('/api/v1/sedes', { params: { query } }));
  const partes = usePartes();
  const inactivas = consulta.data?.some((sede) => !sede.activa);
  return (
    <Marco
      titulo={t('titulo')}
      detalle={t('detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/sedes" />
          <Puede permiso="cadena.configurar" sede="cadena">
            <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ nueva: '1' })}>
              {t('nueva')}
            </Button>
          </Puede>
        </>
      }
      filtros={
        <>
          <Pestanas nombre={t('partes')} lista={partes} />
          {/* Always there: what comes late would push the list. */}
          <Switch disabled={!inactivas} label={t('ver_inactivas')} checked={f.inactivas === '1'} onChange={(evento) => cambiar({ inactivas: evento.currentTarget.checked ? '1' : '' })} />
        </>
      }
    >
      <Segun consulta={consulta} vacio={(todas) => (todas.length === 0 ? <Vacio icono={IconBuildingStore} titulo={t('ninguna')} detalle={t('ninguna_detalle')} /> : null)}>
        {(todas) => <Lista sedes={todas.filter((sede) => sede.activa || f.inactivas === '1')} />}
      </Segun>
      <Lateral titulo={t('nueva')} abierto={f.nueva === '1' && puede('cadena.configurar', 'cadena')} cerrar={() => cambiar({ nueva: '' })}>
        <DatosDeSede listo={() => cambiar({ nueva: '' })} creada={(sede) => ir(`/sedes/${sede.id}/horario`)} />
      </Lateral>
    </Marco>
  );
}

function Lista({ sedes }: { sedes: Sede[] }) {
  const { t } = useTranslation('sedes');
  const entidades = useEntidades();
  return (
    <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t('titulo')}>
      <table className="tabla">
        <thead>
          <tr>
            <th scope="col">{t('campo.nombre')}</th>
            <th scope="col" className="no-movil">
              {t('campo.ciudad')}
            </th>
            <th scope="col" className="no-movil">
              {t('campo.direccion')}
            </th>
            <th scope="col" className="no-movil sede-ruc">
              {t('campo.ruc')}
            </th>
            <th scope="col">{t('campo.estado')}</th>
          </tr>
        </thead>
        <tbody>
          {sedes.map((sede) => {
            const entidad = entidades.find((una) => una.id === sede.entidad_legal_id);
            return (
              <tr key={sede.id}>
                <td>
                  <Enlace a={`/sedes/${sede.id}/datos`} className="enlace-fila">
                    {sede.nombre}
                  </Enlace>
                  <div className="tenue chico">{sede.codigo}</div>
                </td>
                <td className="no-movil">{sede.ciudad}</td>
                <td className="no-movil">{sede.direccion ?? <span className="tenue">{t('sin_direccion')}</span>}</td>
                <td className="no-movil num sede-ruc">
                  {entidad?.ruc}
                  <div className="tenue chico">{entidad?.razon_social}</div>
                </td>
                <td>
                  <Pastilla tono={sede.activa ? 'bien' : 'gris'} icono={sede.activa ? IconCircleCheck : IconCircleOff}>
                    {t(sede.activa ? 'activa' : 'inactiva')}
                  </Pastilla>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
