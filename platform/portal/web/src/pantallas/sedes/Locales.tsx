/** Where things happen in a sede: areas, the rooms in them, and the equipment. One list each, one drawer for all three. */
import { useTranslation } from 'react-i18next';
import { Button, Group } from '@mantine/core';
import { IconCircleOff, IconPlus } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import type { Sede } from './datos';
import { FormaLocal } from './FormaLocal';
import { estaActivo, nombrarTipo, useLocales, type Clase, type Local } from './locales';

const CLASES: Clase[] = ['ambiente', 'equipo', 'area'];
const RUTAS: Record<Clase, string> = { ambiente: 'ambientes', equipo: 'equipos', area: 'areas' };

export function Locales({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const [f, cambiar] = useFiltros({ abrir: '', id: '' });
  const locales = useLocales(sede.id);
  const puede = usePuede()('sede.configurar', sede.id);
  const abierta = CLASES.find((clase) => clase === f.abrir);
  const cerrar = () => cambiar({ abrir: '', id: '' });
  const fila = abierta && f.id ? (locales[abierta].data as Local[] | undefined)?.find((una) => una.id === f.id) : undefined;
  return (
    <div className="locales">
      {CLASES.map((clase) => (
        <Lista key={clase} clase={clase} de={`/api/v1/sedes/${sede.id}/${RUTAS[clase]}`} consulta={locales[clase] as UseQueryResult<Local[]>} puede={puede && sede.activa} abrir={(id) => cambiar({ abrir: clase, id })} />
      ))}
      <Lateral titulo={abierta ? t(`local.${abierta}.${f.id ? 'editar' : 'nuevo'}`) : ''} abierto={puede && abierta !== undefined && (!f.id || fila !== undefined)} cerrar={cerrar}>
        {abierta && <FormaLocal clase={abierta} sede={sede} fila={fila} areas={locales.area.data ?? []} listo={cerrar} />}
      </Lateral>
    </div>
  );
}

function Lista({ clase, de, consulta, puede, abrir }: { clase: Clase; de: `/api/v1/${string}`; consulta: UseQueryResult<Local[]>; puede: boolean; abrir: (id: string) => void }) {
  const { t } = useTranslation('sedes');
  return (
    <Seccion
      titulo={t(`local.${clase}.titulo`)}
      cuenta={consulta.data?.filter(estaActivo).length}
      acciones={
        <Group gap="xs" wrap="nowrap">
          <Exportar chico icono nombre={t(`local.${clase}.titulo`)} de={de} />
          {puede && (
            <Button size="compact-sm" variant="light" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => abrir('')}>
              {t(`local.${clase}.nuevo`)}
            </Button>
          )}
        </Group>
      }
    >
      <p className="tenue chico local-ayuda">{t(`local.${clase}.ayuda`)}</p>
      <Segun consulta={consulta} vacio={(filas) => (filas.length === 0 ? <Nada>{t(`local.${clase}.ninguno`)}</Nada> : null)}>
        {(filas) => (
          <ul className="lineas">
            {filas.map((fila) => (
              <li key={fila.id} className="local">
                {puede ? (
                  <button type="button" className="enlace-boton" onClick={() => abrir(fila.id)}>
                    {fila.nombre}
                  </button>
                ) : (
                  <b>{fila.nombre}</b>
                )}
                <span className="tenue">{nombrarTipo(fila)}</span>
                {!estaActivo(fila) && (
                  <Pastilla tono="gris" icono={IconCircleOff}>
                    {t('en_desuso')}
                  </Pastilla>
                )}
              </li>
            ))}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}
