-- Duplicates become one: owners and pets that are merged, and brought back.
set local role huella_owner;
set local search_path = huella, public;

-- A merged record stays, with what was its own, and points to the one that goes on.
alter table tutores add column fusionado_con uuid check (fusionado_con <> id);
alter table tutores add foreign key (tenant_id, fusionado_con) references tutores;
create index on tutores (tenant_id, fusionado_con) where fusionado_con is not null;
alter table mascotas add column fusionada_con uuid check (fusionada_con <> id);
alter table mascotas add foreign key (tenant_id, fusionada_con) references mascotas;
create index on mascotas (tenant_id, fusionada_con) where fusionada_con is not null;
grant update (mascota_id) on pesos, mascotas_hechos to huella_app;

-- Merges, with all that is needed to take them back exactly: what moved, by id.
create table fusiones (
  tenant_id      uuid not null default tenant_actual() references tenants,
  id             uuid not null,
  tipo           text not null check (tipo in ('tutor', 'mascota')),
  de             uuid not null,                 -- the record that gave way
  a              uuid not null,                 -- the one that goes on
  movido         jsonb not null,
  hecha_en       timestamptz not null,
  hecha_por      uuid not null,
  deshacer_hasta timestamptz not null,
  deshecha_en    timestamptz,
  deshecha_por   uuid,
  primary key (tenant_id, id),
  check (de <> a),
  check ((deshecha_en is null) = (deshecha_por is null))
);
create index on fusiones (tenant_id, de);
create index on fusiones (tenant_id, a);
call proteger('fusiones', 'tenant', 'select, insert, update');

-- How a chain keeps its owners and pets; without a row, as the columns' defaults say.
create table pacientes_ajustes (
  tenant_id   uuid not null default tenant_actual() references tenants,
  fusion_dias integer not null default 30 check (fusion_dias between 1 and 365),
  version     integer not null default 1,
  primary key (tenant_id)
);
call proteger('pacientes_ajustes', 'tenant', 'select, insert, update');

alter table mascotas_hechos drop constraint mascotas_hechos_tipo_check;
alter table mascotas_hechos add constraint mascotas_hechos_tipo_check
  check (tipo in ('registro', 'cambio', 'tutor', 'identificador', 'foto', 'fallecimiento', 'fallecimiento_corregido',
                  'fusion', 'fusion_deshecha'));

-- Nothing new hangs on a merged record: whoever merges holds both for update, so what comes meanwhile waits and is refused.
create function registro_vigente() returns trigger
  language plpgsql set search_path = huella, pg_temp as $$
begin
  if (select m.fusionada_con is not null from mascotas m
       where m.tenant_id = new.tenant_id and m.id = new.mascota_id for key share) then
    raise exception 'el registro se fusionó con otro' using errcode = 'foreign_key_violation';
  end if;
  if tg_table_name = 'tutores_mascotas' then
    if (select t.fusionado_con is not null from tutores t
         where t.tenant_id = new.tenant_id and t.id = new.tutor_id for key share) then
      raise exception 'el registro se fusionó con otro' using errcode = 'foreign_key_violation';
    end if;
  end if;
  return new;
end $$;
revoke all on function registro_vigente from public;
create trigger registro_vigente before insert on tutores_mascotas for each row execute function registro_vigente();
create trigger registro_vigente before insert on pesos for each row execute function registro_vigente();
create or replace function citas_mascota_viva() returns trigger
  language plpgsql set search_path = huella, pg_temp as $$
declare
  m record;
begin
  select fallecida_en, fusionada_con into m from mascotas where tenant_id = new.tenant_id and id = new.mascota_id for key share;
  if m.fusionada_con is not null then
    raise exception 'el registro se fusionó con otro' using errcode = 'foreign_key_violation';
  elsif m.fallecida_en is not null then
    raise exception 'la mascota falleció' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;

-- Pairs of active appointments of two pets that would overlap if they were one. Of a sede that the caller may not see,
-- only where and when.
create function citas_que_chocan(p_una uuid, p_otra uuid)
returns table (inicio timestamptz, fin timestamptz, sede_id uuid, cita_id uuid, otra_sede_id uuid, otra_id uuid)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select greatest(u.ocupado_desde, o.ocupado_desde), least(u.ocupado_hasta, o.ocupado_hasta),
         u.sede_id, case when sede_visible(u.sede_id) then u.id end,
         o.sede_id, case when sede_visible(o.sede_id) then o.id end
    from citas u join citas o on o.tenant_id = u.tenant_id and o.mascota_id = p_otra and o.activa
                             and o.ocupado_desde < u.ocupado_hasta and o.ocupado_hasta > u.ocupado_desde
   where u.tenant_id = tenant_actual() and u.mascota_id = p_una and u.activa
   order by 1 $$;

-- Gives all appointments of a merged pet to the one that goes on, in every sede.
create function citas_pasar(p_de uuid) returns setof uuid
  language sql volatile security definer set search_path = huella, public, pg_temp as $$
  update citas c set mascota_id = m.fusionada_con, version = c.version + 1
    from mascotas m where m.tenant_id = tenant_actual() and m.id = p_de and m.fusionada_con is not null
     and c.tenant_id = m.tenant_id and c.mascota_id = p_de returning c.id $$;

-- Gives appointments back to a pet that is merged no more, as far as they are still where they went.
create function citas_devolver(p_citas uuid[], p_desde uuid, p_a uuid) returns setof uuid
  language sql volatile security definer set search_path = huella, public, pg_temp as $$
  update citas c set mascota_id = p_a, version = c.version + 1
    from mascotas m where m.tenant_id = tenant_actual() and m.id = p_a and m.fusionada_con is null
     and c.tenant_id = m.tenant_id and c.id = any (p_citas) and c.mascota_id = p_desde returning c.id $$;
revoke all on function citas_que_chocan, citas_pasar, citas_devolver from public;
grant execute on function citas_que_chocan to huella_app, huella_ro;
grant execute on function citas_pasar, citas_devolver to huella_app;

-- Others join the pets that are in use. A left join: who asks for none of the species' columns does not pay for them.
create or replace view v_mascotas with (security_invoker = true) as
  select m.tenant_id, m.id, m.nombre, e.clave as especie, m.fallecida_en,
         (select t.nombres || ' ' || t.apellidos
            from tutores_mascotas tm join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
           where tm.tenant_id = m.tenant_id and tm.mascota_id = m.id and tm.hasta is null
             and tm.relacion = 'propietario') as tutor
    from mascotas m left join especies e on e.tenant_id = m.tenant_id and e.id = m.especie_id
   where m.fusionada_con is null;

reset role;
