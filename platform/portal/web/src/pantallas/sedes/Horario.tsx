/** When a sede opens, week after week. */
import { Anchor, Button, Group, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, renovar } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { useConVersion, type ConVersion } from '@/comun/conVersion';
import { useEdicion } from '@/comun/edicion';
import { Exportar } from '@/comun/Exportar';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { FormaSemana } from '@/comun/semana/FormaSemana';
import { escribirSemana, horasDeLaSemana, leerSemana, type Escrita, type Tramo } from '@/comun/semana/leer';
import { Semana } from '@/comun/semana/Semana';
import type { Sede } from './datos';
import { SemanaLeida } from './SemanaLeida';

type Leida = ConVersion<{ tramos: Tramo[] }>;

export const renovarHorario = () => renovar('/api/v1/sedes/{id}/horarios', '/api/v1/sedes/{id}/rol', '/api/v1/sedes/{id}/hoy');

export function Horario({ sede }: { sede: Sede }) {
  const { t } = useTranslation('sedes');
  const puede = usePuede();
  const consulta = useConVersion('/api/v1/sedes/{id}/horarios', sede.id, () => api.GET('/api/v1/sedes/{id}/horarios', { params: { path: { id: sede.id } } }));
  return (
    <Seccion titulo={t('horario.titulo')} acciones={<Exportar chico icono nombre={t('horario.titulo')} de={`/api/v1/sedes/${sede.id}/horarios`} />}>
      <Text size="sm" c="dimmed" mb="md">
        {t('horario.detalle')}{' '}
        <Anchor component={Enlace} a={`/sedes/${sede.id}/dias`} size="sm" underline="always">
          {t('horario.a_dias')}
        </Anchor>
      </Text>
      <Segun consulta={consulta}>{(leida) => (puede('agenda.configurar', sede.id) ? <Editar key={sede.id} sede={sede} leida={leida} /> : <SemanaLeida tramos={leida.datos.tramos} />)}</Segun>
    </Seccion>
  );
}

function Editar({ sede, leida }: { sede: Sede; leida: Leida }) {
  const { t } = useTranslation('sedes');
  const formulario = useForm({ initialValues: { semana: escribirSemana(leida.datos.tramos) } });
  const envio = useEnvio(formulario as never);
  const { base, tomar, guardando } = useEdicion(formulario, leida, leida.etag, (una) => ({ semana: escribirSemana(una.datos.tramos) }));
  const { tramos, mal } = leerSemana(formulario.values.semana);
  const hayMal = Object.keys(mal).length > 0;
  const guardar = () =>
    envio.enviar(async () => {
      const antes = base.fila.datos.tramos;
      const guardada = await guardando(() => poner(sede.id, base.version, tramos), renovarHorario);
      tomar(guardada, guardada.etag);
      avisar({ tono: 'bien', titulo: t('horario.guardado'), detalle: t('horario.guardado_detalle'), deshacer: () => poner(sede.id, guardada.etag, antes).then(() => undefined, avisarFalla) });
    });
  return (
    <FormaSemana guardar={() => !hayMal && void guardar()}>
      <Falla>{envio.falla}</Falla>
      <Semana valor={formulario.values.semana} alCambiar={(semana: Escrita) => formulario.setFieldValue('semana', semana)} />
      <Group justify="space-between" maw={900}>
        <Text size="sm" c="dimmed" className="num">
          {t('horario.horas', { count: horasDeLaSemana(tramos) })}
        </Text>
        <Button type="submit" loading={envio.va} disabled={hayMal || !formulario.isDirty()}>
          {t('horario.guardar')}
        </Button>
      </Group>
    </FormaSemana>
  );
}

async function poner(id: string, etag: string, tramos: Tramo[]): Promise<Leida> {
  const { data, response } = await api.PUT('/api/v1/sedes/{id}/horarios', { params: { path: { id }, header: { 'If-Match': etag } }, body: { tramos } });
  await renovarHorario();
  return { datos: data ?? { tramos }, etag: response.headers.get('etag') ?? '*' };
}
