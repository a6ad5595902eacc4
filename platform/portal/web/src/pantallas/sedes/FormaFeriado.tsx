/** A day on which the chain's sedes close: all of them, or those where one is, as far as its department, province or district goes. */
import { Anchor, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { Enlace } from '@/app/direccion';
import { usePuede } from '@/app/sesion';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { diaMedio, hoyEn, ZONA } from '@/comun/tiempo';
import type { Sede } from './datos';
import { renovarFeriados } from './dias';
import { Quienes } from './Quienes';

/** How many digits of the UBIGEO say it. */
const ALCANCES = { departamento: 2, provincia: 4, distrito: 6 } as const;
type Alcance = keyof typeof ALCANCES;
type Valores = { fecha: string; nombre: string; lugar: string; alcance: Alcance; fuente: string };

const TODAS = 'todas';

/** `listo` is told the day of the one that was made. */
export function FormaFeriado({ sedes, listo }: { sedes: Sede[]; listo: (dia?: string) => void }) {
  const { t } = useTranslation('sedes');
  const puede = usePuede();
  const todas = puede('agenda.configurar', 'cadena');
  const formulario = useForm<Valores>({
    initialValues: { fecha: '', nombre: '', lugar: todas ? TODAS : '', alcance: 'departamento', fuente: '' },
    validate: {
      fecha: (v) => (v ? null : t('falta.fecha')),
      nombre: (v) => (v.trim() ? null : t('falta.nombre')),
      lugar: (v) => (v ? null : t('falta.lugar')),
      fuente: (v) => (v.trim() ? null : t('falta.fuente')),
    },
  });
  const envio = useEnvio(formulario as never, { nombres: { ambito: 'lugar' } });
  const campo = formulario.getInputProps;
  const { lugar, alcance } = formulario.values;
  const sede = sedes.find((una) => una.id === lugar);
  const ubigeo = sede?.ubigeo ?? '';
  const ambito = ubigeo.slice(0, ALCANCES[alcance]);
  const distrito = $api.useQuery('get', '/api/v1/ubigeos', { params: { query: { buscar: ubigeo, limite: 1 } } }, { enabled: ubigeo !== '', staleTime: Infinity }).data?.items[0];
  const guardar = (v: Valores) =>
    envio.enviar(async () => {
      const body = { fecha: v.fecha, ambito, nombre: v.nombre.trim(), fuente: v.fuente.trim() };
      const hecho = await cuerpo(api.POST('/api/v1/feriados', { params: { header: { 'Idempotency-Key': llave() } }, body }));
      listo(v.fecha);
      await renovarFeriados();
      avisar({
        tono: 'bien',
        titulo: t('feriados.creado', { dia: diaMedio(v.fecha) }),
        detalle: body.nombre,
        deshacer: () => cuerpo(api.DELETE('/api/v1/feriados/{id}', { params: { path: { id: hecho?.id ?? '' } } })).then(() => void renovarFeriados(), avisarFalla),
      });
    });
  return (
    <Forma envio={envio} guardar={t('feriados.crear')} listo={() => listo()} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CampoFecha label={t('dias.fecha')} required minimo={hoyEn(ZONA)} data-autofocus {...deCampo(campo('fecha'))} />
      <TextInput label={t('campo.nombre')} required maxLength={120} autoComplete="off" placeholder={t('feriados.nombre_ejemplo')} {...campo('nombre')} />
      <Select
        label={t('feriados.donde')}
        required
        allowDeselect={false}
        data={[...(todas ? [{ value: TODAS, label: t('feriados.todas') }] : []), ...sedes.filter((una) => una.ubigeo && puede('agenda.configurar', una.id)).map((una) => ({ value: una.id, label: t('feriados.donde_esta', { sede: una.nombre }) }))]}
        {...campo('lugar')}
        value={lugar || null}
      />
      {sede && (
        <Select
          label={t('feriados.alcance')}
          allowDeselect={false}
          data={(['departamento', 'provincia', 'distrito'] as const).map((uno) => ({ value: uno, label: t(`feriados.${uno}`, { nombre: distrito?.[uno] ?? ubigeo.slice(0, ALCANCES[uno]) }) }))}
          {...campo('alcance')}
        />
      )}
      {lugar && sedes.length > 0 && (
        <div role="status">
          <Quienes feriado={{ ambito }} sedes={sedes} />
          {sede && (
            <Text size="sm" c="dimmed" mt={4}>
              {t('feriados.solo_una')}{' '}
              <Anchor component={Enlace} a={`/sedes/${sede.id}/dias`} con={{ abrir: 'dia' }} size="sm" underline="always">
                {t('feriados.a_dias')}
              </Anchor>
            </Text>
          )}
        </div>
      )}
      <TextInput label={t('feriados.fuente')} required maxLength={200} autoComplete="off" placeholder={t('feriados.fuente_ejemplo')} {...campo('fuente')} />
    </Forma>
  );
}
