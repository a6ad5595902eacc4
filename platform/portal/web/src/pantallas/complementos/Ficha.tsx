/** One plugin: what it does and asks for, how the chain has it, and all that may be done with it. */
import { useTranslation } from 'react-i18next';
import { Enlace, useParametro } from '@/app/direccion';
import { Segun } from './estado';
import { Marco } from '@/app/Marco';
import { Pestanas } from '@/comun/Pestanas';
import { ficha, useAdministra, useDetalle, type Detalle } from './datos';
import { Acciones } from './ficha/Acciones';
import { Alertas } from './ficha/Alertas';
import { Ajustes } from './ficha/Ajustes';
import { Corridas } from './ficha/Corridas';
import { Resumen } from './ficha/Resumen';
import { Aislado, Como, IconoMundo } from './Partes';

export default function Ficha() {
  const id = useParametro('id');
  const parte = useParametro('parte');
  const consulta = useDetalle(id);
  return (
    <Segun consulta={consulta} filas={4} alto={90}>
      {(detalle) => <Una detalle={detalle} parte={parte} />}
    </Segun>
  );
}

function Una({ detalle, parte }: { detalle: Detalle; parte: string }) {
  const { t } = useTranslation('complementos');
  const administra = useAdministra();
  const partes = ['resumen', ...(detalle.instalacion && administra ? ['configuracion'] : []), 'corridas'];
  const actual = partes.includes(parte) ? parte : 'resumen';
  return (
    <Marco
      titulo={detalle.nombre}
      detalle={
        <span className="cmp-pastillas">
          <Enlace a="/complementos" className="cmp-volver">
            {t('titulo')}
          </Enlace>
          <span>{t('de_version', { editor: detalle.editor, version: detalle.instalacion?.version ?? detalle.version ?? detalle.descrita })}</span>
          <Como complemento={detalle} />
          <Aislado />
        </span>
      }
      acciones={administra && <Acciones detalle={detalle} />}
    >
      <div className="cmp-ficha">
        <Alertas detalle={detalle} />
        <div className="cmp-lema">
          <IconoMundo mundo={detalle.mundo} grande />
          <p>{detalle.descripcion}</p>
        </div>
        <Pestanas nombre={t('partes')} lista={partes.map((una) => ({ a: ficha(detalle.complemento, una), nombre: t(`parte.${una}`) }))} />
        {actual === 'resumen' && <Resumen detalle={detalle} />}
        {actual === 'configuracion' && <Ajustes detalle={detalle} />}
        {actual === 'corridas' && <Corridas complemento={detalle.complemento} />}
      </div>
    </Marco>
  );
}
