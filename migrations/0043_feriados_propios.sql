-- Holidays of a region that the platform's calendar does not have: the chain's own, by the beginning of the UBIGEO where they hold;
-- empty, as a national day's is, of one that holds in all of its sedes, such as an anniversary.
set local role huella_owner;
set local search_path = huella, public;

create table feriados_propios (
  tenant_id uuid not null default tenant_actual() references tenants,
  id        uuid not null,
  fecha     date not null,
  ambito    text not null check (ambito ~ '^([0-9]{2}){0,3}$'),
  nombre    text not null check (length(nombre) between 1 and 120),
  fuente    text not null check (length(fuente) between 1 and 200),
  creado_en timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, fecha, ambito)
);
call proteger('feriados_propios', 'tenant', 'select, insert, update, delete');

create trigger agenda_cambiada after insert or update or delete on feriados_propios for each statement execute function agenda_cambiada();
create constraint trigger version_agenda after insert or update or delete on feriados_propios
  deferrable initially deferred for each row execute function subir_version_agenda();

-- The days on which a sede is closed unless it says otherwise. Terms of laws are counted by v_feriados, which the chain does not write.
create view v_feriados_agenda with (security_invoker = true) as
  select null::uuid as id, fecha, ambito, nombre, fuente from feriados
  union all
  select id, fecha, ambito, nombre, fuente from feriados_propios;
grant select on v_feriados_agenda to huella_app, huella_ro;

reset role;
