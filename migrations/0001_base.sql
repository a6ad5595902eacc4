-- Ground of everything: roles, extensions, the schema, and the recipe for row-level security.

-- Roles belong to the cluster, not to the database, and several databases may be migrated at once.
select pg_advisory_xact_lock(hashtext('huella.roles'));
do $$
declare r text;
begin
  foreach r in array array[
    'huella_owner nologin nobypassrls',      -- owns every object; nobody signs in as it
    'huella_servicio login noinherit nobypassrls', -- the server's own login: may do nothing until it becomes one of the next
    'huella_app login nobypassrls',          -- serves requests, one tenant at a time
    'huella_ro login nobypassrls',           -- the same, read only, on a replica
    'huella_jobs login nobypassrls',         -- outbox relay and audit sealer, across tenants
    'huella_operador login nobypassrls',     -- operator of the platform: tenants, never their records
    'huella_backup login bypassrls'          -- pg_dump only
  ] loop
    if not exists (select from pg_roles where rolname = split_part(r, ' ', 1)) then
      execute 'create role ' || r;
    end if;
  end loop;
end $$;
alter role huella_ro set default_transaction_read_only = on;

create extension if not exists btree_gist;
create extension if not exists btree_gin;
create extension if not exists pg_trgm;

do $$ begin
  execute format('grant huella_owner, huella_app, huella_ro, huella_jobs, huella_operador to %I', current_user);
  grant huella_app, huella_ro, huella_jobs, huella_operador to huella_servicio;
  execute format('grant connect on database %I to huella_servicio, huella_app, huella_ro, huella_jobs, huella_operador, huella_backup', current_database());
end $$;
create schema if not exists huella;
alter schema huella owner to huella_owner;
grant usage on schema huella to huella_app, huella_ro, huella_jobs, huella_operador, huella_backup;
revoke create on schema public from public;

set local role huella_owner;
set local search_path = huella, public;

-- The context of a transaction. nullif: after a transaction ends the setting is '' and not null.
create function tenant_actual() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.tenant', true), '')::uuid $$;
create function sede_visible(sede uuid) returns boolean language sql stable parallel safe
  as $$ select current_setting('app.ambito', true) = 'cadena'
            or sede = any (nullif(current_setting('app.sedes', true), '')::uuid[]) $$;

-- The recipe (see README.md). alcance: 'tenant' or 'sede'. acciones: what huella_app may do.
-- The owner gets a select policy of the same tenant, because SECURITY DEFINER functions run as the owner
-- and row-level security is forced on it too: not even such a function can cross to another tenant.
create procedure proteger(tabla regclass, alcance text, acciones text) language plpgsql as $$
declare
  del_tenant constant text := 'tenant_id = tenant_actual()';
  regla text := del_tenant;
begin
  if alcance = 'sede' then
    regla := del_tenant || ' and sede_visible(sede_id)';
  elsif alcance <> 'tenant' then
    raise 'alcance desconocido: %', alcance;
  end if;
  execute format('alter table %s enable row level security', tabla);
  execute format('alter table %s force row level security', tabla);
  execute format('create policy %I on %s to huella_app, huella_ro using (%s) with check (%s)', 'por_' || alcance, tabla, regla, regla);
  execute format('create policy por_dueno on %s for select to huella_owner using (%s)', tabla, del_tenant);
  execute format('grant %s on %s to huella_app', acciones, tabla);
  execute format('grant select on %s to huella_ro, huella_backup', tabla);
end $$;
revoke all on procedure proteger from public;

reset role;
