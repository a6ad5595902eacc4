/** When reminders leave: the steps before and after the day, what goes together, and which rules are an exception. */
import { ActionIcon, Button, Group, NumberInput, Select, Stack, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar, version, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { Cargando, Segun } from '@/app/estados';
import { CampoHora } from '@/comun/fecha/CampoHora';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { Juntas } from '@/comun/Juntas';
import { Seccion } from '@/comun/Seccion';
import { AjustesCorreos } from './AjustesCorreos';
import { Partes } from './Partes';
import { pasoDicho } from './Previstos';
import { useReglas } from './reglas';

type Datos = Esquemas['AjustesRecordatorios'];

export default function Ajustes() {
  const { t } = useTranslation('recordatorios');
  const consulta = $api.useQuery('get', '/api/v1/ajustes/recordatorios');
  return (
    <Partes detalle={t('ajustes.detalle')}>
      <Juntas mientras={<Cargando filas={16} />}>
        <div className="ajustes-dos">
          <Seccion titulo={t('ajustes.de_salud')}>
            <Segun consulta={consulta} cargando={<Cargando filas={16} />}>{(datos) => <Campos key={datos.version} datos={datos} />}</Segun>
          </Seccion>
          <AjustesCorreos />
        </div>
      </Juntas>
    </Partes>
  );
}

type Excepcion = { prefijo: string; activa: boolean; pasos: number[] | null };

function Campos({ datos }: { datos: Datos }) {
  const { t } = useTranslation('recordatorios');
  const formulario = useForm({
    initialValues: { activo: datos.activo ?? false, pasos: datos.pasos ?? [], hora: datos.hora ?? '10:00', agrupar_dias: (datos.agrupar_dias ?? 7) as number | string, conversion_dias: (datos.conversion_dias ?? 30) as number | string, reglas: (datos.reglas ?? []).map((una): Excepcion => ({ prefijo: una.prefijo, activa: una.activa ?? true, pasos: una.pasos ?? null })) },
    validate: { pasos: (v) => (v.length > 0 ? null : t('ajustes.pasos_falta')), reglas: { prefijo: (v: string) => (v.trim() ? null : t('ajustes.regla_falta')) } },
  });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const reglas = useReglas();
  const guardar = () =>
    envio.enviar(async () => {
      const body = { ...v, agrupar_dias: Number(v.agrupar_dias), conversion_dias: Number(v.conversion_dias), reglas: v.reglas.map((una) => ({ prefijo: una.prefijo.trim(), activa: una.activa, pasos: una.pasos })) };
      await cuerpo(api.PUT('/api/v1/ajustes/recordatorios', { params: { header: { 'If-Match': version(datos) } }, body }));
      avisar({ tono: 'bien', titulo: t(v.activo ? 'ajustes.guardado' : 'ajustes.guardado_apagado') });
      await renovar('/api/v1/ajustes/recordatorios', '/api/v1/recordatorios/previstos');
    });
  return (
    <Forma envio={envio} guardar={t('app:guardar')} alEnviar={formulario.onSubmit(() => void guardar())}>
      <Switch size="md" label={t('ajustes.activo')} description={t('ajustes.activo_ayuda')} {...formulario.getInputProps('activo', { type: 'checkbox' })} />
      <Pasos nombre={t('ajustes.pasos')} ayuda={t('ajustes.pasos_ayuda')} error={formulario.errors.pasos as string | undefined} valor={v.pasos} alCambiar={(pasos) => formulario.setFieldValue('pasos', pasos)} />
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <CampoHora label={t('ajustes.hora')} description={t('ajustes.hora_ayuda')} {...deCampo(formulario.getInputProps('hora'))} />
        <NumberInput label={t('ajustes.agrupar')} description={t('ajustes.agrupar_ayuda')} min={0} max={60} suffix={t('ajustes.dias')} {...formulario.getInputProps('agrupar_dias')} />
        <NumberInput label={t('ajustes.conversion')} description={t('ajustes.conversion_ayuda')} min={1} max={120} suffix={t('ajustes.dias')} {...formulario.getInputProps('conversion_dias')} />
      </Group>
      <div>
        <Text size="sm" fw={500}>
          {t('ajustes.excepciones')}
        </Text>
        <Text size="xs" c="dimmed" mb={6}>
          {t('ajustes.excepciones_ayuda')}
        </Text>
        <Stack gap="sm">
          {v.reglas.map((una, i) => (
            <Group key={i} align="flex-end" gap="sm">
              <Select label={t('ajustes.regla')} placeholder={t('ajustes.regla_elija')} w={260} searchable allowDeselect={false} nothingFoundMessage={t('ajustes.regla_ninguna')} data={reglas.opciones(v.reglas.map((otra) => otra.prefijo))} {...formulario.getInputProps(`reglas.${i}.prefijo`)} value={una.prefijo || null} />
              <Switch label={t('ajustes.se_recuerda')} mb={8} {...formulario.getInputProps(`reglas.${i}.activa`, { type: 'checkbox' })} />
              {una.activa && <Switch label={t('ajustes.con_otros_pasos')} mb={8} checked={una.pasos !== null} onChange={(e) => formulario.setFieldValue(`reglas.${i}.pasos`, e.currentTarget.checked ? [...v.pasos] : null)} />}
              <ActionIcon variant="subtle" color="gray" mb={4} aria-label={t('ajustes.quitar_regla', { regla: reglas.nombre(una.prefijo) })} onClick={() => formulario.removeListItem('reglas', i)}>
                <IconTrash size={17} aria-hidden />
              </ActionIcon>
              {una.activa && una.pasos !== null && <Pasos nombre={t('ajustes.pasos_de', { regla: reglas.nombre(una.prefijo) })} valor={una.pasos} alCambiar={(pasos) => formulario.setFieldValue(`reglas.${i}.pasos`, pasos)} />}
            </Group>
          ))}
          <Button variant="default" size="xs" w="fit-content" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => formulario.insertListItem('reglas', { prefijo: '', activa: true, pasos: null })}>
            {t('ajustes.agregar_regla')}
          </Button>
        </Stack>
      </div>
    </Forma>
  );
}

/** Days from the day something is due; people say «7 días antes», the API −7. */
function Pasos({ nombre, ayuda, error, valor, alCambiar }: { nombre: string; ayuda?: string; error?: string | undefined; valor: number[]; alCambiar: (pasos: number[]) => void }) {
  const { t } = useTranslation('recordatorios');
  const [dias, setDias] = useState<number | string>(7);
  const [lado, setLado] = useState('antes');
  const agregar = () => {
    const cual = Number(dias) * (lado === 'antes' ? -1 : 1);
    if (dias !== '') alCambiar([...new Set([...valor, cual])].sort((a, b) => a - b));
  };
  return (
    <div role="group" aria-label={nombre}>
      <Text size="sm" fw={500}>
        {nombre}
      </Text>
      {ayuda && (
        <Text size="xs" c="dimmed" mb={6}>
          {ayuda}
        </Text>
      )}
      <div className="pasos">
        {valor.map((paso) => (
          <Button key={paso} size="compact-sm" variant="light" rightSection={<IconX size={13} aria-hidden />} aria-label={t('ajustes.quitar_paso', { paso: pasoDicho(t, paso) })} onClick={() => alCambiar(valor.filter((otro) => otro !== paso))}>
            {pasoDicho(t, paso)}
          </Button>
        ))}
      </div>
      <Group gap={6} mt={8}>
        <NumberInput size="xs" w={80} min={0} max={365} aria-label={t('ajustes.cuantos_dias')} value={dias} onChange={setDias} />
        <Select size="xs" w={140} aria-label={t('ajustes.antes_o_despues')} allowDeselect={false} data={['antes', 'despues'].map((uno) => ({ value: uno, label: t(`ajustes.dias_${uno}`) }))} value={lado} onChange={(uno) => setLado(uno ?? 'antes')} />
        <Button size="xs" variant="default" onClick={agregar}>
          {t('ajustes.agregar_paso')}
        </Button>
      </Group>
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert" mt={4}>
          {error}
        </Text>
      )}
    </div>
  );
}
