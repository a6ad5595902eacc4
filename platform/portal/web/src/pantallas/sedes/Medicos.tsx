/** Who works when: the usual week of each vet, and how a given week comes out with absences, shifts and holidays. */
import { Anchor, Group, SegmentedControl } from '@mantine/core';
import { IconStethoscope } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pastilla } from '@/comun/Pastilla';
import { Seccion } from '@/comun/Seccion';
import { DIAS, escribirHoras, horasDeLaSemana } from '@/comun/semana/leer';
import { useMedicos, type Sede } from './datos';
import { Plan } from './Plan';
import { Rol } from './Rol';

export function Medicos({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const [f, cambiar] = useFiltros({ ver: 'habitual', medico: '' });
  const medicos = useMedicos(sede.id);
  const abierto = medicos.find((uno) => uno.id === f.medico);
  const puede = usePuede()('agenda.configurar', sede.id);
  return (
    <Seccion
      titulo={t('medicos.titulo')}
      acciones={
        <Group gap="xs">
          {f.ver === 'habitual' && <Exportar chico icono nombre={t('medicos.habitual')} de={`/api/v1/sedes/${sede.id}/planes`} />}
          <SegmentedControl size="xs" aria-label={t('medicos.ver')} data={(['habitual', 'semana'] as const).map((valor) => ({ value: valor, label: t(`medicos.${valor}`) }))} value={f.ver} onChange={(ver) => cambiar({ ver })} />
        </Group>
      }
    >
      <DeTurno sede={sede} />
      {f.ver === 'habitual' ? <Habitual sede={sede} medicos={medicos} puede={puede} abrir={(medico) => cambiar({ medico })} /> : <Rol sede={sede} />}
      <Lateral titulo={abierto?.nombre ?? ''} abierto={puede && abierto !== undefined} cerrar={() => cambiar({ medico: '' })} ancho="lg">
        {abierto && <Plan sede={sede} medico={abierto} listo={() => cambiar({ medico: '' })} />}
      </Lateral>
    </Seccion>
  );
}

function DeTurno({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const { data } = $api.useQuery('get', '/api/v1/sedes/{id}/de-turno', { params: { path: { id: sede.id } } }, { refetchInterval: 60_000 });
  return (
    <Group gap="xs" mb="sm" mih={26}>
      <span className="chico tenue">{data && (data.length > 0 ? t('medicos.ahora') : t('medicos.nadie_ahora'))}</span>
      {data?.map((uno) => (
        <Pastilla key={uno.medico_id} tono="bien" icono={IconStethoscope}>
          {uno.medico}
        </Pastilla>
      ))}
    </Group>
  );
}

type DeHabitual = { sede: Sede; medicos: { id: string; nombre: string }[]; puede: boolean; abrir: (id: string) => void };

function Habitual({ sede, medicos, puede, abrir }: DeHabitual) {
  const { t } = useTranslation('sedes');
  const planes = $api.useQuery('get', '/api/v1/sedes/{id}/planes', { params: { path: { id: sede.id } } });
  return (
    <Segun consulta={planes} vacio={() => (medicos.length === 0 ? <Vacio icono={IconStethoscope} titulo={t('medicos.ninguno')} detalle={t('medicos.ninguno_detalle')} /> : null)}>
      {(tramos) => (
        <div className="tabla-caja" tabIndex={0} role="region" aria-label={t('medicos.habitual')}>
          <table className="tabla semana-tabla">
            <thead>
              <tr>
                <th scope="col">{t('medicos.medico')}</th>
                {DIAS.map((dia) => (
                  <th key={dia} scope="col">
                    {t(`semana.corto.${dia}`)}
                  </th>
                ))}
                <th scope="col" className="cifra">
                  {t('medicos.horas')}
                </th>
              </tr>
            </thead>
            <tbody>
              {medicos.map((medico) => {
                const suyos = tramos.filter((tramo) => tramo.medico_id === medico.id);
                return (
                  <tr key={medico.id}>
                    <th scope="row">
                      {puede ? (
                        <button type="button" className="enlace-boton" onClick={() => abrir(medico.id)} aria-label={t('medicos.cambiar', { medico: medico.nombre })}>
                          {medico.nombre}
                        </button>
                      ) : (
                        medico.nombre
                      )}
                    </th>
                    {DIAS.map((dia) => (
                      <td key={dia} className="num">
                        {escribirHoras(suyos.filter((tramo) => tramo.dia === dia))
                          .split(', ')
                          .map((tramo, i) => (
                            <div key={i}>{tramo || <span className="tenue">·</span>}</div>
                          ))}
                      </td>
                    ))}
                    <td className="cifra">{horasDeLaSemana(suyos) || '—'}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          {puede && medicos.length > 0 && (
            <p className="tenue chico">
              {t('medicos.ayuda')}{' '}
              <Anchor component={Enlace} a="/personal" con={{ nueva: '1' }} size="sm" underline="always">
                {t('medicos.invitar')}
              </Anchor>
            </p>
          )}
        </div>
      )}
    </Segun>
  );
}
