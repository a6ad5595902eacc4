-- The relay looks up what it takes by where it lies: its turns and its deletion cost the same however much was
-- deleted before, and no plan made for an empty outbox can read all of it for each event.
set local role huella_owner;
set local search_path = huella, public;

-- Where those lie that are next. While few wait, all are, in their order; otherwise first the oldest of each chain,
-- in any order of chains, then the second, until there are enough. One relay works at a time and nothing else
-- touches a row once it is written, so it still lies there when it is taken.
drop function outbox_turnos;
create function outbox_turnos(p_por_cadena bigint, p_en_total bigint) returns setof tid
  language plpgsql stable
  set search_path = huella, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
declare v_todos tid[];
begin
  v_todos := array(select o.ctid from outbox o order by o.id limit p_por_cadena + 1);
  if cardinality(v_todos) <= p_por_cadena then
    return query select unnest(v_todos);
    return;
  end if;
  return query
    with recursive cadenas as (
      (select tenant_id from outbox order by tenant_id limit 1)
      union all
      select (select o.tenant_id from outbox o where o.tenant_id > c.tenant_id order by o.tenant_id limit 1)
        from cadenas c where c.tenant_id is not null)
    select d.lugar from cadenas c cross join lateral (
        select o.ctid as lugar, row_number() over (order by o.id) as turno from outbox o
         where o.tenant_id = c.tenant_id order by o.id limit p_por_cadena) d
     order by d.turno, random() limit p_en_total;
end $$;
revoke all on function outbox_turnos from public;
grant execute on function outbox_turnos to huella_jobs;

-- As before, but for the order of the two questions about other sedes: the plans of a vet are a few rows, the agenda of
-- two days is dozens.
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

reset role;
