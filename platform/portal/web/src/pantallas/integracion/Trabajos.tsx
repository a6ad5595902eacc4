/** What the platform does on its own and could not: why, and once more. */
import { Button, Select } from '@mantine/core';
import { IconAlertCircle, IconClock, IconMoodSmile, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, renovar, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Falla, useEnvio } from '@/comun/formulario';
import { Mas } from '@/comun/Mas';
import { nombrar } from '@/comun/nombrar';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { Partes } from './Partes';

type Trabajo = Esquemas['Page_Trabajo']['items'][number];
export default function Trabajos() {
  const { t } = useTranslation('integracion');
  const [f, cambiar] = useFiltros({ estado: 'muerto' });
  const consulta = usePaginas('/api/v1/trabajos', f, (cursor) => cuerpo(api.GET('/api/v1/trabajos', { params: { query: { limite: 50, ...(f.estado === 'todos' ? {} : { estado: f.estado as Trabajo['estado'] }), ...cursor } } })));
  return (
    <Partes detalle={t('trabajos.detalle')} acciones={<Exportar de="/api/v1/trabajos" con={{ estado: f.estado === 'todos' ? '' : f.estado }} />} filtros={<Select size="sm" allowDeselect={false} aria-label={t('trabajos.estado')} data={['muerto', 'pendiente', 'todos'].map((uno) => ({ value: uno, label: t(`trabajos.estados.${uno}`) }))} value={f.estado} onChange={(estado) => cambiar({ estado: estado ?? 'muerto' })} />}>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={4} alto={56} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconMoodSmile} titulo={t(`trabajos.nada.${f.estado}`)} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((uno) => (
            <Uno key={uno.id} trabajo={uno} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
    </Partes>
  );
}

function Uno({ trabajo }: { trabajo: Trabajo }) {
  const { t } = useTranslation('integracion');
  const { va, falla, enviar } = useEnvio();
  const muerto = trabajo.estado === 'muerto';
  const reintentar = () =>
    void enviar(async () => {
      await cuerpo(api.POST('/api/v1/trabajos/{id}/reintentar', { params: { path: { id: trabajo.id } } }));
      avisar({ tono: 'bien', titulo: t('trabajos.otra_vez') });
      await renovar('/api/v1/trabajos');
    });
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b>{nombrar(`integracion:trabajos.tipo.${trabajo.tipo.replaceAll('.', '_')}`, trabajo.tipo)}</b>
          <Pastilla tono={muerto ? 'grave' : 'nota'} icono={muerto ? IconAlertCircle : IconClock}>
            {t(`trabajos.estado_de.${trabajo.estado}`)}
          </Pastilla>
        </div>
        <div className="tenue chico num">{[fechaHora(trabajo.muerto_en ?? trabajo.creado_en, ZONA), t('trabajos.intentos', { hechos: trabajo.intentos, max: trabajo.max_intentos }), !muerto && t('trabajos.proximo', { cuando: fechaHora(trabajo.proximo_en, ZONA) }), trabajo.tema].filter(Boolean).join(' · ')}</div>
        {trabajo.error && <div className="chico">{trabajo.error}</div>}
        {falla && <Falla>{falla}</Falla>}
      </div>
      {muerto && (
        <Button size="compact-sm" variant="default" loading={va} leftSection={<IconRefresh size={15} aria-hidden />} onClick={reintentar}>
          {t('trabajos.reintentar')}
        </Button>
      )}
    </li>
  );
}
