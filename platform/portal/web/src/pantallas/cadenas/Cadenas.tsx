/** For who runs the platform: whom it serves. How many, never who: their people and patients are their own. */
import { Alert, TextInput } from '@mantine/core';
import { IconBuildingCommunity, IconCircleCheck, IconFlask, IconInfoCircle, IconPlayerPause, IconSearch, IconShieldLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Exportar } from '@/comun/Exportar';
import { Pastilla } from '@/comun/Pastilla';
import { diaCorto, diaEn, ZONA } from '@/comun/tiempo';
import { sinTildes } from '@/comun/texto';
import { useTodas } from '@/comun/todas';
import '@/comun/listas.css';

type Cadena = Esquemas['Page_CadenaServida']['items'][number];
const RUTA = '/api/v1/cadenas';

export default function Cadenas() {
  const { t } = useTranslation('cadenas');
  const [filtros, poner] = useFiltros({ q: '' });
  const consulta = useTodas(RUTA, {}, (query) => api.GET(RUTA, { params: { query } }));
  const busca = sinTildes(filtros.q);
  return (
    <Marco titulo={t('titulo')} detalle={t('detalle')} acciones={<Exportar de="/api/v1/cadenas" />}>
      <Alert variant="light" color="gray" icon={<IconInfoCircle size={18} />} title={t('solo_ver')} mb="md" maw={760}>
        {t('solo_ver_detalle')} <code>huella tenant apply tenants/andes</code>
      </Alert>
      <TextInput leftSection={<IconSearch size={16} />} label={t('buscar')} value={filtros.q} onChange={(evento) => poner({ q: evento.currentTarget.value })} maw={360} mb="md" />
      <Segun consulta={consulta}>
        {(todas) => {
          const halladas = todas.filter((cadena) => sinTildes(`${cadena.nombre} ${cadena.clave}`).includes(busca));
          return halladas.length ? <Lista cadenas={halladas} /> : <Vacio icono={IconBuildingCommunity} titulo={t('ninguna')} />;
        }}
      </Segun>
    </Marco>
  );
}

function Lista({ cadenas }: { cadenas: Cadena[] }) {
  const { t } = useTranslation('cadenas');
  return (
    <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t('titulo')}>
      <table className="tabla tabla-apilada">
        <thead>
          <tr>
            <th scope="col">{t('cadena')}</th>
            <th scope="col">{t('tamano')}</th>
            <th scope="col" className="no-movil">
              {t('desde')}
            </th>
            <th scope="col">{t('estado')}</th>
          </tr>
        </thead>
        <tbody>
          {cadenas.map((cadena) => (
            <tr key={cadena.id}>
              <td>
                <b>{cadena.nombre}</b>
                <div className="tenue chico">{cadena.clave}</div>
              </td>
              <td>
                {t('sedes', { count: cadena.sedes })} <span className="tenue">· {t('personas', { count: cadena.personas })}</span>
              </td>
              <td className="no-movil">{diaCorto(diaEn(cadena.creada_en, ZONA))}</td>
              <td>
                <Estado cadena={cadena} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Estado({ cadena }: { cadena: Cadena }) {
  const { t } = useTranslation('cadenas');
  const activa = cadena.activa ? { tono: 'bien' as const, icono: IconCircleCheck, dicho: t('activa') } : { tono: 'gris' as const, icono: IconPlayerPause, dicho: t('inactiva') };
  return (
    <>
      <Pastilla tono={activa.tono} icono={activa.icono}>
        {activa.dicho}
      </Pastilla>{' '}
      {cadena.plataforma && (
        <Pastilla tono="nota" icono={IconShieldLock}>
          {t('plataforma')}
        </Pastilla>
      )}
      {cadena.sandbox && (
        <Pastilla tono="aviso" icono={IconFlask}>
          {t('pruebas')}
        </Pastilla>
      )}
    </>
  );
}
