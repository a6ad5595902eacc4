-- What stands in the way is asked by everybody who wants a taken hour, two hundred at once. Setting up a plan costs more than
-- running it, by each place to look and each column: so every place has a statement of its own, which carries what the answer
-- shows and is left out where nothing can come of it. And once the only vet who would do is taken, nobody looks for a way
-- between sedes, a room or equipment.
set local role huella_owner;
set local search_path = huella, public;

-- In order: of each kind of thing, the first to begin.
create or replace function citas_conflictos(
  p_sede uuid, p_medicos uuid[], p_ambientes uuid[], p_mascota uuid, p_equipos uuid[],
  p_desde timestamptz, p_hasta timestamptz, p_excepto uuid, p_ahora timestamptz)
returns table (recurso text, recurso_id uuid, inicio timestamptz, fin timestamptz, sede_id uuid, cita_id uuid, mascota_id uuid, retenida_hasta timestamptz)
  language plpgsql stable security definer set search_path = huella, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
#variable_conflict use_column
declare
  v_tenant constant uuid := tenant_actual();
begin
  if cardinality(p_ambientes) > 0 then
    return query select 'ambiente', r, c.ocupado_desde, c.ocupado_hasta, case when sede_visible(c.sede_id) then c.sede_id end,
           case when sede_visible(c.sede_id) then c.id end, case when sede_visible(c.sede_id) then c.mascota_id end, c.retenida_hasta
      from unnest(p_ambientes) r, lateral (select c.id, c.sede_id, c.mascota_id, c.ocupado_desde, c.ocupado_hasta, c.retenida_hasta
        from citas c where c.tenant_id = v_tenant and c.ambiente_id = r and c.activa
       and c.inicio >= p_desde - interval '20 hours' and c.inicio < p_hasta + interval '4 hours'
       and c.ocupado_desde < p_hasta and c.ocupado_hasta > p_desde offset 0) c
     where c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 3;
  end if;
  if cardinality(p_equipos) > 0 then
    return query select 'equipo', r, c.ocupado_desde, c.ocupado_hasta, case when sede_visible(c.sede_id) then c.sede_id end,
           case when sede_visible(c.sede_id) then c.id end, case when sede_visible(c.sede_id) then c.mascota_id end, c.retenida_hasta
      from unnest(p_equipos) r, lateral (
        select c.id, c.sede_id, c.mascota_id, c.ocupado_desde, c.ocupado_hasta, c.retenida_hasta from citas_equipos e join citas c on c.tenant_id = e.tenant_id and c.id = e.cita_id
         where e.tenant_id = v_tenant and e.equipo_id = r and e.activa
           and e.ocupado_desde >= p_desde - interval '20 hours' and e.ocupado_desde < p_hasta and e.ocupado_hasta > p_desde offset 0) c
     where c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 3;
  end if;
  if p_mascota is not null then
    return query select 'mascota', c.mascota_id, c.ocupado_desde, c.ocupado_hasta, case when sede_visible(c.sede_id) then c.sede_id end,
           case when sede_visible(c.sede_id) then c.id end, case when sede_visible(c.sede_id) then c.mascota_id end, c.retenida_hasta
      from citas c where c.tenant_id = v_tenant and c.mascota_id = p_mascota and c.activa
       and c.inicio >= p_desde - interval '20 hours' and c.inicio < p_hasta + interval '4 hours'
       and c.ocupado_desde < p_hasta and c.ocupado_hasta > p_desde
       and c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 3;
  end if;
  if cardinality(p_medicos) > 0 then
    return query select 'medico', r, c.ocupado_desde, c.ocupado_hasta, case when sede_visible(c.sede_id) then c.sede_id end,
           case when sede_visible(c.sede_id) then c.id end, case when sede_visible(c.sede_id) then c.mascota_id end, c.retenida_hasta
      from unnest(p_medicos) r, lateral (select c.id, c.sede_id, c.mascota_id, c.ocupado_desde, c.ocupado_hasta, c.retenida_hasta
        from citas c where c.tenant_id = v_tenant and c.medico_id = r and c.activa and not c.sobrecupo
       and c.inicio >= p_desde - interval '20 hours' and c.inicio < p_hasta + interval '4 hours'
       and c.ocupado_desde < p_hasta and c.ocupado_hasta > p_desde offset 0) c
     where c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 3;
    -- From when to when an appointment in another sede keeps the vet from being here.
    if exists (select from unnest(p_medicos) r, lateral (select from citas c where c.tenant_id = v_tenant and c.medico_id = r and c.activa
        and not c.sobrecupo and c.sede_id <> p_sede and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours' offset 0) c) then
      return query select 'traslado', r, c.ocupado_desde - make_interval(mins => t.minutos), c.ocupado_hasta + make_interval(mins => t.minutos),
             case when sede_visible(c.sede_id) then c.sede_id end, case when sede_visible(c.sede_id) then c.id end,
             case when sede_visible(c.sede_id) then c.mascota_id end, c.retenida_hasta
        from unnest(p_medicos) r, lateral (
          select c.tenant_id, c.id, c.sede_id, c.mascota_id, c.ocupado_desde, c.ocupado_hasta, c.retenida_hasta from citas c where c.tenant_id = v_tenant and c.medico_id = r and c.activa and not c.sobrecupo and c.sede_id <> p_sede
             and c.inicio >= p_desde - interval '32 hours' and c.inicio < p_hasta + interval '16 hours'
             and not (c.ocupado_desde < p_hasta and c.ocupado_hasta > p_desde) offset 0) c
        join v_traslados t on t.tenant_id = c.tenant_id and t.sede_a = c.sede_id and t.sede_b = p_sede
       where c.ocupado_desde < p_hasta + make_interval(mins => t.minutos) and c.ocupado_hasta > p_desde - make_interval(mins => t.minutos)
         and c.id is distinct from p_excepto and (c.retenida_hasta is null or c.retenida_hasta > p_ahora) order by 3;
    end if;
  end if;
end $$;

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
  if found and cardinality(p_medicos) = 1 then
    return;
  end if;
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
