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

-- In PL/pgSQL, which keeps its plan: in SQL every statement that calls it planned it anew. The plan follows the table's
-- statistics, so one made while the table was empty is a bad one until the next analyze.
create or replace function citas_conflictos(
  p_sede uuid, p_medicos uuid[], p_ambientes uuid[], p_mascota uuid, p_equipos uuid[],
  p_desde timestamptz, p_hasta timestamptz, p_excepto uuid, p_ahora timestamptz)
returns table (recurso text, recurso_id uuid, inicio timestamptz, fin timestamptz, sede_id uuid, cita_id uuid, mascota_id uuid, retenida_hasta timestamptz)
  language plpgsql stable security definer set search_path = huella, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
begin
  return query with c as (
    select 'medico' as recurso, r as recurso_id, 0 as minutos, c.* from unnest(p_medicos) r, lateral (
      select * from citas where tenant_id = tenant_actual() and medico_id = r and activa and not sobrecupo
         and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
         and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c
    union all
    -- From when to when the other appointment keeps the vet from being here.
    select 'traslado', r, t.minutos, c.* from unnest(p_medicos) r, lateral (
      select * from citas where tenant_id = tenant_actual() and medico_id = r and activa and not sobrecupo and citas.sede_id <> p_sede
         and inicio >= p_desde - interval '32 hours' and inicio < p_hasta + interval '16 hours'
         and not tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c
      join v_traslados t on t.tenant_id = c.tenant_id and t.sede_a = c.sede_id and t.sede_b = p_sede
     where c.ocupado_desde < p_hasta + make_interval(mins => t.minutos) and c.ocupado_hasta > p_desde - make_interval(mins => t.minutos)
    union all
    select 'ambiente', r, 0, c.* from unnest(p_ambientes) r, lateral (
      select * from citas where tenant_id = tenant_actual() and ambiente_id = r and activa
         and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
         and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c
    union all
    select 'mascota', citas.mascota_id, 0, * from citas
     where tenant_id = tenant_actual() and citas.mascota_id = p_mascota and activa
       and inicio >= p_desde - interval '20 hours' and inicio < p_hasta + interval '4 hours'
       and tstzrange(ocupado_desde, ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)')
    union all
    select 'equipo', r, 0, c.* from unnest(p_equipos) r, lateral (
      select c.* from citas_equipos e join citas c on c.tenant_id = e.tenant_id and c.id = e.cita_id
       where e.tenant_id = tenant_actual() and e.equipo_id = r and e.activa
         and e.ocupado_desde >= p_desde - interval '20 hours' and e.ocupado_desde < p_hasta
         and tstzrange(e.ocupado_desde, e.ocupado_hasta, '[)') && tstzrange(p_desde, p_hasta, '[)') offset 0) c)
  select c.recurso, c.recurso_id, c.ocupado_desde - make_interval(mins => c.minutos), c.ocupado_hasta + make_interval(mins => c.minutos),
         case when sede_visible(c.sede_id) then c.sede_id end,
         case when sede_visible(c.sede_id) then c.id end,
         case when sede_visible(c.sede_id) then c.mascota_id end,
         c.retenida_hasta
    from c where c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 1, 3;
end $$;

reset role;
