-- What is switched on in any chain is made ready when a server starts, before anybody asks for it.
set local role huella_owner;
set local search_path = huella, public;

create policy calentar on complementos_instalaciones for select to huella_jobs using (true);
grant select (tenant_id, complemento, digest, habilitado) on complementos_instalaciones to huella_jobs;
create policy calentar on complementos_versiones for select to huella_jobs using (true);
grant select (digest, version, mundo, estado) on complementos_versiones to huella_jobs;

reset role;
