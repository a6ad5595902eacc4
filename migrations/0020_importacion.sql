-- Data that other systems leave: files, what became of each of their rows, and the way back; and past care as it was told.
set local role huella_owner;
set local search_path = huella, public;

-- A file and how far it has come. The file itself is in the store, under a key of its own in claves_personales; what is
-- here names nobody. sedes: what its maker could see (null: the whole chain).
create table importaciones (
  tenant_id    uuid not null default tenant_actual() references tenants,
  id           uuid not null,
  tipo         text not null check (tipo in ('tutores', 'mascotas', 'pesos', 'vacunas', 'visitas', 'citas')),
  nombre       text not null check (length(nombre) between 1 and 200),
  formato      text not null check (formato in ('csv', 'xlsx')),
  separador    text check (length(separador) = 1),
  codificacion text check (length(codificacion) <= 40),
  resumen      bytea not null,                  -- SHA-256 of the file as it came
  columnas     text[] not null,
  mapeo        jsonb not null,
  opciones     jsonb not null,
  sedes        uuid[],
  estado       text not null check (estado in ('lista', 'probando', 'probada', 'importando', 'importada', 'deshaciendo', 'deshecha', 'fallida')),
  filas        integer not null,
  hechas       integer not null default 0,
  nuevas       integer not null default 0,
  actualizadas integer not null default 0,
  omitidas     integer not null default 0,
  errores      integer not null default 0,
  error        text check (length(error) <= 500),
  archivada    boolean not null default false,  -- the file is gone from the store
  creado_en    timestamptz not null,
  creado_por   uuid not null,
  actor_tipo   text not null check (actor_tipo in ('usuario', 'clave_api', 'sistema')),
  empezada_en  timestamptz,
  terminada_en timestamptz,
  version      integer not null default 1,
  primary key (tenant_id, id),
  check (hechas <= filas and hechas = nuevas + actualizadas + omitidas + errores)
);
create index on importaciones (tenant_id, tipo, id) where estado = 'importada';
call proteger('importaciones', 'tenant', 'select, insert, update');

-- Rows that were refused, numbered as the file's rows (its titles are row 1), and why.
create table importaciones_errores (
  tenant_id      uuid not null default tenant_actual(),
  importacion_id uuid not null,
  fila           integer not null,
  errores        jsonb not null,                -- [{campo, columna, detail}]: no values
  primary key (tenant_id, importacion_id, fila),
  foreign key (tenant_id, importacion_id) references importaciones
);
call proteger('importaciones_errores', 'tenant', 'select, insert, delete');

-- What became of the other rows. clave: blind index of the old system's key, or of the whole row where it has none:
-- it is what keeps a second import from making things twice. version: of the record, right after.
create table importaciones_registros (
  tenant_id      uuid not null default tenant_actual(),
  importacion_id uuid not null,
  fila           integer not null,
  entidad        text not null check (entidad in ('tutor', 'mascota', 'peso', 'antecedente', 'cita')),
  registro_id    uuid not null,
  accion         text not null check (accion in ('creado', 'completado', 'conocido')),
  version        integer not null default 1,
  campos         text[] not null default '{}',  -- of a record that was completed: what it lacked before
  clave          bytea,
  primary key (tenant_id, importacion_id, fila, entidad),
  foreign key (tenant_id, importacion_id) references importaciones
);
create unique index importaciones_claves on importaciones_registros (tenant_id, entidad, clave) where clave is not null;
create index on importaciones_registros (tenant_id, registro_id);
call proteger('importaciones_registros', 'tenant', 'select, insert, delete');

-- Full exports of the chain: files in the store, for a day.
create table exportaciones (
  tenant_id  uuid not null default tenant_actual() references tenants,
  id         uuid not null,
  estado     text not null check (estado in ('en_curso', 'lista', 'fallida', 'vencida')),
  tablas     integer not null default 0,
  de_tablas  integer not null,
  filas      bigint,
  bytes      bigint,
  resumen    bytea,                             -- SHA-256 of the file
  error      text check (length(error) <= 500),
  creado_en  timestamptz not null,
  creado_por uuid not null,
  lista_en   timestamptz,
  vence_en   timestamptz,
  version    integer not null default 1,
  primary key (tenant_id, id),
  check (estado <> 'lista' or (filas is not null and bytes is not null and resumen is not null and vence_en is not null))
);
create unique index exportaciones_una on exportaciones (tenant_id) where estado = 'en_curso';
call proteger('exportaciones', 'tenant', 'select, insert, update');

-- Care before the chain came here, as text: vaccinations and visits.
create table antecedentes (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  mascota_id  uuid not null,
  tipo        text not null check (tipo in ('vacuna', 'visita')),
  fecha       date not null,
  en          timestamptz not null,             -- noon of that day: its place in the timeline
  titulo      text not null check (length(titulo) between 1 and 120),
  texto       text check (length(texto) <= 10000),
  lote        text check (length(lote) <= 60),
  proxima     date,
  profesional text check (length(profesional) <= 120),
  autor_id    uuid not null,
  creado_en   timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas
);
create index on antecedentes (tenant_id, mascota_id, en desc, id desc);
call proteger('antecedentes', 'tenant', 'select, insert');
create trigger registro_vigente before insert on antecedentes for each row execute function registro_vigente();

-- How rows of other systems name a vet or a service.
create view v_medicos_por_cmvp with (security_invoker = true) as
  select tenant_id, id, nombres || ' ' || apellidos as nombre, cmvp from usuarios where es_medico and activo;
create view v_servicios_por_codigo with (security_invoker = true) as
  select tenant_id, id, codigo, nombre from servicios where activo;
grant select on v_medicos_por_cmvp, v_servicios_por_codigo to huella_app, huella_ro;

-- The way back deletes what an import made, and nothing else: so says each policy to the function below, which runs as
-- the owner because the app deletes no record of a person or a pet.
do $$
declare r text[];
begin
  foreach r slice 1 in array array[
    ['tutores', 'tutor', 'id'], ['claves_personales', 'tutor', 'persona_id'], ['mascotas', 'mascota', 'id'],
    ['mascotas_palabras', 'mascota', 'mascota_id'], ['mascotas_identificadores', 'mascota', 'mascota_id'],
    ['mascotas_hechos', 'mascota', 'mascota_id'], ['tutores_mascotas', 'mascota', 'mascota_id'], ['pesos', 'peso', 'id'],
    ['antecedentes', 'antecedente', 'id'], ['citas', 'cita', 'id'], ['citas_equipos', 'cita', 'cita_id']
  ] loop
    execute format(
      'create policy por_dueno_deshace on %1$I for delete to huella_owner using (tenant_id = tenant_actual() and exists (
         select from importaciones_registros r where r.tenant_id = %1$I.tenant_id and r.registro_id = %1$I.%3$I
            and r.entidad = %2$L and r.accion = ''creado''))', r[1], r[2], r[3]);
  end loop;
end $$;

-- What an import made and somebody has touched since, in any sede: it stands in the way of the way back.
create function importacion_tocados(p_id uuid) returns table (fila integer, entidad text, registro_id uuid, motivo text)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  with r as materialized (
    select * from importaciones_registros x where x.tenant_id = tenant_actual() and x.importacion_id = p_id and x.accion <> 'conocido')
  select r.fila, r.entidad, r.registro_id, 'cambió después de importarse' from r
   where r.entidad = 'tutor' and exists (select from tutores t where t.tenant_id = r.tenant_id and t.id = r.registro_id
                                            and (t.version <> r.version or t.fusionado_con is not null))
  union all
  select r.fila, r.entidad, r.registro_id, 'tiene mascotas que no son de esta importación' from r
   where r.entidad = 'tutor' and r.accion = 'creado'
     and exists (select from tutores_mascotas v where v.tenant_id = r.tenant_id and v.tutor_id = r.registro_id)
  union all
  select r.fila, r.entidad, r.registro_id, 'tiene consentimientos' from r
   where r.entidad = 'tutor' and r.accion = 'creado'
     and exists (select from consentimientos c where c.tenant_id = r.tenant_id and c.tutor_id = r.registro_id)
  union all
  select r.fila, r.entidad, r.registro_id, 'cambió después de importarse' from r
   where r.entidad = 'mascota' and exists (select from mascotas m where m.tenant_id = r.tenant_id and m.id = r.registro_id
                                            and (m.version <> r.version or m.fusionada_con is not null or m.foto is not null))
  union all
  select r.fila, r.entidad, r.registro_id, 'le ocurrió algo después de importarse' from r
   where r.entidad = 'mascota'
     and (exists (select from mascotas_hechos h where h.tenant_id = r.tenant_id and h.mascota_id = r.registro_id and h.tipo <> 'registro')
       or (select count(*) from tutores_mascotas v where v.tenant_id = r.tenant_id and v.mascota_id = r.registro_id) <> 1)
  union all
  select r.fila, r.entidad, r.registro_id, 'tiene citas' from r
   where r.entidad = 'mascota' and exists (select from citas c where c.tenant_id = r.tenant_id and c.mascota_id = r.registro_id)
  union all
  select r.fila, r.entidad, r.registro_id, 'tiene pesos o antecedentes que no son de esta importación' from r
   where r.entidad = 'mascota'
     and (exists (select from pesos p where p.tenant_id = r.tenant_id and p.mascota_id = r.registro_id
                     and not exists (select from r q where q.entidad = 'peso' and q.registro_id = p.id))
       or exists (select from antecedentes a where a.tenant_id = r.tenant_id and a.mascota_id = r.registro_id))
  union all
  select r.fila, r.entidad, r.registro_id, 'cambió después de importarse' from r
   where r.entidad = 'cita' and exists (select from citas c where c.tenant_id = r.tenant_id and c.id = r.registro_id
                                           and (c.version <> r.version or c.estado <> 'programada'))
   order by 1, 2 $$;

-- Takes an import back, whole, or fails. Says how many records are gone.
create function importacion_deshacer(p_id uuid) returns bigint
  language plpgsql volatile security definer set search_path = huella, public, pg_temp as $$
declare
  v_tenant constant uuid := tenant_actual();
  v_ids uuid[];
  v_cuantos bigint := 0;
  v_pasada bigint;
begin
  if exists (select from importacion_tocados(p_id)) then
    raise exception 'algo cambió desde la importación' using errcode = 'serialization_failure';
  end if;
  select array_agg(registro_id) into v_ids from importaciones_registros
   where tenant_id = v_tenant and importacion_id = p_id and accion = 'creado' and entidad = 'cita';
  delete from citas_equipos where tenant_id = v_tenant and cita_id = any (v_ids);
  delete from citas where tenant_id = v_tenant and id = any (v_ids);
  get diagnostics v_pasada = row_count; v_cuantos := v_cuantos + v_pasada;
  select array_agg(registro_id) into v_ids from importaciones_registros
   where tenant_id = v_tenant and importacion_id = p_id and accion = 'creado' and entidad = 'antecedente';
  delete from antecedentes where tenant_id = v_tenant and id = any (v_ids);
  get diagnostics v_pasada = row_count; v_cuantos := v_cuantos + v_pasada;
  select array_agg(registro_id) into v_ids from importaciones_registros
   where tenant_id = v_tenant and importacion_id = p_id and accion = 'creado' and entidad = 'peso';
  delete from pesos where tenant_id = v_tenant and id = any (v_ids);
  get diagnostics v_pasada = row_count; v_cuantos := v_cuantos + v_pasada;
  select array_agg(registro_id) into v_ids from importaciones_registros
   where tenant_id = v_tenant and importacion_id = p_id and accion = 'creado' and entidad = 'mascota';
  delete from mascotas_palabras where tenant_id = v_tenant and mascota_id = any (v_ids);
  delete from mascotas_identificadores where tenant_id = v_tenant and mascota_id = any (v_ids);
  delete from mascotas_hechos where tenant_id = v_tenant and mascota_id = any (v_ids);
  delete from tutores_mascotas where tenant_id = v_tenant and mascota_id = any (v_ids);
  delete from mascotas where tenant_id = v_tenant and id = any (v_ids);
  get diagnostics v_pasada = row_count; v_cuantos := v_cuantos + v_pasada;
  select array_agg(registro_id) into v_ids from importaciones_registros
   where tenant_id = v_tenant and importacion_id = p_id and accion = 'creado' and entidad = 'tutor';
  delete from claves_personales where tenant_id = v_tenant and persona_id = any (v_ids);
  delete from tutores where tenant_id = v_tenant and id = any (v_ids);
  get diagnostics v_pasada = row_count; v_cuantos := v_cuantos + v_pasada;
  return v_cuantos;
end $$;
revoke all on function importacion_tocados, importacion_deshacer from public;
grant execute on function importacion_tocados to huella_app, huella_ro;
grant execute on function importacion_deshacer to huella_app;

reset role;
