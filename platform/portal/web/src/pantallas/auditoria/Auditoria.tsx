import { Anchor } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { useSesion } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Mas } from '@/comun/Mas';
import { nombrar } from '@/comun/nombrar';
import { usePaginas } from '@/comun/paginas';
import { hora, ZONA } from '@/comun/tiempo';
import { diferencias } from './diferencia';
import { deDias, Elige, EligePersona, EntreDias, PorDia, SinFiltros } from './filtros';
import { Partes } from './Partes';
import { Sellos } from './Sellos';

type Hecho = Esquemas['Page_HechoAuditado']['items'][number];

const FILTROS = { entidad: '', id: '', actor: '', accion: '', desde: '', hasta: '' };
const ENTIDADES = ['mascota', 'tutor', 'cita', 'visita', 'hecho_clinico', 'usuario', 'asignacion', 'rol', 'sesion', 'sede', 'servicio', 'ambiente', 'equipo', 'area', 'complemento', 'version_complemento', 'auditoria', 'clave_api', 'webhook'];
const ACCIONES = ['leer', 'crear', 'registrar', 'cambiar', 'borrar', 'reservar', 'anular', 'asignar', 'abrir', 'importar', 'instalar', 'habilitar'];

/** The filters as the API takes them. */
const pregunta = ({ entidad, id, actor, accion, ...dias }: typeof FILTROS) => ({
  ...(entidad ? { entidad } : {}),
  ...(id ? { entidad_id: id } : {}),
  ...(actor ? { actor } : {}),
  ...(accion ? { accion } : {}),
  ...deDias(dias),
});

export default function Auditoria() {
  const { t } = useTranslation('auditoria');
  const [f, cambiar] = useFiltros(FILTROS);
  // The history of one record also holds the readings of lists that it was in; the plain list does not find it there.
  const deUno = f.entidad !== '' && f.id !== '' && !f.actor && !f.accion && !f.desde && !f.hasta;
  const consulta = usePaginas(deUno ? '/api/v1/auditoria/{entidad}/{id}' : '/api/v1/auditoria', f, (cursor) =>
    deUno
      ? cuerpo(api.GET('/api/v1/auditoria/{entidad}/{id}', { params: { path: { entidad: f.entidad, id: f.id }, query: { limite: 50, ...cursor } } }))
      : cuerpo(api.GET('/api/v1/auditoria', { params: { query: { limite: 50, ...pregunta(f), ...cursor } } })),
  );
  const filtrada = Object.values(f).some(Boolean);
  return (
    <Partes
      detalle={t('detalle')}
      acciones={<Exportar de="/api/v1/auditoria" con={pregunta(f)} />}
      filtros={<Filtros f={f} cambiar={cambiar} filtrada={filtrada} />}
    >
      <Sellos />
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={10} alto={46} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconListSearch} titulo={t(filtrada ? 'nada_asi' : 'nada')} detalle={filtrada ? t('nada_asi_ayuda') : undefined} />}
      <PorDia filas={consulta.items}>{(uno) => <Linea key={uno.id} hecho={uno} cambiar={cambiar} />}</PorDia>
      <Mas consulta={consulta} />
    </Partes>
  );
}

function Filtros({ f, cambiar, filtrada }: { f: typeof FILTROS; cambiar: (cambios: Partial<typeof FILTROS>) => void; filtrada: boolean }) {
  const { t } = useTranslation('auditoria');
  const opciones = (clase: 'entidad' | 'accion', lista: string[], valor: string) => [...new Set([...lista, ...(valor ? [valor] : [])])].map((uno) => ({ value: uno, label: nombrar(`auditoria:${clase}.${uno}`, uno) }));
  return (
    <>
      <Elige nombre={t('que')} data={opciones('entidad', ENTIDADES, f.entidad)} valor={f.entidad} alElegir={(entidad) => cambiar({ entidad, id: '' })} />
      <Elige nombre={t('hizo')} data={opciones('accion', ACCIONES, f.accion)} valor={f.accion} alElegir={(accion) => cambiar({ accion })} />
      <EligePersona valor={f.actor} alElegir={(actor) => cambiar({ actor })} />
      <EntreDias desde={f.desde} hasta={f.hasta} cambiar={cambiar} />
      {filtrada && <SinFiltros alQuitar={() => cambiar(FILTROS)} />}
    </>
  );
}

const FICHAS: Record<string, string> = { mascota: '/pacientes/', tutor: '/tutores/' };

function Linea({ hecho, cambiar }: { hecho: Hecho; cambiar: (cambios: Partial<typeof FILTROS>) => void }) {
  const { t } = useTranslation('auditoria');
  const { yo } = useSesion();
  const cambios = diferencias(hecho.antes, hecho.despues);
  const entidad = nombrar(`auditoria:entidad.${hecho.entidad}`, hecho.entidad);
  const ficha = hecho.entidad_id && FICHAS[hecho.entidad];
  const cuantos = hecho.ids?.length ?? 0;
  return (
    <li className="auditoria-linea">
      <time className="num tenue" dateTime={hecho.en}>
        {hora(hecho.en, ZONA)}
      </time>
      <div>
        <div>
          <b>{hecho.actor.nombre ?? nombrar(`auditoria:actor.${hecho.actor.tipo}`, hecho.actor.tipo)}</b> <span>{nombrar(`auditoria:accion.${hecho.accion}`, hecho.accion).toLowerCase()}</span>{' '}
          {cuantos > 0 ? t('varios', { count: cuantos, entidad: entidad.toLowerCase() }) : entidad.toLowerCase()}
        </div>
        <div className="tenue chico">
          {[yo.sedes.find((sede) => sede.id === hecho.sede_id)?.nombre, hecho.ip].filter(Boolean).join(' · ')}
          {hecho.entidad_id && (
            <Anchor component="button" type="button" className="auditoria-enlace" onClick={() => cambiar({ ...FILTROS, entidad: hecho.entidad, id: hecho.entidad_id ?? '' })}>
              {t('su_historia')}
            </Anchor>
          )}
          {ficha && (
            <Anchor component={Enlace} a={`${ficha}${hecho.entidad_id}`} className="auditoria-enlace">
              {t('abrir')}
            </Anchor>
          )}
        </div>
        {cambios.length > 0 && (
          <details className="auditoria-cambios">
            <summary>{t('cambios', { count: cambios.length })}</summary>
            <div className="tabla-caja" tabIndex={0} role="region" aria-label={t('cambios', { count: cambios.length })}>
              <table className="tabla">
                <thead>
                  <tr>
                    <th scope="col">{t('campo')}</th>
                    <th scope="col">{t('antes')}</th>
                    <th scope="col">{t('despues')}</th>
                  </tr>
                </thead>
                <tbody>
                  {cambios.map(({ campo, antes, despues }) => (
                    <tr key={campo}>
                      <th scope="row">{campo.replaceAll('_', ' ')}</th>
                      <td>{antes === undefined ? <span className="tenue">{t('nada_antes')}</span> : <del className="diferencia tono-grave">{antes}</del>}</td>
                      <td>{despues === undefined ? <span className="tenue">{t('nada_despues')}</span> : <ins className="diferencia tono-bien">{despues}</ins>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        )}
      </div>
    </li>
  );
}
