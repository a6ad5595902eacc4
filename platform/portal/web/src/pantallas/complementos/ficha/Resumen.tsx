/** What it does, what it may do and how far it may go. */
import { Button, Switch } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Enlace, useFiltros } from '@/app/direccion';
import { useSesion } from '@/app/sesion';
import { nombrar } from '@/comun/nombrar';
import { Seccion } from '@/comun/Seccion';
import { fechaHora, ZONA } from '@/comun/tiempo';
import { faltan, ficha, useAdministra, useConfiguracion, type Detalle } from '../datos';
import { compartir } from '../hacer';
import { Limites } from '../Limites';
import { Permisos } from '../Partes';

export function Resumen({ detalle }: { detalle: Detalle }) {
  const { t } = useTranslation('complementos');
  const { instalacion } = detalle;
  const capacidades = Object.entries(detalle.capacidades);
  return (
    <div className="cmp-dos">
      <div className="cmp-columna">
        {instalacion && !instalacion.habilitado && <Pasos detalle={detalle} />}
        <Seccion titulo={t('permiso.titulo')} cuenta={detalle.permisos.length}>
          <Permisos permisos={detalle.permisos} />
          <p className="tenue chico cmp-final">{t('instalar.no_puede')}</p>
        </Seccion>
        <Seccion titulo={t('limites.titulo')}>
          <p className="tenue chico">{t('limites.ayuda')}</p>
          <Limites limites={detalle.limites} />
        </Seccion>
      </div>
      <div className="cmp-columna">
        {instalacion && <Instalado detalle={detalle} />}
        {capacidades.length > 0 && (
          <Seccion titulo={t('capacidades.titulo')}>
            <dl className="cmp-datos">
              {capacidades.map(([clave, valores]) => (
                <div key={clave}>
                  <dt>{nombrar(`complementos:capacidades.${clave}`, clave)}</dt>
                  <dd>{valores.map((uno) => nombrar(`complementos:capacidad.${uno}`, uno)).join(', ')}</dd>
                </div>
              ))}
            </dl>
          </Seccion>
        )}
      </div>
    </div>
  );
}

/** From installed to working. */
function Pasos({ detalle }: { detalle: Detalle }) {
  const { t } = useTranslation('complementos');
  const administra = useAdministra();
  const [, cambiar] = useFiltros({ hacer: '' });
  const configuracion = useConfiguracion(detalle.complemento, administra).data;
  const lista = configuracion !== undefined && faltan(detalle.esquema, configuracion).length === 0;
  const pasos: [string, boolean, React.ReactNode][] = [
    ['instalar', true, null],
    ['configurar', lista, administra && <Button component={Enlace} a={ficha(detalle.complemento, 'configuracion')} size="xs" variant={lista ? 'subtle' : 'filled'}>{t(lista ? 'paso.revisar' : 'accion.configurar')}</Button>],
    ['habilitar', false, administra && lista && <Button size="xs" onClick={() => cambiar({ hacer: 'habilitar' })}>{t('accion.habilitar')}</Button>],
  ];
  return (
    <Seccion titulo={t('paso.titulo')}>
      <ol className="lineas cmp-pasos">
        {pasos.map(([clave, hecho, accion]) => (
          <li key={clave} data-hecho={hecho || undefined}>
            {hecho ? <IconCircleCheck size={20} aria-label={t('paso.hecho')} /> : <IconCircleDashed size={20} aria-label={t('paso.falta')} />}
            <span>
              <b>{t(`paso.${clave}`)}</b>
              <span className="tenue chico">{t(`paso.${clave}_ayuda`)}</span>
            </span>
            {accion}
          </li>
        ))}
      </ol>
    </Seccion>
  );
}

function Instalado({ detalle }: { detalle: Detalle }) {
  const { t } = useTranslation('complementos');
  const { yo } = useSesion();
  const administra = useAdministra();
  const uno = detalle.instalacion;
  if (!uno) return null;
  const nombres = uno.sedes?.map((id) => yo.sedes.find((sede) => sede.id === id)?.nombre ?? t('otra_sede'));
  const datos: [string, string][] = [
    ['donde', uno.habilitado ? (nombres?.join(', ') ?? t('instalado.toda')) : t('instalado.en_ninguna')],
    ['version', uno.version],
    ['desde', fechaHora(uno.instalado_en, ZONA)],
    ['cambio', fechaHora(uno.cambiado_en, ZONA)],
    ...(uno.anterior ? ([['anterior', uno.anterior]] as [string, string][]) : []),
  ];
  return (
    <Seccion titulo={t('instalado.titulo')}>
      <dl className="cmp-datos">
        {datos.map(([clave, valor]) => (
          <div key={clave}>
            <dt>{t(`instalado.${clave}`)}</dt>
            <dd>{valor}</dd>
          </div>
        ))}
      </dl>
      <Switch mt="sm" checked={Boolean(uno.comparte_desde)} disabled={!administra} onChange={(e) => void compartir(detalle, e.currentTarget.checked)} label={t('compartir.etiqueta')} description={uno.comparte_desde ? t('compartir.desde', { desde: fechaHora(uno.comparte_desde, ZONA) }) : t('compartir.ayuda')} />
    </Seccion>
  );
}
