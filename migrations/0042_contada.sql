-- Letters of bookings.
set local role huella_owner;
set local search_path = huella, public;

-- What the owner of a booking was last told of it by its own letters: version, sede, vet, start, and whether it was cancelled.
-- Whoever tells owners of appointments reads it, so that nobody is told the same twice.
alter table autoreservas add column contada jsonb check (jsonb_typeof(contada) = 'object');

reset role;
