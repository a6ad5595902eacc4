/** How a week comes out: each vet's hours of each day, without holidays, absences and blocked times. */
import { ActionIcon, Button, Group } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPrinter } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { Nada } from '@/comun/Seccion';
import { diaMedio, hoyEn, lunes, sumarDias } from '@/comun/tiempo';
import type { Sede } from './datos';

export function Rol({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const hoy = hoyEn(sede.zona_horaria);
  const [f, cambiar] = useFiltros({ desde: lunes(hoy) });
  const consulta = $api.useQuery('get', '/api/v1/sedes/{id}/rol', { params: { path: { id: sede.id }, query: { desde: f.desde } } }, { placeholderData: keepPreviousData });
  const turnos = $api.useQuery('get', '/api/v1/sedes/{id}/turnos', { params: { path: { id: sede.id } } });
  return (
    <>
      <Group gap={4} mb="sm" className="no-imprimir">
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('rol.antes')} onClick={() => cambiar({ desde: sumarDias(f.desde, -7) })}>
          <IconChevronLeft size={18} />
        </ActionIcon>
        <b aria-live="polite">{t('rol.semana', { desde: diaMedio(f.desde), hasta: diaMedio(sumarDias(f.desde, 6)) })}</b>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('rol.despues')} onClick={() => cambiar({ desde: sumarDias(f.desde, 7) })}>
          <IconChevronRight size={18} />
        </ActionIcon>
        {f.desde !== lunes(hoy) && (
          <Button size="compact-sm" variant="subtle" onClick={() => cambiar({ desde: lunes(hoy) })}>
            {t('rol.esta')}
          </Button>
        )}
        <Button size="compact-sm" variant="subtle" leftSection={<IconPrinter size={15} aria-hidden />} onClick={() => window.print()} ml="auto">
          {t('rol.imprimir')}
        </Button>
      </Group>
      <Segun consulta={consulta} vacio={(rol) => (rol.dias.every((dia) => dia.medicos.length === 0) ? <Nada>{t('rol.nadie')}</Nada> : null)}>
        {(rol) => <Tabla rol={rol} turnos={turnos.data ?? []} hoy={hoy} />}
      </Segun>
    </>
  );
}

function Tabla({ rol, turnos, hoy }: { rol: Esquemas['RolDeTurnos']; turnos: Esquemas['Turno'][]; hoy: string }) {
  const { t } = useTranslation('sedes');
  const medicos = new Map(rol.dias.flatMap((dia) => dia.medicos.map((uno) => [uno.medico_id, uno.medico] as const)));
  const ordenados = [...medicos].sort(([, a], [, b]) => a.localeCompare(b));
  return (
    <div className="tabla-caja" tabIndex={0} role="region" aria-label={t('medicos.semana')}>
      <table className="tabla semana-tabla">
        <thead>
          <tr>
            <th scope="col">{t('medicos.medico')}</th>
            {rol.dias.map((dia) => (
              <th key={dia.fecha} scope="col" aria-current={dia.fecha === hoy ? 'date' : undefined}>
                {diaMedio(dia.fecha)}
                {dia.feriado && <div className="chico">{t('rol.feriado')}</div>}
                {dia.horas.length === 0 && !dia.feriado && <div className="chico">{t('semana.cerrado')}</div>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordenados.map(([id, nombre]) => (
            <tr key={id}>
              <th scope="row">{nombre}</th>
              {rol.dias.map((dia) => {
                const suyo = dia.medicos.find((uno) => uno.medico_id === id);
                return (
                  <td key={dia.fecha} className="num">
                    {suyo?.horas.map((h) => (
                      <div key={h.desde}>
                        {h.desde.slice(0, 5)}–{h.hasta.slice(0, 5)}
                      </div>
                    )) ?? <span className="tenue">·</span>}
                    {suyo?.turnos.map((turno) => (
                      <div key={turno} className="turno-nombre">
                        {turnos.find((uno) => uno.id === turno)?.nombre}
                      </div>
                    ))}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
