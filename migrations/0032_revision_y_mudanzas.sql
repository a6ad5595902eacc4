-- The last look at each audit chain, for people; and how often an owner moved a booking of their own.
set local role huella_owner;
set local search_path = huella, public;

-- Written by the job that verifies, read by whoever may see the audit.
create table auditoria_revisiones (
  tenant_id   uuid not null references tenants,
  revisada_en timestamptz not null,
  eslabones   bigint not null,                 -- that fit, from the first one on
  hasta       timestamptz,                     -- of the last row that was looked at
  roto        bigint,                          -- the first link that does not fit, and why
  motivo      text,
  anclas      integer,                         -- compared with what was written down outside the database; null: it did not answer
  sin_sellar  bigint not null,
  primary key (tenant_id),
  check ((roto is null) = (motivo is null))
);
alter table auditoria_revisiones enable row level security;
alter table auditoria_revisiones force row level security;
create policy ver on auditoria_revisiones for select to huella_app, huella_ro using (tenant_id = tenant_actual());
create policy por_dueno on auditoria_revisiones for select to huella_owner using (tenant_id = tenant_actual());
create policy revisar on auditoria_revisiones to huella_jobs using (true) with check (true);
grant select on auditoria_revisiones to huella_app, huella_ro, huella_backup;
grant select, insert, update on auditoria_revisiones to huella_jobs;

alter table autoreservas add column mudanzas smallint not null default 0 check (mudanzas >= 0);

reset role;
