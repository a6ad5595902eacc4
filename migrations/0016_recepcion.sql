-- The reception desk: owners who do not come, the flow board, blocked periods and shifts.
set local role huella_owner;
set local search_path = huella, public;

-- Who cancelled: an owner's cancellations count for the owner, the clinic's do not.
alter table citas add column anulada_por text check (anulada_por in ('tutor', 'clinica'));

-- What other domains may join: whose a pet is, and which owner a merged record goes on as.
create view v_propietarios with (security_invoker = true) as
  select tenant_id, mascota_id, tutor_id from tutores_mascotas where relacion = 'propietario' and hasta is null;
create view v_tutores with (security_invoker = true) as
  select tenant_id, id, fusionado_con from tutores;
grant select on v_propietarios, v_tutores to huella_app, huella_ro;

-- Appointments that were lost by their owner: did not come, or cancelled too late. Whose the pet was then, whoever has it
-- now. A row goes when the state of its appointment is corrected. The chain sees them all: an owner has one record.
create table faltas (
  tenant_id uuid not null default tenant_actual() references tenants,
  cita_id   uuid not null,
  tutor_id  uuid not null,
  tipo      text not null check (tipo in ('no_asistio', 'anulacion_tardia')),
  en        timestamptz not null,
  primary key (tenant_id, cita_id),
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, tutor_id) references tutores
);
create index on faltas (tenant_id, tutor_id, en desc, cita_id desc);
call proteger('faltas', 'tenant', 'select, insert, delete');

-- How a chain keeps its agenda; without a row, as the columns' defaults say.
create table citas_ajustes (
  tenant_id        uuid not null default tenant_actual() references tenants,
  aviso_horas      integer not null default 24 check (aviso_horas between 0 and 168),
  faltas_max       integer default 3 check (faltas_max between 1 and 20),    -- null: nobody has to pay before
  correccion_horas integer not null default 24 check (correccion_horas between 1 and 720),
  version          integer not null default 1,
  primary key (tenant_id)
);
call proteger('citas_ajustes', 'tenant', 'select, insert, update');

-- The flow board: a pet in the house, from its arrival until it is done, booked or not. Who comes without an appointment
-- waits here, taking no vet and no room; the appointment is made when a vet takes the patient.
create table visitas (
  tenant_id       uuid not null default tenant_actual() references tenants,
  id              uuid not null,
  sede_id         uuid not null,
  cita_id         uuid,
  sin_cita        boolean not null,           -- came without one
  mascota_id      uuid not null,              -- of who came without one; else, and once taken, the appointment's counts
  servicio_id     uuid not null,              -- the same
  medico_id       uuid,                       -- the same; null: any
  triaje          text check (triaje in ('rojo', 'naranja', 'amarillo', 'verde', 'azul')),
  motivo          text check (length(motivo) between 1 and 500),
  llegada_en      timestamptz not null,
  consulta_en     timestamptz,
  consulta_fin_en timestamptz,
  fin_en          timestamptz,                -- paid
  retirada_en     timestamptz,                -- left without being seen
  retirada_motivo text,
  registrada_por  uuid not null,
  version         integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, cita_id),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, servicio_id) references servicios,
  foreign key (tenant_id, medico_id) references usuarios,
  check (sin_cita or cita_id is not null),
  check (consulta_en is null or cita_id is not null)
);
create index on visitas (tenant_id, sede_id, llegada_en);
-- Nobody waits twice.
create unique index visitas_en_espera on visitas (tenant_id, mascota_id) where cita_id is null and retirada_en is null;
call proteger('visitas', 'sede', 'select, insert, update, delete');

-- Which record a pet goes on as; others point to what it was when they were written, so that undoing a merge is exact.
create view v_registros with (security_invoker = true) as
  select tenant_id, id, coalesce(fusionada_con, id) as vigente from mascotas;
grant select on v_registros to huella_app, huella_ro;

-- A consultation that is over frees vet, room and equipment, whatever time was planned.
alter table citas drop constraint citas_check,
  add constraint citas_tiempos check (fin > inicio and ocupado_desde <= inicio and ocupado_hasta > inicio
    and (ocupado_hasta >= fin or estado in ('por_cobrar', 'terminada')));

-- Blocked periods: of a vet, a room, a piece of equipment, or, of none of them, the whole sede.
create table bloqueos (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  sede_id     uuid not null,
  medico_id   uuid,
  ambiente_id uuid,
  equipo_id   uuid,
  desde       timestamptz not null,
  hasta       timestamptz not null,
  motivo      text not null check (length(motivo) between 1 and 200),
  creado_en   timestamptz not null,
  creado_por  uuid not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios,
  foreign key (tenant_id, sede_id, ambiente_id) references ambientes (tenant_id, sede_id, id),
  foreign key (tenant_id, sede_id, equipo_id) references equipos (tenant_id, sede_id, id),
  check (hasta > desde),
  check (num_nonnulls(medico_id, ambiente_id, equipo_id) <= 1)
);
create index on bloqueos (tenant_id, sede_id, hasta);
call proteger('bloqueos', 'sede', 'select, insert, delete');

-- Holds a sede for update until the transaction ends, if there is one.
create function sede_en_exclusiva(p_sede uuid) returns boolean
  language plpgsql volatile set search_path = huella, pg_temp as $$
begin
  perform from sedes where tenant_id = tenant_actual() and id = p_sede for update;
  return found;
end $$;
revoke all on function sede_en_exclusiva from public;
grant execute on function sede_en_exclusiva to huella_app;

-- Whoever blocks a sede's time holds the sede for update, so a booking that asks here waits for it and then reads what it
-- wrote, and a block that comes second finds the booking. The refusal is a lost race: asked again, the booking itself says
-- what is blocked. Who is in the house already (a walk-in that a vet takes) is seen.
create function citas_bloqueo() returns trigger
  language plpgsql set search_path = huella, pg_temp as $$
begin
  perform from sedes s where s.tenant_id = new.tenant_id and s.id = new.sede_id for key share;
  if exists (
      select from bloqueos b
       where b.tenant_id = new.tenant_id and b.sede_id = new.sede_id and b.hasta > new.ocupado_desde and b.desde < new.ocupado_hasta
         and case when b.ambiente_id is not null then b.ambiente_id = new.ambiente_id
                  when b.equipo_id is not null then false
                  else not new.sobrecupo and b.hasta > new.inicio and b.desde < new.fin
                       and (b.medico_id is null or b.medico_id = new.medico_id) end) then
    raise exception 'la hora está bloqueada' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
create trigger citas_bloqueo_al_reservar before insert on citas for each row
  when (new.activa and new.estado in ('programada', 'confirmada')) execute function citas_bloqueo();
create trigger citas_bloqueo_al_mover before update on citas for each row
  when (new.activa and new.estado in ('programada', 'confirmada')
        and (old.sede_id, old.medico_id, old.ambiente_id, old.inicio, old.ocupado_desde, old.ocupado_hasta, old.retenida_hasta, old.sobrecupo)
          is distinct from (new.sede_id, new.medico_id, new.ambiente_id, new.inicio, new.ocupado_desde, new.ocupado_hasta, new.retenida_hasta, new.sobrecupo))
  execute function citas_bloqueo();
create function citas_equipos_bloqueo() returns trigger
  language plpgsql set search_path = huella, pg_temp as $$
begin
  if exists (
      select from bloqueos b
       where b.tenant_id = new.tenant_id and b.sede_id = new.sede_id and b.equipo_id = new.equipo_id
         and b.hasta > new.ocupado_desde and b.desde < new.ocupado_hasta) then
    raise exception 'el equipo está bloqueado' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
create trigger citas_equipos_bloqueo before insert on citas_equipos for each row when (new.activa) execute function citas_equipos_bloqueo();
revoke all on function citas_bloqueo, citas_equipos_bloqueo from public;

-- Shifts: hours of the week with a name, and who works them from when to when. On those dates they are the vet's hours in
-- that sede, instead of the weekly plan.
create table turnos (
  tenant_id uuid not null default tenant_actual() references tenants,
  id        uuid not null,
  sede_id   uuid not null,
  nombre    text not null check (length(nombre) between 1 and 60),
  version   integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, sede_id, id),
  unique (tenant_id, sede_id, nombre),
  foreign key (tenant_id, sede_id) references sedes
);
call proteger('turnos', 'sede', 'select, insert, update, delete');

create table turnos_tramos (
  tenant_id uuid not null default tenant_actual(),
  sede_id   uuid not null,
  turno_id  uuid not null,
  dia       smallint not null check (dia between 1 and 7),
  desde     time not null,
  hasta     time not null,
  primary key (tenant_id, turno_id, dia, desde),
  foreign key (tenant_id, sede_id, turno_id) references turnos (tenant_id, sede_id, id),
  check (hasta > desde)
);
call proteger('turnos_tramos', 'sede', 'select, insert, delete');

create table turnos_asignados (
  tenant_id uuid not null default tenant_actual(),
  id        uuid not null,
  sede_id   uuid not null,
  turno_id  uuid not null,
  medico_id uuid not null,
  desde     date not null,
  hasta     date not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, sede_id, turno_id) references turnos (tenant_id, sede_id, id),
  foreign key (tenant_id, medico_id) references usuarios,
  check (hasta >= desde),
  exclude using gist (tenant_id with =, turno_id with =, medico_id with =, daterange(desde, hasta, '[]') with &&)
);
create index on turnos_asignados (tenant_id, sede_id, hasta);
create index on turnos_asignados (tenant_id, medico_id, sede_id);
call proteger('turnos_asignados', 'sede', 'select, insert, delete');

-- What the agenda reads of both, ready to be put together.
create view v_bloqueos with (security_invoker = true) as
  select b.tenant_id, b.sede_id, b.desde, b.hasta,
         json_build_object('medico_id', b.medico_id, 'recurso_id', coalesce(b.ambiente_id, b.equipo_id), 'desde', b.desde, 'hasta', b.hasta) as bloqueo
    from bloqueos b;
create view v_turnos with (security_invoker = true) as
  select a.tenant_id, a.sede_id, a.medico_id, a.desde, a.hasta,
         json_build_object('medico_id', a.medico_id, 'desde', a.desde, 'hasta', a.hasta, 'turno_id', a.turno_id,
           'tramos', (select coalesce(json_agg(json_build_object('dia', t.dia, 'desde', t.desde, 'hasta', t.hasta)), '[]')
                        from turnos_tramos t where t.tenant_id = a.tenant_id and t.turno_id = a.turno_id)) as turno
    from turnos_asignados a;
grant select on v_bloqueos, v_turnos to huella_app, huella_ro;

-- Where a vet works, to know whether the way from one sede to another counts: by plan, by an open day, or by shift. As
-- before otherwise.
create or replace function citas_traslado() returns trigger
  language plpgsql security definer set search_path = huella, public, pg_temp as $$
begin
  if not exists (select from planes_medicos where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id)
     and not exists (select from excepciones where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id and abierto)
     and not exists (select from turnos_asignados where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id) then
    return new;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || new.medico_id::text, 0));
  if citas_sin_camino(new.id, new.medico_id, new.sede_id, new.ocupado_desde, new.ocupado_hasta, new.actualizado_en) then
    if tg_op = 'INSERT' then
      return null;
    end if;
    raise exclusion_violation using constraint = 'citas_traslado', message = 'no time for the way from one sede to another';
  end if;
  return new;
end $$;
create or replace function medicos_ocupados(p_medicos uuid[], p_sedes uuid[], p_desde timestamptz, p_hasta timestamptz, p_ahora timestamptz)
returns table (medico_id uuid, sede_id uuid, inicio timestamptz, desde timestamptz, hasta timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  with lugares as (
    select p.medico_id, p.sede_id from planes_medicos p
     where p.tenant_id = tenant_actual() and p.medico_id = any (p_medicos) and p.sede_id = any (p_sedes)
    union
    select e.medico_id, e.sede_id from excepciones e
     where e.tenant_id = tenant_actual() and e.medico_id = any (p_medicos) and e.sede_id = any (p_sedes) and e.abierto
    union
    select a.medico_id, a.sede_id from turnos_asignados a
     where a.tenant_id = tenant_actual() and a.medico_id = any (p_medicos) and a.sede_id = any (p_sedes)),
  ocupadas as materialized (
    select c.medico_id, c.sede_id, c.inicio, c.ocupado_desde, c.ocupado_hasta from citas c
     where c.tenant_id = tenant_actual() and c.medico_id = any (p_medicos) and c.activa and not c.sobrecupo
       and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
       and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours')
  select o.medico_id, l.sede_id, o.inicio, o.ocupado_desde - make_interval(mins => t.minutos), o.ocupado_hasta + make_interval(mins => t.minutos)
    from ocupadas o join lugares l on l.medico_id = o.medico_id
    join (select * from v_traslados where tenant_id = tenant_actual()) t on t.sede_a = o.sede_id and t.sede_b = l.sede_id
   where o.ocupado_hasta + make_interval(mins => t.minutos) > p_desde and o.ocupado_desde - make_interval(mins => t.minutos) < p_hasta $$;
create or replace function recursos_ocupados(
  p_sede uuid, p_medicos uuid[], p_ambientes uuid[], p_equipos uuid[], p_desde timestamptz, p_hasta timestamptz, p_ahora timestamptz)
returns setof uuid
  language plpgsql stable security definer set search_path = huella, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  v_tenant constant uuid := tenant_actual();
  v_recurso uuid;
begin
  return query select r from unnest(p_medicos) r
    where p_desde < (select c.ocupado_hasta from citas c where c.tenant_id = v_tenant and c.medico_id = r and c.inicio < p_hasta
                        and c.activa and not c.sobrecupo and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
                      order by c.inicio desc limit 1)
       or p_hasta > (select c.ocupado_desde from citas c where c.tenant_id = v_tenant and c.medico_id = r and c.inicio >= p_hasta
                        and c.activa and not c.sobrecupo and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
                      order by c.inicio limit 1);
  -- Who works in no other sede is nowhere else; only for the others is their agenda around that time looked through.
  foreach v_recurso in array coalesce(p_medicos, '{}') loop
    if exists (select from planes_medicos p where p.tenant_id = v_tenant and p.medico_id = v_recurso and p.sede_id <> p_sede)
       or exists (select from excepciones e where e.tenant_id = v_tenant and e.medico_id = v_recurso and e.sede_id <> p_sede and e.abierto)
       or exists (select from turnos_asignados a where a.tenant_id = v_tenant and a.medico_id = v_recurso and a.sede_id <> p_sede) then
      if exists (
          select from citas c join v_traslados t on t.tenant_id = c.tenant_id and t.sede_a = c.sede_id and t.sede_b = p_sede
           where c.tenant_id = v_tenant and c.medico_id = v_recurso and c.activa and not c.sobrecupo and c.sede_id <> p_sede
             and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
             and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours'
             and c.ocupado_desde < p_hasta + make_interval(mins => t.minutos) and c.ocupado_hasta > p_desde - make_interval(mins => t.minutos)) then
        return next v_recurso;
      end if;
    end if;
  end loop;
  foreach v_recurso in array coalesce(p_ambientes, '{}') loop
    exit when not coalesce(
         p_desde < (select c.ocupado_hasta from citas c where c.tenant_id = v_tenant and c.ambiente_id = v_recurso and c.inicio < p_hasta
                       and c.activa and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by c.inicio desc limit 1), false)
     and not coalesce(
         p_hasta > (select c.ocupado_desde from citas c where c.tenant_id = v_tenant and c.ambiente_id = v_recurso and c.inicio >= p_hasta
                       and c.activa and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by c.inicio limit 1), false);
    return next v_recurso;
  end loop;
  if cardinality(p_equipos) > 0 then
    return query select r from unnest(p_equipos) r
      where p_desde < (select e.ocupado_hasta from citas_equipos e
                        where e.tenant_id = v_tenant and e.equipo_id = r and e.ocupado_desde < p_hasta and e.activa
                          and not exists (select from citas c where c.tenant_id = v_tenant and c.id = e.cita_id and c.retenida_hasta <= p_ahora)
                        order by e.ocupado_desde desc limit 1);
  end if;
end $$;

-- What a vet who leaves leaves behind: weekly plans, and shifts that are not over.
create or replace function medico_deja(p_medico uuid, p_desde timestamptz)
returns table (tipo text, id uuid, sede_id uuid, desde timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select 'cita', case when sede_visible(c.sede_id) then c.id end, c.sede_id, c.inicio from citas c
   where c.tenant_id = tenant_actual() and c.medico_id = p_medico and c.inicio >= p_desde - interval '1 day' and c.retenida_hasta is null
     and (c.estado in ('en_espera', 'en_consulta') or c.estado in ('programada', 'confirmada') and c.fin > p_desde)
  union all
  (select 'plan', null::uuid, p.sede_id, null::timestamptz from planes_medicos p
    where p.tenant_id = tenant_actual() and p.medico_id = p_medico
   union
   select 'plan', null::uuid, a.sede_id, null::timestamptz from turnos_asignados a
    where a.tenant_id = tenant_actual() and a.medico_id = p_medico and a.hasta >= (p_desde - interval '1 day')::date)
  order by 1, 4, 3 $$;

reset role;
