-- Medical alerts: what rules (plugins) say of pets, which rules did not run, and what other rules would have said.
set local role huella_owner;
set local search_path = huella, public;

-- An alert with what it rests on: the rule as it was, the facts that it named, and why. Closed with a reason, never deleted
-- before its time. One that somebody dismissed goes on standing in for its key (calla) until its facts change.
create table alertas_medicas (
  tenant_id        uuid not null default tenant_actual() references tenants,
  id               uuid not null,
  mascota_id       uuid not null,
  complemento      text not null check (length(complemento) between 1 and 120),
  version          text not null check (length(version) between 1 and 60),   -- of the rule, when it last said it otherwise
  digest           text not null check (length(digest) between 1 and 100),
  revision         integer not null,                                         -- of its installation
  regla            text not null check (length(regla) between 1 and 120),
  clave            text not null check (length(clave) between 1 and 200),
  gravedad         text not null check (gravedad in ('info', 'advertencia', 'critica')),
  titulo           text not null check (length(titulo) between 1 and 200),
  detalle          text not null check (length(detalle) <= 4000),
  vence            date,
  evidencia        jsonb not null,                -- JSON pointers into the facts
  hechos           jsonb not null,                -- what was there, in the same order
  sugiere_bloquear boolean not null,
  desde            timestamptz not null,
  cambiada_en      timestamptz not null,
  cerrada_en       timestamptz,
  cerrada_motivo   text check (cerrada_motivo in ('resuelta', 'descartada', 'regla_retirada', 'fallecida', 'fusionada')),
  descartada_por   uuid,
  descarte_motivo  text check (length(descarte_motivo) between 1 and 500),
  descarte_hasta   date,
  calla            boolean not null default false,
  vigente          boolean not null generated always as (cerrada_en is null or calla) stored,
  orden            date not null generated always as (coalesce(vence, date '9999-12-31')) stored,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas on delete cascade,
  check ((cerrada_en is null) = (cerrada_motivo is null)),
  check ((cerrada_motivo is not distinct from 'descartada') = (descarte_motivo is not null)),
  check (not calla or cerrada_motivo = 'descartada')
);
create unique index alertas_medicas_vigentes on alertas_medicas (tenant_id, mascota_id, complemento, clave) where vigente;
create index alertas_medicas_abiertas on alertas_medicas (tenant_id, orden, id) where cerrada_en is null;
create index on alertas_medicas (tenant_id, complemento) where vigente;
create index on alertas_medicas (tenant_id, mascota_id, desde);
create index on alertas_medicas using brin (cerrada_en);
call proteger('alertas_medicas', 'tenant', 'select, insert, update');
create trigger registro_vigente before insert on alertas_medicas for each row execute function registro_vigente();
create policy segun_visibilidad on alertas_medicas as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy limpiar on alertas_medicas to huella_jobs using (true);
grant select, delete on alertas_medicas to huella_jobs;

create view v_alertas_abiertas with (security_invoker = true) as
  select tenant_id, id, mascota_id, complemento, regla, clave, gravedad, titulo, vence, desde from alertas_medicas where cerrada_en is null;
-- For the person whose pet it is.
create view v_alertas_de_expediente with (security_invoker = true) as
  select tenant_id, mascota_id, complemento, regla, version, gravedad, titulo, detalle, vence, desde, cerrada_en, cerrada_motivo,
         descarte_motivo from alertas_medicas;
grant select on v_alertas_abiertas, v_alertas_de_expediente to huella_app, huella_ro;

-- Rules that do not run for the chain: switched on and unable to, or given up in a pass. The row goes when the rule has
-- gone through all pets again.
create table alertas_detenidas (
  tenant_id   uuid not null default tenant_actual() references tenants,
  complemento text not null check (length(complemento) between 1 and 120),
  nombre      text not null check (length(nombre) <= 200),
  causa       text not null check (causa in ('parada', 'fallas')),
  resultado   text not null check (length(resultado) between 1 and 60),
  detalle     text check (length(detalle) <= 1000),
  desde       timestamptz not null,
  ultima_en   timestamptz not null,
  puede       boolean not null default false,     -- it is able to again, and has not gone through all pets yet
  primary key (tenant_id, complemento)
);
call proteger('alertas_detenidas', 'tenant', 'select, insert, update, delete');

-- Pets of which a rule said nothing, because it failed.
create table alertas_sin_evaluar (
  tenant_id   uuid not null default tenant_actual() references tenants,
  mascota_id  uuid not null,
  complemento text not null check (length(complemento) between 1 and 120),
  nombre      text not null check (length(nombre) <= 200),
  resultado   text not null check (length(resultado) between 1 and 60),
  detalle     text check (length(detalle) <= 1000),
  desde       timestamptz not null,
  primary key (tenant_id, mascota_id, complemento),
  foreign key (tenant_id, mascota_id) references mascotas on delete cascade
);
create index on alertas_sin_evaluar (tenant_id, complemento);
call proteger('alertas_sin_evaluar', 'tenant', 'select, insert, update, delete');
create policy segun_visibilidad on alertas_sin_evaluar as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));

-- When the next night of a chain begins; null: nobody worked it out yet.
create table alertas_noches (
  tenant_id uuid not null default tenant_actual() references tenants,
  proxima   timestamptz,
  primary key (tenant_id)
);
call proteger('alertas_noches', 'tenant', 'select, insert, update');
create policy programar on alertas_noches to huella_jobs using (true) with check (true);
grant select, insert, update on alertas_noches to huella_jobs;

-- A walk through all pets of a chain, and how far it came.
create table alertas_pasadas (
  tenant_id    uuid not null default tenant_actual() references tenants,
  id           uuid not null,
  motivo       text not null check (motivo in ('noche', 'reglas', 'recuperada', 'datos')),
  firma        text not null,                     -- which rules there were when it began
  total        integer not null,                  -- pets that live, counted at its beginning
  vistas       integer not null default 0,
  nuevas       integer not null default 0,
  cambiadas    integer not null default 0,
  cerradas     integer not null default 0,
  sin_evaluar  integer not null default 0,
  despues      uuid,                              -- the last pet that is done
  empezada_en  timestamptz not null,
  avanzada_en  timestamptz not null,
  terminada_en timestamptz,
  primary key (tenant_id, id)
);
create unique index alertas_pasadas_una on alertas_pasadas (tenant_id) where terminada_en is null;
create index on alertas_pasadas (tenant_id, empezada_en);
create index on alertas_pasadas using brin (terminada_en);
call proteger('alertas_pasadas', 'tenant', 'select, insert, update');
create policy limpiar on alertas_pasadas to huella_jobs using (true);
grant select, delete on alertas_pasadas to huella_jobs;

-- What a rule would say with another version, another configuration or on other days. Kept for some days.
create table alertas_ensayos (
  tenant_id    uuid not null default tenant_actual() references tenants,
  id           uuid not null,
  pedido       jsonb not null,
  estado       text not null check (estado in ('pendiente', 'en_curso', 'terminado', 'fallido')),
  detalle      text check (length(detalle) <= 1000),
  hoy          date not null,
  total        integer not null default 0,
  vistas       integer not null default 0,
  fallas       integer not null default 0,        -- pets of which the rule said nothing
  reglas       jsonb not null default '{}',       -- what came of each rule
  despues      uuid,
  creado_en    timestamptz not null,
  creado_por   uuid not null,
  terminado_en timestamptz,
  primary key (tenant_id, id)
);
create index on alertas_ensayos (tenant_id, creado_en, id);
create index on alertas_ensayos using brin (creado_en);
call proteger('alertas_ensayos', 'tenant', 'select, insert, update');
create policy limpiar on alertas_ensayos to huella_jobs using (true);
grant select, delete on alertas_ensayos to huella_jobs;

create table alertas_ensayos_cambios (
  tenant_id  uuid not null default tenant_actual() references tenants,
  ensayo_id  uuid not null,
  mascota_id uuid not null,
  clave      text not null check (length(clave) between 1 and 200),
  cambio     text not null check (cambio in ('nueva', 'cambiada', 'desaparece', 'pasajera')),
  regla      text not null check (length(regla) between 1 and 120),
  antes      jsonb,
  despues    jsonb,
  dicha_el   date,                                -- the first of the days asked for on which it is said
  dicha_hasta date,                               -- the last one
  aviso_el   date,                                -- when its owner would be written to
  primary key (tenant_id, ensayo_id, mascota_id, clave),
  foreign key (tenant_id, ensayo_id) references alertas_ensayos on delete cascade,
  foreign key (tenant_id, mascota_id) references mascotas on delete cascade
);
call proteger('alertas_ensayos_cambios', 'tenant', 'select, insert');
create policy segun_visibilidad on alertas_ensayos_cambios as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));

-- Where a pet is known: registered, or treated. One that is known nowhere is everybody's.
create view v_mascotas_sedes with (security_invoker = true) as
  select m.tenant_id, m.id as mascota_id, s.sede_id
    from mascotas m cross join lateral (
      select unnest(m.sedes) as sede_id
      union select c.sede_id from citas c where c.tenant_id = m.tenant_id and c.mascota_id = m.id
      union select h.sede_id from hechos_clinicos h where h.tenant_id = m.tenant_id and h.mascota_id = m.id and h.sede_id is not null) s;
grant select on v_mascotas_sedes to huella_app, huella_ro;

reset role;
