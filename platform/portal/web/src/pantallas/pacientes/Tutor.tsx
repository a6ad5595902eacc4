import { ActionIcon, Anchor, Button, Menu } from '@mantine/core';
import { IconCross, IconDots, IconGitMerge, IconPencil, IconPlus, IconShieldLock } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { $api, api, cuerpo } from '@/api/cliente';
import { Enlace, useFiltros, useIr, useParametro } from '@/app/direccion';
import { Cargando, Fallo, Puede, Segun } from '@/app/estados';
import { avisar } from '@/app/avisos';
import { Marco } from '@/app/Marco';
import { usePuede, useSesion } from '@/app/sesion';
import { FotoMascota } from '@/comun/especie';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Juntas } from '@/comun/Juntas';
import { Mas } from '@/comun/Mas';
import { usePaginas } from '@/comun/paginas';
import { Pastilla } from '@/comun/Pastilla';
import { Nada, Seccion } from '@/comun/Seccion';
import { diaCorto, fechaHora, ZONA } from '@/comun/tiempo';
import { AnotarSolicitud } from '../datosPersonales/AnotarSolicitud';
import { EditarTutor } from './anotar/EditarTutor';
import { FusionarTutor } from './anotar/FusionarTutor';
import { RecienFusionada } from './anotar/RecienFusionada';
import { useTutor, type Tutor as DatosTutor } from './datos';
import { Canales } from './secciones/Canales';
import { ConsentimientosDe } from './secciones/Consentimientos';
import { Dato } from './secciones/Ficha';
import { Conducta } from './secciones/Tutores';
import { telefono } from './texto';
import './pacientes.css';

export default function Tutor() {
  const id = useParametro('id');
  const { t } = useTranslation('pacientes');
  const consulta = useTutor(id);
  const puede = usePuede();
  const [{ abrir }, cambiar] = useFiltros({ abrir: '', con: '' });
  const ir = useIr();
  const quedo = consulta.data?.fusionado_con;
  useEffect(() => {
    if (!quedo) return;
    avisar({ tono: 'nota', titulo: t('fusion.llevo_tutor') });
    ir(`/tutores/${quedo}`, {}, true);
  }, [quedo, ir, t]);
  const tutor = consulta.data;
  if (!tutor)
    return (
      <Marco titulo={t('tutor')} detalle={consulta.isError ? undefined : '\u00a0'}>
        {consulta.isError ? <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} /> : <Cargando filas={3} alto={140} />}
      </Marco>
    );
  const nombre = tutor.anonimizado_en ? t('tutores.anonimo') : `${tutor.nombres} ${tutor.apellidos}`.trim();
  const edita = puede('paciente.editar', 'alguna') && !tutor.anonimizado_en;
  return (
    <Marco
      titulo={nombre}
      detalle={tutor.telefono ? telefono(tutor.telefono) : undefined}
      acciones={
        <>
          {edita && (
            <Button variant="default" leftSection={<IconPencil size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'editar' })}>
              {t('tutores.editar')}
            </Button>
          )}
          {!tutor.anonimizado_en && <Acciones abrir={(cual) => cambiar({ abrir: cual })} />}
        </>
      }
    >
      <RecienFusionada />
      <Juntas key={id} mientras={<Cargando filas={3} alto={140} />}>
        <div className="tutor">
          <div className="pila">
            <Mascotas tutor={tutor} />
            <Puede permiso="cita.ver" sede="alguna">
              <Faltas id={id} />
            </Puede>
          </div>
          <div className="pila">
            <Seccion titulo={t('tutores.datos')}>
              <dl className="datos">
                {tutor.documento && <Dato nombre={t(`documento.${tutor.documento.tipo}`)}>{tutor.documento.numero}</Dato>}
                {tutor.telefono && <Dato nombre={t('registro.telefono')}><Anchor href={`tel:${tutor.telefono}`} size="sm">{telefono(tutor.telefono)}</Anchor></Dato>}
                {tutor.correo && <Dato nombre={t('registro.correo')}><Anchor href={`mailto:${tutor.correo}`} size="sm">{tutor.correo}</Anchor></Dato>}
                {(tutor.direccion || tutor.lugar) && <Dato nombre={t('registro.direccion')}>{[tutor.direccion, tutor.lugar].filter(Boolean).join(', ')}</Dato>}
                {tutor.notas && <Dato nombre={t('ficha.notas')}>{tutor.notas}</Dato>}
              </dl>
              <Conducta mascota={tutor} />
            </Seccion>
            <ConsentimientosDe tutor={id} />
            {!tutor.anonimizado_en && <Canales tutor={id} />}
          </div>
        </div>
      </Juntas>
      <Lateral titulo={t('tutores.editar')} abierto={abrir === 'editar'} cerrar={() => cambiar({ abrir: '' })}>
        <EditarTutor tutor={tutor} listo={() => cambiar({ abrir: '' })} />
      </Lateral>
      <Lateral titulo={t('fusion.titulo')} abierto={abrir === 'fusion'} cerrar={() => cambiar({ abrir: '', con: '' })}>
        <FusionarTutor tutor={tutor} />
      </Lateral>
      <Lateral titulo={t('derechos.anotar')} abierto={abrir === 'derecho'} cerrar={() => cambiar({ abrir: '' })}>
        <AnotarSolicitud tutor={{ id, nombre }} listo={() => cambiar({ abrir: '' })} />
      </Lateral>
    </Marco>
  );
}

function Acciones({ abrir }: { abrir: (cual: 'fusion' | 'derecho') => void }) {
  const { t } = useTranslation('pacientes');
  const puede = usePuede();
  const [fusiona, derecho] = [puede('paciente.fusionar', 'alguna'), puede('derecho.registrar', 'alguna')];
  if (!fusiona && !derecho) return null;
  return (
    <Menu position="bottom-end" shadow="md" width={250}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('mas_acciones')}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {fusiona && (
          <Menu.Item leftSection={<IconGitMerge size={16} aria-hidden />} onClick={() => abrir('fusion')}>
            {t('fusion.titulo')}
          </Menu.Item>
        )}
        {derecho && (
          <Menu.Item leftSection={<IconShieldLock size={16} aria-hidden />} onClick={() => abrir('derecho')}>
            {t('derechos.anotar')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Mascotas({ tutor }: { tutor: DatosTutor }) {
  const { t } = useTranslation('pacientes');
  const consulta = $api.useQuery('get', '/api/v1/tutores/{id}/mascotas', { params: { path: { id: tutor.id }, query: { pasadas: true, limite: 100 } } });
  return (
    <Seccion
      titulo={t('tutores.mascotas')}
      acciones={
        <Puede permiso="paciente.registrar" sede="alguna">
          <Button size="compact-sm" variant="light" component={Enlace} a="/pacientes/nuevo" con={{ tutor: tutor.id }} leftSection={<IconPlus size={15} aria-hidden />}>
            {t('tutores.otra_mascota')}
          </Button>
        </Puede>
      }
    >
      <Segun consulta={consulta} vacio={({ items }) => (items.length === 0 ? <Nada>{t('tutores.sin_mascotas')}</Nada> : null)}>
        {({ items }) => (
          <ul className="lineas">
            {items.map((una) => (
              <li key={una.id} className="hecho">
                <FotoMascota especie={una.especie} lado={34} />
                <div>
                  <Anchor component={Enlace} a={`/pacientes/${una.id}`} fw={600} fz="inherit" c="inherit" underline="always">
                    {una.nombre}
                  </Anchor>
                  <div className="tenue">{[una.raza ?? una.especie, t(`relacion.${una.relacion}`), una.hasta && t('tutores.hasta', { dia: diaCorto(una.hasta) })].filter(Boolean).join(' · ')}</div>
                </div>
                {una.fallecida_en && (
                  <Pastilla tono="gris" icono={IconCross}>
                    {t('fallecida.corta')}
                  </Pastilla>
                )}
              </li>
            ))}
          </ul>
        )}
      </Segun>
    </Seccion>
  );
}

function Faltas({ id }: { id: string }) {
  const { t } = useTranslation('pacientes');
  const { yo } = useSesion();
  const consulta = usePaginas('/api/v1/tutores/{id}/faltas', { id }, (cursor) => cuerpo(api.GET('/api/v1/tutores/{id}/faltas', { params: { path: { id }, query: { limite: 10, ...cursor } } })));
  const faltas = consulta.items;
  return (
    <Seccion titulo={t('conducta.titulo')} cuenta={faltas.length} acciones={<Exportar chico icono nombre={t('conducta.titulo')} de={`/api/v1/tutores/${id}/faltas`} />}>
      {consulta.isError && <Fallo falla={consulta.error} reintentar={() => void consulta.refetch()} />}
      {consulta.data && faltas.length === 0 && <Nada>{t('conducta.ninguna')}</Nada>}
      <ul className="lineas">
        {faltas.map((una, i) => (
          <li key={i}>
            <b className="peso-medio">{t(`conducta.${una.tipo}`)}</b>
            <div className="tenue num">{[fechaHora(una.inicio ?? una.en, ZONA), yo.sedes.find((sede) => sede.id === una.sede_id)?.nombre].filter(Boolean).join(' · ')}</div>
          </li>
        ))}
      </ul>
      <Mas consulta={consulta} />
    </Seccion>
  );
}
