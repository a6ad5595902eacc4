/** Everybody who works in the chain, or in the sedes that one administers. */
import { Button, Select, TextInput } from '@mantine/core';
import { IconSearch, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/cliente';
import { useFiltros } from '@/app/direccion';
import { Cargando, Puede, Segun, Vacio } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { usePuede, useSesion } from '@/app/sesion';
import { Exportar } from '@/comun/Exportar';
import { Lateral } from '@/comun/Forma';
import { Pestanas } from '@/comun/Pestanas';
import { sinTildes } from '@/comun/texto';
import { useTodas } from '@/comun/todas';
import { usePartes, useRoles, type Persona } from './datos';
import { Invitar } from './Invitar';
import { Lista } from './Lista';
import '@/comun/listas.css';
import '@/comun/seccion.css';

const FILTROS = { q: '', sede_id: '', rol: '', estado: 'activo', nueva: '' };
const ESTADOS = ['activo', 'medico', 'pendiente', 'inactivo', 'todos'] as const;

const calza = (persona: Persona, f: typeof FILTROS) => {
  const palabras = sinTildes(f.q).split(/\s+/).filter(Boolean);
  const donde = sinTildes(`${persona.nombres} ${persona.apellidos} ${persona.correo}`);
  return (
    palabras.every((palabra) => donde.includes(palabra)) &&
    (!f.rol || persona.asignaciones.some((una) => una.rol_id === f.rol)) &&
    (!f.sede_id || persona.asignaciones.some((una) => una.sede_id === f.sede_id || !una.sede_id)) &&
    (f.estado === 'todos' || (f.estado === 'inactivo' ? !persona.activo : persona.activo && (f.estado === 'activo' || (f.estado === 'medico' ? persona.es_medico : persona.invitacion_pendiente))))
  );
};

export default function Personal() {
  const { t } = useTranslation('personal');
  const { yo } = useSesion();
  const puede = usePuede();
  const [f, cambiar] = useFiltros(FILTROS);
  const partes = usePartes();
  const deRoles = useRoles();
  const roles = deRoles.data ?? [];
  const consulta = useTodas<Persona>('/api/v1/usuarios', 'todas', (query) => api.GET('/api/v1/usuarios', { params: { query } }));
  const comunes = { size: 'sm', clearable: true, clearButtonProps: { 'aria-label': t('quitar') } } as const;
  return (
    <Marco
      titulo={t('titulo')}
      detalle={t('detalle')}
      acciones={
        <>
          <Exportar de="/api/v1/usuarios" con={{ sede_id: f.sede_id, activo: f.estado === 'todos' ? null : f.estado !== 'inactivo', es_medico: f.estado === 'medico' || null }} />
          <Puede permiso="usuario.administrar" sede="alguna">
            <Button leftSection={<IconUserPlus size={17} aria-hidden />} onClick={() => cambiar({ nueva: '1' })}>
              {t('invitar')}
            </Button>
          </Puede>
        </>
      }
      filtros={
        <>
          <Pestanas nombre={t('partes')} lista={partes} />
          <TextInput aria-label={t('buscar')} placeholder={t('buscar')} leftSection={<IconSearch size={16} aria-hidden />} value={f.q} onChange={(evento) => cambiar({ q: evento.currentTarget.value })} />
          {yo.sedes.length > 1 && <Select {...comunes} aria-label={t('sede')} placeholder={t('todas_las_sedes')} data={yo.sedes.map((sede) => ({ value: sede.id, label: sede.nombre }))} value={f.sede_id || null} onChange={(valor) => cambiar({ sede_id: valor ?? '' })} />}
          <Select {...comunes} aria-label={t('rol')} placeholder={t('todos_los_roles')} data={roles.map((rol) => ({ value: rol.id, label: rol.nombre }))} value={f.rol || null} onChange={(valor) => cambiar({ rol: valor ?? '' })} />
          <Select size="sm" allowDeselect={false} aria-label={t('estado')} data={ESTADOS.map((valor) => ({ value: valor, label: t(`filtro.${valor}`) }))} value={f.estado} onChange={(valor) => cambiar({ estado: valor ?? 'activo' })} />
        </>
      }
    >
      <Segun consulta={consulta}>
        {(todas) => {
          // Their names make rows higher: with them, or once it is known that there are none.
          if (deRoles.isLoading) return <Cargando />;
          const vistas = todas.filter((persona) => calza(persona, f));
          return vistas.length === 0 ? <Vacio icono={IconUsers} titulo={t('nadie')} detalle={t('nadie_detalle')} accion={<Button variant="default" onClick={() => cambiar(FILTROS)}>{t('quitar_filtros')}</Button>} /> : <Lista personas={vistas} roles={roles} />;
        }}
      </Segun>
      <Lateral titulo={t('invitar')} abierto={f.nueva === '1' && puede('usuario.administrar', 'alguna')} cerrar={() => cambiar({ nueva: '' })} ancho="lg">
        <Invitar roles={roles} listo={() => cambiar({ nueva: '' })} />
      </Lateral>
    </Marco>
  );
}
