/** Values made of values: objects, lists of anything, and maps whose keys people choose. */
import { ActionIcon, Button, Group, Input, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Campo, type CampoProps } from './Campo';
import { claseDe, inicial, ordenados, puntero, Raiz, resolver, rotulo, useError, useHayDentro, type Esquema, type Objeto } from './esquema';

export function Colecciones(props: CampoProps) {
  const { t } = useTranslation('complementos');
  const { raiz } = useContext(Raiz);
  const { nombre, esquema, donde, valor, cambiar } = props;
  const error = useError(donde);
  const clase = claseDe(esquema, raiz);
  const propio = valor !== undefined;
  const trae = esquema.default !== undefined && JSON.stringify(esquema.default) !== '[]' && JSON.stringify(esquema.default) !== '{}';
  const actual = valor ?? esquema.default;
  return (
    <fieldset className="cmp-grupo">
      <legend>{rotulo(nombre, esquema)}</legend>
      {esquema.description && <Input.Description>{esquema.description}</Input.Description>}
      {clase === 'lista' && <Lista {...props} valor={actual} />}
      {clase === 'mapa' && <Mapa {...props} valor={actual} />}
      {clase === 'objeto' && <Objetos esquema={esquema} donde={donde} valor={(actual ?? {}) as Objeto} cambiar={cambiar} />}
      {error && <Input.Error>{error}</Input.Error>}
      {trae && propio && (
        <Button variant="subtle" size="compact-xs" onClick={() => cambiar(undefined)}>
          {t('form.volver_a_fabrica')}
        </Button>
      )}
      {trae && !propio && <Input.Description>{t('form.es_de_fabrica')}</Input.Description>}
    </fieldset>
  );
}

export function Objetos({ esquema, donde, valor, cambiar, salvo }: { esquema: Esquema; donde: string; valor: Objeto; cambiar: (valor: Objeto) => void; salvo?: (nombre: string) => React.ReactNode | undefined }) {
  return (
    <>
      {ordenados(esquema).map(
        ([nombre, suyo, requerido]) =>
          salvo?.(nombre) ?? (
            <Campo
              key={nombre}
              nombre={nombre}
              esquema={suyo}
              donde={puntero(donde, nombre)}
              requerido={requerido}
              valor={valor[nombre]}
              cambiar={(nuevo) => {
                const { [nombre]: _, ...resto } = valor;
                cambiar(nuevo === undefined ? resto : { ...resto, [nombre]: nuevo });
              }}
            />
          ),
      )}
    </>
  );
}

function Lista({ nombre, esquema, donde, valor, cambiar }: CampoProps) {
  const { t } = useTranslation('complementos');
  const { raiz } = useContext(Raiz);
  const lista = Array.isArray(valor) ? (valor as unknown[]) : [];
  const dentro = resolver(esquema.items ?? {}, raiz);
  const lleno = esquema.maxItems !== undefined && lista.length >= esquema.maxItems;
  const poner = (en: number, nuevo: unknown) => cambiar(lista.map((uno, i) => (i === en ? nuevo : uno)));
  return (
    <>
      {lista.map((uno, i) => (
        <Elemento key={i} titulo={resumenDe(uno) || t('form.elemento', { n: i + 1 })} donde={puntero(donde, i)} nuevo={resumenDe(uno) === ''} quitar={() => cambiar(lista.filter((_, j) => j !== i))}>
          {claseDe(dentro, raiz) === 'objeto' ? (
            <Objetos esquema={dentro} donde={puntero(donde, i)} valor={(uno ?? {}) as Objeto} cambiar={(nuevo) => poner(i, nuevo)} />
          ) : (
            <Campo nombre={rotulo(nombre, dentro)} esquema={dentro} donde={puntero(donde, i)} valor={uno} cambiar={(nuevo) => poner(i, nuevo ?? null)} />
          )}
        </Elemento>
      ))}
      <Button variant="default" size="xs" disabled={lleno} leftSection={<IconPlus size={15} aria-hidden />} onClick={() => cambiar([...lista, inicial(dentro, raiz) ?? null])}>
        {t('form.agregar', { que: rotulo(nombre, esquema).toLowerCase() })}
      </Button>
    </>
  );
}

/** The first things that one says of itself, to tell it from its neighbours. */
function resumenDe(valor: unknown): string {
  if (typeof valor !== 'object' || valor === null) return String(valor ?? '');
  const partes = Object.entries(valor).map(([clave, uno]) => (typeof uno === 'string' ? uno : typeof uno === 'number' ? `${clave.replaceAll('_', ' ')} ${uno}` : ''));
  return partes.filter(Boolean).slice(0, 3).join(' · ');
}

function Elemento({ titulo, donde, nuevo, quitar, children }: { titulo: string; donde: string; nuevo: boolean; quitar: () => void; children: React.ReactNode }) {
  const { t } = useTranslation('complementos');
  const mal = useHayDentro(donde);
  const [abierto, setAbierto] = useState(nuevo);
  return (
    <div className="cmp-elemento">
      <details open={abierto || mal} onToggle={(e) => setAbierto(e.currentTarget.open)}>
        <summary>{titulo}</summary>
        <div className="cmp-campos">{children}</div>
      </details>
      <ActionIcon variant="subtle" color="gray" aria-label={t('form.quitar', { que: titulo })} onClick={quitar}>
        <IconTrash size={17} aria-hidden />
      </ActionIcon>
    </div>
  );
}

function Mapa({ esquema, donde, valor, cambiar }: CampoProps) {
  const { t } = useTranslation('complementos');
  const [clave, setClave] = useState('');
  const mapa = (valor ?? {}) as Objeto;
  const dentro = typeof esquema.additionalProperties === 'object' ? esquema.additionalProperties : {};
  const limpia = clave.trim();
  const agregar = () => {
    cambiar({ ...mapa, [limpia]: null });
    setClave('');
  };
  return (
    <>
      <div className="cmp-mapa">
        {Object.entries(mapa).map(([una, suyo]) => (
          <Group key={una} gap={6} align="flex-end" wrap="nowrap" className="cmp-par">
            <Campo nombre={una.replaceAll('_', ' ')} esquema={dentro} donde={puntero(donde, una)} valor={suyo ?? undefined} cambiar={(nuevo) => cambiar({ ...mapa, [una]: nuevo ?? null })} />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={t('form.quitar', { que: una })}
              onClick={() => {
                const { [una]: _, ...resto } = mapa;
                cambiar(resto);
              }}
            >
              <IconTrash size={17} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
      </div>
      <Group gap={6} wrap="nowrap">
        <TextInput aria-label={t('form.nombre_nuevo')} placeholder={t('form.nombre_nuevo')} size="xs" value={clave} onChange={(e) => setClave(e.currentTarget.value)} />
        <Button variant="default" size="xs" disabled={limpia === '' || limpia in mapa} leftSection={<IconPlus size={15} aria-hidden />} onClick={agregar}>
          {t('form.agregar_uno')}
        </Button>
      </Group>
    </>
  );
}
