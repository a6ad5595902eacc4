-- Foreign keys that look twice at the same thing.
set local role huella_owner;
set local search_path = huella, public;

-- The sede of a visit already is of its tenant: that the tenant exists needs no second look. The same of what leaves
-- the outbox again within a second, and of a link, whose audit row is of its tenant.
alter table citas drop constraint citas_tenant_id_fkey;
alter table outbox drop constraint outbox_tenant_id_fkey;
alter table auditoria_eslabones drop constraint auditoria_eslabones_tenant_id_fkey;

reset role;
