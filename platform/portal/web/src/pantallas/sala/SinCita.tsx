import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, renovar } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Fallo } from '@/app/estados';
import { type YoSede } from '@/app/sesion';
import { useEnvio } from '@/comun/formulario';
import type { Mascota } from '@/comun/mascotas/BuscaMascota';
import { EligeMascota } from '@/comun/mascotas/EligeMascota';
import { useServicios } from '../agenda/datos';
import { TRIAJES, type Triaje } from './datos';
import '../agenda/agenda.css';

/** Who came without an appointment: the pet, how urgent, Enter. */
export function SinCita({ sede, cerrar }: { sede: YoSede; cerrar: () => void }) {
  const { t } = useTranslation('sala');
  const servicios = useServicios();
  const [mascota, setMascota] = useState<Mascota>();
  const [servicio, setServicio] = useState<string | null>(null);
  const [triaje, setTriaje] = useState<Triaje | null>(null);
  const [motivo, setMotivo] = useState('');
  const clave = useRef(llave());
  const { va, falla, enviar } = useEnvio();
  const boton = useRef<HTMLButtonElement>(null);
  const activos = (servicios.data?.items ?? []).filter((uno) => uno.activo);
  const servicioId = servicio ?? activos.find((uno) => uno.codigo === 'CONS')?.id ?? activos[0]?.id;
  useEffect(() => {
    if (mascota) boton.current?.focus();
  }, [mascota]);
  async function anotar(evento: React.FormEvent) {
    evento.preventDefault();
    if (!mascota || !servicioId) return;
    const bien = await enviar(async () => {
      await cuerpo(
        api.POST('/api/v1/sedes/{id}/visitas', {
          params: { path: { id: sede.id }, header: { 'Idempotency-Key': clave.current } },
          body: { mascota_id: mascota.id, servicio_id: servicioId, ...(triaje ? { triaje } : {}), ...(motivo.trim() ? { motivo: motivo.trim() } : {}) },
        }),
      );
      void renovar('/api/v1/sedes/{id}/sala');
      avisar({ tono: 'bien', titulo: t('app:cita.hecho.en_espera', { mascota: mascota.nombre }) });
      cerrar();
    });
    if (!bien) clave.current = llave();
  }
  return (
    <Modal opened onClose={cerrar} title={t('sin_cita.titulo')} closeButtonProps={{ 'aria-label': t('app:cerrar') }}>
      <form onSubmit={(evento) => void anotar(evento)}>
        <Stack gap="sm">
          <EligeMascota mascota={mascota} alElegir={setMascota} textos={{ cambiar: t('sin_cita.cambiar'), registrar: t('sin_cita.registrar') }} />
          <Group grow>
            <Select label={t('sin_cita.servicio')} data={activos.map((uno) => ({ value: uno.id, label: uno.nombre }))} value={servicioId ?? null} onChange={setServicio} allowDeselect={false} searchable />
            <Select label={t('triaje')} placeholder={t('sin_cita.sin_triaje')} clearable clearButtonProps={{ 'aria-label': t('app:quitar') }} data={TRIAJES.map((uno) => ({ value: uno, label: t(`app:triaje.${uno}`) }))} value={triaje} onChange={(nuevo) => setTriaje(nuevo as Triaje | null)} />
          </Group>
          <Textarea label={t('sin_cita.motivo')} placeholder={t('app:opcional')} autosize minRows={1} maxRows={4} maxLength={500} value={motivo} onChange={(e) => setMotivo(e.currentTarget.value)} />
          {servicios.isError && !servicios.data && <Fallo falla={servicios.error} reintentar={() => void servicios.refetch()} />}
          {falla && (
            <Text c="var(--mantine-color-error)" size="sm" role="alert">
              {falla}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={cerrar}>
              {t('app:cancelar')}
            </Button>
            <Button ref={boton} type="submit" loading={va} disabled={!mascota || !servicioId}>
              {t('sin_cita.anotar')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
