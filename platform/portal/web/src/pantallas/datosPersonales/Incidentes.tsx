/** What happened to personal data, and the 48 hours to tell the authority. */
import { Button, Select } from '@mantine/core';
import { IconCheck, IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { useAhora } from '@/comun/useAhora';
import { Cerrar, FormaIncidente, Notificar } from './FormaIncidente';
import { Partes } from './Partes';
import { Plazo } from './Plazo';

export type Incidente = Esquemas['Incidente'];
type Abierto = { que: 'editar' | 'notificar' | 'cerrar'; incidente: Incidente };

export default function Incidentes() {
  const { t } = useTranslation('datosPersonales');
  const [f, cambiar] = useFiltros({ estado: '', abrir: '' });
  const [abierto, setAbierto] = useState<Abierto>();
  const cerrar = () => (setAbierto(undefined), cambiar({ abrir: '' }));
  const consulta = usePaginas('/api/v1/incidentes-datos', { estado: f.estado }, (cursor) => cuerpo(api.GET('/api/v1/incidentes-datos', { params: { query: { limite: 50, ...(f.estado ? { estado: f.estado as Incidente['estado'] } : {}), ...cursor } } })));
  return (
    <Partes
      detalle={t('incidentes.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/incidentes-datos" con={{ estado: f.estado }} />
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
            {t('incidentes.nuevo')}
          </Button>
        </>
      }
      filtros={<Select size="sm" clearable clearButtonProps={{ 'aria-label': t('app:quitar') }} aria-label={t('solicitudes.estado')} placeholder={t('solicitudes.estado')} data={['abierto', 'notificado', 'cerrado'].map((uno) => ({ value: uno, label: t(`incidentes.estado.${uno}`) }))} value={f.estado || null} onChange={(estado) => cambiar({ estado: estado ?? '' })} />}
    >
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={4} alto={70} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconShieldCheck} titulo={t(f.estado ? 'nada_asi' : 'incidentes.nada')} detalle={f.estado ? undefined : t('incidentes.nada_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((uno) => (
            <Uno key={uno.id} incidente={uno} abrir={(que) => setAbierto({ que, incidente: uno })} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
      <Lateral titulo={t(abierto ? `incidentes.${abierto.que}` : 'incidentes.nuevo')} abierto={f.abrir === 'nuevo' || abierto !== undefined} cerrar={cerrar}>
        {abierto?.que === 'notificar' ? <Notificar incidente={abierto.incidente} listo={cerrar} /> : abierto?.que === 'cerrar' ? <Cerrar incidente={abierto.incidente} listo={cerrar} /> : <FormaIncidente {...(abierto ? { incidente: abierto.incidente } : {})} listo={cerrar} />}
      </Lateral>
    </Partes>
  );
}

function Uno({ incidente, abrir }: { incidente: Incidente; abrir: (que: Abierto['que']) => void }) {
  const { t } = useTranslation('datosPersonales');
  const ahora = useAhora(60_000);
  const horas = Math.floor((Date.parse(incidente.vence_en) - ahora) / 3_600_000);
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b className="num">
            {t('incidentes.numero', { numero: incidente.numero })} · {t(`incidentes.tipo.${incidente.tipo}`)}
          </b>
          {incidente.estado === 'abierto' ? (
            horas >= 0 ? (
              <Pastilla tono="aviso" icono={IconShieldCheck}>
                {t('incidentes.quedan_horas', { count: horas })}
              </Pastilla>
            ) : (
              <Plazo dias={undefined} vencido />
            )
          ) : (
            <Pastilla tono="bien" icono={IconCheck}>
              {t(`incidentes.estado.${incidente.estado}`)}
              {incidente.fuera_de_plazo && ` · ${t('plazo.tarde')}`}
            </Pastilla>
          )}
        </div>
        <p>{incidente.descripcion}</p>
        <div className="tenue chico num">{[t('incidentes.se_supo', { cuando: fechaHora(incidente.detectado_en, ZONA) }), incidente.personas_aprox != null && t('incidentes.personas', { count: incidente.personas_aprox }), incidente.datos.join(', '), incidente.notificado_en && t('incidentes.se_aviso', { cuando: fechaHora(incidente.notificado_en, ZONA) })].filter(Boolean).join(' · ')}</div>
        {incidente.conclusion && <p className="chico">{incidente.conclusion}</p>}
      </div>
      {incidente.estado !== 'cerrado' && (
        <div className="renglon-botones">
          {incidente.estado === 'abierto' && (
            <Button size="compact-sm" onClick={() => abrir('notificar')}>
              {t('incidentes.notificar')}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => abrir('editar')}>
            {t('incidentes.editar')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => abrir('cerrar')}>
            {t('incidentes.cerrar')}
          </Button>
        </div>
      )}
    </li>
  );
}
