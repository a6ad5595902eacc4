-- Prices got a permission of their own, `servicio.precio`. Whoever could change services could price them until then: their roles
-- and keys go on being able to. Running it again gives nothing to nobody.
set local role huella_owner;
set local search_path = huella, public;

-- The owner is not held to a tenant meanwhile. The trigger raises the version of one context; here it is of every chain touched.
alter table roles no force row level security;
alter table roles_permisos no force row level security;
alter table claves_api no force row level security;
alter table roles disable trigger version_acceso;
alter table roles_permisos disable trigger version_acceso;

with dados as (
  insert into roles_permisos (tenant_id, rol_id, permiso)
    select tenant_id, rol_id, 'servicio.precio' from roles_permisos where permiso = 'servicio.administrar'
    on conflict do nothing
    returning tenant_id, rol_id
), roles_cambiados as (
  -- Who edits a role right now, without having seen this, is told that it changed.
  update roles r set version = r.version + 1 from dados d where r.tenant_id = d.tenant_id and r.id = d.rol_id returning r.tenant_id
), claves as (
  update claves_api set permisos = permisos || array['servicio.precio']
   where 'servicio.administrar' = any (permisos) and 'servicio.precio' <> all (permisos)
  returning tenant_id
)
insert into versiones_acceso as v (tenant_id) select tenant_id from roles_cambiados union select tenant_id from claves
  on conflict (tenant_id) do update set version = v.version + 1;

alter table roles enable trigger version_acceso;
alter table roles_permisos enable trigger version_acceso;
alter table roles force row level security;
alter table roles_permisos force row level security;
alter table claves_api force row level security;

reset role;
