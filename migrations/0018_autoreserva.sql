-- Owners who wait for a time, and owners who book themselves.
set local role huella_owner;
set local search_path = huella, public;

-- A record that was merged stands for the one that goes on, also after the merge is taken back.
create view v_mascotas_actuales with (security_invoker = true) as
  select tenant_id, id, coalesce(fusionada_con, id) as actual_id from mascotas;
grant select on v_mascotas_actuales to huella_app, huella_ro;

-- Who waits for a time: in some sedes, between two days, on some days of the week and at some hours.
create table esperas (
  tenant_id       uuid not null default tenant_actual() references tenants,
  id              uuid not null,
  mascota_id      uuid not null,
  servicio_id     uuid not null,
  sedes           uuid[] not null check (cardinality(sedes) between 1 and 50),
  medico_id       uuid,
  desde           date not null,
  hasta           date not null,
  dias            smallint[] not null default '{}',     -- 1 = Monday … 7 = Sunday; none = any
  hora_desde      time,
  hora_hasta      time,
  prioridad       text not null check (prioridad in ('urgente', 'alta', 'normal')),
  nota            text check (length(nota) <= 500),
  estado          text not null check (estado in ('activa', 'ofrecida', 'cumplida', 'retirada')),
  retirada_motivo text check (length(retirada_motivo) <= 500),
  cita_id         uuid,                                  -- what came of it
  version         integer not null default 1,
  creada_en       timestamptz not null,
  creada_por      uuid not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, servicio_id) references servicios,
  foreign key (tenant_id, medico_id) references usuarios,
  foreign key (tenant_id, cita_id) references citas,
  check (hasta >= desde),
  check ((hora_desde is null) = (hora_hasta is null)),
  check (hora_hasta > hora_desde),
  check ((estado = 'retirada') = (retirada_motivo is not null)),
  check ((estado = 'cumplida') = (cita_id is not null))
);
create index esperas_vivas on esperas (tenant_id, creada_en, id) where estado in ('activa', 'ofrecida');
create index on esperas (tenant_id, mascota_id);
create index on esperas (tenant_id, cita_id) where cita_id is not null;
-- Of several sedes: whoever may see one of them sees who waits.
create function sedes_visibles(sedes uuid[]) returns boolean language sql stable parallel safe
  as $$ select current_setting('app.ambito', true) = 'cadena'
            or sedes && nullif(current_setting('app.sedes', true), '')::uuid[] $$;
alter table esperas enable row level security;
alter table esperas force row level security;
create policy por_sedes on esperas to huella_app, huella_ro
  using (tenant_id = tenant_actual() and sedes_visibles(sedes)) with check (tenant_id = tenant_actual() and sedes_visibles(sedes));
create policy por_dueno on esperas for select to huella_owner using (tenant_id = tenant_actual());
grant select, insert, update on esperas to huella_app;
grant select on esperas to huella_ro, huella_backup;
-- The relay asks of each chain whether anybody waits at all.
create policy relevar on esperas for select to huella_jobs using (true);
grant select (tenant_id, estado) on esperas to huella_jobs;

-- A time that became free, held for one who waits. The hold itself is a row of citas that may be gone: no foreign key.
create table ofertas (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  espera_id   uuid not null,
  sede_id     uuid not null,
  cita_id     uuid not null,
  medico_id   uuid not null,
  inicio      timestamptz not null,
  fin         timestamptz not null,
  hasta       timestamptz not null,
  resumen     bytea not null check (length(resumen) = 32),   -- of the link by e-mail
  estado      text not null check (estado in ('pendiente', 'aceptada', 'rechazada', 'vencida', 'retirada')),
  creada_en   timestamptz not null,
  resuelta_en timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, cita_id),
  unique (tenant_id, resumen),
  foreign key (tenant_id, espera_id) references esperas,
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios,
  check ((estado = 'pendiente') = (resuelta_en is null))
);
create unique index ofertas_una on ofertas (tenant_id, espera_id) where estado = 'pendiente';
create index on ofertas (tenant_id, espera_id, inicio);
call proteger('ofertas', 'sede', 'select, insert, update');

-- The offer of a link, and where. Who asks has no sede, so the link itself is the right.
create function oferta_de_enlace(p_resumen bytea) returns table (id uuid, sede_id uuid)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select o.id, o.sede_id from ofertas o where o.tenant_id = tenant_actual() and o.resumen = p_resumen $$;
revoke all on function oferta_de_enlace from public;
grant execute on function oferta_de_enlace to huella_app;

-- How a chain offers what becomes free; without a row, as the columns' defaults say.
create table esperas_ajustes (
  tenant_id        uuid not null default tenant_actual() references tenants,
  activa           boolean not null default true,
  oferta_min       integer not null default 10 check (oferta_min between 5 and 240),
  anticipacion_min integer not null default 30 check (anticipacion_min between 0 and 2880),
  version          integer not null default 1,
  primary key (tenant_id)
);
call proteger('esperas_ajustes', 'tenant', 'select, insert, update');

-- What a sede offers to owners who book themselves. Without a row: nothing.
create table autoreserva_ajustes (
  tenant_id           uuid not null default tenant_actual() references tenants,
  sede_id             uuid not null,
  activa              boolean not null,
  servicios           uuid[] not null check (cardinality(servicios) <= 100),
  medicos             uuid[] not null check (cardinality(medicos) <= 100),   -- none: all
  elige_medico        boolean not null,
  especies            text[] not null check (cardinality(especies) <= 50),   -- none: all
  antelacion_min      integer not null check (antelacion_min between 0 and 20160),
  dias_max            integer not null check (dias_max between 1 and 365),
  retencion_min       integer not null check (retencion_min between 5 and 10),
  aprobar             boolean not null,
  aprobar_horas       integer not null check (aprobar_horas between 1 and 168),
  abiertas_max        integer not null check (abiertas_max between 1 and 20),
  por_dia_max         integer not null check (por_dia_max between 1 and 100),
  instrucciones       text check (length(instrucciones) <= 2000),
  condiciones         text not null check (length(condiciones) between 1 and 20000),
  condiciones_version text not null check (length(condiciones_version) between 1 and 40),
  version             integer not null default 1,
  primary key (tenant_id, sede_id),
  foreign key (tenant_id, sede_id) references sedes
);
call proteger('autoreserva_ajustes', 'sede', 'select, insert, update');

-- Where owners may book themselves. Who asks has no sede yet.
create function autoreserva_sedes() returns setof uuid
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select a.sede_id from autoreserva_ajustes a join sedes s on s.tenant_id = a.tenant_id and s.id = a.sede_id and s.activa
   where a.tenant_id = tenant_actual() and a.activa order by s.nombre $$;

-- Codes that were asked for, and the sessions that the right ones opened. Of secrets only their hashes.
create table autoreserva_sesiones (
  tenant_id     uuid not null default tenant_actual() references tenants,
  id            uuid not null,
  solicitud     bytea not null check (length(solicitud) = 32),
  correo_indice bytea not null,
  correo_sellado text not null,
  red           bytea not null,                   -- blind index of the network that asked
  codigo        bytea not null,
  intentos      smallint not null default 0,
  creada_en     timestamptz not null,
  vence_en      timestamptz not null,
  sesion        bytea check (length(sesion) = 32),
  sesion_hasta  timestamptz,
  cita_id       uuid,                             -- what it holds, or booked
  sede_id       uuid,
  primary key (tenant_id, id),
  unique (tenant_id, solicitud),
  unique (tenant_id, sesion),
  check ((sesion is null) = (sesion_hasta is null)),
  check ((cita_id is null) = (sede_id is null))
);
create index on autoreserva_sesiones (tenant_id, correo_indice, creada_en);
create index on autoreserva_sesiones (tenant_id, red, creada_en);
create index on autoreserva_sesiones using brin (creada_en);
call proteger('autoreserva_sesiones', 'tenant', 'select, insert, update');
create policy limpiar on autoreserva_sesiones to huella_jobs using (true);
grant select (tenant_id, id, creada_en), delete on autoreserva_sesiones to huella_jobs;

-- What owners booked themselves; one that the sede has to approve is a hold until then.
create table autoreservas (
  tenant_id           uuid not null default tenant_actual() references tenants,
  cita_id             uuid not null,
  sede_id             uuid not null,
  tutor_id            uuid not null,
  tutor_nuevo         boolean not null,
  correo_indice       bytea not null,
  red                 bytea not null,
  motivo              text check (length(motivo) <= 500),
  condiciones_version text not null,
  estado              text not null check (estado in ('pendiente', 'reservada', 'rechazada', 'anulada')),
  resumen             bytea not null check (length(resumen) = 32),   -- of the link to manage it
  enlace_sellado      text not null,
  creada_en           timestamptz not null,
  resuelta_en         timestamptz,
  primary key (tenant_id, cita_id),
  unique (tenant_id, resumen),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, tutor_id) references tutores
);
create index on autoreservas (tenant_id, sede_id, estado, creada_en);
create index on autoreservas (tenant_id, red, creada_en);
create index on autoreservas (tenant_id, tutor_id);
call proteger('autoreservas', 'sede', 'select, insert, update');

-- The booking of a link, and where.
create function autoreserva_de_enlace(p_resumen bytea) returns table (cita_id uuid, sede_id uuid)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select a.cita_id, a.sede_id from autoreservas a where a.tenant_id = tenant_actual() and a.resumen = p_resumen $$;
-- How many a network booked since, in all sedes.
create function autoreservas_de_red(p_red bytea, p_desde timestamptz) returns bigint
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select count(*) from autoreservas a where a.tenant_id = tenant_actual() and a.red = p_red and a.creada_en > p_desde $$;
revoke all on function autoreserva_sedes, autoreserva_de_enlace, autoreservas_de_red from public;
grant execute on function autoreserva_sedes, autoreserva_de_enlace, autoreservas_de_red to huella_app;

-- Where a record came from, if not from the desk: reception looks whether it is a duplicate.
alter table tutores add column origen text check (origen in ('autoreserva'));
alter table mascotas add column origen text check (origen in ('autoreserva'));

reset role;
