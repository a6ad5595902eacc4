import { Alert, Button, Group, Loader, Text, UnstyledButton } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconUserCheck, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo, llave } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { avisar } from '@/app/avisos';
import { Enlace, useFiltros, useIr } from '@/app/direccion';
import { Marco } from '@/app/Marco';
import { useSesion } from '@/app/sesion';
import { HUECO, huecoDe, type EnDireccion } from '@/comun/citas/hueco';
import { Falla, useEnvio } from '@/comun/formulario';
import { Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { CamposMascota, CamposTutor, cuerpoMascota, cuerpoTutor, MASCOTA_VACIA, TUTOR_VACIO } from './anotar/Campos';
import { renovarMascota, useTutor, type Candidato } from './datos';
import { telefono } from './texto';
import './pacientes.css';

export default function Registro() {
  const { t } = useTranslation('pacientes');
  const { yo, sede } = useSesion();
  const ir = useIr();
  const [f, cambiar] = useFiltros({ tutor: '', telefono: '', documento: '', mascota: '', agendar: '', fecha: '', ...HUECO });
  const [candidatos, setCandidatos] = useState<Candidato[] | null>(null);
  // Who came from a new appointment goes back to it, at the time that was chosen there.
  const deAgenda = f.agendar === '1';
  const luego = useRef<'ficha' | 'agenda'>(deAgenda ? 'agenda' : 'ficha');
  const agendar = (mascota: string, nombre: string) => ir('/agenda', { nueva: '1', mascota, nombre, fecha: f.fecha, ...Object.fromEntries(Object.keys(HUECO).map((clave) => [clave, f[clave as keyof EnDireccion]])) });
  const formulario = useForm({
    initialValues: { mascota: { ...MASCOTA_VACIA, nombre: f.mascota }, tutor: { ...TUTOR_VACIO, telefono: f.telefono, documento: { tipo: 'dni', numero: f.documento } }, microchip: '' },
    validate: {
      mascota: { nombre: (v: string) => (v.trim() ? null : t('registro.mascota_falta')), especie_id: (v: string) => (v ? null : t('registro.especie_falta')) },
      tutor: { nombres: (v: string) => (v.trim() || f.tutor ? null : t('registro.nombres_falta')) },
    },
    onValuesChange: () => setCandidatos(null),
  });
  const { va, falla, enviar } = useEnvio(formulario as never, {
    nombres: { 'mascota.especie': 'mascota.especie_id', 'mascota.edad_meses': 'mascota.anios', 'tutor.documento': 'tutor.documento.numero' },
    aparte: (error) => {
      if (!esProblema(error, 'posible-duplicado')) return false;
      setCandidatos(error.extra<Candidato[]>('candidatos') ?? []);
      requestAnimationFrame(() => document.getElementById('candidatos')?.scrollIntoView({ block: 'center' }));
      return true;
    },
  });
  const registrar = (v: typeof formulario.values, confirmar: boolean) =>
    enviar(async () => {
      const body = { mascota: cuerpoMascota(v.mascota), sede_id: sede?.id ?? null, ...(f.tutor ? { tutor_id: f.tutor } : { tutor: cuerpoTutor(v.tutor) }) };
      const { mascota } = await cuerpo(api.POST('/api/v1/pacientes/registro', { params: { query: confirmar ? { confirmar_duplicado: true } : {}, header: { 'Idempotency-Key': llave() } }, body }));
      void renovarMascota();
      avisar({ tono: 'bien', titulo: t('registro.hecho', { nombre: mascota.nombre }) });
      if (luego.current === 'agenda') agendar(mascota.id, mascota.nombre);
      else ir(`/pacientes/${mascota.id}`);
    });
  const usar = (candidato: Candidato) => {
    if (candidato.mascota_id && deAgenda) return agendar(candidato.mascota_id, candidato.nombre ?? '');
    if (candidato.mascota_id) return ir(`/pacientes/${candidato.mascota_id}`);
    setCandidatos(null);
    cambiar({ tutor: candidato.tutor_id ?? '' });
  };
  const hueco = huecoDe(f);
  const zona = yo.sedes.find((una) => una.id === hueco?.sede_id)?.zona_horaria ?? sede?.zona_horaria ?? ZONA;
  return (
    <Marco titulo={t('registro.titulo')} detalle={deAgenda && hueco ? t('registro.para_cita', { cuando: fechaHora(hueco.inicio, zona) }) : t('registro.detalle')}>
      <form noValidate onSubmit={formulario.onSubmit((valores) => void registrar(valores, false))}>
        <Falla>{falla}</Falla>
        <div className="registro">
          <Seccion titulo={t('registro.tutor')}>
            {f.tutor ? (
              <TutorElegido id={f.tutor} quitar={() => cambiar({ tutor: '' })} />
            ) : (
              <>
                <YaEsta telefono={formulario.values.tutor.telefono} documento={formulario.values.tutor.documento.numero} usar={(id) => cambiar({ tutor: id })} />
                <CamposTutor formulario={formulario} />
              </>
            )}
          </Seccion>
          <Seccion titulo={t('registro.mascota')}>
            <CamposMascota formulario={formulario} />
          </Seccion>
        </div>
        {candidatos && <Candidatos candidatos={candidatos} usar={usar} va={va} aunAsi={() => void registrar(formulario.getValues(), true)} />}
        <Group justify="flex-end" gap="xs" className="registro-pie">
          <Button variant="default" component={Enlace} a="/pacientes">
            {t('app:cancelar')}
          </Button>
          {(deAgenda ? (['ficha', 'agenda'] as const) : (['agenda', 'ficha'] as const)).map((cual, i) => (
            <Button key={cual} type="submit" variant={i === 0 ? 'light' : 'filled'} loading={va} onClick={() => (luego.current = cual)}>
              {t(cual === 'agenda' ? 'registro.y_agendar' : 'registro.registrar')}
            </Button>
          ))}
        </Group>
      </form>
    </Marco>
  );
}

function TutorElegido({ id, quitar }: { id: string; quitar: () => void }) {
  const { t } = useTranslation('pacientes');
  const { data } = useTutor(id);
  return (
    <Group justify="space-between" wrap="nowrap" className="elegido">
      <div>
        <b>{data ? `${data.nombres} ${data.apellidos}`.trim() : t('app:cargando')}</b>
        <div className="tenue num">{[data?.telefono && telefono(data.telefono), data?.documento && `${t(`documento.${data.documento.tipo}`)} ${data.documento.numero}`].filter(Boolean).join(' · ')}</div>
      </div>
      <Button variant="default" size="xs" leftSection={<IconX size={15} aria-hidden />} onClick={quitar}>
        {t('registro.otro_tutor')}
      </Button>
    </Group>
  );
}

/** While the phone or document is typed: whoever has it already is offered, before the server has to refuse. */
function YaEsta({ telefono: tel, documento, usar }: { telefono: string; documento: string; usar: (id: string) => void }) {
  const { t } = useTranslation('pacientes');
  const cifras = tel.replace(/\D/g, '').slice(-9);
  const [q] = useDebouncedValue(documento.trim().length >= 8 ? documento.trim() : cifras.length >= 9 ? cifras : '', 300);
  const consulta = $api.useQuery('get', '/api/v1/pacientes', { params: { query: { buscar: q, limite: 10 } } }, { enabled: q !== '' });
  const hallados = q ? (consulta.data?.items ?? []).filter((uno) => ['telefono', 'telefono_final', 'documento'].includes(uno.por) && uno.tutor && !uno.restringida) : [];
  const porTutor = new Map<string, { nombre: string; mascotas: string[] }>();
  for (const uno of hallados) {
    if (!uno.tutor) continue;
    const antes = porTutor.get(uno.tutor.id) ?? { nombre: uno.tutor.nombre, mascotas: [] };
    porTutor.set(uno.tutor.id, { ...antes, mascotas: uno.mascota ? [...antes.mascotas, uno.mascota.nombre] : antes.mascotas });
  }
  if (q && consulta.isFetching && !consulta.data) return <Loader size={16} aria-label={t('app:cargando')} />;
  if (porTutor.size === 0) return null;
  return (
    <Alert color="blue" variant="light" icon={<IconUserCheck size={18} />} title={t('registro.ya_esta')} mb="sm" role="status">
      {[...porTutor].map(([id, { nombre, mascotas }]) => (
        <Group key={id} justify="space-between" wrap="nowrap" mt={4}>
          <span>
            <b>{nombre}</b>
            {mascotas.length > 0 && <> · {mascotas.join(', ')}</>}
          </span>
          <Button size="compact-sm" onClick={() => usar(id)}>
            {t('registro.usar')}
          </Button>
        </Group>
      ))}
    </Alert>
  );
}

function Candidatos({ candidatos, usar, aunAsi, va }: { candidatos: Candidato[]; usar: (candidato: Candidato) => void; aunAsi: () => void; va: boolean }) {
  const { t } = useTranslation('pacientes');
  return (
    <Alert id="candidatos" color="orange" variant="light" icon={<IconAlertTriangle size={18} />} title={t('registro.parecido')} mt="md" role="alert">
      <ul className="lineas">
        {candidatos.map((uno, i) => (
          <li key={i}>
            <UnstyledButton className="candidato" onClick={() => usar(uno)}>
              <b>{uno.nombre ?? t('registro.sin_nombre')}</b>
              <span className="tenue">{[uno.telefono, uno.motivos.map((motivo) => t(`registro.motivo.${motivo}`)).join(', ')].filter(Boolean).join(' · ')}</span>
              <span className="candidato-usar">{t(uno.mascota_id ? 'registro.abrir_ficha' : 'registro.usar')}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Text size="sm" my={6}>
        {t('registro.no_es')}
      </Text>
      <Button variant="default" size="sm" loading={va} onClick={aunAsi}>
        {t('registro.aun_asi')}
      </Button>
    </Alert>
  );
}
