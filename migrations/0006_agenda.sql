-- Holds of a slot and the way of a vet from one sede to another.
set local role huella_owner;
set local search_path = huella, public;

-- A hold is a row of citas, so that it meets the same exclusion constraints as an appointment. It is `programada`, and
-- may have no pet yet: its owner is still at the form.
alter table citas
  add column retenida_hasta timestamptz,
  alter column mascota_id drop not null,
  add constraint citas_mascota_conocida check (mascota_id is not null or retenida_hasta is not null),
  add constraint citas_retencion_programada check (retenida_hasta is null or estado in ('programada', 'anulada') and not sobrecupo);
-- An appointment of a series, each a row like any other.
alter table citas add column serie_id uuid;
create index citas_serie on citas (tenant_id, serie_id, inicio) where serie_id is not null;
create index citas_retenidas on citas (tenant_id, retenida_hasta) where retenida_hasta is not null;

-- Nobody deletes an appointment. A hold goes: by the functions below, and by the sweep of all chains.
create policy retenciones on citas to huella_owner using (tenant_id = tenant_actual() and retenida_hasta is not null);
create policy retenciones on citas_equipos to huella_owner
  using (tenant_id = tenant_actual() and exists (
    select from citas c where c.tenant_id = citas_equipos.tenant_id and c.id = cita_id and c.retenida_hasta is not null));
create policy retenciones_trabajos on citas to huella_jobs using (retenida_hasta is not null);
create policy retenciones_trabajos on citas_equipos to huella_jobs
  using (exists (select from citas c where c.tenant_id = citas_equipos.tenant_id and c.id = cita_id and c.retenida_hasta is not null));
grant select (tenant_id, id, retenida_hasta), delete on citas to huella_jobs;
grant select (tenant_id, cita_id), delete on citas_equipos to huella_jobs;

-- Takes away the holds that are over and stand in a slot, in every sede of the chain. In id order: two that want the
-- same slot queue up.
create function retenciones_soltar(
  p_medicos uuid[], p_ambientes uuid[], p_mascota uuid, p_equipos uuid[], p_desde timestamptz, p_hasta timestamptz, p_ahora timestamptz)
returns integer language plpgsql volatile security definer set search_path = huella, public, pg_temp as $$
declare vencidas uuid[];
begin
  select array_agg(v.id) into vencidas from (
    select c.id from citas c
     where c.tenant_id = tenant_actual() and c.retenida_hasta <= p_ahora
       and c.ocupado_hasta > p_desde and c.ocupado_desde < p_hasta
       and (c.medico_id = any (p_medicos) or c.ambiente_id = any (p_ambientes) or c.mascota_id = p_mascota
            or exists (select from citas_equipos e where e.tenant_id = c.tenant_id and e.cita_id = c.id and e.equipo_id = any (p_equipos)))
     order by c.id for update of c) v;
  delete from citas_equipos where tenant_id = tenant_actual() and cita_id = any (vencidas);
  delete from citas where tenant_id = tenant_actual() and id = any (vencidas);
  return coalesce(cardinality(vencidas), 0);
end $$;

-- Lets one hold go, of a sede that the caller sees.
create function retencion_soltar(p_id uuid) returns boolean
  language plpgsql volatile security definer set search_path = huella, public, pg_temp as $$
begin
  perform from citas where tenant_id = tenant_actual() and id = p_id and retenida_hasta is not null and sede_visible(sede_id) for update;
  if not found then
    return false;
  end if;
  delete from citas_equipos where tenant_id = tenant_actual() and cita_id = p_id;
  delete from citas where tenant_id = tenant_actual() and id = p_id and retenida_hasta is not null;
  return found;
end $$;

-- Minutes between two sedes, where the chain knows better than the estimate. Both ways are the same.
create table traslados (
  tenant_id uuid not null default tenant_actual() references tenants,
  sede_a    uuid not null,
  sede_b    uuid not null,
  minutos   integer not null check (minutos between 0 and 720),
  version   integer not null default 1,
  primary key (tenant_id, sede_a, sede_b),
  foreign key (tenant_id, sede_a) references sedes,
  foreign key (tenant_id, sede_b) references sedes,
  check (sede_a < sede_b)
);
call proteger('traslados', 'tenant', 'select, insert, update');

-- The estimate, by UBIGEO (department, province, district), else by the city's name: 20 minutes in a district, 45 in a
-- province (across Lima, of which Callao is a part on the road), two hours in a department, six beyond (a flight with
-- the way to it). No visit and no way is longer than 20 h and 12 h: that bounds the looks below.
create function traslado_estimado(ubigeo_a text, ciudad_a text, ubigeo_b text, ciudad_b text) returns integer
  language sql immutable parallel safe as $$
  select case
    when ubigeo_a = ubigeo_b then 20
    when replace(left(ubigeo_a, 4), '0701', '1501') = replace(left(ubigeo_b, 4), '0701', '1501') then 45
    when left(ubigeo_a, 2) = left(ubigeo_b, 2) then 120
    when lower(ciudad_a) = lower(ciudad_b) then 45
    else 360 end $$;

create view v_traslados with (security_invoker = true) as
  select a.tenant_id, a.id as sede_a, b.id as sede_b,
         case when a.id = b.id then 0 else coalesce(t.minutos, traslado_estimado(a.ubigeo, a.ciudad, b.ubigeo, b.ciudad)) end as minutos,
         t.version
    from sedes a join sedes b on b.tenant_id = a.tenant_id
    left join traslados t on t.tenant_id = a.tenant_id and t.sede_a = least(a.id, b.id) and t.sede_b = greatest(a.id, b.id);
grant select on v_traslados to huella_app, huella_ro;

create index excepciones_medico on excepciones (tenant_id, medico_id, sede_id) where abierto and medico_id is not null;

-- Whether another appointment of the vet, in another sede, leaves no time for the way to this one. One plan for all
-- values, made for a large table: who fills an empty one must not go on reading all of it.
create function citas_sin_camino(p_cita uuid, p_medico uuid, p_sede uuid, p_desde timestamptz, p_hasta timestamptz, p_ahora timestamptz)
returns boolean language plpgsql stable set search_path = huella, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  return exists (
    select from citas c join v_traslados t on t.tenant_id = c.tenant_id and t.sede_a = c.sede_id and t.sede_b = p_sede
     where c.tenant_id = tenant_actual() and c.medico_id = p_medico and c.activa and not c.sobrecupo
       and c.sede_id <> p_sede and c.id <> p_cita
       and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
       and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours'
       and c.ocupado_desde < p_hasta + make_interval(mins => t.minutos)
       and c.ocupado_hasta > p_desde - make_interval(mins => t.minutos));
end $$;
revoke all on function citas_sin_camino from public;

-- A vet needs the way between two appointments in two sedes. Who works in one sede only pays a look at the plans; for
-- the others one lock per vet, the one that moves take too, makes those who book in different sedes queue up.
-- An insertion that does not fit is skipped, like one that an exclusion constraint refuses; a change is refused.
create function citas_traslado() returns trigger
  language plpgsql security definer set search_path = huella, public, pg_temp as $$
begin
  if not exists (select from planes_medicos where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id)
     and not exists (select from excepciones where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id and abierto) then
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
create trigger citas_traslado_reserva before insert on citas
  for each row when (new.activa and not new.sobrecupo) execute function citas_traslado();
create trigger citas_traslado_cambio before update on citas
  for each row when (new.activa and not new.sobrecupo
    and (old.activa, old.sobrecupo, old.sede_id, old.medico_id, old.ocupado_desde, old.ocupado_hasta)
      is distinct from (new.activa, new.sobrecupo, new.sede_id, new.medico_id, new.ocupado_desde, new.ocupado_hasta))
  execute function citas_traslado();

-- As before, with the way to `p_sede`, and without holds that are over at `p_ahora`. The ones of before serve servers of
-- before until all are new.
create function citas_conflictos(
  p_sede uuid, p_medicos uuid[], p_ambientes uuid[], p_mascota uuid, p_equipos uuid[],
  p_desde timestamptz, p_hasta timestamptz, p_excepto uuid, p_ahora timestamptz)
returns table (recurso text, recurso_id uuid, inicio timestamptz, fin timestamptz, sede_id uuid, cita_id uuid, mascota_id uuid, retenida_hasta timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  with c as (
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
    from c where c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 1, 3 $$;

-- When the given vets are not free for the given sedes, of those where each of them works: with the way there.
create function medicos_ocupados(p_medicos uuid[], p_sedes uuid[], p_desde timestamptz, p_hasta timestamptz, p_ahora timestamptz)
returns table (medico_id uuid, sede_id uuid, inicio timestamptz, desde timestamptz, hasta timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  with lugares as (
    select p.medico_id, p.sede_id from planes_medicos p
     where p.tenant_id = tenant_actual() and p.medico_id = any (p_medicos) and p.sede_id = any (p_sedes)
    union
    select e.medico_id, e.sede_id from excepciones e
     where e.tenant_id = tenant_actual() and e.medico_id = any (p_medicos) and e.sede_id = any (p_sedes) and e.abierto),
  ocupadas as materialized (
    select c.medico_id, c.sede_id, c.inicio, c.ocupado_desde, c.ocupado_hasta from citas c
     where c.tenant_id = tenant_actual() and c.medico_id = any (p_medicos) and c.activa and not c.sobrecupo
       and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
       and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours')
  select o.medico_id, l.sede_id, o.inicio, o.ocupado_desde - make_interval(mins => t.minutos), o.ocupado_hasta + make_interval(mins => t.minutos)
    from ocupadas o join lugares l on l.medico_id = o.medico_id
    join (select * from v_traslados where tenant_id = tenant_actual()) t on t.sede_a = o.sede_id and t.sede_b = l.sede_id
   where o.ocupado_hasta + make_interval(mins => t.minutos) > p_desde and o.ocupado_desde - make_interval(mins => t.minutos) < p_hasta $$;

-- Which of the given vets and pieces of equipment are not free for a slot, and which rooms before the first free one. Of a
-- resource that an exclusion constraint guards the active visits never overlap, so two looks into an index find what
-- reaches into the slot: the last that begins before its end, and the next, whose buffer before may begin sooner.
-- PL/pgSQL, because it keeps its plans, one for all values; a function in SQL that runs with its owner's rights is
-- planned anew by every statement that calls it.
create function recursos_ocupados(
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
  -- First whether the vet is elsewhere around that time, which is seldom so, and only then whether the vet works there.
  foreach v_recurso in array coalesce(p_medicos, '{}') loop
    if exists (
        select from citas c join v_traslados t on t.tenant_id = c.tenant_id and t.sede_a = c.sede_id and t.sede_b = p_sede
         where c.tenant_id = v_tenant and c.medico_id = v_recurso and c.activa and not c.sobrecupo and c.sede_id <> p_sede
           and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
           and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours'
           and c.ocupado_desde < p_hasta + make_interval(mins => t.minutos) and c.ocupado_hasta > p_desde - make_interval(mins => t.minutos))
      and (exists (select from planes_medicos p where p.tenant_id = v_tenant and p.medico_id = v_recurso and p.sede_id <> p_sede)
        or exists (select from excepciones e where e.tenant_id = v_tenant and e.medico_id = v_recurso and e.sede_id <> p_sede and e.abierto)) then
      return next v_recurso;
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

-- A hold is nothing that a vet leaves behind: it cannot become an appointment without an active vet.
create or replace function medico_deja(p_medico uuid, p_desde timestamptz)
returns table (tipo text, id uuid, sede_id uuid, desde timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select 'cita', case when sede_visible(c.sede_id) then c.id end, c.sede_id, c.inicio from citas c
   where c.tenant_id = tenant_actual() and c.medico_id = p_medico and c.inicio >= p_desde - interval '1 day' and c.retenida_hasta is null
     and (c.estado in ('en_espera', 'en_consulta') or c.estado in ('programada', 'confirmada') and c.fin > p_desde)
  union all
  select distinct 'plan', null::uuid, p.sede_id, null::timestamptz from planes_medicos p
   where p.tenant_id = tenant_actual() and p.medico_id = p_medico
  order by 1, 4, 3 $$;

revoke all on function retenciones_soltar, retencion_soltar, citas_traslado from public;
revoke all on function citas_conflictos(uuid, uuid[], uuid[], uuid, uuid[], timestamptz, timestamptz, uuid, timestamptz) from public;
revoke all on function medicos_ocupados(uuid[], uuid[], timestamptz, timestamptz, timestamptz) from public;
revoke all on function recursos_ocupados(uuid, uuid[], uuid[], uuid[], timestamptz, timestamptz, timestamptz) from public;
grant execute on function retenciones_soltar, retencion_soltar to huella_app;
grant execute on function citas_conflictos(uuid, uuid[], uuid[], uuid, uuid[], timestamptz, timestamptz, uuid, timestamptz),
  medicos_ocupados(uuid[], uuid[], timestamptz, timestamptz, timestamptz),
  recursos_ocupados(uuid, uuid[], uuid[], uuid[], timestamptz, timestamptz, timestamptz) to huella_app, huella_ro;

reset role;
