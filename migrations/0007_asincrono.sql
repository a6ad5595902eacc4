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

-- Work for later, done at least once: at most a few of one chain at a time, each chain in its turn. While somebody
-- works on one it is lent (tomado_hasta); if that worker dies, it is due again then. Done is deleted; what failed too
-- often is 'muerto' and stays for people to look at.
create table trabajos (
  tenant_id    uuid not null default tenant_actual() references tenants,
  id           uuid not null,
  tipo         text not null check (length(tipo) between 1 and 60),
  cuerpo       jsonb not null,
  clave        text check (length(clave) between 1 and 200),
  estado       text not null default 'pendiente' check (estado in ('pendiente', 'muerto')),
  intentos     smallint not null default 0,
  max_intentos smallint not null default 20 check (max_intentos between 1 and 100),
  proximo_en   timestamptz not null,
  tomado_hasta timestamptz,
  error        text,
  creado_en    timestamptz not null,
  muerto_en    timestamptz,
  primary key (tenant_id, id)
);
-- The same work is asked for once, until it is done or dead.
create unique index trabajos_clave on trabajos (tenant_id, tipo, clave) where estado = 'pendiente';
create index trabajos_por_hacer on trabajos (tenant_id, proximo_en, id) where estado = 'pendiente';
create index trabajos_tomados on trabajos (tenant_id, tomado_hasta) where tomado_hasta is not null;
create index trabajos_por_estado on trabajos (tenant_id, estado, creado_en, id);
call proteger('trabajos', 'tenant', 'select, insert, update');
create policy trabajar on trabajos to huella_jobs using (true) with check (true);
grant select, insert, update, delete on trabajos to huella_jobs;

-- Asks for work in the transaction of whoever needs it; false if the same was asked for before.
create function encolar(p_id uuid, p_tipo text, p_cuerpo jsonb, p_clave text, p_intentos smallint, p_en timestamptz, p_ahora timestamptz)
  returns boolean language sql set search_path = huella, pg_temp as $$
    with nuevo as (
      insert into trabajos (id, tipo, cuerpo, clave, max_intentos, proximo_en, creado_en)
      values (p_id, p_tipo, p_cuerpo, p_clave, p_intentos, p_en, p_ahora)
      on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do nothing returning id)
    select exists (select from nuevo) $$;
revoke all on function encolar from public;
grant execute on function encolar to huella_app;

-- Who is next, here and below: first the oldest of each chain that waits, in any order of chains, then the second,
-- until there are enough. The chains are found by leaps through the index, so an empty queue costs one look and a
-- long one no more than its chain's share.
create function outbox_turnos(p_por_cadena bigint, p_en_total bigint) returns setof bigint
  language sql stable set search_path = huella, pg_temp as $$
    with recursive cadenas as (
      (select tenant_id from outbox order by tenant_id limit 1)
      union all
      select (select o.tenant_id from outbox o where o.tenant_id > c.tenant_id order by o.tenant_id limit 1)
        from cadenas c where c.tenant_id is not null)
    select d.id from cadenas c cross join lateral (
        select o.id, row_number() over (order by o.id) as turno from outbox o
         where o.tenant_id = c.tenant_id order by o.id limit p_por_cadena) d
     order by d.turno, random() limit p_en_total $$;

-- What is lent counts too: a chain whose work is slow does not take every place.
create function trabajos_turnos(p_ahora timestamptz, p_por_cadena bigint, p_en_total bigint) returns table (cadena uuid, trabajo uuid)
  language sql stable set search_path = huella, pg_temp as $$
    with recursive cadenas as (
      (select tenant_id from trabajos where estado = 'pendiente' order by tenant_id limit 1)
      union all
      select (select t.tenant_id from trabajos t where t.estado = 'pendiente' and t.tenant_id > c.tenant_id order by t.tenant_id limit 1)
        from cadenas c where c.tenant_id is not null)
    select c.tenant_id, d.id from cadenas c
     cross join lateral (select count(*) as lleva from trabajos t where t.tenant_id = c.tenant_id and t.tomado_hasta > p_ahora) e
     cross join lateral (
        select t.id, e.lleva + row_number() over (order by t.proximo_en, t.id) as turno from trabajos t
         where t.tenant_id = c.tenant_id and t.estado = 'pendiente' and t.proximo_en <= p_ahora
         order by t.proximo_en, t.id limit greatest(p_por_cadena - e.lleva, 0)) d
     order by d.turno, random() limit p_en_total $$;
revoke all on function outbox_turnos, trabajos_turnos from public;
grant execute on function outbox_turnos, trabajos_turnos to huella_jobs;

-- Nothing waits in the outbox for a second try any more: what somebody has to do becomes work.
drop index outbox_tenant_id_proximo_en_idx;
create index on outbox (tenant_id, id);

-- Other systems that a chain tells what happens. Of a secret only its salt is kept.
create table webhooks (
  tenant_id      uuid not null default tenant_actual() references tenants,
  id             uuid not null,
  nombre         text not null check (length(nombre) between 1 and 80),
  url            text not null check (length(url) between 1 and 500),
  eventos        text[] not null,
  sedes          uuid[],
  activo         boolean not null,
  sal            bytea not null,
  sal_anterior   bytea,
  anterior_hasta timestamptz,
  fallando_desde timestamptz,
  pausado_en     timestamptz,
  creado_en      timestamptz not null,
  version        integer not null default 1,
  primary key (tenant_id, id)
);
call proteger('webhooks', 'tenant', 'select, insert, update, delete');
create policy repartir on webhooks for select to huella_jobs using (true);
grant select on webhooks to huella_jobs;

-- One delivery per webhook and event, its id the same in all tries.
create table webhooks_entregas (
  tenant_id        uuid not null default tenant_actual() references tenants,
  id               uuid not null,
  webhook_id       uuid not null,
  tema             text not null,
  cuerpo           jsonb not null,
  estado           text not null default 'pendiente' check (estado in ('pendiente', 'entregada', 'fallida')),
  intentos         smallint not null default 0,
  respuesta        smallint,
  respuesta_cuerpo text,
  error            text,
  creada_en        timestamptz not null,
  ultimo_en        timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, webhook_id) references webhooks on delete cascade
);
create index on webhooks_entregas (tenant_id, webhook_id, creada_en, id);
create index on webhooks_entregas using brin (creada_en);
call proteger('webhooks_entregas', 'tenant', 'select, insert, update, delete');
create policy repartir on webhooks_entregas to huella_jobs using (true) with check (true);
grant select, insert, delete on webhooks_entregas to huella_jobs;

reset role;
