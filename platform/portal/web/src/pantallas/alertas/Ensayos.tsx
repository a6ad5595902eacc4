/** Trying a rule in another way on every pet before it is changed for real. */
import { Anchor, Button } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconFlask, IconLoader, IconPlus, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { $api, type Esquemas } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Segun, Vacio } from '@/app/estados';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { nombrar } from '@/comun/nombrar';
import { Pastilla, type Tono } from '@/comun/Pastilla';
import { usePersonas } from '@/comun/Quien';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { NuevoEnsayo } from './NuevoEnsayo';
import { Partes } from './Partes';

export type Ensayo = Esquemas['Ensayo'];
export const CORRE = (uno: Ensayo) => uno.estado === 'pendiente' || uno.estado === 'en_curso';
const TONO: Record<Ensayo['estado'], [Tono, Icon]> = { pendiente: ['nota', IconLoader], en_curso: ['nota', IconLoader], terminado: ['bien', IconCheck], fallido: ['grave', IconAlertCircle] };

export const EstadoEnsayo = ({ estado }: { estado: Ensayo['estado'] }) => {
  const { t } = useTranslation('alertas');
  return (
    <Pastilla tono={TONO[estado][0]} icono={TONO[estado][1]}>
      {t(`ensayo.estado.${estado}`)}
    </Pastilla>
  );
};
export const nombreComplemento = (clave: string) => nombrar(`alertas:regla.${clave.split('.').at(-1) ?? clave}`, clave.split('.').at(-1) ?? clave);
export const totales = (reglas: Ensayo['reglas']) => {
  const cuentas = Object.values(reglas);
  const suma = (cual: 'nuevas' | 'desaparecen' | 'cambiadas' | 'pasajeras' | 'iguales') => cuentas.reduce((total, una) => total + una[cual], 0);
  return { nueva: suma('nuevas'), desaparece: suma('desaparecen'), cambiada: suma('cambiadas'), pasajera: suma('pasajeras'), iguales: suma('iguales') };
};

export default function Ensayos() {
  const { t } = useTranslation('alertas');
  const [{ abrir }, cambiar] = useFiltros({ abrir: '' });
  const consulta = $api.useQuery('get', '/api/v1/alertas/ensayos', { params: { query: { limite: 50 } } }, { refetchInterval: (c) => (c.state.data?.items.some(CORRE) ? 2_000 : false) });
  const nuevo = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
      {t('ensayo.nuevo')}
    </Button>
  );
  return (
    <Partes
      detalle={t('ensayo.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/alertas/ensayos" />
          {nuevo}
        </>
      }
    >
      <Segun consulta={consulta} vacio={({ items }) => (items.length === 0 ? <Vacio icono={IconFlask} titulo={t('ensayo.nada')} detalle={t('ensayo.nada_detalle')} accion={nuevo} /> : null)}>
        {({ items }) => (
          <ul className="panel lineas renglones">
            {items.map((uno) => (
              <Uno key={uno.id} ensayo={uno} />
            ))}
          </ul>
        )}
      </Segun>
      <Lateral titulo={t('ensayo.nuevo')} abierto={abrir === 'nuevo'} cerrar={() => cambiar({ abrir: '' })} ancho="lg">
        <NuevoEnsayo listo={() => cambiar({ abrir: '' })} />
      </Lateral>
    </Partes>
  );
}

function Uno({ ensayo }: { ensayo: Ensayo }) {
  const { t } = useTranslation('alertas');
  const persona = usePersonas();
  const suma = totales(ensayo.reglas);
  return (
    <li className="renglon">
      <div>
        <Anchor component={Enlace} a={`/alertas/ensayos/${ensayo.id}`} fw={600} fz="inherit" c="inherit" underline="always">
          {nombreComplemento(ensayo.pedido.complemento)}
        </Anchor>
        <div className="tenue chico num">{[fechaHora(ensayo.creado_en, ZONA), persona(ensayo.creado_por), ensayo.estado === 'en_curso' && t('de_mascotas', { hecho: ensayo.vistas, total: ensayo.total })].filter(Boolean).join(' · ')}</div>
      </div>
      <div className="ensayo-cuentas">
        {ensayo.estado === 'terminado' && <span className="num">{suma.nueva + suma.desaparece + suma.cambiada + suma.pasajera === 0 ? t('ensayo.sin_cambios') : [`+${suma.nueva}`, `−${suma.desaparece}`, suma.cambiada > 0 && t('ensayo.cambian', { count: suma.cambiada })].filter(Boolean).join('  ')}</span>}
        <EstadoEnsayo estado={ensayo.estado} />
      </div>
    </li>
  );
}
