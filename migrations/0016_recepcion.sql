-- The reception desk: owners who do not come.
set local role huella_owner;
set local search_path = huella, public;

-- Who cancelled: an owner's cancellations count for the owner, the clinic's do not.
alter table citas add column anulada_por text check (anulada_por in ('tutor', 'clinica'));

-- What other domains may join: whose a pet is, and which owner a merged record goes on as.
create view v_propietarios with (security_invoker = true) as
  select tenant_id, mascota_id, tutor_id from tutores_mascotas where relacion = 'propietario' and hasta is null;
create view v_tutores with (security_invoker = true) as
  select tenant_id, id, fusionado_con from tutores;
grant select on v_propietarios, v_tutores to huella_app, huella_ro;

-- Appointments that were lost by their owner: did not come, or cancelled too late. Whose the pet was then, whoever has it
-- now. A row goes when the state of its appointment is corrected. The chain sees them all: an owner has one record.
create table faltas (
  tenant_id uuid not null default tenant_actual() references tenants,
  cita_id   uuid not null,
  tutor_id  uuid not null,
  tipo      text not null check (tipo in ('no_asistio', 'anulacion_tardia')),
  en        timestamptz not null,
  primary key (tenant_id, cita_id),
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, tutor_id) references tutores
);
create index on faltas (tenant_id, tutor_id, en desc, cita_id desc);
call proteger('faltas', 'tenant', 'select, insert, delete');

-- How a chain keeps its agenda; without a row, as the columns' defaults say.
create table citas_ajustes (
  tenant_id        uuid not null default tenant_actual() references tenants,
  aviso_horas      integer not null default 24 check (aviso_horas between 0 and 168),
  faltas_max       integer default 3 check (faltas_max between 1 and 20),    -- null: nobody has to pay before
  correccion_horas integer not null default 24 check (correccion_horas between 1 and 720),
  version          integer not null default 1,
  primary key (tenant_id)
);
call proteger('citas_ajustes', 'tenant', 'select, insert, update');

reset role;
