import { ActionIcon, Alert, Button, Group, Menu, Skeleton, Stack, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCalendarPlus, IconCross, IconDots, IconGitMerge, IconLockOpen, IconPencil, IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, consultas, cuerpo, llave } from '@/api/cliente';
import { esProblema } from '@/api/problema';
import { avisar } from '@/app/avisos';
import { Enlace, useIr, useParametro } from '@/app/direccion';
import { Cargando, Fallo } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede, useSesion } from '@/app/sesion';
import { useAtajo } from '@/app/atajos';
import { recordar } from '@/app/recientes';
import { FotoMascota } from '@/comun/especie';
import { Falla, useEnvio } from '@/comun/formulario';
import { Juntas } from '@/comun/Juntas';
import { diaCorto, fechaHora, hoyEn, ZONA } from '@/comun/tiempo';
import { CLASES, useAnotar } from './anotar/abrir';
import { Cajon } from './anotar/Cajon';
import { foto, renovarMascota, resumen, useMascota, type Mascota } from './datos';
import { RecienFusionada } from './anotar/RecienFusionada';
import { SECCIONES, type SeccionDePaciente } from './secciones';
import './pacientes.css';

export default function Paciente() {
  const id = useParametro('id');
  const { t } = useTranslation('pacientes');
  const consulta = useMascota(id);
  if (consulta.data) return <Ficha mascota={consulta.data} />;
  if (esProblema(consulta.error, 'paciente-restringido')) return <Restringido id={id} />;
  if (consulta.isError)
    return (
      <Marco titulo={t('paciente')}>
        <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />
      </Marco>
    );
  return (
    <Marco titulo={t('paciente')} detalle={<DetalleVacio />}>
      <Esqueleto />
    </Marco>
  );
}

/** As high as what will stand there. */
const DetalleVacio = () => (
  <span className="ficha-detalle">
    <Skeleton circle height={30} width={30} />
    <Skeleton height={12} width={190} />
  </span>
);

const Esqueleto = () => (
  <div className="ficha">
    <div className="ficha-resumen"><Cargando filas={3} alto={150} /></div>
    <div className="ficha-centro"><Cargando filas={9} alto={54} /></div>
    <div className="ficha-carril"><Cargando filas={2} alto={220} /></div>
  </div>
);

function Ficha({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const ir = useIr();
  const zona = (lugar: SeccionDePaciente['zona']) =>
    SECCIONES.filter((una) => una.zona === lugar && (!una.permiso || puede(una.permiso, 'alguna'))).map(({ clave, Componente }) => <Componente key={clave} mascota={mascota} />);
  useEffect(() => {
    recordar({ id: mascota.id, nombre: mascota.nombre, detalle: [mascota.raza?.nombre ?? mascota.especie.nombre, mascota.tutores[0]?.tutor.nombre].filter(Boolean).join(' · ') });
  }, [mascota]);
  useEffect(() => {
    if (mascota.fusionada_con) {
      avisar({ tono: 'nota', titulo: t('fusion.llevo', { nombre: mascota.nombre }) });
      ir(`/pacientes/${mascota.fusionada_con}`, {}, true);
    }
  }, [mascota, ir, t]);
  return (
    <Marco
      titulo={mascota.nombre}
      detalle={
        <span className="ficha-detalle">
          <FotoMascota especie={mascota.especie.clave} foto={foto(mascota)} lado={30} />
          {resumen(t, mascota, hoyEn(ZONA))}
        </span>
      }
      acciones={<Acciones mascota={mascota} />}
    >
      <RecienFusionada />
      {mascota.fallecida_en && <Fallecida mascota={mascota} />}
      <Juntas key={mascota.id} mientras={<Esqueleto />}>
        <div className="ficha">
          <div className="ficha-resumen">{zona('resumen')}</div>
          <div className="ficha-centro">{zona('centro')}</div>
          <div className="ficha-carril">{zona('carril')}</div>
        </div>
      </Juntas>
      <Cajon mascota={mascota} />
    </Marco>
  );
}

function Acciones({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const anotar = useAnotar();
  const ir = useIr();
  const viva = !mascota.fallecida_en;
  const clases = CLASES.filter((clase) => puede(clase === 'peso' ? 'peso.registrar' : 'clinica.registrar', 'alguna'));
  const reserva = { nueva: '1', mascota: mascota.id, nombre: mascota.nombre };
  const agenda = viva && puede('cita.reservar', 'alguna');
  useAtajo('n', t('agendar'), () => ir('/agenda', reserva), 'pantalla', agenda);
  useAtajo('p', t('anotar.peso'), () => anotar('peso'), 'pantalla', viva && clases.includes('peso'));
  useAtajo('v', t('vacunas.aplicar'), () => anotar('vacuna'), 'pantalla', viva && clases.includes('vacuna'));
  const mas = [puede('paciente.editar', 'alguna'), puede('paciente.fusionar', 'alguna'), viva && puede('fallecimiento.registrar', 'alguna')];
  return (
    <>
      {viva && clases.length > 0 && (
        <Menu position="bottom-end" shadow="md" width={210}>
          <Menu.Target>
            <Button variant="default" leftSection={<IconPlus size={17} aria-hidden />}>
              {t('anotar.titulo')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {clases.map((clase) => (
              <Menu.Item key={clase} onClick={() => anotar(clase)}>
                {t(`anotar.corto.${clase}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {agenda && (
        <Button component={Enlace} a="/agenda" con={reserva} leftSection={<IconCalendarPlus size={17} aria-hidden />}>
          {t('agendar')}
        </Button>
      )}
      {mas.some(Boolean) && (
        <Menu position="bottom-end" shadow="md" width={230}>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t('mas_acciones')}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {mas[0] && (
              <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => anotar('editar')}>
                {t('ficha.editar')}
              </Menu.Item>
            )}
            {mas[1] && (
              <Menu.Item leftSection={<IconGitMerge size={16} aria-hidden />} onClick={() => anotar('fusion')}>
                {t('fusion.titulo')}
              </Menu.Item>
            )}
            {mas[2] && (
              <Menu.Item leftSection={<IconCross size={16} aria-hidden />} onClick={() => anotar('fallecimiento')}>
                {t('fallecida.registrar')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

function Fallecida({ mascota }: { mascota: Mascota }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const consulta = $api.useQuery('get', '/api/v1/pacientes/{id}/fallecimiento', { params: { path: { id: mascota.id } } });
  const [corrige, setCorrige] = useState(false);
  const formulario = useForm({ initialValues: { motivo: '' }, validate: { motivo: (v) => (v.trim() ? null : t('motivo_falta')) } });
  const { va, falla, enviar } = useEnvio(formulario as never);
  const corregir = ({ motivo }: { motivo: string }) =>
    enviar(async () => {
      const hecho = await cuerpo(api.DELETE('/api/v1/pacientes/{id}/fallecimiento', { params: { path: { id: mascota.id }, query: { motivo: motivo.trim() } } }));
      avisar({ tono: 'nota', titulo: t('fallecida.corregido', { nombre: mascota.nombre }), ...(hecho.citas_anuladas.length > 0 ? { detalle: t('fallecida.citas_no_vuelven', { citas: hecho.citas_anuladas.map((una) => fechaHora(una.inicio, ZONA)).join(', ') }) } : {}) });
      void renovarMascota();
    });
  return (
    <Alert color="gray" variant="light" icon={<IconCross size={18} />} mb="md" title={t('fallecida.titulo', { nombre: mascota.nombre, dia: mascota.fallecida_en ? diaCorto(mascota.fallecida_en) : '' })}>
      <Stack gap={6} align="flex-start">
        <span>
          {consulta.data?.causa && `${consulta.data.causa}. `}
          {t('fallecida.silencio')}
        </span>
        {puede('fallecimiento.corregir', 'alguna') && !corrige && (
          <Button size="compact-sm" variant="default" onClick={() => setCorrige(true)}>
            {t('fallecida.fue_error')}
          </Button>
        )}
        {corrige && (
          <form noValidate className="corregir" onSubmit={formulario.onSubmit((v) => void corregir(v))}>
            <Falla>{falla}</Falla>
            <Textarea label={t('motivo')} autosize minRows={1} data-autofocus {...formulario.getInputProps('motivo')} />
            <Group gap="xs" mt="xs">
              <Button type="submit" size="sm" loading={va}>
                {t('fallecida.corregir')}
              </Button>
              <Button size="sm" variant="default" onClick={() => setCorrige(false)}>
                {t('app:cancelar')}
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Alert>
  );
}

/** A patient of another sede: it opens for an emergency, with a reason, for some hours, and somebody reviews it. */
function Restringido({ id }: { id: string }) {
  const { t } = useTranslation('pacientes');
  const { sede, puede } = useSesion();
  const formulario = useForm({ initialValues: { motivo: '' }, validate: { motivo: (v) => (v.trim().length >= 10 ? null : t('apertura.motivo_falta')) } });
  const { va, falla, enviar } = useEnvio(formulario as never);
  const abrir = ({ motivo }: { motivo: string }) =>
    enviar(async () => {
      if (!sede) return;
      const hecha = await cuerpo(api.POST('/api/v1/pacientes/{id}/aperturas', { params: { path: { id }, header: { 'Idempotency-Key': llave() } }, body: { motivo: motivo.trim(), sede_id: sede.id } }));
      avisar({ tono: 'nota', titulo: t('apertura.abierta'), detalle: t('apertura.hasta', { cuando: fechaHora(hecha.vence_en, sede.zona_horaria) }) });
      await consultas.invalidateQueries();
    });
  return (
    <Marco titulo={t('apertura.titulo')}>
      <section className="panel apertura">
        <IconLockOpen size={30} stroke={1.5} aria-hidden />
        <p>{t('apertura.que')}</p>
        {puede('paciente.abrir') ? (
          <form noValidate onSubmit={formulario.onSubmit((v) => void abrir(v))}>
            <Stack>
              <Falla>{falla}</Falla>
              <Textarea label={t('apertura.motivo')} description={t('apertura.queda')} placeholder={t('apertura.ejemplo')} autosize minRows={3} maxLength={500} autoFocus {...formulario.getInputProps('motivo')} />
              <Group justify="flex-end">
                <Button type="submit" loading={va}>
                  {t('apertura.abrir')}
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <p className="tenue">{t('apertura.no_puede')}</p>
        )}
      </section>
    </Marco>
  );
}
