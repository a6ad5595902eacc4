/** How long people waited, from coming in to being seen: by day, by hour, by vet and by triage. */
import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { IconAlertTriangle, IconClock, IconDoorExit, IconHourglass, IconLayoutKanban, IconStethoscope, IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { useSede } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { usePersonas } from '@/comun/Quien';
import { diaCorto, diaMedio, duracion, hoyEn, sumarDias } from '@/comun/tiempo';
import { Columnas, Filas, type Dato } from './Grafico';
import { TRIAJES } from './datos';
import './tiempos.css';

type Tiempos = Esquemas['TiemposDeSala'];
type Espera = Esquemas['TiempoDeEspera'];

const DIAS = ['7', '28', '90'];
const DE_INICIO = '28';
/** As many as the API gives at once. */
const MAXIMO = 91;
const esDia = (dia: string) => /^\d{4}-\d\d-\d\d$/.test(dia);
const minutos = (cuantos: number) => duracion(Math.round(cuantos));

export default function Vista() {
  const { t } = useTranslation('sala');
  const sede = useSede();
  const hoy = hoyEn(sede.zona_horaria);
  const [f, cambiar] = useFiltros({ dias: DE_INICIO, desde: '', hasta: '' });
  const hasta = esDia(f.hasta) && f.hasta <= hoy ? f.hasta : hoy;
  const primero = sumarDias(hasta, -MAXIMO);
  const pedido = esDia(f.desde) && f.desde <= hasta ? f.desde : sumarDias(hasta, 1 - (DIAS.includes(f.dias) ? Number(f.dias) : Number(DE_INICIO)));
  const desde = pedido < primero ? primero : pedido;
  const consulta = $api.useQuery('get', '/api/v1/sedes/{id}/sala/tiempos', { params: { path: { id: sede.id }, query: { desde, hasta } } }, { staleTime: 60_000 });
  return (
    <Marco
      titulo={t('tiempos.titulo')}
      detalle={t('tiempos.detalle')}
      acciones={
        <Button component={Enlace} a="/sala" variant="default" leftSection={<IconLayoutKanban size={17} aria-hidden />}>
          {t('tiempos.a_la_sala')}
        </Button>
      }
      filtros={
        <>
          <SegmentedControl aria-label={t('tiempos.cuantos')} value={f.desde ? '' : f.dias} onChange={(dias) => cambiar({ dias, desde: '', hasta: '' })} data={DIAS.map((dias) => ({ value: dias, label: t('tiempos.dias', { dias }) }))} />
          <Group gap={6} wrap="nowrap">
            <CampoFecha w={142} aria-label={t('tiempos.desde')} valor={desde} maximo={hasta} hoy={hoy} alCambiar={(dia) => cambiar({ desde: dia, hasta })} />
            <span aria-hidden>–</span>
            <CampoFecha w={142} aria-label={t('tiempos.hasta')} valor={hasta} minimo={desde} maximo={hoy} hoy={hoy} alCambiar={(dia) => cambiar({ hasta: dia, desde })} />
          </Group>
        </>
      }
    >
      <Segun consulta={consulta} cargando={<Cargando filas={4} alto={150} />} vacio={({ total, retiradas }) => (!total && retiradas === 0 ? <Vacio icono={IconHourglass} titulo={t('tiempos.nadie')} detalle={t('tiempos.nadie_detalle')} /> : null)}>
        {(tiempos) => <Cuadros tiempos={tiempos} desde={desde} hasta={hasta} />}
      </Segun>
    </Marco>
  );
}

function Cuadros({ tiempos, desde, hasta }: { tiempos: Tiempos; desde: string; hasta: string }) {
  const { t } = useTranslation('sala');
  const sede = useSede();
  const persona = usePersonas();
  const rol = $api.useQuery('get', '/api/v1/sedes/{id}/rol', { params: { path: { id: sede.id }, query: {} } }, { staleTime: 5 * 60_000 });
  const medico = (id: string) => persona(id) ?? rol.data?.dias.flatMap((dia) => dia.medicos).find((uno) => uno.medico_id === id)?.medico ?? t('tiempos.otro_medico');
  const dato = (de: string, nombre: string, corto: string, una: Espera): Dato => ({ de, nombre, corto, mediana: una.mediana, p90: una.p90, visitas: una.visitas, excedidas: una.excedidas });
  // A day or an hour at which nobody came is a gap in the picture, not a neighbour's place.
  const dias = Array.from({ length: Math.round((Date.parse(hasta) - Date.parse(desde)) / 86_400_000) + 1 }, (_, i) => sumarDias(desde, i));
  const horas = tiempos.por_hora.map((una) => una.de);
  const rango = horas.length > 0 ? Array.from({ length: Math.max(...horas) - Math.min(...horas) + 1 }, (_, i) => Math.min(...horas) + i) : [];
  const vacio = { mediana: 0, p90: 0, visitas: 0, excedidas: 0 };
  const porDia = dias.map((dia) => dato(dia, diaMedio(dia), dia.slice(8), tiempos.por_dia.find((una) => una.de === dia) ?? vacio));
  const porHora = rango.map((una) => dato(String(una), `${String(una).padStart(2, '0')}:00`, String(una), tiempos.por_hora.find((otra) => otra.de === una) ?? vacio));
  const porMedico = tiempos.por_medico.map((una) => dato(una.de, medico(una.de), '', una)).sort((a, b) => b.mediana - a.mediana);
  const porTriaje = TRIAJES.flatMap((triaje) => tiempos.por_triaje.filter((una) => una.de === triaje).map((una) => dato(triaje, t(`app:triaje.${triaje}`), '', una)));
  return (
    <div className="tiempos">
      <Cifras tiempos={tiempos} />
      <p className="tiempos-leyenda">
        {(['mediana', 'p90'] as const).map((cual) => (
          <span key={cual}>
            <i className={`barra-${cual}`} aria-hidden /> {t(`tiempos.leyenda_${cual}`)}
          </span>
        ))}
      </p>
      <Columnas clase="tiempos-entero" titulo={t('tiempos.por_dia')} cabeza={t('tiempos.dia')} datos={porDia} resumen={t('tiempos.resumen_dias', { desde: diaCorto(desde), hasta: diaCorto(hasta) })} />
      <Columnas titulo={t('tiempos.por_hora')} cabeza={t('tiempos.hora')} datos={porHora} resumen={t('tiempos.resumen_horas')} />
      <Filas titulo={t('tiempos.por_medico')} cabeza={t('tiempos.medico')} datos={porMedico} />
      <Filas titulo={t('tiempos.por_triaje')} cabeza={t('triaje')} datos={porTriaje} conTriaje />
    </div>
  );
}

function Cifras({ tiempos: { total, retiradas } }: { tiempos: Tiempos }) {
  const { t } = useTranslation('sala');
  const parte = total && total.visitas > 0 ? Math.round((total.excedidas / total.visitas) * 100) : 0;
  const lista = [
    { clave: 'visitas', icono: IconUsers, valor: String(total?.visitas ?? 0) },
    { clave: 'mediana', icono: IconClock, valor: total ? minutos(total.mediana) : '—' },
    { clave: 'p90', icono: IconHourglass, valor: total ? minutos(total.p90) : '—' },
    { clave: 'excedidas', icono: IconAlertTriangle, valor: total ? `${total.excedidas} (${parte} %)` : '—' },
    { clave: 'retiradas', icono: IconDoorExit, valor: String(retiradas) },
    { clave: 'consulta', icono: IconStethoscope, valor: total?.consulta_mediana == null ? '—' : minutos(total.consulta_mediana) },
  ];
  return (
    <dl className="tiempos-cifras">
      {lista.map(({ clave, icono: Icono, valor }) => (
        <div key={clave} className="panel">
          <dt>
            <Icono size={16} aria-hidden /> {t(`tiempos.cifra.${clave}`)}
          </dt>
          <dd className="num">{valor}</dd>
          <Text size="xs" c="dimmed" component="dd">
            {t(`tiempos.ayuda.${clave}`)}
          </Text>
        </div>
      ))}
    </dl>
  );
}
