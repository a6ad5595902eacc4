-- What every write leaves behind: audit with its chain, outbox, idempotency.
set local role huella_owner;
set local search_path = huella, public;

-- Append only, in the transaction of the change itself. Personal values inside antes/despues are
-- encrypted with the person's key. ids: the records of a batch of reads.
create table auditoria (
  tenant_id  uuid not null default tenant_actual() references tenants,
  id         uuid not null,
  xid        xid8 not null default pg_current_xact_id(),
  en         timestamptz not null,
  actor_tipo text not null check (actor_tipo in ('usuario', 'clave_api', 'sistema', 'anonimo')),
  actor_id   uuid,
  ip         text,
  traza      text,
  sede_id    uuid,
  accion     text not null,
  entidad    text not null,
  entidad_id uuid,
  ids        uuid[],
  antes      jsonb,
  despues    jsonb,
  primary key (tenant_id, id)
);
create index on auditoria (xid);
create index on auditoria (tenant_id, entidad_id, id) where entidad_id is not null;
create index on auditoria (tenant_id, id) where ids is not null;
alter table auditoria enable row level security;
alter table auditoria force row level security;
create policy agregar on auditoria for insert to huella_app with check (tenant_id = tenant_actual());
create policy ver on auditoria for select to huella_app, huella_ro
  using (tenant_id = tenant_actual() and (sede_id is null or sede_visible(sede_id)));
create policy por_dueno on auditoria for select to huella_owner using (tenant_id = tenant_actual());
create policy sellar on auditoria for select to huella_jobs using (true);
grant select, insert on auditoria to huella_app;
grant select on auditoria to huella_ro, huella_jobs, huella_backup;

-- The chain: one link per audit row, numbered without gaps per tenant. Written by the sealer alone.
create table auditoria_eslabones (
  tenant_id    uuid not null references tenants,
  numero       bigint not null,
  auditoria_id uuid not null,
  resumen      bytea not null,
  primary key (tenant_id, numero),
  unique (tenant_id, auditoria_id),
  foreign key (tenant_id, auditoria_id) references auditoria
);
alter table auditoria_eslabones enable row level security;
alter table auditoria_eslabones force row level security;
create policy ver on auditoria_eslabones for select to huella_app, huella_ro using (tenant_id = tenant_actual());
create policy por_dueno on auditoria_eslabones for select to huella_owner using (tenant_id = tenant_actual());
create policy sellar on auditoria_eslabones to huella_jobs using (true) with check (true);
grant select on auditoria_eslabones to huella_app, huella_ro, huella_backup;
grant select, insert on auditoria_eslabones to huella_jobs;

-- How far the sealer has come: every transaction below xid is sealed. Of another cluster: start over.
create table auditoria_cursor (
  unico   boolean primary key default true check (unico),
  cluster bigint not null,
  xid     xid8 not null
);
grant select, insert, update on auditoria_cursor to huella_jobs;

create table outbox (
  id         bigint generated always as identity primary key,
  tenant_id  uuid not null default tenant_actual() references tenants,
  sede_id    uuid,
  tema       text not null,
  cuerpo     jsonb not null,
  creado_en  timestamptz not null,
  intentos   smallint not null default 0,
  proximo_en timestamptz not null,
  error      text
);
-- By chain first: each chain gets its turn, however long the queue of another one is.
create index on outbox (tenant_id, proximo_en);
alter table outbox enable row level security;
alter table outbox force row level security;
create policy agregar on outbox for insert to huella_app with check (tenant_id = tenant_actual());
create policy relevar on outbox to huella_jobs using (true) with check (true);
grant insert on outbox to huella_app;
grant select, update, delete on outbox to huella_jobs;
grant select on outbox to huella_backup;

-- Answers of creating POSTs, kept ≥ 24 h: scope (tenant, who, route). They show personal data and may outlive it:
-- the answer is sealed with the platform's key for this very row, and the client's key and request are HMACs.
-- sedes: what the caller could see (null: the whole chain); who sees less today gets no answer.
create table idempotencia (
  tenant_id uuid not null default tenant_actual() references tenants,
  actor_id  uuid not null,
  ruta      text not null,
  clave     bytea not null,
  huella    bytea not null,
  sedes     uuid[],
  estado    smallint not null,
  etag      text,
  cuerpo    text not null,
  creado_en timestamptz not null,
  primary key (tenant_id, actor_id, ruta, clave)
);
create index on idempotencia using brin (creado_en);
call proteger('idempotencia', 'tenant', 'select, insert');
create policy limpiar on idempotencia to huella_jobs using (true);
grant select, delete on idempotencia to huella_jobs;

reset role;
