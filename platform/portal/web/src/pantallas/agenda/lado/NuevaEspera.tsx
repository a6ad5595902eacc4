/** Noting somebody down who finds no time: which days and hours would do. */
import { Button, Group, Modal, Select, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { IconHourglass } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { llave } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import type { YoSede } from '@/app/sesion';
import { Fallo } from '@/app/estados';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { CampoHora } from '@/comun/fecha/CampoHora';
import { Falla, useEnvio } from '@/comun/formulario';
import type { Mascota } from '@/comun/mascotas/BuscaMascota';
import { EligeMascota } from '@/comun/mascotas/EligeMascota';
import { diasDeLaSemana, hoyEn } from '@/comun/tiempo';
import { mayuscula } from '@/comun/texto';
import { useServicios, type Medico } from '../datos';
import { anotarEspera } from './datos';

export type ParaEsperar = { mascota?: Mascota | undefined; servicio_id?: string | undefined };
const PRIORIDADES = ['normal', 'alta', 'urgente'] as const;

export function NuevaEspera({ sede, de, fecha, medicos, alAnotar, cerrar }: { sede: YoSede; de: ParaEsperar; fecha: string; medicos: Medico[]; alAnotar: () => void; cerrar: () => void }) {
  const { t } = useTranslation('agenda');
  const hoy = hoyEn(sede.zona_horaria);
  const servicios = useServicios();
  const activos = (servicios.data?.items ?? []).filter((uno) => uno.activo);
  const [mascota, setMascota] = useState(de.mascota);
  const [servicio, setServicio] = useState(de.servicio_id ?? null);
  const [medico, setMedico] = useState<string | null>(null);
  const [desde, setDesde] = useState(fecha < hoy ? hoy : fecha);
  const [hasta, setHasta] = useState(fecha < hoy ? hoy : fecha);
  const [dias, setDias] = useState<number[]>([]);
  const [de_hora, setDeHora] = useState('');
  const [a_hora, setAHora] = useState('');
  const [prioridad, setPrioridad] = useState<(typeof PRIORIDADES)[number]>('normal');
  const [nota, setNota] = useState('');
  const { va, falla, enviar } = useEnvio();
  const clave = useRef(llave());
  const servicioId = servicio ?? activos.find((uno) => uno.codigo === 'CONS')?.id ?? activos[0]?.id;
  const anotar = () =>
    enviar(async () => {
      if (!mascota || !servicioId) return;
      try {
        await anotarEspera(mascota.id, { servicio_id: servicioId, sedes: [sede.id], desde, hasta, dias, prioridad, medico_id: medico, hora_desde: de_hora || null, hora_hasta: a_hora || null, nota: nota.trim() || null }, clave.current);
      } finally {
        clave.current = llave();
      }
      avisar({ tono: 'bien', titulo: t('espera.anotada', { mascota: mascota.nombre }), detalle: t('espera.anotada_detalle') });
      cerrar();
      alAnotar();
    });
  const cambiarDia = (dia: number) => setDias((antes) => (antes.includes(dia) ? antes.filter((otro) => otro !== dia) : [...antes, dia].sort()));
  return (
    <Modal opened onClose={cerrar} title={t('espera.titulo')} centered={false} yOffset="9vh" closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      <form
        onSubmit={(evento) => {
          evento.preventDefault();
          void anotar();
        }}
      >
        <Stack gap="sm">
          <EligeMascota mascota={mascota} alElegir={setMascota} textos={{ cambiar: t('nueva.cambiar'), registrar: t('nueva.registrar') }} />
          <Group grow align="flex-start">
            <Select label={t('nueva.servicio')} data={activos.map((uno) => ({ value: uno.id, label: uno.nombre }))} value={servicioId ?? null} onChange={setServicio} allowDeselect={false} searchable />
            <Select label={t('nueva.medico')} placeholder={t('nueva.cualquiera')} data={medicos.map((m) => ({ value: m.id, label: m.titulo }))} value={medico} onChange={setMedico} clearable clearButtonProps={{ 'aria-label': t('quitar_filtro') }} />
          </Group>
          <Group grow align="flex-start">
            <CampoFecha
              label={t('espera.desde')}
              valor={desde}
              hoy={hoy}
              minimo={hoy}
              alCambiar={(dia) => {
                setDesde(dia);
                if (hasta < dia) setHasta(dia);
              }}
            />
            <CampoFecha label={t('espera.hasta_dia')} valor={hasta} hoy={hoy} minimo={desde} alCambiar={setHasta} />
          </Group>
          <div>
            <div className="espera-rotulo" id="espera-dias">
              {t('espera.dias')}
            </div>
            <div className="espera-dias" role="group" aria-labelledby="espera-dias">
              {diasDeLaSemana().map((dia, i) => (
                <UnstyledButton key={dia} aria-pressed={dias.includes(i + 1)} onClick={() => cambiarDia(i + 1)}>
                  {mayuscula(dia.replace('.', ''))}
                </UnstyledButton>
              ))}
            </div>
          </div>
          <Group grow align="flex-start">
            <CampoHora label={t('espera.hora_desde')} valor={de_hora} alCambiar={setDeHora} vaciable />
            <CampoHora label={t('espera.hora_hasta')} valor={a_hora} alCambiar={setAHora} vaciable />
            <Select label={t('espera.prioridad.titulo')} data={PRIORIDADES.map((una) => ({ value: una, label: t(`espera.prioridad.${una}`) }))} value={prioridad} onChange={(una) => una && setPrioridad(una as typeof prioridad)} allowDeselect={false} />
          </Group>
          <TextInput label={t('espera.nota')} placeholder={t('app:opcional')} value={nota} onChange={(e) => setNota(e.currentTarget.value)} maxLength={500} />
          {servicios.isError && !servicios.data && <Fallo falla={servicios.error} reintentar={() => void servicios.refetch()} />}
          <Falla>{falla}</Falla>
          <Group justify="flex-end">
            <Button variant="default" onClick={cerrar}>
              {t('app:cancelar')}
            </Button>
            <Button type="submit" loading={va} disabled={!mascota || !servicioId} leftSection={<IconHourglass size={17} />}>
              {t('espera.anotar')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
