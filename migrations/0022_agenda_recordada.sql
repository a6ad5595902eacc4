-- What decides when and with what a sede works changes seldom, and every booking needs all of it. Each process remembers
-- it with the version of then; the statement that looks at what is taken says the version of now.
set local role huella_owner;
set local search_path = huella, public;

create table versiones_agenda (
  tenant_id uuid primary key references tenants,
  version   bigint not null default 1
);
alter table versiones_agenda enable row level security;
alter table versiones_agenda force row level security;
create policy por_tenant on versiones_agenda for select to huella_app, huella_ro using (tenant_id = tenant_actual());
create policy dueno on versiones_agenda to huella_owner using (true) with check (true);
grant select on versiones_agenda to huella_app, huella_ro, huella_backup;

-- None in a transaction that itself changed something of it: what it sees is nobody else's yet, and may never be.
create view v_version_agenda with (security_invoker = true) as
  select tenant_id, version from versiones_agenda where coalesce(current_setting('app.agenda_cambiada', true), '') = '';
grant select on v_version_agenda to huella_app, huella_ro;

create function agenda_cambiada() returns trigger language plpgsql set search_path = huella, pg_temp as $$
begin
  perform set_config('app.agenda_cambiada', 'si', true);
  return null;
end $$;

-- At the end of the transaction: whoever holds this row waits for nobody. One after the other, so that a version stands
-- for exactly what was committed until then.
create function subir_version_agenda() returns trigger
  language plpgsql security definer set search_path = huella, pg_temp as $$
declare
  v_tenant constant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
  v_marca constant text := pg_current_xact_id()::text || v_tenant;
begin
  if current_setting('app.version_agenda', true) is distinct from v_marca then
    insert into versiones_agenda (tenant_id) values (v_tenant)
      on conflict (tenant_id) do update set version = versiones_agenda.version + 1;
    perform set_config('app.version_agenda', v_marca, true);
  end if;
  return null;
end $$;

-- Holidays are the platform's, and count for every chain.
create function subir_versiones_agenda() returns trigger
  language plpgsql security definer set search_path = huella, pg_temp as $$
begin
  update versiones_agenda set version = version + 1;
  return null;
end $$;
revoke all on function subir_version_agenda, subir_versiones_agenda from public;

do $$
declare tabla text;
begin
  foreach tabla in array array['sedes', 'ambientes', 'equipos', 'servicios', 'servicios_medicos', 'horarios_sede', 'planes_medicos',
    'excepciones', 'turnos_tramos', 'turnos_asignados', 'bloqueos'] loop
    execute format('create trigger agenda_cambiada after insert or update or delete on %I for each statement execute function agenda_cambiada()', tabla);
    execute format('create constraint trigger version_agenda after insert or update or delete on %I
      deferrable initially deferred for each row execute function subir_version_agenda()', tabla);
  end loop;
end $$;
create trigger agenda_cambiada after insert or update of es_medico, activo on usuarios for each statement execute function agenda_cambiada();
create constraint trigger version_agenda after insert or update of es_medico, activo on usuarios
  deferrable initially deferred for each row execute function subir_version_agenda();
create trigger version_agenda after insert or update or delete on feriados for each statement execute function subir_versiones_agenda();

insert into versiones_agenda (tenant_id) select id from tenants;

reset role;
