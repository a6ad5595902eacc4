/** Pieces that several of these screens show. */
import { Alert, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle, IconBellRinging, IconBolt, IconCircleCheck, IconCircleDashed, IconCreditCard, IconDatabase, IconFlask, IconKey, IconMessage, IconPlayerPause, IconReceipt, IconShieldLock,
  IconSpeakerphone, IconTruckDelivery, IconUpload, IconWorld, IconX, type Icon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePuede, useSesion } from '@/app/sesion';
import { Pastilla, type Tono } from '@/comun/Pastilla';
import { Pestanas } from '@/comun/Pestanas';
import { nombrar } from '@/comun/nombrar';
import '@/comun/seccion.css';
import './complementos.css';
import './formulario/formulario.css';
import { enPalabras, hayNueva, standing, useEsPlataforma, type Complemento, type EstadoVersion, type Permiso, type Standing } from './datos';

const ICONOS: Record<string, Icon> = { alerts: IconBellRinging, notification: IconMessage, payment: IconCreditCard, fiscal: IconReceipt, delivery: IconTruckDelivery };
export function IconoMundo({ mundo, grande }: { mundo: string; grande?: boolean }) {
  const Icono = ICONOS[mundo] ?? IconBolt;
  return (
    <span className="cmp-icono" data-grande={grande || undefined} aria-hidden>
      <Icono size={grande ? 28 : 22} stroke={1.7} />
    </span>
  );
}

const TONOS: Record<Standing, [Tono, Icon]> = {
  disponible: ['nota', IconCircleDashed],
  instalado: ['aviso', IconPlayerPause],
  habilitado: ['bien', IconCircleCheck],
  cuarentena: ['grave', IconAlertTriangle],
  retirado: ['grave', IconX],
};
/** How the chain has it, in one word and where. */
export function Como({ complemento }: { complemento: Pick<Complemento, 'instalacion' | 'version' | 'digest'> }) {
  const { t } = useTranslation('complementos');
  const { yo } = useSesion();
  const como = standing(complemento);
  const sedes = complemento.instalacion?.sedes;
  const una = sedes?.length === 1 ? yo.sedes.find((sede) => sede.id === sedes[0])?.nombre : undefined;
  const [tono, icono] = TONOS[como];
  const donde = !sedes ? t('como.toda') : una ? t('como.una', { sede: una }) : t('como.sedes', { count: sedes.length });
  return (
    <>
      <Pastilla tono={tono} icono={icono}>
        {como === 'habilitado' ? donde : t(`como.${como}`)}
      </Pastilla>
      {complemento.instalacion?.sandbox && como === 'habilitado' && (
        <Pastilla tono="aviso" icono={IconFlask}>
          {t('como.pruebas')}
        </Pastilla>
      )}
      {hayNueva(complemento) && (
        <Pastilla tono="nota" icono={IconUpload}>
          {t('como.nueva', { version: complemento.version })}
        </Pastilla>
      )}
    </>
  );
}

/** Nothing of ours runs outside of it; said once, wherever a plugin is named. */
export function Aislado() {
  const { t } = useTranslation('complementos');
  return (
    <Tooltip label={t('aislado_ayuda')} multiline w={300} withArrow events={{ hover: true, focus: true, touch: true }}>
      <span tabIndex={0} className="cmp-aislado">
        <Pastilla tono="gris" icono={IconShieldLock}>
          {t('aislado')}
        </Pastilla>
      </span>
    </Tooltip>
  );
}

const DE_VERSION: Record<EstadoVersion, [Tono, Icon]> = {
  en_examen: ['nota', IconCircleDashed],
  en_revision: ['aviso', IconPlayerPause],
  aprobada: ['bien', IconCircleCheck],
  rechazada: ['grave', IconX],
  retirada: ['grave', IconAlertTriangle],
};
export function ComoVersion({ estado }: { estado: EstadoVersion }) {
  const { t } = useTranslation('complementos');
  const [tono, icono] = DE_VERSION[estado];
  return (
    <Pastilla tono={tono} icono={icono}>
      {t(`estado_version.${estado}`)}
    </Pastilla>
  );
}

const BIEN = new Set(['ok']);
const RESPUESTAS = new Set(['rejected', 'not_authorized', 'invalid_input', 'unsupported', 'retry_later', 'indeterminate']);
/** How a run ended. What the provider answered is no fault of the plugin's. */
export function Resultado({ resultado }: { resultado: string }) {
  const [tono, icono]: [Tono, Icon] = BIEN.has(resultado) ? ['bien', IconCircleCheck] : RESPUESTAS.has(resultado) ? ['aviso', IconAlertTriangle] : ['grave', IconX];
  return (
    <Pastilla tono={tono} icono={icono}>
      {nombrar(`complementos:resultado.${resultado}`, resultado)}
    </Pastilla>
  );
}

const DE_PERMISO: Record<Permiso['tipo'], Icon> = { servidor: IconWorld, estado: IconDatabase, evento: IconSpeakerphone, firma: IconKey, secreto_legible: IconKey };
/** What it asks for, each with what it is for in its publisher's words. */
export function Permisos({ permisos, marca }: { permisos: Permiso[]; marca?: ((permiso: Permiso) => ReactNode) | undefined }) {
  const { t } = useTranslation('complementos');
  if (permisos.length === 0)
    return (
      <div className="cmp-sin-permisos">
        <IconShieldLock size={20} aria-hidden />
        <span>{t('permiso.ninguno')}</span>
      </div>
    );
  return (
    <ul className="lineas cmp-permisos">
      {permisos.map((permiso) => {
        const { clave, valores, tecnico } = enPalabras(permiso);
        const Icono = DE_PERMISO[permiso.tipo];
        return (
          <li key={permiso.clave}>
            <Icono size={20} stroke={1.7} aria-hidden />
            <div>
              <b>{t(`permiso.${clave}`, valores)}</b>
              {permiso.delicado && (
                <Pastilla tono="grave" icono={IconAlertTriangle}>
                  {t('permiso.delicado')}
                </Pastilla>
              )}
              {marca?.(permiso)}
              <div>{t('permiso.motivo', { motivo: permiso.motivo })}</div>
              {tecnico && <code className="tenue chico">{tecnico}</code>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** The area's own menu. */
export function Area() {
  const { t } = useTranslation('complementos');
  const puede = usePuede();
  const plataforma = useEsPlataforma();
  return (
    <Pestanas
      nombre={t('area.nombre')}
      lista={[
        { a: '/complementos', nombre: t('area.catalogo') },
        { a: '/complementos/modulos', nombre: t('area.modulos'), ve: puede('complemento.ver', 'cadena') },
        { a: '/complementos/corridas', nombre: t('area.corridas') },
        { a: '/complementos/taller', nombre: t('area.taller'), ve: puede('complemento.publicar', 'cadena') },
        { a: '/complementos/revision', nombre: t('area.revision'), ve: plataforma },
      ]}
    />
  );
}

export const Aviso = ({ tono = 'aviso', titulo, children, acciones }: { tono?: 'aviso' | 'grave' | 'bien' | 'nota'; titulo: string; children?: ReactNode; acciones?: ReactNode }) => (
  <Alert
    variant="light"
    color={{ aviso: 'orange', grave: 'red', bien: 'verde', nota: 'blue' }[tono]}
    icon={tono === 'bien' ? <IconCircleCheck size={20} /> : <IconAlertTriangle size={20} />}
    title={titulo}
    role={tono === 'grave' ? 'alert' : 'status'}
  >
    {children}
    {acciones && <div className="cmp-aviso-acciones">{acciones}</div>}
  </Alert>
);

/** A document as it is, for who wants to see it. */
export const Crudo = ({ valor, nombre }: { valor: unknown; nombre: string }) => (
  <pre className="cmp-crudo" tabIndex={0} role="region" aria-label={nombre}>
    {JSON.stringify(valor, null, 2)}
  </pre>
);
