/** What each role lets people do: permissions by module, a column per role. A click gives or takes, and can be undone. */
import { Alert, Button, Select, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconInfoCircle, IconPlus, IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFiltros } from '@/app/direccion';
import { Puede, Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pestanas } from '@/comun/Pestanas';
import { useVerPestana } from '@/comun/verPestana';
import { sinTildes } from '@/comun/texto';
import { describir, nombrarModulo, moduloDe, usePartes, usePermisos, useRoles } from './datos';
import { FormaRol } from './FormaRol';
import { Matriz } from './Matriz';
import '@/comun/listas.css';
import '@/comun/seccion.css';
import './personal.css';

export default function Roles() {
  const { t } = useTranslation('personal');
  const [f, cambiar] = useFiltros({ rol: '', q: '', abrir: '' });
  useVerPestana();
  const partes = usePartes();
  const permisos = usePermisos();
  const roles = useRoles();
  const edita = usePuede()('rol.administrar', 'cadena');
  const estrecho = useMediaQuery('(max-width: 900px)', undefined, { getInitialValueInEffect: false });
  const todos = roles.data ?? [];
  const visibles = f.rol ? todos.filter((rol) => rol.id === f.rol) : estrecho ? todos.slice(0, 1) : todos;
  const busca = sinTildes(f.q);
  const abierto = todos.find((rol) => rol.id === f.abrir);
  return (
    <Marco
      titulo={t('roles.titulo')}
      detalle={t('roles.detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/roles" />
          <Puede permiso="rol.administrar" sede="cadena">
            <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => cambiar({ abrir: 'nuevo' })}>
              {t('roles.nuevo')}
            </Button>
          </Puede>
        </>
      }
      filtros={
        <>
          <Pestanas nombre={t('partes')} lista={partes} />
          <TextInput aria-label={t('roles.buscar')} placeholder={t('roles.buscar')} leftSection={<IconSearch size={16} aria-hidden />} value={f.q} onChange={(evento) => cambiar({ q: evento.currentTarget.value })} />
          <Select size="sm" aria-label={t('rol')} placeholder={t('todos_los_roles')} clearable={!estrecho} clearButtonProps={{ 'aria-label': t('quitar') }} allowDeselect={false} data={todos.map((rol) => ({ value: rol.id, label: rol.nombre }))} value={f.rol || (estrecho ? (visibles[0]?.id ?? null) : null)} onChange={(valor) => cambiar({ rol: valor ?? '' })} />
        </>
      }
    >
      <Alert variant="light" color="gray" icon={<IconInfoCircle size={18} />} mb="md">
        {t('roles.explica')}
      </Alert>
      <Segun consulta={permisos}>
        {(lista) => (
          <Segun consulta={roles}>
            {() => <Matriz permisos={lista.filter((uno) => !busca || sinTildes(`${describir(uno)} ${uno.clave} ${nombrarModulo(moduloDe(uno.clave))}`).includes(busca))} roles={visibles} edita={edita} abrir={(id) => cambiar({ abrir: id })} />}
          </Segun>
        )}
      </Segun>
      <Lateral titulo={abierto?.nombre ?? t('roles.nuevo')} abierto={edita && (f.abrir === 'nuevo' || abierto !== undefined)} cerrar={() => cambiar({ abrir: '' })}>
        <FormaRol rol={abierto} roles={todos} listo={() => cambiar({ abrir: '' })} />
      </Lateral>
    </Marco>
  );
}
