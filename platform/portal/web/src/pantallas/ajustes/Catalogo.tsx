/** A list of the chain whose rows are made and changed in a drawer: services, companies, species, vaccines, antigens. */
import { Button, Switch, TextInput } from '@mantine/core';
import { IconCircleOff, IconPlus, IconSearch } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pastilla } from '@/comun/Pastilla';
import { sinTildes } from '@/comun/texto';
import '@/comun/seccion.css';

export type Columna<F> = { clave: string; ver: (fila: F) => ReactNode; clase?: string };
type Props<F> = {
  /** Of its texts: `servicios.nuevo`, `servicios.editar`, `servicios.ninguno`, `servicios.ayuda`. */
  clave: string;
  consulta: UseQueryResult<F[], unknown>;
  /** Where the list comes from, to take it away as a file. */
  de: `/api/v1/${string}`;
  permiso: string;
  id: (fila: F) => string;
  nombre: (fila: F) => string;
  activo?: (fila: F) => boolean;
  buscado?: (fila: F) => string;
  columnas: Columna<F>[];
  forma: (fila: F | undefined, listo: () => void) => ReactNode;
  ancho?: 'md' | 'lg';
};

export function Catalogo<F>({ clave, consulta, de, permiso, id, nombre, activo = () => true, buscado = nombre, columnas, forma, ancho = 'md' }: Props<F>) {
  const { t } = useTranslation('ajustes');
  const [f, cambiar] = useFiltros({ abrir: '', q: '', todos: '' });
  const edita = usePuede()(permiso, 'cadena');
  const filas = consulta.data ?? [];
  const busca = sinTildes(f.q);
  const abierta = filas.find((fila) => id(fila) === f.abrir);
  const cerrar = () => cambiar({ abrir: '' });
  const hayInactivas = filas.some((fila) => !activo(fila));
  return (
    <>
      <div className="ajustes-barra">
        <p className="tenue">{t(`${clave}.ayuda`)}</p>
        {filas.length > 8 && <TextInput aria-label={t('buscar')} placeholder={t('buscar')} leftSection={<IconSearch size={16} aria-hidden />} value={f.q} onChange={(evento) => cambiar({ q: evento.currentTarget.value })} />}
        {hayInactivas && <Switch label={t('ver_inactivos')} checked={f.todos === '1'} onChange={(evento) => cambiar({ todos: evento.currentTarget.checked ? '1' : '' })} />}
        <Exportar de={de} />
        {edita && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
            {t(`${clave}.nuevo`)}
          </Button>
        )}
      </div>
      <Segun consulta={consulta} vacio={(todas) => (todas.length === 0 ? <Vacio titulo={t(`${clave}.ninguno`)} /> : null)}>
        {(todas) => (
          <div className="panel tabla-caja" tabIndex={0} role="region" aria-label={t(`parte.${clave}`)}>
            <table className="tabla">
              <thead>
                <tr>
                  <th scope="col">{t('nombre')}</th>
                  {columnas.map((columna) => (
                    <th key={columna.clave} scope="col" className={columna.clase}>
                      {t(`${clave}.col.${columna.clave}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {todas
                  .filter((fila) => (activo(fila) || f.todos === '1') && (!busca || sinTildes(buscado(fila)).includes(busca)))
                  .map((fila) => (
                    <tr key={id(fila)}>
                      <td>
                        {edita ? (
                          <button type="button" className="enlace-boton" onClick={() => cambiar({ abrir: id(fila) })}>
                            {nombre(fila)}
                          </button>
                        ) : (
                          <b>{nombre(fila)}</b>
                        )}{' '}
                        {!activo(fila) && (
                          <Pastilla tono="gris" icono={IconCircleOff}>
                            {t('en_desuso')}
                          </Pastilla>
                        )}
                      </td>
                      {columnas.map((columna) => (
                        <td key={columna.clave} className={columna.clase}>
                          {columna.ver(fila)}
                        </td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        )}
      </Segun>
      <Lateral titulo={t(abierta ? `${clave}.editar` : `${clave}.nuevo`)} abierto={edita && (f.abrir === 'nuevo' || abierta !== undefined)} cerrar={cerrar} ancho={ancho}>
        {forma(abierta, cerrar)}
      </Lateral>
    </>
  );
}
