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

reset role;
