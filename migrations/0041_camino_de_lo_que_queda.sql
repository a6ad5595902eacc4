-- A vet who works in no other sede any more may still have appointments there: they count as long as they are ahead.
set local role huella_owner;
set local search_path = huella, public;

create or replace function citas_traslado() returns trigger
  language plpgsql security definer set search_path = huella, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  if not exists (select from planes_medicos where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id)
     and not exists (select from excepciones where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id and abierto)
     and not exists (select from turnos_asignados where tenant_id = new.tenant_id and medico_id = new.medico_id and sede_id <> new.sede_id)
     and not exists (select from citas c
                      where c.tenant_id = new.tenant_id and c.medico_id = new.medico_id and c.activa and not c.sobrecupo and c.sede_id <> new.sede_id
                        and c.inicio >= new.ocupado_desde - interval '32 hours' and c.inicio < new.ocupado_hasta + interval '16 hours') then
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

reset role;
