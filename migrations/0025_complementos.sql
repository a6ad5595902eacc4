-- Plugins: publishers and versions, which are the platform's; what a chain installed, and what came of it; whole modules off.
set local role huella_owner;
set local search_path = huella, public;

-- Both are the operator's to set: the chain of the platform's own people, who review; chains in which nothing is real.
alter table tenants add column plataforma boolean not null default false, add column sandbox boolean not null default false;

create function es_plataforma() returns boolean language sql stable parallel safe set search_path = huella, pg_temp
  as $$ select exists (select from tenants where id = tenant_actual() and plataforma) $$;
revoke all on function es_plataforma from public;
grant execute on function es_plataforma to huella_app, huella_ro, huella_jobs;

-- Whoever publishes plugins. Names and keys are no secret: whose signature counts is asked for by every chain. These three
-- tables are the platform's, so they do not go by `proteger`: a row is changed by its publisher's chain or by the platform.
create table editores (
  clave       text primary key check (clave ~ '^[a-z][a-z0-9-]{0,59}$'),
  propietario uuid not null default tenant_actual() references tenants,
  nombre      text not null check (length(nombre) between 1 and 120),
  contacto    text not null check (length(contacto) between 3 and 254),
  activo      boolean not null default true,
  suspendido  boolean not null default false,               -- by the platform: nothing of it runs
  creado_en   timestamptz not null,
  version     integer not null default 1
);
create index on editores (propietario);
alter table editores enable row level security;
alter table editores force row level security;
create policy ver on editores for select to huella_app, huella_ro using (true);
create policy crear on editores for insert to huella_app with check (propietario = tenant_actual());
create policy cambiar on editores for update to huella_app
  using (propietario = tenant_actual() and not suspendido) with check (propietario = tenant_actual() and not suspendido);
create policy suspender on editores for update to huella_app using ((select es_plataforma())) with check ((select es_plataforma()));
create policy por_dueno on editores for select to huella_owner using (propietario = tenant_actual());
grant select, insert, update (nombre, contacto, activo, suspendido, version) on editores to huella_app;
grant select on editores to huella_ro, huella_backup;

create table editores_claves (
  id          uuid primary key,
  editor      text not null references editores,
  clave       text not null check (length(clave) = 44),      -- ed25519, base64
  nota        text check (length(nota) between 1 and 120),
  creada_en   timestamptz not null,
  revocada_en timestamptz,
  motivo      text check (length(motivo) between 1 and 400),
  unique (editor, clave)
);
alter table editores_claves enable row level security;
alter table editores_claves force row level security;
create policy ver on editores_claves for select to huella_app, huella_ro using (true);
create policy crear on editores_claves for insert to huella_app
  with check (revocada_en is null and exists (select from editores e where e.clave = editor and e.propietario = tenant_actual()));
create policy revocar on editores_claves for update to huella_app
  using ((select es_plataforma()) or exists (select from editores e where e.clave = editor and e.propietario = tenant_actual()))
  with check (revocada_en is not null);
grant select, insert, update (revocada_en, motivo) on editores_claves to huella_app;
grant select on editores_claves to huella_ro, huella_backup;

-- One version of one plugin, by the digest of its bytes. Seen by everybody once the platform approved it.
create table complementos_versiones (
  digest       text primary key check (digest ~ '^[0-9a-f]{64}$'),
  propietario  uuid not null default tenant_actual() references tenants,
  editor       text not null references editores,
  complemento  text not null check (length(complemento) <= 100),
  version      text not null check (length(version) <= 40),
  orden        text collate "C" not null,                    -- sorts as versions do
  mundo        text not null check (mundo in ('payment', 'fiscal', 'delivery', 'notification', 'alerts')),
  estado       text not null check (estado in ('en_examen', 'rechazada', 'en_revision', 'aprobada', 'retirada')),
  clave_editor text,                                         -- the key that signed it; null: nobody did
  paquete      jsonb not null,                               -- manifest and schemas, as in the component
  bytes        integer not null check (bytes > 0),
  importa      text[] not null default '{}',
  hallazgos    jsonb not null default '[]',
  faltas       jsonb not null default '[]',
  examen_ms    bigint,
  subida_en    timestamptz not null,
  subida_por   uuid not null,
  examinada_en timestamptz,
  revisada_en  timestamptz,
  revisada_por uuid,
  motivo       text check (length(motivo) between 1 and 1000),
  revision     integer not null default 1
);
create index on complementos_versiones (propietario, subida_en desc);
create index on complementos_versiones (estado, subida_en desc);
create index on complementos_versiones (complemento, orden desc);
-- A number means one thing: whoever installed 1.4.2 and whoever did later have the same.
create unique index complementos_versiones_numero on complementos_versiones (complemento, version) where estado in ('aprobada', 'retirada');
create unique index complementos_versiones_subida on complementos_versiones (editor, complemento, version) where estado in ('en_examen', 'en_revision');
alter table complementos_versiones enable row level security;
alter table complementos_versiones force row level security;
create policy ver on complementos_versiones for select to huella_app, huella_ro
  using (estado in ('aprobada', 'retirada') or propietario = tenant_actual() or (select es_plataforma()));
create policy subir on complementos_versiones for insert to huella_app
  with check (propietario = tenant_actual() and estado = 'en_examen'
              and exists (select from editores e where e.clave = editor and e.propietario = tenant_actual() and e.activo and not e.suspendido));
-- Its publisher's chain examines it, and once more what the examination refused; it never decides.
create policy examinar on complementos_versiones for update to huella_app
  using (propietario = tenant_actual() and (estado = 'en_examen' or (estado = 'rechazada' and revisada_en is null)))
  with check (propietario = tenant_actual() and estado in ('en_examen', 'en_revision', 'rechazada') and revisada_en is null);
create policy revisar on complementos_versiones for update to huella_app using ((select es_plataforma())) with check ((select es_plataforma()));
create policy por_dueno on complementos_versiones for select to huella_owner using (propietario = tenant_actual());
grant select, insert,
  update (estado, clave_editor, bytes, importa, hallazgos, faltas, examen_ms, subida_en, subida_por, examinada_en, revisada_en, revisada_por, motivo, revision)
  on complementos_versiones to huella_app;
grant select on complementos_versiones to huella_ro, huella_backup;

-- What a chain installed. `revision` goes up with every change of the row.
create table complementos_instalaciones (
  tenant_id    uuid not null default tenant_actual() references tenants,
  complemento  text not null,
  digest       text not null references complementos_versiones,
  config       jsonb not null default '{}',
  consentido   jsonb not null default '[]',                  -- the permissions that were agreed to
  anterior     jsonb,                                        -- digest, config and consent before the last upgrade
  en_cambio_hasta timestamptz,                               -- an upgrade is under way: nothing new is called until it ends
  habilitado   boolean not null default false,
  sedes        uuid[],                                       -- null: the whole chain
  sandbox      boolean not null default false,
  comparte_desde timestamptz,                                -- from then on the publisher may see what failed calls carried
  instalado_en timestamptz not null,
  instalado_por uuid not null,
  cambiado_en  timestamptz not null,
  revision     integer not null default 1,
  primary key (tenant_id, complemento)
);
call proteger('complementos_instalaciones', 'tenant', 'select, insert, update, delete');
-- A publisher's function asks who shares what with it.
create policy por_editor on complementos_instalaciones for select to huella_owner using (
  exists (select from complementos_versiones v where v.digest = complementos_instalaciones.digest and v.propietario = tenant_actual()));

-- Secrets and signing keys of an installation, sealed. Shown to nobody.
create table complementos_secretos (
  tenant_id   uuid not null default tenant_actual(),
  complemento text not null,
  nombre      text not null check (length(nombre) between 1 and 60),
  clase       text,                                          -- of a key: what it is; null: a secret of the configuration
  sellado     text not null,
  cambiado_en timestamptz not null,
  cambiado_por uuid not null,
  primary key (tenant_id, complemento, nombre),
  foreign key (tenant_id, complemento) references complementos_instalaciones on delete cascade
);
call proteger('complementos_secretos', 'tenant', 'select, insert, update, delete');
create policy rotacion on complementos_secretos to huella_jobs using (true) with check (true);
grant select, update on complementos_secretos to huella_jobs;

-- Small values that a plugin keeps between calls.
create table complementos_estado (
  tenant_id   uuid not null default tenant_actual(),
  complemento text not null,
  clave       text not null check (length(clave) between 1 and 256),
  valor       bytea not null,
  vence       timestamptz,
  primary key (tenant_id, complemento, clave),
  foreign key (tenant_id, complemento) references complementos_instalaciones on delete cascade
);
create index on complementos_estado (vence) where vence is not null;
call proteger('complementos_estado', 'tenant', 'select, insert, update, delete');
create policy limpiar on complementos_estado to huella_jobs using (true);
grant select, delete on complementos_estado to huella_jobs;

-- Where providers write to a plugin: a secret address for each webhook of its manifest.
create table complementos_ganchos (
  tenant_id   uuid not null default tenant_actual(),
  complemento text not null,
  nombre      text not null check (length(nombre) between 1 and 40),
  resumen     bytea not null,
  sellado     text not null,
  creado_en   timestamptz not null,
  primary key (tenant_id, complemento, nombre),
  foreign key (tenant_id, complemento) references complementos_instalaciones on delete cascade
);
create index on complementos_ganchos (tenant_id, resumen);
call proteger('complementos_ganchos', 'tenant', 'select, insert, update, delete');
create policy rotacion on complementos_ganchos to huella_jobs using (true) with check (true);
grant select, update on complementos_ganchos to huella_jobs;

-- What came, as it came, until it was dealt with. It speaks of people: sealed.
create table complementos_mensajes (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  complemento text not null,
  nombre      text not null,
  sellado     text not null,
  recibido_en timestamptz not null,
  primary key (tenant_id, id)
);
create index on complementos_mensajes (recibido_en);
call proteger('complementos_mensajes', 'tenant', 'select, insert, delete');
create policy limpiar on complementos_mensajes to huella_jobs using (true);
grant select, delete on complementos_mensajes to huella_jobs;

-- The record of every call. `json`, not `jsonb`: it is given back as it was written.
create table complementos_corridas (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  complemento text not null,
  version     text not null,
  digest      text not null,
  mundo       text not null,
  operacion   text not null,
  intento     integer not null,
  sandbox     boolean not null,
  inicio      timestamptz not null,
  resultado   text not null,
  detalle     text,
  cuarentena  boolean not null default false,
  documento   json not null,
  primary key (tenant_id, id)
);
create index on complementos_corridas (tenant_id, inicio desc, id desc);
create index on complementos_corridas (tenant_id, complemento, inicio desc, id desc);
create index on complementos_corridas (digest, inicio) where resultado in ('internal', 'trap', 'timeout', 'limit', 'indeterminate');
create index on complementos_corridas using brin (inicio);
call proteger('complementos_corridas', 'tenant', 'select, insert');
create policy por_editor on complementos_corridas for select to huella_owner using (
  resultado in ('internal', 'trap', 'timeout', 'limit', 'indeterminate')
  and exists (select from complementos_versiones v where v.digest = complementos_corridas.digest and v.propietario = tenant_actual()));
create policy limpiar on complementos_corridas to huella_jobs using (true);
grant select, delete on complementos_corridas to huella_jobs;

-- Code that failed too often in a chain, until somebody of the chain lets it out.
create table complementos_cuarentenas (
  tenant_id   uuid not null default tenant_actual() references tenants,
  digest      text not null,
  complemento text not null,
  corrida     uuid not null,
  desde       timestamptz not null,
  primary key (tenant_id, digest)
);
call proteger('complementos_cuarentenas', 'tenant', 'select, insert, delete');

-- Modules that a chain does without. The gate remembers it with what people may do, so it changes as rights do.
create table modulos_ajustes (
  tenant_id uuid primary key default tenant_actual() references tenants,
  apagados  text[] not null default '{}',
  version   integer not null default 1
);
call proteger('modulos_ajustes', 'tenant', 'select, insert, update');
create constraint trigger version_acceso after insert or update on modulos_ajustes
  deferrable initially deferred for each row execute function subir_version_acceso();
create view v_modulos_apagados with (security_invoker = true) as select tenant_id, apagados from modulos_ajustes;
grant select on v_modulos_apagados to huella_app, huella_ro;

-- How a publisher's plugins fail, in all chains together: how often and in how many, never which. The policies above let
-- it read nothing but failures of the caller's own plugins.
create function complementos_fallas(p_editor text, p_desde timestamptz)
  returns table (complemento text, version text, operacion text, resultado text, veces bigint, cadenas bigint, primera timestamptz,
                 ultima timestamptz, en_cuarentena bigint)
  language sql stable security definer set search_path = huella, pg_temp as $$
  select c.complemento, c.version, c.operacion, c.resultado, count(*), count(distinct c.tenant_id), min(c.inicio), max(c.inicio),
         count(distinct c.tenant_id) filter (where c.cuarentena)
    from complementos_versiones v
    join complementos_corridas c on c.digest = v.digest and c.inicio >= p_desde
     and c.resultado in ('internal', 'trap', 'timeout', 'limit', 'indeterminate')
   where v.editor = p_editor and v.propietario = tenant_actual()
   group by 1, 2, 3, 4
   order by max(c.inicio) desc limit 500 $$;
revoke all on function complementos_fallas from public;
grant execute on function complementos_fallas to huella_app;

-- The same one by one, of chains that agreed to share them.
create function complementos_fallas_compartidas(p_editor text, p_desde timestamptz, p_corrida uuid)
  returns table (id uuid, complemento text, version text, digest text, operacion text, resultado text, detalle text, inicio timestamptz, documento json)
  language sql stable security definer set search_path = huella, pg_temp as $$
  select c.id, c.complemento, c.version, c.digest, c.operacion, c.resultado, c.detalle, c.inicio, c.documento
    from complementos_versiones v
    join complementos_corridas c on c.digest = v.digest and c.inicio >= p_desde
     and c.resultado in ('internal', 'trap', 'timeout', 'limit', 'indeterminate')
    join complementos_instalaciones i on i.tenant_id = c.tenant_id and i.complemento = c.complemento and c.inicio >= i.comparte_desde
   where v.editor = p_editor and v.propietario = tenant_actual() and (p_corrida is null or c.id = p_corrida)
   order by c.inicio desc limit 100 $$;
revoke all on function complementos_fallas_compartidas from public;
grant execute on function complementos_fallas_compartidas to huella_app;

reset role;
