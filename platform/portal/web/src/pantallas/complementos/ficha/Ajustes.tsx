/** The configuration, made of the plugin's own schema; beside it the trial and the addresses for its provider. */
import { Button, Group } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problema } from '@/api/problema';
import { avisar } from '@/app/avisos';
import { Segun } from '@/app/estados';
import { Falla, useEnvio } from '@/comun/formulario';
import { Nada, Seccion } from '@/comun/Seccion';
import { releer, useConfiguracion, type Configuracion, type Detalle } from '../datos';
import { Objetos } from '../formulario/Colecciones';
import { Raiz, type Esquema, type Objeto } from '../formulario/esquema';
import { guardar } from '../formulario/guardar';
import { Secreto, type Cambio } from '../formulario/Secretos';
import { Ganchos } from './Ganchos';
import { Probar } from './Probar';

export function Ajustes({ detalle }: { detalle: Detalle }) {
  const consulta = useConfiguracion(detalle.complemento, true);
  return <Segun consulta={consulta}>{(configuracion) => <Formulario detalle={detalle} configuracion={configuracion} />}</Segun>;
}

function Formulario({ detalle, configuracion: leida }: { detalle: Detalle; configuracion: Configuracion }) {
  const { t } = useTranslation('complementos');
  const esquema = (detalle.esquema ?? {}) as Esquema;
  // What is on the screen was made from this; it moves on by what is saved here, and by what others save while nothing is typed.
  const [configuracion, setConfiguracion] = useState(leida);
  const [config, setConfig] = useState(leida.config as Objeto);
  const [cambios, setCambios] = useState<Record<string, Cambio>>({});
  const [errores, setErrores] = useState<Record<string, string>>({});
  const sucio = Object.keys(cambios).length > 0 || JSON.stringify(config) !== JSON.stringify(configuracion.config);
  useEffect(() => {
    const igual = JSON.stringify(leida.config) === JSON.stringify(configuracion.config);
    if (leida.revision <= configuracion.revision || (sucio && !igual)) return;
    setConfiguracion(leida);
    if (!sucio) setConfig(leida.config as Objeto);
  }, [leida, configuracion, sucio]);
  const { va, falla, enviar } = useEnvio(undefined, {
    aparte: (error) => {
      if (!(error instanceof Problema) || error.errores.length === 0) return false;
      setErrores(Object.fromEntries(error.errores.map((uno) => [uno.pointer, uno.detail])));
      return true;
    },
  });
  useEffect(() => {
    if (Object.keys(errores).length > 0) document.querySelector<HTMLElement>('.cmp-form [aria-invalid="true"]')?.focus();
  }, [errores]);
  const raiz = useMemo(() => ({ raiz: esquema, errores }), [esquema, errores]);
  const guarda = async () => {
    setErrores({});
    const bien = await enviar(() => guardar(detalle.complemento, configuracion, config, cambios, setConfiguracion));
    if (bien) {
      setCambios({});
      avisar({ tono: 'bien', titulo: t('hecho.configurado') });
    }
    await releer();
    return bien;
  };
  const propiedades = Object.keys(esquema.properties ?? {});
  const conocidos = (lugar: string) => propiedades.some((nombre) => [`/config/${nombre}`, `/secretos/${nombre}`, `/claves/${nombre}`].some((uno) => lugar === uno || lugar.startsWith(`${uno}/`)));
  const sueltos = Object.entries(errores).filter(([lugar]) => !conocidos(lugar));
  return (
    <div className="cmp-dos">
      <Seccion titulo={t('parte.configuracion')}>
        <form
          className="cmp-form cmp-campos"
          noValidate
          onSubmit={(evento) => {
            evento.preventDefault();
            void guarda();
          }}
        >
          <Raiz.Provider value={raiz}>
            {propiedades.length === 0 ? (
              <Nada>{t('form.nada')}</Nada>
            ) : (
              <Objetos esquema={esquema} donde="/config" valor={config} cambiar={setConfig} salvo={(nombre) => unSecreto(nombre, esquema, configuracion, cambios, setCambios)} />
            )}
          </Raiz.Provider>
          <Falla>{falla || sueltos.map(([lugar, dicho]) => `${lugar.replace('/config/', '')}: ${dicho}`).join(' · ')}</Falla>
          {Object.keys(errores).length > 0 && <p className="oculto" role="alert">{t('form.por_corregir', { count: Object.keys(errores).length })}</p>}
          {propiedades.length > 0 && (
            <Group gap="xs" className="cmp-pie">
              <Button type="submit" loading={va} disabled={!sucio}>
                {t('form.guardar')}
              </Button>
              {sucio && (
                <Button
                  variant="subtle"
                  onClick={() => {
                    setConfig(configuracion.config as Objeto);
                    setCambios({});
                    setErrores({});
                  }}
                >
                  {t('form.descartar')}
                </Button>
              )}
              <span className="tenue chico">{t(sucio ? 'form.sin_guardar' : 'form.al_dia')}</span>
            </Group>
          )}
        </form>
      </Seccion>
      <div className="cmp-columna">
        <Probar detalle={detalle} sucio={sucio} guardar={guarda} />
        <Ganchos id={detalle.complemento} />
      </div>
    </div>
  );
}

/** Secrets stand among the other fields, where the schema has them, and are kept apart. */
function unSecreto(nombre: string, esquema: Esquema, configuracion: Configuracion, cambios: Record<string, Cambio>, setCambios: (cambios: Record<string, Cambio>) => void) {
  const clave = configuracion.claves.find((una) => una.nombre === nombre);
  const secreto = configuracion.secretos.find((uno) => uno.nombre === nombre);
  const guardado = clave ?? secreto;
  if (!guardado) return undefined;
  const cambiar = (cambio: Cambio | undefined) => {
    const { [nombre]: _, ...resto } = cambios;
    setCambios(cambio === undefined || (cambio !== 'borrar' && 'texto' in cambio && cambio.texto === '' && !guardado.desde) ? resto : { ...resto, [nombre]: cambio });
  };
  return (
    <Secreto
      key={nombre}
      nombre={nombre}
      esquema={esquema.properties?.[nombre] ?? {}}
      donde={clave ? `/claves/${nombre}` : `/secretos/${nombre}`}
      requerido={esquema.required?.includes(nombre) ?? false}
      desde={guardado.desde}
      clase={clave?.clase}
      cambio={cambios[nombre]}
      cambiar={cambiar}
    />
  );
}
