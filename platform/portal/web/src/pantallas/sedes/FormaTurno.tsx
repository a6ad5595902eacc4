import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, llave, version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useEdicion } from '@/comun/edicion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { escribirSemana, leerSemana, type Escrita } from '@/comun/semana/leer';
import { Semana } from '@/comun/semana/Semana';
import type { Sede } from './datos';
import { renovarTurnos, type Turno } from './Turnos';

const valoresDe = (turno: Turno | undefined) => ({ nombre: turno?.nombre ?? '', semana: escribirSemana(turno?.tramos ?? []) });

export function FormaTurno({ sede, turno, listo }: { sede: Sede; turno: Turno | undefined; listo: () => void }) {
  const { t } = useTranslation('sedes');
  const formulario = useForm({ initialValues: valoresDe(turno), validate: { nombre: (v) => (v.trim() ? null : t('falta.nombre')) } });
  const envio = useEnvio(formulario as never);
  const { base, guardando } = useEdicion(formulario, turno, turno ? version(turno) : '', valoresDe);
  const { tramos, mal } = leerSemana(formulario.values.semana);
  const guardar = (nombre: string) =>
    envio.enviar(async () => {
      const body = { nombre: nombre.trim(), tramos };
      const antes = base.fila;
      await guardando(() => (antes ? cuerpo(api.PUT('/api/v1/turnos/{id}', { params: { path: { id: antes.id }, header: { 'If-Match': version(antes) } }, body })) : cuerpo(api.POST('/api/v1/sedes/{id}/turnos', { params: { path: { id: sede.id }, header: { 'Idempotency-Key': llave() } }, body }))), renovarTurnos);
      listo();
      await renovarTurnos();
      avisar({ tono: 'bien', titulo: t('turnos.guardado', { nombre: body.nombre }) });
    });
  const borrar = () =>
    envio.enviar(async () => {
      if (!turno) return;
      await api.DELETE('/api/v1/turnos/{id}', { params: { path: { id: turno.id } } });
      listo();
      await renovarTurnos();
      const body = { nombre: turno.nombre, tramos: turno.tramos };
      avisar({ tono: 'bien', titulo: t('turnos.borrado', { nombre: turno.nombre }), deshacer: () => cuerpo(api.POST('/api/v1/sedes/{id}/turnos', { params: { path: { id: sede.id }, header: { 'Idempotency-Key': llave() } }, body })).then(() => void renovarTurnos(), avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t(turno ? 'app:guardar' : 'crear')} listo={listo} inactivo={Object.keys(mal).length > 0 || tramos.length === 0} alEnviar={formulario.onSubmit((v) => void guardar(v.nombre))}>
      <TextInput label={t('campo.nombre')} required maxLength={80} autoComplete="off" data-autofocus placeholder={t('turnos.ejemplo')} {...formulario.getInputProps('nombre')} />
      <Semana valor={formulario.values.semana} alCambiar={(semana: Escrita) => formulario.setFieldValue('semana', semana)} />
      <p className="tenue chico">{t('turnos.medianoche')}</p>
      {turno && (
        <Button variant="subtle" color="red.9" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={() => void borrar()}>
          {t('turnos.borrar')}
        </Button>
      )}
    </Forma>
  );
}
