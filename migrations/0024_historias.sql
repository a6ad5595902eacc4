-- The clinical record: what a pet was given and what it has, as rules and people read it; and weights that can be taken back.
set local role huella_owner;
set local search_path = huella, public;

-- What a vaccine protects from. The key is what rules name; it never changes.
create table antigenos (
  tenant_id uuid not null default tenant_actual() references tenants,
  clave     text not null check (clave ~ '^[a-z0-9_]{2,40}$'),
  nombre    text not null check (length(nombre) between 1 and 80),
  especies  text[] not null check (cardinality(especies) between 1 and 20),
  origen    text not null check (length(origen) between 1 and 300),
  activo    boolean not null default true,
  version   integer not null default 1,
  primary key (tenant_id, clave)
);
call proteger('antigenos', 'tenant', 'select, insert, update');

-- Vaccines as they are bought: antigens by product, so that no name of a combination can break a schedule. alias: other
-- names under which the same stands in booklets and in other systems.
create table vacunas (
  tenant_id  uuid not null default tenant_actual() references tenants,
  id         uuid not null,
  clave      text not null check (clave ~ '^[a-z0-9_]{2,40}$'),
  nombre     text not null check (length(nombre) between 1 and 80),
  fabricante text check (length(fabricante) between 1 and 80),
  especies   text[] not null check (cardinality(especies) between 1 and 20),
  antigenos  text[] not null check (cardinality(antigenos) between 1 and 20),
  alias      text[] not null check (cardinality(alias) <= 20),
  origen     text not null check (length(origen) between 1 and 300),
  activa     boolean not null default true,
  version    integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, clave)
);
call proteger('vacunas', 'tenant', 'select, insert, update');

-- Vaccinations, dewormings, problems, allergies, treatments. Lines are added, ended and taken back with a reason, and
-- never rewritten. What only one kind has is in detalle; what is looked up of it follows from there.
create table hechos_clinicos (
  tenant_id      uuid not null default tenant_actual() references tenants,
  id             uuid not null,
  mascota_id     uuid not null,
  detalle        jsonb not null,
  tipo           text not null generated always as (detalle ->> 'tipo') stored
                 check (tipo in ('vacuna', 'desparasitacion', 'problema', 'alergia', 'tratamiento')),
  vacuna_id      uuid generated always as ((detalle ->> 'vacuna_id')::uuid) stored,
  lote           text generated always as (detalle ->> 'lote') stored,
  titulo         text not null check (length(titulo) between 1 and 120),
  fecha          date not null,                 -- given, or begun
  en             timestamptz not null,          -- its place in the timeline
  hasta          date,                          -- of what lasts: its last day
  hasta_motivo   text check (length(hasta_motivo) between 1 and 500),
  proxima        date,                          -- of what is repeated: when it is due again
  texto          text check (length(texto) between 1 and 10000),
  sede_id        uuid,
  medico_id      uuid,
  cita_id        uuid,
  profesional    text check (length(profesional) between 1 and 120),
  anterior       boolean not null,              -- care elsewhere, as another system or a booklet tells it
  autor_id       uuid not null,
  registrado_en  timestamptz not null,
  anulado_en     timestamptz,
  anulado_por    uuid,
  anulado_motivo text check (length(anulado_motivo) between 1 and 500),
  version        integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, vacuna_id) references vacunas,
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios,
  foreign key (tenant_id, cita_id) references citas,
  check (hasta >= fecha),
  check (proxima > fecha or anterior),
  check (hasta is null or tipo in ('problema', 'alergia', 'tratamiento')),
  check (proxima is null or tipo in ('vacuna', 'desparasitacion')),
  check ((anulado_en is null) = (anulado_por is null) and (anulado_en is null) = (anulado_motivo is null))
);
create index on hechos_clinicos (tenant_id, mascota_id, en desc, id desc);
create index on hechos_clinicos (tenant_id, lote) where lote is not null;
create index on hechos_clinicos (tenant_id, cita_id) where cita_id is not null;

-- Vaccinations that other systems told of, kept so far as text, become vaccinations. The owner is not held to a tenant
-- while it moves them; nobody else sees the two tables until this migration is done.
alter table antecedentes no force row level security;
insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, proxima, texto, profesional, anterior, autor_id, registrado_en)
  select tenant_id, id, mascota_id, jsonb_strip_nulls(jsonb_build_object('tipo', 'vacuna', 'lote', lote)), titulo, fecha, en, proxima, texto,
         profesional, true, autor_id, creado_en from antecedentes where tipo = 'vacuna';
delete from antecedentes where tipo = 'vacuna';
alter table antecedentes force row level security;

call proteger('hechos_clinicos', 'tenant', 'select, insert');
grant update (hasta, hasta_motivo, anulado_en, anulado_por, anulado_motivo, version) on hechos_clinicos to huella_app;
create trigger registro_vigente before insert on hechos_clinicos for each row execute function registro_vigente();
create policy segun_visibilidad on hechos_clinicos as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));

-- A server of the version before, and exports that it made, still write such vaccinations as text.
create policy por_dueno_pasa on hechos_clinicos for insert to huella_owner with check (tenant_id = tenant_actual() and anterior);
create policy por_dueno_pasa on antecedentes for delete to huella_owner using (tenant_id = tenant_actual() and tipo = 'vacuna');
create function antecedentes_pasar() returns trigger
  language plpgsql security definer set search_path = huella, pg_temp as $$
begin
  insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, proxima, texto, profesional, anterior, autor_id, registrado_en)
  values (new.tenant_id, new.id, new.mascota_id, jsonb_strip_nulls(jsonb_build_object('tipo', 'vacuna', 'lote', new.lote)), new.titulo, new.fecha,
          new.en, new.proxima, new.texto, new.profesional, true, new.autor_id, new.creado_en);
  delete from antecedentes where tenant_id = new.tenant_id and id = new.id;
  return null;
end $$;
revoke all on function antecedentes_pasar from public;
create trigger antecedentes_pasar after insert on antecedentes for each row when (new.tipo = 'vacuna') execute function antecedentes_pasar();

-- Weights: how well fed, whether somebody looked twice, and taken back with a reason.
alter table pesos add column condicion smallint check (condicion between 1 and 9);
alter table pesos add column confirmado boolean not null default false;
alter table pesos add column anulado_en timestamptz;
alter table pesos add column anulado_por uuid;
alter table pesos add column anulado_motivo text check (length(anulado_motivo) between 1 and 500);
alter table pesos add check ((anulado_en is null) = (anulado_por is null) and (anulado_en is null) = (anulado_motivo is null));
grant update (anulado_en, anulado_por, anulado_motivo) on pesos to huella_app;

-- What facts are made of, for who reads them pet by pet or by the thousand.
create view v_pacientes with (security_invoker = true) as
  select m.tenant_id, m.id, e.clave as especie, r.nombre as raza, m.sexo, m.esterilizado, m.nacimiento, m.nacimiento_estimado,
         m.fallecida_en, m.fusionada_con
    from mascotas m
    join especies e on e.tenant_id = m.tenant_id and e.id = m.especie_id
    left join razas r on r.tenant_id = m.tenant_id and r.id = m.raza_id;
create view v_vivas with (security_invoker = true) as
  select tenant_id, id from mascotas where fallecida_en is null and fusionada_con is null;
create view v_fusionadas with (security_invoker = true) as
  select tenant_id, id, fusionada_con from mascotas where fusionada_con is not null;
create view v_pesos with (security_invoker = true) as
  select tenant_id, id, mascota_id, pesado_en, kg, condicion from pesos where anulado_en is null;
create view v_clinica with (security_invoker = true) as
  select tenant_id, mascota_id, registrado_en, tipo, titulo, fecha, hasta, proxima, texto, detalle - 'tipo' as detalle from hechos_clinicos
   where anulado_en is null
  union all
  select tenant_id, mascota_id, creado_en, 'visita', titulo, fecha, null, null, texto, '{}' from antecedentes;
create or replace view v_visitas with (security_invoker = true) as
  select tenant_id, mascota_id, inicio, id from citas where mascota_id is not null;
grant select on v_pacientes, v_vivas, v_fusionadas, v_pesos, v_clinica to huella_app, huella_ro;

-- Who is treated in a sede is known there.
create or replace function mascota_visible(p_mascota uuid) returns boolean
  language plpgsql stable parallel safe cost 1 security definer set search_path = huella, pg_temp as $$
declare
  s uuid[] := sedes_actuales();
begin
  return exists (select from mascotas m where m.tenant_id = tenant_actual() and m.id = p_mascota and m.sedes && s)
      or exists (select from citas c where c.tenant_id = tenant_actual() and c.mascota_id = p_mascota and c.sede_id = any (s))
      or exists (select from pesos p where p.tenant_id = tenant_actual() and p.mascota_id = p_mascota and p.sede_id = any (s))
      or exists (select from hechos_clinicos h where h.tenant_id = tenant_actual() and h.mascota_id = p_mascota and h.sede_id = any (s))
      or exists (select from mascotas m where m.tenant_id = tenant_actual() and m.fusionada_con = p_mascota and m.sedes && s)
      or exists (select from esperas e where e.tenant_id = tenant_actual() and e.mascota_id = p_mascota
                                         and e.estado in ('activa', 'ofrecida') and e.sedes && s)
      or exists (select from aperturas a
                  where a.tenant_id = tenant_actual() and a.mascota_id = p_mascota
                    and a.usuario_id = nullif(current_setting('app.actor', true), '')::uuid
                    and a.vence_en > nullif(current_setting('app.ahora', true), '')::timestamptz);
end $$;

-- The way back of an import knows of them.
create policy por_dueno_deshace on hechos_clinicos for delete to huella_owner using (tenant_id = tenant_actual() and exists (
  select from importaciones_registros r where r.tenant_id = hechos_clinicos.tenant_id and r.registro_id = hechos_clinicos.id
     and r.entidad = 'antecedente' and r.accion = 'creado'));
create or replace function importacion_tocados(p_id uuid) returns table (fila integer, entidad text, registro_id uuid, motivo text)
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
       or exists (select from antecedentes a where a.tenant_id = r.tenant_id and a.mascota_id = r.registro_id)
       or exists (select from hechos_clinicos h where h.tenant_id = r.tenant_id and h.mascota_id = r.registro_id))
  union all
  select r.fila, r.entidad, r.registro_id, 'se anuló después de importarse' from r
   where r.entidad = 'antecedente' and exists (select from hechos_clinicos h where h.tenant_id = r.tenant_id and h.id = r.registro_id
                                                  and h.version <> r.version)
      or r.entidad = 'peso' and exists (select from pesos p where p.tenant_id = r.tenant_id and p.id = r.registro_id and p.anulado_en is not null)
  union all
  select r.fila, r.entidad, r.registro_id, 'cambió después de importarse' from r
   where r.entidad = 'cita' and exists (select from citas c where c.tenant_id = r.tenant_id and c.id = r.registro_id
                                           and (c.version <> r.version or c.estado <> 'programada'))
  union all
  select r.fila, r.entidad, r.registro_id, 'tiene hechos clínicos' from r
   where r.entidad = 'cita' and exists (select from hechos_clinicos h where h.tenant_id = r.tenant_id and h.cita_id = r.registro_id)
   order by 1, 2 $$;

-- Takes an import back, whole, or fails. Says how many records are gone.
create or replace function importacion_deshacer(p_id uuid) returns bigint
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
  delete from hechos_clinicos where tenant_id = v_tenant and id = any (v_ids);
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

reset role;
