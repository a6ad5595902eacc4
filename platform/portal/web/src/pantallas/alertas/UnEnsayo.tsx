/** What would change: a diff of alerts, pet by pet. */
import { Alert, Anchor, Button, Select } from '@mantine/core';
import { IconAlertCircle, IconArrowLeft, IconEqual } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros, useParametro } from '@/app/direccion';
import { Cargando, Fallo, Segun, Vacio } from '@/app/estados';
import { Avance } from '@/comun/Avance';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { diaCorto } from '@/comun/tiempo';
import { conDias } from '../pacientes/texto';
import { CORRE, nombreComplemento, totales, type Ensayo } from './Ensayos';
import { Partes } from './Partes';

type Cambio = Esquemas['Page_CambioEnsayo']['items'][number];
const CAMBIOS = ['nueva', 'desaparece', 'cambiada', 'pasajera'] as const;

export default function UnEnsayo() {
  const id = useParametro('id');
  const { t } = useTranslation('alertas');
  const consulta = $api.useQuery('get', '/api/v1/alertas/ensayos/{id}', { params: { path: { id } } }, { refetchInterval: (c) => (c.state.data && CORRE(c.state.data) ? 1_000 : false) });
  return (
    <Partes
      titulo={consulta.data ? t('ensayo.de', { reglas: nombreComplemento(consulta.data.pedido.complemento) }) : t('ensayo.uno')}
      detalle={consulta.data && (consulta.data.dias.length > 1 ? t('ensayo.dias_vistos', { count: consulta.data.dias.length }) : undefined)}
      acciones={
        <Button component={Enlace} a="/alertas/ensayos" variant="default" leftSection={<IconArrowLeft size={17} aria-hidden />}>
          {t('ensayo.todos')}
        </Button>
      }
    >
      <Segun consulta={consulta}>
        {(ensayo) => (
          <>
            <Cabeza ensayo={ensayo} />
            {ensayo.estado === 'terminado' && <Cambios ensayo={ensayo} />}
          </>
        )}
      </Segun>
    </Partes>
  );
}

function Cabeza({ ensayo }: { ensayo: Ensayo }) {
  const { t } = useTranslation('alertas');
  if (CORRE(ensayo))
    return (
      <div className="panel ensayo-cabeza">
        <Avance nombre={t('ensayo.corriendo')} hecho={ensayo.vistas} total={ensayo.total} detalle={t('de_mascotas', { hecho: ensayo.vistas, total: ensayo.total })} />
      </div>
    );
  return (
    <>
      {ensayo.estado === 'fallido' && (
        <Alert color="red" variant="light" icon={<IconAlertCircle size={18} />} title={t('ensayo.fallo')} mb="md">
          {ensayo.detalle}
        </Alert>
      )}
      {ensayo.fallas > 0 && (
        <Alert color="orange" variant="light" icon={<IconAlertCircle size={18} />} mb="md">
          {t('ensayo.fallas', { count: ensayo.fallas })}
        </Alert>
      )}
      {ensayo.estado === 'terminado' && <PorRegla ensayo={ensayo} />}
    </>
  );
}

function PorRegla({ ensayo }: { ensayo: Ensayo }) {
  const { t } = useTranslation('alertas');
  const suma = totales(ensayo.reglas);
  const filas = Object.entries(ensayo.reglas).sort(([a], [b]) => a.localeCompare(b));
  const celdas = (una: { nuevas: number; desaparecen: number; cambiadas: number; pasajeras: number; iguales: number }) => [una.nuevas, una.desaparecen, una.cambiadas, una.pasajeras, una.iguales];
  return (
    <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t('ensayo.por_regla')} style={{ marginBottom: 14 }}>
      <table className="tabla">
        <thead>
          <tr>
            <th scope="col">{t('ensayo.regla')}</th>
            {['nueva', 'desaparece', 'cambiada', 'pasajera', 'iguales'].map((cual) => (
              <th key={cual} scope="col" className="cifra">
                {t(`ensayo.cuenta.${cual}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t('ensayo.en_total')}</th>
            {[suma.nueva, suma.desaparece, suma.cambiada, suma.pasajera, suma.iguales].map((cuantas, i) => (
              <td key={i} className="cifra">
                <b>{cuantas}</b>
              </td>
            ))}
          </tr>
          {filas.map(([regla, una]) => (
            <tr key={regla}>
              <td>{regla.replaceAll('_', ' ')}</td>
              {celdas(una).map((cuantas, i) => (
                <td key={i} className="cifra">
                  {cuantas}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cambios({ ensayo }: { ensayo: Ensayo }) {
  const { t } = useTranslation('alertas');
  const [f, cambiar] = useFiltros({ cambio: '', regla: '' });
  const query = { ...(f.cambio ? { cambio: f.cambio as Cambio['cambio'] } : {}), ...(f.regla ? { regla: f.regla } : {}) };
  const consulta = usePaginas('/api/v1/alertas/ensayos/{id}/cambios', { id: ensayo.id, ...f }, (cursor) =>
    cuerpo(api.GET('/api/v1/alertas/ensayos/{id}/cambios', { params: { path: { id: ensayo.id }, query: { limite: 50, ...query, ...cursor } } })),
  );
  const suma = totales(ensayo.reglas);
  const quitar = { clearable: true, size: 'sm', clearButtonProps: { 'aria-label': t('app:quitar') } } as const;
  return (
    <>
      <div className="marco-filtros" style={{ marginBottom: 10 }}>
        <Select {...quitar} aria-label={t('ensayo.cambio')} placeholder={t('ensayo.cambio')} data={CAMBIOS.map((cual) => ({ value: cual, label: `${t(`ensayo.cuenta.${cual}`)} (${suma[cual]})` }))} value={f.cambio || null} onChange={(cambio) => cambiar({ cambio: cambio ?? '' })} />
        <Select {...quitar} searchable aria-label={t('ensayo.regla')} placeholder={t('ensayo.regla')} data={Object.keys(ensayo.reglas).sort().map((regla) => ({ value: regla, label: regla.replaceAll('_', ' ') }))} value={f.regla || null} onChange={(regla) => cambiar({ regla: regla ?? '' })} />
        <Exportar de={`/api/v1/alertas/ensayos/${ensayo.id}/cambios`} con={query} />
      </div>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={6} alto={64} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconEqual} titulo={t(f.cambio || f.regla ? 'nada_asi' : 'ensayo.nada_cambia')} detalle={f.cambio || f.regla ? undefined : t('ensayo.nada_cambia_detalle')} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones" aria-label={t('ensayo.lista')}>
          {consulta.items.map((uno) => (
            <Uno key={uno.mascota_id + uno.regla + uno.clave} cambio={uno} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
    </>
  );
}

function Uno({ cambio }: { cambio: Cambio }) {
  const { t } = useTranslation('alertas');
  return (
    <li className="cambio">
      <div>
        <Anchor component={Enlace} a={`/pacientes/${cambio.mascota_id}`} fw={600} fz="inherit" c="inherit" underline="always">
          {cambio.mascota}
        </Anchor>
        <div className="tenue chico">{cambio.tutor ?? t('sin_tutor')}</div>
      </div>
      <div>
        {cambio.antes && cambio.cambio !== 'nueva' && <Dicho signo="−" tono="grave" palabra={t('ensayo.deja_de_decir')} dicha={cambio.antes} />}
        {cambio.despues && cambio.cambio !== 'desaparece' && <Dicho signo="+" tono="bien" palabra={t('ensayo.diria')} dicha={cambio.despues} />}
        {!cambio.antes && !cambio.despues && <span className="tenue">{cambio.clave}</span>}
      </div>
      <div className="tenue chico num">
        {t(`ensayo.cuenta.${cambio.cambio}`)}
        {cambio.aviso_el && <div>{t('ensayo.se_escribiria', { dia: diaCorto(cambio.aviso_el) })}</div>}
        {cambio.dicha_el && cambio.dicha_hasta && <div>{t('ensayo.entre', { desde: diaCorto(cambio.dicha_el), hasta: diaCorto(cambio.dicha_hasta) })}</div>}
      </div>
    </li>
  );
}

function Dicho({ signo, tono, palabra, dicha }: { signo: string; tono: 'grave' | 'bien'; palabra: string; dicha: NonNullable<Cambio['antes']> }) {
  const { t } = useTranslation('alertas');
  return (
    <div className={`cambio-dicho tono-${tono}`}>
      <b aria-label={palabra} role="img">
        {signo}
      </b>
      <span>
        <b>{conDias(dicha.titulo)}</b> <span className="chico">· {t(`gravedad.${dicha.gravedad}`)}</span>
        <div className="chico">{conDias(dicha.detalle)}</div>
      </span>
    </div>
  );
}
