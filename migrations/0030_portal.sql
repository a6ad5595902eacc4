-- The staff portal: a session whose credential is a cookie, and which a PIN locks.
set local role huella_owner;
set local search_path = huella, public;

-- `portal`: SHA-256 of the cookie, bound to the address at which it was given; null: a session of the API, with tokens.
alter table sesiones
  add column portal       bytea check (length(portal) = 32),
  add column bloqueada_en timestamptz,
  add column pin_fallos   smallint not null default 0;    -- since it was locked
create unique index on sesiones (tenant_id, portal) where portal is not null;

-- Keyed: whoever reads the database cannot try all PINs without the master key.
alter table usuarios add column pin bytea;

-- What is locked here is locked in every instance.
create constraint trigger version_bloqueo after update of bloqueada_en on sesiones
  deferrable initially deferred for each row execute function subir_version_acceso();

reset role;
