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

reset role;
