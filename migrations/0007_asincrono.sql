-- What goes on outside of requests: the feed of events that screens listen to.
set local role huella_owner;
set local search_path = huella, public;

-- Events of the last minutes, numbered per chain without gaps by the relay, one relay at a time: a number is given
-- after the commit of what happened, so whoever has seen number n has missed nothing below it.
create table eventos (
  tenant_id   uuid not null default tenant_actual() references tenants,
  numero      bigint not null,
  sede_id     uuid,
  tema        text not null,
  cuerpo      jsonb not null,
  ocurrido_en timestamptz not null,
  en          timestamptz not null,
  primary key (tenant_id, numero)
);
create index on eventos using brin (en);
alter table eventos enable row level security;
alter table eventos force row level security;
create policy ver on eventos for select to huella_app, huella_ro
  using (tenant_id = tenant_actual() and (sede_id is null or sede_visible(sede_id)));
create policy por_dueno on eventos for select to huella_owner using (tenant_id = tenant_actual());
create policy relevar on eventos to huella_jobs using (true) with check (true);
grant select on eventos to huella_app, huella_ro, huella_backup;
grant select, insert, delete on eventos to huella_jobs;

-- The last number of each chain, and the last one that was deleted.
create table eventos_ultimos (
  tenant_id uuid primary key default tenant_actual() references tenants,
  ultimo    bigint not null,
  podado    bigint not null default 0
);
call proteger('eventos_ultimos', 'tenant', 'select');
create policy relevar on eventos_ultimos to huella_jobs using (true) with check (true);
grant select, insert, update on eventos_ultimos to huella_jobs;

reset role;
