-- What plugins are asked to do, by its key, and the reference that a provider gave: whoever has to ask again hands it over.
set local role huella_owner;
set local search_path = huella, public;

create table complementos_operaciones (
  tenant_id   uuid not null default tenant_actual(),
  complemento text not null,
  operacion   text not null check (length(operacion) between 1 and 60),
  clave       text not null check (length(clave) between 1 and 200),  -- the idempotency key: the same for every attempt
  intentos    integer not null default 1,
  referencia  text check (length(referencia) between 1 and 500),      -- null: no attempt was answered, as far as anybody knows
  creada_en   timestamptz not null,
  ultima_en   timestamptz not null,
  primary key (tenant_id, complemento, operacion, clave),
  foreign key (tenant_id, complemento) references complementos_instalaciones on delete cascade
);
create index on complementos_operaciones (ultima_en);
call proteger('complementos_operaciones', 'tenant', 'select, insert, update, delete');
create policy limpiar on complementos_operaciones to huella_jobs using (true);
grant select, delete on complementos_operaciones to huella_jobs;

reset role;
