-- What is taken, answered by two looks into an index for each resource instead of a day of its agenda.
set local role huella_owner;
set local search_path = huella, public;

-- Which of the given vets and pieces of equipment are taken in a slot, in every sede of the chain, and which rooms
-- before the first free one: rooms come in order of preference, and what lies behind it matters only to who loses a race.
--
-- Of a resource that an exclusion constraint guards, the active visits never overlap, so only two can reach into a
-- slot: the last that begins before its end, and the next, whose buffer before may begin sooner. PL/pgSQL, because it
-- keeps its plans, one for all values (it is the same two looks for any, also while the table is new and nothing is
-- known of it); a function in SQL that runs with its owner's rights is planned anew by every statement that calls it.
create or replace function recursos_ocupados(p_medicos uuid[], p_ambientes uuid[], p_equipos uuid[], p_desde timestamptz, p_hasta timestamptz)
returns setof uuid
  language plpgsql stable security definer set search_path = huella, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  v_tenant constant uuid := tenant_actual();
  v_recurso uuid;
begin
  return query select r from unnest(p_medicos) r
    where p_desde < (select c.ocupado_hasta from citas c where c.tenant_id = v_tenant and c.medico_id = r
                        and c.inicio < p_hasta and c.activa and not c.sobrecupo order by c.inicio desc limit 1)
       or p_hasta > (select c.ocupado_desde from citas c where c.tenant_id = v_tenant and c.medico_id = r
                        and c.inicio >= p_hasta and c.activa and not c.sobrecupo order by c.inicio limit 1);
  foreach v_recurso in array coalesce(p_ambientes, '{}') loop
    exit when not coalesce(
         p_desde < (select c.ocupado_hasta from citas c where c.tenant_id = v_tenant and c.ambiente_id = v_recurso
                       and c.inicio < p_hasta and c.activa order by c.inicio desc limit 1), false)
     and not coalesce(
         p_hasta > (select c.ocupado_desde from citas c where c.tenant_id = v_tenant and c.ambiente_id = v_recurso
                       and c.inicio >= p_hasta and c.activa order by c.inicio limit 1), false);
    return next v_recurso;
  end loop;
  if cardinality(p_equipos) > 0 then
    return query select r from unnest(p_equipos) r
      where p_desde < (select e.ocupado_hasta from citas_equipos e where e.tenant_id = v_tenant and e.equipo_id = r
                          and e.ocupado_desde < p_hasta and e.activa order by e.ocupado_desde desc limit 1);
  end if;
end $$;

-- A left join: who asks for none of the species' columns does not pay for them.
create or replace view v_mascotas with (security_invoker = true) as
  select m.tenant_id, m.id, m.nombre, e.clave as especie, m.fallecida_en,
         (select t.nombres || ' ' || t.apellidos
            from tutores_mascotas tm join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
           where tm.tenant_id = m.tenant_id and tm.mascota_id = m.id and tm.hasta is null
             and tm.relacion = 'propietario') as tutor
    from mascotas m left join especies e on e.tenant_id = m.tenant_id and e.id = m.especie_id;

-- The sede of a visit already is of its tenant: that the tenant exists needs no second look. The same of what leaves
-- the outbox again within a second, and of a link, whose audit row is of its tenant.
alter table citas drop constraint citas_tenant_id_fkey;
alter table outbox drop constraint outbox_tenant_id_fkey;
alter table auditoria_eslabones drop constraint auditoria_eslabones_tenant_id_fkey;

reset role;
