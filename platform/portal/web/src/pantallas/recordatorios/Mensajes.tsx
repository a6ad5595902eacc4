/** The desk of messages: what did not arrive, why, and what can be done about it. */
import { Button, Select } from '@mantine/core';
import { IconFilterOff, IconMoodSmile } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { EditarTutor } from '../pacientes/anotar/EditarTutor';
import { MEDIOS, type Medio } from '@/comun/OrdenDeMedios';
import { Partes } from './Partes';
import { UnMensaje } from './UnMensaje';

export type Mensaje = Esquemas['Page_Mensaje']['items'][number];
const FILTROS = { estado: 'fallido', atendido: 'no', canal: '', tipo: '' };
const ESTADOS = ['fallido', 'incierto', 'omitido', 'pendiente', 'enviado'] as const;
const TIPOS = ['recordatorio', 'cita_recordatorio', 'cita_reservada', 'cita_movida', 'cita_anulada', 'reserva_pendiente', 'reserva_hecha', 'reserva_movida', 'reserva_rechazada', 'reserva_anulada', 'espera_oferta', 'codigo_reserva', 'reclamo_hoja', 'reclamo_respuesta', 'reclamo_por_vencer'] as const;

export default function Mensajes() {
  const { t } = useTranslation('recordatorios');
  const [f, cambiar] = useFiltros(FILTROS);
  const [corrige, setCorrige] = useState<Mensaje>();
  const query = {
    ...(f.estado && f.estado !== 'todos' ? { estado: f.estado as Mensaje['estado'] } : {}),
    ...(f.atendido === 'no' ? { atendido: false } : {}),
    ...(f.canal ? { canal: f.canal as Medio } : {}),
    ...(f.tipo ? { tipo: f.tipo as Mensaje['tipo'] } : {}),
  };
  const consulta = usePaginas('/api/v1/mensajes', f, (cursor) => cuerpo(api.GET('/api/v1/mensajes', { params: { query: { limite: 25, ...query, ...cursor } } })));
  const filtrada = (Object.keys(FILTROS) as (keyof typeof FILTROS)[]).some((cual) => f[cual] !== FILTROS[cual]);
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('app:quitar') } } as const;
  return (
    <Partes
      detalle={t('mensajes.detalle')}
      acciones={<Exportar de="/api/v1/mensajes" con={query} />}
      filtros={
        <>
          <Select size="sm" aria-label={t('mensajes.estado')} allowDeselect={false} data={[...ESTADOS, 'todos'].map((valor) => ({ value: valor, label: t(`mensajes.estados.${valor}`) }))} value={f.estado} onChange={(valor) => cambiar({ estado: valor ?? 'fallido' })} />
          <Select size="sm" aria-label={t('mensajes.atendidos')} allowDeselect={false} data={['no', 'todos'].map((valor) => ({ value: valor, label: t(`mensajes.atencion.${valor}`) }))} value={f.atendido} onChange={(valor) => cambiar({ atendido: valor ?? 'no' })} />
          <Select {...quitar} aria-label={t('canal')} placeholder={t('canal')} data={MEDIOS.map((valor) => ({ value: valor, label: t(`app:medio.${valor}`) }))} value={f.canal || null} onChange={(valor) => cambiar({ canal: valor ?? '' })} />
          <Select {...quitar} aria-label={t('mensajes.tipo')} placeholder={t('mensajes.tipo')} data={TIPOS.map((valor) => ({ value: valor, label: t(`tipo.${valor}`) }))} value={f.tipo || null} onChange={(valor) => cambiar({ tipo: valor ?? '' })} />
          {filtrada && (
            <Button variant="subtle" size="sm" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={() => cambiar(FILTROS)}>
              {t('app:quitar_filtros')}
            </Button>
          )}
        </>
      }
    >
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={6} alto={70} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconMoodSmile} titulo={t(filtrada ? 'mensajes.nada_asi' : 'mensajes.nada')} detalle={filtrada ? undefined : t('mensajes.nada_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((uno) => (
            <UnMensaje key={uno.id} mensaje={uno} alCorregir={() => setCorrige(uno)} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
      <Lateral titulo={t('mensajes.corregir')} abierto={corrige !== undefined} cerrar={() => setCorrige(undefined)}>
        {corrige?.tutor_id && <Corregir id={corrige.tutor_id} cerrar={() => setCorrige(undefined)} />}
      </Lateral>
    </Partes>
  );
}

function Corregir({ id, cerrar }: { id: string; cerrar: () => void }) {
  const consulta = $api.useQuery('get', '/api/v1/tutores/{id}', { params: { path: { id } } });
  if (consulta.isError) return <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />;
  return consulta.data ? <EditarTutor tutor={consulta.data} listo={cerrar} /> : <Cargando />;
}
