/** Why somebody can, or cannot, do a thing in a place: the policy's own answer, in words, and what would change it. */
import { Alert, Anchor, Select, Stack } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, cuerpo } from '@/api/cliente';
import { Enlace, useFiltros } from '@/app/direccion';
import { Fallo, Segun } from '@/app/estados';
import { Marco } from '@/app/Marco';
import { Pestanas } from '@/comun/Pestanas';
import { useVerPestana } from '@/comun/verPestana';
import { Nada } from '@/comun/Seccion';
import { useTodas } from '@/comun/todas';
import { describir, nombrarModulo, nombreDe, porModulo, useLugares, useNombreLugar, usePartes, usePermisos, useRoles, type Permiso, type Persona } from './datos';
import '@/comun/listas.css';
import '@/comun/seccion.css';

const CADENA = 'cadena';

export default function PorQue() {
  const { t } = useTranslation('personal');
  const [f, cambiar] = useFiltros({ usuario: '', permiso: '', lugar: '' });
  useVerPestana();
  const partes = usePartes();
  const lugares = useLugares('usuario.ver');
  const dePermisos = usePermisos();
  const dePersonas = useTodas<Persona>('/api/v1/usuarios', 'todas', (query) => api.GET('/api/v1/usuarios', { params: { query } }));
  const [permisos, personas] = [dePermisos.data ?? [], dePersonas.data ?? []];
  const falla = [dePermisos, dePersonas].find((una) => una.isError && !una.data);
  const permiso = permisos.find((uno) => uno.clave === f.permiso);
  const persona = personas.find((una) => una.id === f.usuario);
  // Only for the chain: there is no sede to choose.
  const lugar = permiso?.alcance === 'cadena' ? CADENA : f.lugar || (lugares.length === 1 ? (lugares[0]?.value ?? '') : '');
  const busca = { searchable: true, allowDeselect: false, nothingFoundMessage: t('nada_asi') } as const;
  return (
    <Marco titulo={t('porque.titulo')} detalle={t('porque.detalle')} filtros={<Pestanas nombre={t('partes')} lista={partes} />}>
      {falla && <Fallo falla={falla.error} reintentar={() => void falla.refetch()} />}
      <Stack className="panel hoja-panel" hidden={falla !== undefined}>
        <Select {...busca} label={t('porque.quien')} data={personas.map((una) => ({ value: una.id, label: nombreDe(una) }))} value={f.usuario || null} onChange={(valor) => cambiar({ usuario: valor ?? '' })} />
        <Select {...busca} label={t('porque.que')} data={porModulo(permisos).map(([modulo, suyos]) => ({ group: nombrarModulo(modulo), items: suyos.map((uno) => ({ value: uno.clave, label: describir(uno) })) }))} value={f.permiso || null} onChange={(valor) => cambiar({ permiso: valor ?? '' })} />
        <Select {...busca} label={t('porque.donde')} disabled={permiso?.alcance === 'cadena'} data={lugares.some((uno) => uno.value === lugar) || !lugar ? lugares : [...lugares, { value: CADENA, label: t('toda_la_cadena') }]} value={lugar || null} onChange={(valor) => cambiar({ lugar: valor ?? '' })} />
        {persona && permiso && lugar ? <Respuesta persona={persona} permiso={permiso} sede_id={lugar === CADENA ? null : lugar} /> : <Nada>{t('porque.falta')}</Nada>}
      </Stack>
    </Marco>
  );
}

type DeRespuesta = { persona: Persona; permiso: Permiso; sede_id: string | null };

function Respuesta({ persona, permiso, sede_id }: DeRespuesta) {
  const { t } = useTranslation('personal');
  const nombreLugar = useNombreLugar();
  const roles = useRoles().data ?? [];
  const pregunta = { usuario_id: persona.id, permiso: permiso.clave, sede_id };
  const consulta = useQuery({ queryKey: ['get', '/api/v1/politica/evaluar', pregunta], queryFn: () => cuerpo(api.POST('/api/v1/politica/evaluar', { body: pregunta })), staleTime: 0 });
  const con = { nombre: persona.nombres, permiso: describir(permiso), lugar: nombreLugar(sede_id) };
  return (
    <Segun consulta={consulta}>
      {(decision) => {
        const reglas = decision?.reglas ?? [];
        const asignacion = reglas.find((regla) => regla.startsWith('g,'))?.split(', ') ?? [];
        const rol = roles.find((uno) => uno.clave === asignacion[2])?.nombre ?? asignacion[2];
        const da = roles.filter((uno) => uno.permisos.includes(permiso.clave)).map((uno) => uno.nombre);
        return decision?.permitido ? (
          <Alert color="verde" variant="light" icon={<IconCircleCheck size={20} />} title={t('porque.si', con)} role="status">
            {t(asignacion[3] === '*' ? 'porque.si_cadena' : 'porque.si_sede', { ...con, rol })}
          </Alert>
        ) : (
          <Alert color="red" variant="light" icon={<IconCircleX size={20} />} title={t('porque.no', con)} role="status">
            {t(persona.activo ? 'porque.no_rol' : 'porque.no_activa', con)} {da.length > 0 ? t('porque.lo_dan', { roles: da.join(', ') }) : t('porque.nadie_da')}{' '}
            <Anchor component={Enlace} a={`/personal/${persona.id}`} size="sm" underline="always">
              {t('porque.cambiar')}
            </Anchor>
          </Alert>
        );
      }}
    </Segun>
  );
}
