-- Services of which nobody is written to, and what who lost too many appointments may still book alone.
set local role huella_owner;
set local search_path = huella, public;

-- A euthanasia, or news that are told in person: no confirmation, no reminder.
alter table servicios add column silencioso boolean not null default false;

create or replace view v_servicios with (security_invoker = true) as
  select s.tenant_id, s.id, s.nombre, s.duracion_min, s.antes_min, s.despues_min, s.ambiente_tipo, s.equipos_tipos, s.activo,
         (select array_agg(m.medico_id) from servicios_medicos m
           where m.tenant_id = s.tenant_id and m.servicio_id = s.id) as medicos,    -- null: every vet
         s.silencioso
    from servicios s;

-- As until now they may not; or they may ask, and the sede approves each.
alter table citas_ajustes add column con_faltas text not null default 'rechazar' check (con_faltas in ('rechazar', 'aprobar'));

reset role;
