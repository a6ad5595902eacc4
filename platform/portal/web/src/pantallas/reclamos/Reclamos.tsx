/** The Libro de Reclamaciones of the sedes that one sees: what has to be answered first is told by its days. */
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconBook2, IconExternalLink, IconFilterOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { cadenaDeLaDireccion } from '@/app/entrada';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { useSesion } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { diaMedio } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { Plazo, type Reclamo } from './Plazo';
import './reclamos.css';

const FILTROS = { estado: 'pendiente', tipo: '', sede: '', documento: '' };
const TIPOS = ['reclamo', 'queja'] as const;

const pregunta = (f: typeof FILTROS) => ({
  ...(f.estado === 'todos' ? {} : { estado: f.estado as Reclamo['estado'] }),
  ...(f.tipo ? { tipo: f.tipo as Reclamo['tipo'] } : {}),
  ...(f.sede ? { sede_id: f.sede } : {}),
  ...(f.documento.trim() ? { documento: f.documento.trim() } : {}),
});

export default function Reclamos() {
  const { t } = useTranslation('reclamos');
  const cadena = cadenaDeLaDireccion();
  const [f, cambiar] = useFiltros(FILTROS);
  const consulta = usePaginas('/api/v1/reclamos', f, (cursor) => cuerpo(api.GET('/api/v1/reclamos', { params: { query: { limite: 50, ...pregunta(f), ...cursor } } })));
  const filtrada = Boolean(f.tipo || f.sede || f.documento);
  const nada = filtrada ? 'nada_asi' : f.estado === 'pendiente' ? 'al_dia' : 'nada';
  return (
    <Marco
      titulo={t('titulo')}
      detalle={t('detalle')}
      acciones={
        <>
          {cadena && (
            <Button component="a" variant="default" href={`/libro-de-reclamaciones/${cadena}`} target="_blank" rel="noreferrer" leftSection={<IconExternalLink size={17} aria-hidden />}>
              {t('ver_libro')}
            </Button>
          )}
          <Exportar de="/api/v1/reclamos" con={pregunta(f)} />
        </>
      }
      filtros={<Filtros f={f} cambiar={cambiar} filtrada={filtrada} />}
    >
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={6} alto={64} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconBook2} titulo={t(nada)} detalle={t(`${nada}_detalle`)} />}
      {consulta.items.length > 0 && (
        <ul className="panel reclamos-lista">
          {consulta.items.map((uno) => (
            <Linea key={uno.id} reclamo={uno} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
    </Marco>
  );
}

function Filtros({ f, cambiar, filtrada }: { f: typeof FILTROS; cambiar: (cambios: Partial<typeof FILTROS>) => void; filtrada: boolean }) {
  const { t } = useTranslation('reclamos');
  const { yo } = useSesion();
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('quitar') } } as const;
  return (
    <>
      <SegmentedControl aria-label={t('estado_nombre')} value={f.estado} onChange={(estado) => cambiar({ estado })} data={['pendiente', 'respondido', 'todos'].map((value) => ({ value, label: t(`estado.${value}`) }))} />
      <Select {...quitar} aria-label={t('tipo_nombre')} placeholder={t('tipo_nombre')} data={TIPOS.map((value) => ({ value, label: t(`tipo.${value}`) }))} value={f.tipo || null} onChange={(valor) => cambiar({ tipo: valor ?? '' })} />
      {yo.sedes.length > 1 && <Select {...quitar} searchable aria-label={t('sede')} placeholder={t('sede')} data={yo.sedes.map((una) => ({ value: una.id, label: una.nombre }))} value={f.sede || null} onChange={(valor) => cambiar({ sede: valor ?? '' })} />}
      <TextInput size="sm" aria-label={t('documento')} placeholder={t('documento')} value={f.documento} onChange={(evento) => cambiar({ documento: evento.currentTarget.value })} />
      {filtrada && (
        <Button variant="subtle" size="sm" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={() => cambiar({ tipo: '', sede: '', documento: '' })}>
          {t('sin_filtros')}
        </Button>
      )}
    </>
  );
}

function Linea({ reclamo }: { reclamo: Reclamo }) {
  const { t } = useTranslation('reclamos');
  return (
    <li>
      <Enlace a={`/reclamos/${reclamo.id}`} className="reclamos-linea">
        <span>
          <b className="num">{reclamo.codigo}</b> <span className="tenue">{t(`tipo.${reclamo.tipo}`)}</span>
        </span>
        <span className="reclamos-que">
          <b>{reclamo.consumidor.nombre}</b>
          <span className="tenue chico">{reclamo.bien_descripcion}</span>
        </span>
        <span className="tenue chico">
          {reclamo.sede} · {mayuscula(diaMedio(reclamo.fecha))}
        </span>
        <Plazo reclamo={reclamo} />
      </Enlace>
    </li>
  );
}
