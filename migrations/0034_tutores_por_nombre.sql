-- An owner is found by name through their pets. Who has none (yet, or any more) has words of their own here, and loses them with
-- the first pet: the index grows with those few, and a search that found patients enough does not read it.
set local role huella_owner;
set local search_path = huella, public;

create table tutores_palabras (
  tenant_id uuid not null default tenant_actual(),
  palabra   text not null collate "C",
  tutor_id  uuid not null,
  primary key (tenant_id, palabra, tutor_id),
  foreign key (tenant_id, tutor_id) references tutores on delete cascade
);
create index tutores_palabras_tutor on tutores_palabras (tenant_id, tutor_id, palabra);
call proteger('tutores_palabras', 'tenant', 'select, insert, delete');

-- Of these owners those without a pet, and the names by which they are found, with those of the records that were merged into
-- them: a change in one sede keeps the index right for all.
create function tutores_sin_mascota(p_tutores uuid[]) returns table (id uuid, nombre text)
  language sql stable security definer set search_path = huella, pg_temp as $$
  select t.id, t.nombres || ' ' || t.apellidos || coalesce((select string_agg(' ' || f.nombres || ' ' || f.apellidos, '') from tutores f
                                                             where f.tenant_id = t.tenant_id and f.fusionado_con = t.id), '')
    from tutores t
   where t.tenant_id = tenant_actual() and t.id = any (p_tutores) and t.fusionado_con is null
     and not exists (select from tutores_mascotas v where v.tenant_id = t.tenant_id and v.tutor_id = t.id and v.hasta is null) $$;
revoke all on function tutores_sin_mascota from public;
grant execute on function tutores_sin_mascota to huella_app, huella_ro;

reset role;
