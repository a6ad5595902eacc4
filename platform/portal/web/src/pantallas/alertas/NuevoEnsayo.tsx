import { Alert, Group, MultiSelect, NumberInput, Select, Stack, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFlask } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, renovar } from '@/api/cliente';
import { useIr } from '@/app/direccion';
import { Segun } from '@/app/estados';
import { useSesion } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { hoyEn, ZONA } from '@/comun/tiempo';
import { CampoDeEsquema, leer, type Propiedad, type Valores } from './esquema';

const INSTALADA = 'instalada';

export function NuevoEnsayo({ listo }: { listo: () => void }) {
  const { t } = useTranslation('alertas');
  const { puede } = useSesion();
  const complementos = $api.useQuery('get', '/api/v1/complementos', { params: { query: { mundo: 'alerts', limite: 100 } } }, { enabled: puede('complemento.ver', 'cadena') });
  if (!puede('complemento.ver', 'cadena')) return <Text c="dimmed">{t('ensayo.falta_permiso')}</Text>;
  return (
    <Segun consulta={complementos}>
      {({ items }) => {
        const instalados = items.filter((uno) => uno.instalacion);
        return instalados.length === 0 ? <Text c="dimmed">{t('ensayo.sin_reglas')}</Text> : <Campos lista={instalados.map(({ complemento, nombre, digest, version, instalacion }) => ({ complemento, nombre, instalada: instalacion?.version ?? '', nueva: digest && digest !== instalacion?.digest ? { digest, version: version ?? '' } : undefined }))} listo={listo} />;
      }}
    </Segun>
  );
}

type Reglas = { complemento: string; nombre: string; instalada: string; nueva: { digest: string; version: string } | undefined };

function Campos({ lista, listo }: { lista: Reglas[]; listo: () => void }) {
  const { t } = useTranslation('alertas');
  const { yo } = useSesion();
  const ir = useIr();
  const hoy = hoyEn(ZONA);
  const formulario = useForm({ initialValues: { complemento: lista[0]?.complemento ?? '', digest: INSTALADA, atras: false, desde: '', hasta: hoy, paso_dias: 7 as number | string, sedes: [] as string[] }, validate: { desde: (v, { atras }) => (atras && !v ? t('ensayo.desde_falta') : null) } });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const elegido = lista.find((uno) => uno.complemento === v.complemento);
  const detalle = $api.useQuery('get', '/api/v1/complementos/{id}', { params: { path: { id: v.complemento } } });
  const actual = $api.useQuery('get', '/api/v1/complementos/{id}/configuracion', { params: { path: { id: v.complemento } } });
  const propiedades = ((detalle.data?.esquema as { properties?: Record<string, Propiedad> } | undefined)?.properties ?? {}) as Record<string, Propiedad>;
  const [valores, setValores] = useState<Valores>({});
  const [malos, setMalos] = useState<string[]>([]);
  const base = actual.data?.config as Valores | undefined;
  useEffect(() => setValores(base ?? {}), [base]);
  const cambiada = JSON.stringify(valores) !== JSON.stringify(base ?? {});
  const ensayar = () => {
    const leido = leer(valores, propiedades);
    setMalos(leido.malos);
    if (leido.malos.length > 0) return;
    void envio.enviar(async () => {
      const body = {
        complemento: v.complemento,
        ...(v.digest !== INSTALADA ? { digest: v.digest } : {}),
        ...(cambiada ? { configuracion: leido.datos } : {}),
        ...(v.atras ? { desde: v.desde, hasta: v.hasta || null, paso_dias: Number(v.paso_dias) } : {}),
        ...(v.sedes.length > 0 ? { sedes: v.sedes } : {}),
      };
      const hecho = await cuerpo(api.POST('/api/v1/alertas/ensayos', { body }));
      await renovar('/api/v1/alertas/ensayos');
      listo();
      ir(`/alertas/ensayos/${hecho.id}`);
    });
  };
  return (
    <Forma envio={envio} listo={listo} guardar={t('ensayo.ensayar')} alEnviar={formulario.onSubmit(ensayar)}>
      <Alert variant="light" color="blue" icon={<IconFlask size={18} />} p="xs">
        {t('ensayo.no_escribe')}
      </Alert>
      <Group grow align="flex-start">
        <Select label={t('ensayo.reglas')} allowDeselect={false} data={lista.map((uno) => ({ value: uno.complemento, label: uno.nombre }))} value={v.complemento} onChange={(nuevo) => formulario.setValues({ complemento: nuevo ?? '', digest: INSTALADA })} />
        {elegido?.nueva && <Select label={t('ensayo.version')} allowDeselect={false} data={[{ value: INSTALADA, label: t('ensayo.instalada', { version: elegido.instalada }) }, { value: elegido.nueva.digest, label: t('ensayo.nueva', { version: elegido.nueva.version }) }]} {...formulario.getInputProps('digest')} />}
      </Group>
      {Object.keys(propiedades).length > 0 && (
        <fieldset className="ensayo-campos">
          <legend>{t('ensayo.configuracion')}</legend>
          <Stack gap="sm">
            {Object.entries(propiedades).map(([clave, propiedad]) => (
              <CampoDeEsquema key={clave} clave={clave} propiedad={propiedad} valor={valores[clave] ?? propiedad.default} alCambiar={(valor) => setValores((antes) => ({ ...antes, [clave]: valor }))} error={malos.includes(clave) ? t('ensayo.json_malo') : undefined} />
            ))}
          </Stack>
        </fieldset>
      )}
      <MultiSelect label={t('ensayo.sedes')} placeholder={v.sedes.length === 0 ? t('ensayo.todas') : ''} data={yo.sedes.map((una) => ({ value: una.id, label: una.nombre }))} clearable clearButtonProps={{ 'aria-label': t('app:quitar') }} {...formulario.getInputProps('sedes')} />
      <Switch label={t('ensayo.atras')} description={t('ensayo.atras_ayuda')} {...formulario.getInputProps('atras', { type: 'checkbox' })} />
      {v.atras && (
        <Group grow align="flex-start">
          <CampoFecha label={t('desde')} maximo={hoy} {...deCampo(formulario.getInputProps('desde'))} />
          <CampoFecha vaciable label={t('hasta')} maximo={hoy} minimo={v.desde || undefined} {...deCampo(formulario.getInputProps('hasta'))} />
          <NumberInput label={t('ensayo.cada')} min={1} max={60} suffix={t('ensayo.dias')} {...formulario.getInputProps('paso_dias')} />
        </Group>
      )}
    </Forma>
  );
}
