/** What the rules say about every pet of the chain: what is due first, first. */
import { Alert, Anchor, Button, Group, Select } from '@mantine/core';
import { IconCalendarPlus, IconFilterOff, IconPlugConnectedX, IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { usePuede, useSesion } from '@/app/sesion';
import { Avance } from '@/comun/Avance';
import { FotoMascota } from '@/comun/especie';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { nombrar } from '@/comun/nombrar';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { diaCorto, fechaHora, hoyEn, sumarDias, ZONA } from '@/comun/tiempo';
import { Descartar } from '../pacientes/anotar/DescartarAlerta';
import { conDias, sinDia } from '../pacientes/texto';
import { GRAVEDADES, ICONOS, Partes, TONOS, type Gravedad } from './Partes';

type DeLista = Esquemas['Page_AlertaDeLista']['items'][number];
const FILTROS = { gravedad: '', regla: '', sede: '', vence: '' };

/** «Vencidas», «esta semana»… as the days that the API takes. */
function plazo(vence: string, hoy: string): { vence_desde?: string; vence_hasta?: string } {
  if (vence === 'vencidas') return { vence_hasta: sumarDias(hoy, -1) };
  if (vence === 'semana') return { vence_desde: hoy, vence_hasta: sumarDias(hoy, 7) };
  if (vence === 'mes') return { vence_desde: hoy, vence_hasta: sumarDias(hoy, 30) };
  return {};
}

export default function Alertas() {
  const { t } = useTranslation('alertas');
  const { yo } = useSesion();
  const [f, cambiar] = useFiltros(FILTROS);
  const hoy = hoyEn(ZONA);
  const query = {
    ...(f.gravedad ? { gravedad: f.gravedad as Gravedad } : {}),
    ...(f.regla ? { complemento: f.regla } : {}),
    ...(f.sede ? { sede_id: f.sede } : {}),
    ...plazo(f.vence, hoy),
  };
  const consulta = usePaginas('/api/v1/alertas', f, (cursor) => cuerpo(api.GET('/api/v1/alertas', { params: { query: { limite: 50, ...query, ...cursor } } })));
  const reglas = useReglas(consulta.items, f.regla);
  const filtrada = Object.values(f).some(Boolean);
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('app:quitar') } } as const;
  return (
    <Partes
      detalle={t('detalle')}
      acciones={<Exportar de="/api/v1/alertas" con={query} />}
      filtros={
        <>
          <Select {...quitar} aria-label={t('gravedad_nombre')} placeholder={t('gravedad_nombre')} data={GRAVEDADES.map((valor) => ({ value: valor, label: t(`gravedad.${valor}`) }))} value={f.gravedad || null} onChange={(valor) => cambiar({ gravedad: valor ?? '' })} />
          <Select {...quitar} aria-label={t('sobre')} placeholder={t('sobre')} data={reglas} value={f.regla || null} onChange={(valor) => cambiar({ regla: valor ?? '' })} />
          {yo.sedes.length > 1 && <Select {...quitar} searchable aria-label={t('sede')} placeholder={t('sede')} data={yo.sedes.map((una) => ({ value: una.id, label: una.nombre }))} value={f.sede || null} onChange={(valor) => cambiar({ sede: valor ?? '' })} />}
          <Select {...quitar} aria-label={t('vence')} placeholder={t('vence')} data={['vencidas', 'semana', 'mes'].map((valor) => ({ value: valor, label: t(`plazo.${valor}`) }))} value={f.vence || null} onChange={(valor) => cambiar({ vence: valor ?? '' })} />
          {filtrada && (
            <Button variant="subtle" size="sm" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={() => cambiar(FILTROS)}>
              {t('app:quitar_filtros')}
            </Button>
          )}
        </>
      }
    >
      <EstadoDeReglas />
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={8} alto={62} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconShieldCheck} titulo={t(filtrada ? 'nada_asi' : 'nada')} detalle={t(filtrada ? 'nada_asi_detalle' : 'nada_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((una) => (
            <Una key={una.id} alerta={una} hoy={hoy} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
    </Partes>
  );
}

/** Whose rules there are: those installed; for who may not see plugins, those that the list speaks of. */
function useReglas(alertas: DeLista[], elegida: string) {
  const { i18n } = useTranslation('alertas');
  const puede = usePuede();
  const { data } = $api.useQuery('get', '/api/v1/complementos', { params: { query: { mundo: 'alerts', limite: 100 } } }, { enabled: puede('complemento.ver', 'alguna'), staleTime: 5 * 60_000 });
  const instaladas = (data?.items ?? []).filter((uno) => uno.instalacion);
  const nombre = (id: string) => {
    const propia = `alertas:regla.${id.replace('pe.huella.', '')}`;
    return instaladas.find((uno) => uno.complemento === id)?.nombre ?? (i18n.exists(propia) ? i18n.t(propia) : id);
  };
  return [...new Set([...instaladas.map((uno) => uno.complemento), ...alertas.map((una) => una.complemento), ...(elegida ? [elegida] : [])])].map((id) => ({ value: id, label: nombre(id) })).sort((a, b) => a.label.localeCompare(b.label));
}

/** Nothing on the list only means something when the rules ran. */
function EstadoDeReglas() {
  const { t } = useTranslation('alertas');
  const { data } = $api.useQuery('get', '/api/v1/alertas/estado', {}, { refetchInterval: (consulta) => (consulta.state.data?.pasada && !consulta.state.data.pasada.terminada_en ? 3_000 : false) });
  if (!data) return null;
  const { pasada, reglas_que_no_corrieron: mudas } = data;
  return (
    <>
      {mudas.length > 0 && (
        <Alert color="orange" variant="light" icon={<IconPlugConnectedX size={18} />} mb="md" title={t('no_corren', { count: mudas.length })}>
          <ul className="no-corren">
            {mudas.map((una) => (
              <li key={una.complemento}>
                <b>{una.nombre}</b> {t('no_corre_desde', { cuando: fechaHora(una.desde, ZONA) })} {una.mascotas != null && t('no_corre_para', { count: una.mascotas })} {nombrar(`alertas:resultado.${una.resultado}`, una.resultado)}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {pasada && !pasada.terminada_en && (
        <div className="panel alertas-pasada">
          <Avance nombre={t('recorriendo')} hecho={pasada.vistas} total={pasada.total} detalle={t('de_mascotas', { hecho: pasada.vistas, total: pasada.total })} />
        </div>
      )}
    </>
  );
}

function Una({ alerta, hoy }: { alerta: DeLista; hoy: string }) {
  const { t } = useTranslation('alertas');
  const puede = usePuede();
  const vencida = !!alerta.vence && alerta.vence < hoy;
  const titulo = sinDia(alerta.titulo);
  return (
    <li className="alerta-linea">
      <FotoMascota especie={alerta.especie} lado={36} />
      <div className="alerta-de">
        <Anchor component={Enlace} a={`/pacientes/${alerta.mascota_id}`} fw={600} fz="inherit" c="inherit" underline="always">
          {alerta.mascota}
        </Anchor>
        <div className="tenue chico">{alerta.tutor ?? t('sin_tutor')}</div>
      </div>
      <div className="alerta-que">
        <span className="renglon-titulo">
          <Pastilla tono={TONOS[alerta.gravedad]} icono={ICONOS[alerta.gravedad]}>
            {t(`gravedad.${alerta.gravedad}`)}
          </Pastilla>
          <b>{titulo}</b>
          {alerta.vence && <span className="num">{t(vencida ? 'vencio' : 'vence_el', { dia: diaCorto(alerta.vence) })}</span>}
          {alerta.sugiere_bloquear && <b>{t('no_seguir')}</b>}
        </span>
        <div className="tenue chico">{conDias(alerta.detalle)}</div>
      </div>
      <Group gap={4} wrap="nowrap" className="alerta-botones">
        {puede('cita.reservar', 'alguna') && (
          <Button component={Enlace} a="/agenda" con={{ nueva: '1', mascota: alerta.mascota_id, nombre: alerta.mascota }} size="compact-sm" variant="default" leftSection={<IconCalendarPlus size={15} aria-hidden />}>
            {t('reservar')}
          </Button>
        )}
        {puede('alerta.descartar', 'alguna') && <Descartar alerta={alerta} />}
      </Group>
    </li>
  );
}
