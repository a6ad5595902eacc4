/** One vet's usual week in one sede. */
import { Button, Group, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, renovar } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { useConVersion, type ConVersion } from '@/comun/conVersion';
import { useEdicion } from '@/comun/edicion';
import { Falla, useEnvio } from '@/comun/formulario';
import { FormaSemana } from '@/comun/semana/FormaSemana';
import { escribirSemana, horasDeLaSemana, leerSemana, type Escrita, type Tramo } from '@/comun/semana/leer';
import { Semana } from '@/comun/semana/Semana';
import type { Sede } from './datos';

type Leida = ConVersion<{ tramos: Tramo[] }>;
type Medico = { id: string; nombre: string };
type Props = { sede: Sede; medico: Medico; listo: () => void };

const renovarPlanes = () => renovar('/api/v1/sedes/{id}/planes', '/api/v1/sedes/{id}/medicos/{medico_id}/plan', '/api/v1/sedes/{id}/rol', '/api/v1/sedes/{id}/hoy');

export function Plan(props: Props) {
  const path = { id: props.sede.id, medico_id: props.medico.id };
  const consulta = useConVersion('/api/v1/sedes/{id}/medicos/{medico_id}/plan', path, () => api.GET('/api/v1/sedes/{id}/medicos/{medico_id}/plan', { params: { path } }));
  return <Segun consulta={consulta}>{(leida) => <Editar {...props} leida={leida} />}</Segun>;
}

function Editar({ sede, medico, listo, leida }: Props & { leida: Leida }) {
  const { t } = useTranslation('sedes');
  const formulario = useForm({ initialValues: { semana: escribirSemana(leida.datos.tramos) } });
  const envio = useEnvio(formulario as never);
  const { base, guardando } = useEdicion(formulario, leida, leida.etag, (una) => ({ semana: escribirSemana(una.datos.tramos) }));
  const { tramos, mal } = leerSemana(formulario.values.semana);
  const hayMal = Object.keys(mal).length > 0;
  const comoLaSede = async () => {
    const { data } = await api.GET('/api/v1/sedes/{id}/horarios', { params: { path: { id: sede.id } } });
    formulario.setFieldValue('semana', escribirSemana(data?.tramos ?? []));
  };
  const guardar = () =>
    envio.enviar(async () => {
      const antes = base.fila.datos.tramos;
      const etag = await guardando(() => poner(sede.id, medico.id, base.version, tramos), renovarPlanes);
      listo();
      avisar({ tono: 'bien', titulo: t('medicos.guardado', { medico: medico.nombre }), deshacer: () => poner(sede.id, medico.id, etag, antes).then(() => undefined, avisarFalla) });
    });
  return (
    <FormaSemana guardar={() => !hayMal && void guardar()}>
      <Falla>{envio.falla}</Falla>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t('medicos.plan_detalle', { sede: sede.nombre })}
        </Text>
        <Button size="compact-sm" variant="light" onClick={() => void comoLaSede().catch(avisarFalla)}>
          {t('medicos.como_sede')}
        </Button>
      </Group>
      <Semana enfocar valor={formulario.values.semana} alCambiar={(semana: Escrita) => formulario.setFieldValue('semana', semana)} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" className="num">
          {t('horario.horas', { count: horasDeLaSemana(tramos) })}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={listo}>
            {t('app:cancelar')}
          </Button>
          <Button type="submit" loading={envio.va} disabled={hayMal}>
            {t('app:guardar')}
          </Button>
        </Group>
      </Group>
    </FormaSemana>
  );
}

async function poner(id: string, medico_id: string, etag: string, tramos: Tramo[]): Promise<string> {
  const { response } = await api.PUT('/api/v1/sedes/{id}/medicos/{medico_id}/plan', { params: { path: { id, medico_id }, header: { 'If-Match': etag } }, body: { tramos } });
  await renovarPlanes();
  return response.headers.get('etag') ?? '*';
}
