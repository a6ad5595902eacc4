-- The platform's operator sees whom it serves: the chains, and how many sedes and people each has. Which sedes and which people
-- they are stays out of sight: of their rows no more than this may be read.
set local role huella_owner;
set local search_path = huella, public;

grant select (tenant_id, activa) on sedes to huella_operador;
grant select (tenant_id, activo) on usuarios to huella_operador;
create policy cuenta on sedes for select to huella_operador using (true);
create policy cuenta on usuarios for select to huella_operador using (true);

reset role;
