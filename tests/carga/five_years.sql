-- An agenda of five years behind, a visit every two hours of each vet, and of a month ahead that is four fifths full.
-- Loaded without exclusion constraints and foreign keys' triggers; the constraints are then built over it and check it whole.
--
-- Parameters: carga.tenant, carga.hoy, carga.dias_antes, carga.dias_despues, carga.mascota (seen carga.visitas times).
set session_replication_role = replica;
set maintenance_work_mem = '512MB';

create temp table libres as
  select conname, pg_get_constraintdef(oid) as texto from pg_constraint where conrelid = 'citas'::regclass and contype = 'x';
do $$ declare r record; begin
  for r in select * from libres loop execute format('alter table citas drop constraint %I', r.conname); end loop;
end $$;

-- Vets, each with the room of the same number, and pets that nobody else sees.
create temp table medicos as
  select m.sede_id, m.medico_id, a.id as ambiente_id, row_number() over (order by m.sede_id, m.medico_id) - 1 as k
    from (select sede_id, medico_id, row_number() over (partition by sede_id order by medico_id) as numero
            from (select distinct sede_id, medico_id from planes_medicos where tenant_id = current_setting('carga.tenant')::uuid) p) m
    join (select sede_id, id, row_number() over (partition by sede_id order by nombre) as numero from ambientes) a using (sede_id, numero);
create temp table pacientes as
  select id, row_number() over (order by id) - 1 as k from mascotas
   where tenant_id = current_setting('carga.tenant')::uuid and id <> current_setting('carga.mascota')::uuid;

-- Days behind have a start every two hours, days ahead one every 20 minutes, of which four in five are taken. `visita`:
-- at which of them the first vet sees the one pet that comes again and again, evenly over all these years.
create temp table horas as
  select d, h, (hoy + d + time '08:00' + h * case when d < 0 then interval '2 hours' else interval '20 minutes' end)
                 at time zone 'America/Lima' as inicio,
         d < 0 and (n + 1) * visitas / (antes * 6) <> n * visitas / (antes * 6) as visita
    from (select current_setting('carga.hoy')::date as hoy, current_setting('carga.dias_antes')::int as antes,
                 current_setting('carga.dias_despues')::int as despues, current_setting('carga.visitas')::int as visitas) p,
         generate_series(-antes, despues) d, generate_series(0, case when d < 0 then 5 else 35 end) h,
         lateral (select (d + antes) * 6 + h as n) orden;

insert into citas (tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                   estado, activa, creado_en, creado_por, actualizado_en)
select s.tenant_id, gen_random_uuid(), m.sede_id,
       case when m.k = 0 and t.visita then current_setting('carga.mascota')::uuid else p.id end,
       m.medico_id, s.id, m.ambiente_id, t.inicio, t.inicio + interval '15 min', t.inicio, t.inicio + interval '20 min',
       case when t.d < 0 then 'terminada' else 'programada' end, true, t.inicio, m.medico_id, t.inicio
  from horas t
 cross join medicos m
  join servicios s on s.tenant_id = current_setting('carga.tenant')::uuid and s.codigo = 'CONS'
  join pacientes p on p.k = m.k * 150 + ((t.d + 100000) * 36 + t.h) % 150
 where t.d < 0 or abs(hashtext(m.k || '/' || t.d || '/' || t.h)) % 100 < 80;

do $$ declare r record; begin
  for r in select * from libres loop execute format('alter table citas add constraint %I %s', r.conname, r.texto); end loop;
end $$;
reset session_replication_role;
