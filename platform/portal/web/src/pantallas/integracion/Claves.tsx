/** Keys with which other programs come in: what each may do, where, and until when. */
import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBan, IconCheck, IconClockOff, IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave, renovar, type Esquemas } from '@/api/cliente';
import { avisar } from '@/app/avisos';
import { useFiltros } from '@/app/direccion';
import { Cargando, Fallo, Vacio } from '@/app/estados';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { CampoFecha } from '@/comun/fecha/CampoFecha';
import { deCampo } from '@/comun/fecha/deCampo';
import { Forma, Lateral, Pregunta } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { usePersonas } from '@/comun/Quien';
import { Copiable, UnaVez } from '@/comun/Secreto';
import { deZona, diaCorto, diaEn, hoyEn, sumarDias, ZONA } from '@/comun/tiempo';
import { Marcas } from './Marcas';
import { Partes } from './Partes';
import { EligeSedes, useSedesDichas } from './Sedes';

type Clave = Esquemas['Page_ClaveApi']['items'][number];
export default function Claves() {
  const { t } = useTranslation('integracion');
  const [{ abrir }, cambiar] = useFiltros({ abrir: '' });
  const consulta = usePaginas('/api/v1/claves-api', {}, (cursor) => cuerpo(api.GET('/api/v1/claves-api', { params: { query: { limite: 50, ...cursor } } })));
  const nueva = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nueva' })}>
      {t('claves.nueva')}
    </Button>
  );
  return (
    <Partes
      detalle={t('claves.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/claves-api" />
          {nueva}
        </>
      }
    >
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.isPending && <Cargando filas={4} alto={60} />}
      {consulta.data && consulta.items.length === 0 && <Vacio icono={IconKey} titulo={t('claves.nada')} detalle={t('claves.nada_detalle')} accion={nueva} />}
      {consulta.items.length > 0 && (
        <ul className="panel lineas renglones">
          {consulta.items.map((una) => (
            <Una key={una.id} clave={una} />
          ))}
        </ul>
      )}
      <Mas consulta={consulta} />
      <Lateral titulo={t('claves.nueva')} abierto={abrir === 'nueva'} cerrar={() => cambiar({ abrir: '' })} ancho="lg">
        <Nueva listo={() => cambiar({ abrir: '' })} />
      </Lateral>
    </Partes>
  );
}

function Una({ clave }: { clave: Clave }) {
  const { t } = useTranslation('integracion');
  const persona = usePersonas();
  const sedes = useSedesDichas();
  const [pregunta, setPregunta] = useState(false);
  const vencida = clave.expira_en < new Date().toISOString();
  const sirve = !clave.revocada_en && !vencida;
  return (
    <li className="renglon">
      <div>
        <div className="renglon-titulo">
          <b>{clave.nombre}</b>
          <Pastilla tono={sirve ? 'bien' : 'gris'} icono={sirve ? IconCheck : clave.revocada_en ? IconBan : IconClockOff}>
            {t(sirve ? 'claves.sirve' : clave.revocada_en ? 'claves.revocada' : 'claves.vencida')}
          </Pastilla>
        </div>
        <div className="tenue chico num">{[t('claves.permisos_cuantos', { count: clave.permisos.length }), sedes(clave.sedes), t(vencida ? 'claves.vencio' : 'claves.vence', { dia: diaCorto(diaEn(clave.expira_en, ZONA)) }), persona(clave.creada_por)].filter(Boolean).join(' · ')}</div>
        <details className="entrega">
          <summary>{t('claves.que_puede')}</summary>
          <div className="url">{clave.permisos.join(', ')}</div>
        </details>
      </div>
      {sirve && (
        <Button size="compact-sm" variant="default" onClick={() => setPregunta(true)}>
          {t('revocar')}
        </Button>
      )}
      {pregunta && (
        <Pregunta
          titulo={t('claves.revocar_titulo', { nombre: clave.nombre })}
          detalle={t('claves.revocar_detalle')}
          si={t('revocar')}
          cerrar={() => setPregunta(false)}
          hacer={async () => {
            await api.DELETE('/api/v1/claves-api/{id}', { params: { path: { id: clave.id } } });
            avisar({ tono: 'bien', titulo: t('claves.ya_revocada', { nombre: clave.nombre }) });
            await renovar('/api/v1/claves-api');
          }}
        />
      )}
    </li>
  );
}

function Nueva({ listo }: { listo: () => void }) {
  const { t } = useTranslation('integracion');
  const puede = usePuede();
  const hoy = hoyEn(ZONA);
  const permisos = $api.useQuery('get', '/api/v1/permisos', {}, { staleTime: 60 * 60_000, enabled: puede('rol.ver', 'alguna') });
  const [creada, setCreada] = useState<Esquemas['ClaveCreada']>();
  const formulario = useForm({
    initialValues: { nombre: '', permisos: [] as string[], sedes: [] as string[], expira_en: sumarDias(hoy, 365) },
    validate: { nombre: (v) => (v.trim() ? null : t('nombre_falta')), permisos: (v) => (v.length > 0 ? null : t('claves.permisos_falta')), expira_en: (v) => (v > hoy ? null : t('claves.vence_mal')) },
  });
  const envio = useEnvio(formulario as never);
  const v = formulario.values;
  const crear = () =>
    envio.enviar(async () => {
      const body = { nombre: v.nombre.trim(), permisos: v.permisos, expira_en: deZona(`${v.expira_en}T23:59`, ZONA), sedes: v.sedes.length > 0 ? v.sedes : null };
      setCreada(await cuerpo(api.POST('/api/v1/claves-api', { params: { header: { 'Idempotency-Key': llave() } }, body })));
      await renovar('/api/v1/claves-api');
    });
  if (creada)
    return (
      <Stack>
        <UnaVez />
        {creada.clave && <Copiable nombre={t('claves.clave')} valor={creada.clave} detalle={t('claves.clave_ayuda')} />}
        <Copiable nombre="client_id" valor={creada.client_id} detalle={t('claves.oauth')} />
        {creada.client_secret && <Copiable nombre="client_secret" valor={creada.client_secret} />}
        <Button onClick={listo}>{t('ya_la_guarde')}</Button>
      </Stack>
    );
  const propios = (permisos.data ?? []).filter((uno) => puede(uno.clave, v.sedes.length === 1 ? v.sedes[0] : 'cadena'));
  return (
    <Forma envio={envio} listo={listo} guardar={t('claves.crear')} alEnviar={formulario.onSubmit(() => void crear())}>
      <TextInput label={t('nombre')} description={t('claves.nombre_ayuda')} maxLength={120} data-autofocus {...formulario.getInputProps('nombre')} />
      <EligeSedes valor={v.sedes} alCambiar={(sedes) => formulario.setFieldValue('sedes', sedes)} ayuda={t('claves.sedes_ayuda')} />
      {permisos.isError ? <Fallo falla={permisos.error} /> : permisos.data ? <Marcas nombre={t('claves.permisos')} ayuda={t('claves.permisos_ayuda')} error={formulario.errors.permisos as string | undefined} lista={propios} valor={v.permisos} alCambiar={(lista) => formulario.setFieldValue('permisos', lista)} /> : <Cargando filas={3} />}
      <CampoFecha label={t('claves.hasta_cuando')} description={t('claves.hasta_ayuda')} minimo={sumarDias(hoy, 1)} maximo={sumarDias(hoy, 729)} {...deCampo(formulario.getInputProps('expira_en'))} />
      <Alert variant="light" color="blue" p="xs">
        {t('claves.se_muestra_una_vez')}
      </Alert>
    </Forma>
  );
}
