-- A chain's own day may hold in all of its sedes, wherever they are, such as an anniversary: its place is then empty, as a
-- national day's is.
set local role huella_owner;
set local search_path = huella, public;

alter table feriados_propios
  drop constraint feriados_propios_ambito_check,
  add constraint feriados_propios_ambito_check check (ambito ~ '^([0-9]{2}){0,3}$');

reset role;
