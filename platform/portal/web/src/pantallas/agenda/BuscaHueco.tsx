/** The next free times, in one sede or several, with one vet or any; the chosen one goes into the new appointment. */
import { Button, Group, Modal, SegmentedControl, Select, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api } from '@/api/cliente';
import { Cargando, Fallo } from '@/app/estados';
import type { YoSede } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deZona, diaEn, diaLargo, diaMedio, enZona, hora, hoyEn } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { medicosDe, nombreCorto, useRoles, useServicios } from './datos';
import type { Buscado } from './buscado';
import type { Hueco } from '@/comun/citas/hueco';

/** Morning ends at one o'clock, as people here say. */
const TARDE = '13:00';
const LIMITE = 60;
const PARTES = ['todo', 'manana', 'tarde'] as const;
/** All of them taken off is not the same as none said. */
const NINGUNA = 'ninguna';

type Props = { sede: YoSede; sedes: YoSede[]; fecha: string; f: Buscado; cambiar: (cambios: Partial<Buscado>) => void; alElegir: (hueco: Hueco & { sede_id: string }) => void; alEsperar: ((de: { servicio_id: string }) => void) | undefined; cerrar: () => void };

export function BuscaHueco({ sede, sedes, fecha, f, cambiar, alElegir, alEsperar, cerrar }: Props) {
  const { t } = useTranslation('agenda');
  const zona = sede.zona_horaria;
  const hoy = hoyEn(zona);
  const servicios = useServicios();
  const activos = (servicios.data?.items ?? []).filter((uno) => uno.activo);
  const medico = f.busca_medico || null;
  const pedidas = f.busca_sedes.split(',').filter((id) => sedes.some((una) => una.id === id));
  const elegidas = f.busca_sedes === NINGUNA ? [] : pedidas.length > 0 ? pedidas : [sede.id];
  const pedido = /^\d{4}-\d\d-\d\d$/.test(f.busca_desde) ? f.busca_desde : fecha;
  const desde = pedido < hoy ? hoy : pedido;
  const parte = PARTES.find((una) => una === f.busca_parte) ?? 'todo';
  const servicioId = activos.find((uno) => uno.id === f.busca_servicio)?.id ?? activos.find((uno) => uno.codigo === 'CONS')?.id ?? activos[0]?.id ?? '';
  const roles = useRoles(elegidas, desde);
  const clave = roles.map((uno) => uno.dataUpdatedAt).join();
  const medicos = useMemo(() => medicosDe(roles.flatMap((uno) => uno.data?.dias ?? [])), [clave]);
  const [ahora] = useState(() => new Date().toISOString());
  const primero = deZona(`${desde}T00:00`, zona);
  const consulta = $api.useQuery(
    'get',
    '/api/v1/disponibilidad',
    { params: { query: { servicio_id: servicioId, sedes: [...elegidas].sort().join(','), desde: primero > ahora ? primero : ahora, limite: LIMITE, ...(medico ? { medico_id: medico } : {}) } } },
    { enabled: servicioId !== '' && elegidas.length > 0 },
  );
  const huecos = (consulta.data?.huecos ?? []).filter((hueco) => parte === 'todo' || (parte === 'manana') === enZona(hueco.inicio, zona).slice(11) < TARDE);
  const dias = [...new Set(huecos.map((hueco) => diaEn(hueco.inicio, zona)))];
  const alternar = (id: string) => cambiar({ busca_sedes: (elegidas.includes(id) ? elegidas.filter((otra) => otra !== id) : [...elegidas, id]).join(',') || NINGUNA });
  const nombreDeSede = (id: string) => sedes.find((una) => una.id === id)?.nombre ?? '';
  return (
    <Modal opened onClose={cerrar} title={t('buscar.titulo')} size="lg" centered={false} yOffset="7vh" closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      <Stack gap="sm">
        <Group grow align="flex-start">
          <Select label={t('nueva.servicio')} data={activos.map((uno) => ({ value: uno.id, label: `${uno.nombre} · ${uno.duracion_min} min` }))} value={servicioId || null} onChange={(cual) => cambiar({ busca_servicio: cual ?? '' })} allowDeselect={false} searchable />
          <Select label={t('nueva.medico')} placeholder={t('nueva.cualquiera')} data={medicos.map((m) => ({ value: m.id, label: m.titulo }))} value={medico} onChange={(cual) => cambiar({ busca_medico: cual ?? '' })} clearable clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
        </Group>
        {sedes.length > 1 && (
          <div className="espera-dias" role="group" aria-label={t('buscar.sedes')}>
            {sedes.map((una) => (
              <UnstyledButton key={una.id} aria-pressed={elegidas.includes(una.id)} onClick={() => alternar(una.id)}>
                {una.nombre}
              </UnstyledButton>
            ))}
          </div>
        )}
        <Group align="flex-end" gap="xs">
          <CampoFecha w={150} label={t('espera.desde')} valor={desde} alCambiar={(cual) => cambiar({ busca_desde: cual })} minimo={hoy} hoy={hoy} />
          <SegmentedControl
            aria-label={t('buscar.parte')}
            value={parte}
            onChange={(cual) => cambiar({ busca_parte: cual })}
            data={PARTES.map((cual) => ({ value: cual, label: t(`buscar.${cual}`) }))}
          />
        </Group>
        <div className="buscados" data-autofocus tabIndex={0} role="group" aria-label={t('nueva.huecos')}>
          {elegidas.length === 0 ? (
            <Text c="dimmed">{t('buscar.elija_sede')}</Text>
          ) : servicios.isError && !servicios.data ? (
            <Fallo falla={servicios.error} reintentar={() => void servicios.refetch()} />
          ) : servicios.data && !servicioId ? (
            <Text c="dimmed">{t('buscar.sin_servicios')}</Text>
          ) : consulta.isError ? (
            <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />
          ) : !consulta.data ? (
            <Cargando filas={5} alto={44} />
          ) : huecos.length === 0 ? (
            <Text c="dimmed">{t('nueva.sin_huecos')}</Text>
          ) : (
            dias.map((dia) => (
              <section key={dia} aria-label={diaLargo(dia)}>
                <h3>{mayuscula(diaMedio(dia))}</h3>
                <div className="huecos">
                  {huecos
                    .filter((hueco) => diaEn(hueco.inicio, zona) === dia)
                    .map((hueco) => (
                      <UnstyledButton key={hueco.inicio + hueco.medico_id + hueco.sede_id} className="hueco" onClick={() => alElegir({ inicio: hueco.inicio, medico_id: hueco.medico_id, sede_id: hueco.sede_id, servicio_id: servicioId })}>
                        <b className="num">{hora(hueco.inicio, zona)}</b>
                        <span>{nombreCorto(medicos.find((m) => m.id === hueco.medico_id)?.titulo ?? t('columna.otro_medico'))}</span>
                        {elegidas.length > 1 && <span>{nombreDeSede(hueco.sede_id)}</span>}
                      </UnstyledButton>
                    ))}
                </div>
              </section>
            ))
          )}
        </div>
        {alEsperar && servicioId && (
          <Button variant="subtle" leftSection={<IconHourglass size={16} />} onClick={() => alEsperar({ servicio_id: servicioId })}>
            {t('nueva.a_la_espera')}
          </Button>
        )}
      </Stack>
    </Modal>
  );
}
