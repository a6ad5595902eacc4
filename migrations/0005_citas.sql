-- Services, plans and appointments.
set local role huella_owner;
set local search_path = huella, public;

create table servicios (
  tenant_id      uuid not null default tenant_actual() references tenants,
  id             uuid not null,
  codigo         text not null check (codigo ~ '^[A-Z0-9-]{2,20}$'),
  nombre         text not null check (length(nombre) between 1 and 120),
  duracion_min   integer not null check (duracion_min between 5 and 720),
  antes_min      integer not null default 0 check (antes_min between 0 and 240),
  despues_min    integer not null default 0 check (despues_min between 0 and 240),
  ambiente_tipo  text check (ambiente_tipo in ('consultorio', 'quirofano', 'bano', 'imagenes', 'laboratorio', 'hospitalizacion')),
  equipos_tipos  text[] not null default '{}',
  color          text check (color ~ '^#[0-9a-f]{6}$'),
  indicaciones   text check (length(indicaciones) <= 1000),
  precio         bigint check (precio >= 0),    -- céntimos de sol, IGV incluido
  activo         boolean not null default true,
  version        integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, codigo)
);
call proteger('servicios', 'tenant', 'select, insert, update');

-- Which vets give a service. A service without rows is given by every vet.
create table servicios_medicos (
  tenant_id   uuid not null default tenant_actual(),
  servicio_id uuid not null,
  medico_id   uuid not null,
  primary key (tenant_id, servicio_id, medico_id),
  foreign key (tenant_id, servicio_id) references servicios,
  foreign key (tenant_id, medico_id) references usuarios
);
call proteger('servicios_medicos', 'tenant', 'select, insert, delete');

-- National and regional days (reference data of the platform, with its source), and the chain's own.
create table feriados (
  fecha  date not null,
  ambito text not null default '' check (ambito = '' or ambito ~ '^[0-9]{2,6}$'),   -- '' = national, else UBIGEO prefix
  nombre text not null,
  fuente text not null,
  primary key (fecha, ambito)
);
grant select on feriados to huella_app, huella_ro, huella_backup;
grant select, insert, update, delete on feriados to huella_operador;

-- Civil time of the sede, 1 = Monday … 7 = Sunday. A break is the gap between two rows.
create table horarios_sede (
  tenant_id uuid not null default tenant_actual(),
  sede_id   uuid not null,
  dia       smallint not null check (dia between 1 and 7),
  desde     time not null,
  hasta     time not null,
  primary key (tenant_id, sede_id, dia, desde),
  foreign key (tenant_id, sede_id) references sedes,
  check (hasta > desde)
);
call proteger('horarios_sede', 'sede', 'select, insert, delete');

create table planes_medicos (
  tenant_id uuid not null default tenant_actual(),
  sede_id   uuid not null,
  medico_id uuid not null,
  dia       smallint not null check (dia between 1 and 7),
  desde     time not null,
  hasta     time not null,
  primary key (tenant_id, sede_id, medico_id, dia, desde),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios,
  check (hasta > desde)
);
create index on planes_medicos (tenant_id, medico_id);
call proteger('planes_medicos', 'sede', 'select, insert, delete');

-- Dated exceptions. medico_id null: of the whole sede. abierto false: closed or absent between the hours
-- (null = all day); abierto true: these hours instead of the weekly plan.
create table excepciones (
  tenant_id uuid not null default tenant_actual(),
  id        uuid not null,
  sede_id   uuid not null,
  medico_id uuid,
  fecha     date not null,
  abierto   boolean not null,
  desde     time,
  hasta     time,
  motivo    text not null check (length(motivo) between 1 and 200),
  primary key (tenant_id, id),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios,
  check ((desde is null) = (hasta is null)),
  check (hasta > desde),
  check (not abierto or desde is not null)
);
create index on excepciones (tenant_id, sede_id, fecha);
call proteger('excepciones', 'sede', 'select, insert, delete');

create table citas (
  tenant_id      uuid not null default tenant_actual() references tenants,
  id             uuid not null,
  sede_id        uuid not null,
  mascota_id     uuid not null,
  medico_id      uuid not null,
  servicio_id    uuid not null,
  ambiente_id    uuid,
  inicio         timestamptz not null,
  fin            timestamptz not null,
  ocupado_desde  timestamptz not null,          -- inicio minus the buffer before
  ocupado_hasta  timestamptz not null,          -- fin plus the buffer after
  estado         text not null check (estado in ('programada', 'confirmada', 'en_espera', 'en_consulta', 'por_cobrar', 'terminada', 'anulada', 'no_asistio')),
  activa         boolean not null,              -- occupies its resources: estado neither anulada nor no_asistio
  sobrecupo      boolean not null default false,
  sobrecupo_motivo text,
  motivo         text check (length(motivo) <= 500),
  anulada_motivo text,
  version        integer not null default 1,
  creado_en      timestamptz not null,
  creado_por     uuid not null,
  actualizado_en timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, sede_id, id),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, medico_id) references usuarios,
  foreign key (tenant_id, servicio_id) references servicios,
  foreign key (tenant_id, sede_id, ambiente_id) references ambientes (tenant_id, sede_id, id),
  check (fin > inicio and ocupado_desde <= inicio and ocupado_hasta >= fin),
  check (activa = (estado not in ('anulada', 'no_asistio'))),
  check (not sobrecupo or sobrecupo_motivo is not null),
  -- Nobody is in two places at once, in no sede of the chain.
  constraint citas_medico_libre exclude using gist
    (tenant_id with =, medico_id with =, tstzrange(ocupado_desde, ocupado_hasta, '[)') with &&) where (activa and not sobrecupo),
  constraint citas_ambiente_libre exclude using gist
    (tenant_id with =, ambiente_id with =, tstzrange(ocupado_desde, ocupado_hasta, '[)') with &&) where (activa and ambiente_id is not null),
  constraint citas_mascota_libre exclude using gist
    (tenant_id with =, mascota_id with =, tstzrange(ocupado_desde, ocupado_hasta, '[)') with &&) where (activa)
);
create index citas_medico on citas (tenant_id, medico_id, inicio);
create index citas_ambiente on citas (tenant_id, ambiente_id, inicio) where ambiente_id is not null;
create index citas_sede on citas (tenant_id, sede_id, inicio);
create index citas_mascota on citas (tenant_id, mascota_id, inicio desc, id desc);
call proteger('citas', 'sede', 'select, insert, update');

create table citas_equipos (
  tenant_id     uuid not null default tenant_actual(),
  cita_id       uuid not null,
  sede_id       uuid not null,
  equipo_id     uuid not null,
  ocupado_desde timestamptz not null,
  ocupado_hasta timestamptz not null,
  activa        boolean not null,
  primary key (tenant_id, cita_id, equipo_id),
  foreign key (tenant_id, sede_id, cita_id) references citas (tenant_id, sede_id, id),
  foreign key (tenant_id, sede_id, equipo_id) references equipos (tenant_id, sede_id, id),
  check (ocupado_hasta > ocupado_desde),
  constraint citas_equipo_libre exclude using gist
    (tenant_id with =, equipo_id with =, tstzrange(ocupado_desde, ocupado_hasta, '[)') with &&) where (activa)
);
create index citas_equipos_equipo on citas_equipos (tenant_id, equipo_id, ocupado_desde);
call proteger('citas_equipos', 'sede', 'select, insert, update, delete');

-- All conflicts of a wished slot, in every sede of the chain. Of a sede that the caller may not see, only the
-- resource and the times come back.
create function citas_conflictos(
  p_medicos uuid[], p_ambientes uuid[], p_mascota uuid, p_equipos uuid[],
  p_desde timestamptz, p_hasta timestamptz, p_excepto uuid)
returns table (recurso text, recurso_id uuid, inicio timestamptz, fin timestamptz, sede_id uuid, cita_id uuid, mascota_id uuid)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  -- offset 0: one index scan per resource; the planner would rather read all of the chain's slot.
  with c as (
    select 'medico' as recurso, r as recurso_id, c.* from unnest(p_medicos) r, lateral (
      select * from citas where tenant_id = tenant_actual() and medico_id = r and activa and not sobrecupo
         and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
         and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c
    union all
    select 'ambiente', r, c.* from unnest(p_ambientes) r, lateral (
      select * from citas where tenant_id = tenant_actual() and ambiente_id = r and activa
         and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
         and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c
    union all
    select 'mascota', mascota_id, * from citas
     where tenant_id = tenant_actual() and mascota_id = p_mascota and activa
       and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
       and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)')
    union all
    select 'equipo', r, c.* from unnest(p_equipos) r, lateral (
      select c.* from citas_equipos e join citas c on c.tenant_id = e.tenant_id and c.id = e.cita_id
       where e.tenant_id = tenant_actual() and e.equipo_id = r and e.activa
         and e.ocupado_desde >= p_desde - interval '20 hours' and e.ocupado_desde < p_hasta
         and tstzrange(e.ocupado_desde, e.ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c)
  select recurso, recurso_id, ocupado_desde, ocupado_hasta,
         case when sede_visible(sede_id) then sede_id end,
         case when sede_visible(sede_id) then id end,
         case when sede_visible(sede_id) then mascota_id end
    from c where id is distinct from p_excepto order by 1, 3 $$;

-- When the given vets are busy, in every sede of the chain: nothing but who and when.
create function medicos_ocupados(p_medicos uuid[], p_desde timestamptz, p_hasta timestamptz)
returns table (medico_id uuid, desde timestamptz, hasta timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  -- No visit with its buffers is longer than 20 h (12 h + 2 × 4 h, see servicios): bounds the index scan.
  select c.medico_id, c.ocupado_desde, c.ocupado_hasta from citas c
   where c.tenant_id = tenant_actual() and c.medico_id = any (p_medicos) and c.activa and not c.sobrecupo
     and c.inicio >= p_desde - interval '20 hours' and c.inicio < p_hasta + interval '4 hours'
     and c.ocupado_hasta > p_desde and c.ocupado_desde < p_hasta $$;

-- Which of the given vets, rooms and pieces of equipment are taken in a slot, in every sede of the chain.
-- The range operator is not leak-proof, so under row-level security, which binds the owner too, it is no index
-- condition: the bounds on inicio are (see medicos_ocupados), and the range decides among the few that are left.
create function recursos_ocupados(p_medicos uuid[], p_ambientes uuid[], p_equipos uuid[], p_desde timestamptz, p_hasta timestamptz)
returns setof uuid
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select r from unnest(p_medicos) r where exists (select from citas
     where tenant_id = tenant_actual() and medico_id = r and activa and not sobrecupo
       and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
       and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)'))
  union all
  select r from unnest(p_ambientes) r where exists (select from citas
     where tenant_id = tenant_actual() and ambiente_id = r and activa
       and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
       and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)'))
  union all
  select r from unnest(p_equipos) r where exists (select from citas_equipos
     where tenant_id = tenant_actual() and equipo_id = r and activa
       and ocupado_desde >= p_desde - interval '20 hours' and ocupado_desde < p_hasta
       and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)')) $$;
-- What a vet who leaves leaves behind, in every sede of the chain: patients who wait, appointments to come, weekly
-- plans. Of a sede that the caller may not see, only where and when.
create function medico_deja(p_medico uuid, p_desde timestamptz)
returns table (tipo text, id uuid, sede_id uuid, desde timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select 'cita', case when sede_visible(c.sede_id) then c.id end, c.sede_id, c.inicio from citas c
   where c.tenant_id = tenant_actual() and c.medico_id = p_medico and c.inicio >= p_desde - interval '1 day'
     and (c.estado in ('en_espera', 'en_consulta') or c.estado in ('programada', 'confirmada') and c.fin > p_desde)
  union all
  select distinct 'plan', null::uuid, p.sede_id, null::timestamptz from planes_medicos p
   where p.tenant_id = tenant_actual() and p.medico_id = p_medico
  order by 1, 4, 3 $$;
revoke all on function citas_conflictos, medicos_ocupados, recursos_ocupados, medico_deja from public;
grant execute on function citas_conflictos, medicos_ocupados, recursos_ocupados, medico_deja to huella_app, huella_ro;

create view v_servicios with (security_invoker = true) as
  select s.tenant_id, s.id, s.nombre, s.duracion_min, s.antes_min, s.despues_min, s.ambiente_tipo, s.equipos_tipos, s.activo,
         (select array_agg(m.medico_id) from servicios_medicos m
           where m.tenant_id = s.tenant_id and m.servicio_id = s.id) as medicos    -- null: every vet
    from servicios s;
grant select on v_servicios to huella_app, huella_ro;

reset role;
