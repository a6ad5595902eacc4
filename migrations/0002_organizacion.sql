-- Chain → legal entity (RUC) → sede → area; people, roles, sessions, keys.
set local role huella_owner;
set local search_path = huella, public;

create table tenants (
  id         uuid primary key,
  clave      text not null unique check (clave ~ '^[a-z][a-z0-9-]{1,39}$'),
  nombre     text not null check (length(nombre) between 1 and 120),
  creado_en  timestamptz not null,
  activo     boolean not null default true
);
alter table tenants enable row level security;
alter table tenants force row level security;
create policy propio on tenants for select to huella_app, huella_ro using (id = tenant_actual());
create policy operador on tenants to huella_operador using (true) with check (true);
create policy trabajos on tenants for select to huella_jobs using (true);
create policy dueno on tenants for select to huella_owner using (true);
grant select on tenants to huella_app, huella_ro, huella_jobs, huella_backup;
grant select, insert, update on tenants to huella_operador;

-- Sign-in starts with the chain's address and no context yet: this is the only way from a name to an id.
create function tenant_por_clave(p_clave text) returns uuid
  language sql stable security definer set search_path = huella, pg_temp
  as $$ select id from tenants where clave = p_clave and activo $$;
revoke all on function tenant_por_clave from public;
grant execute on function tenant_por_clave to huella_app;

-- Last state that `huella tenant apply` wrote per object: what the API changed since is kept
-- until the file itself changes.
create table tenants_aplicados (
  tenant_id uuid not null default tenant_actual() references tenants,
  tipo      text not null,
  clave     text not null,
  datos     jsonb not null,
  aplicado_en timestamptz not null,
  primary key (tenant_id, tipo, clave)
);
call proteger('tenants_aplicados', 'tenant', 'select, insert, update, delete');

create table entidades_legales (
  tenant_id        uuid not null default tenant_actual() references tenants,
  id               uuid not null,
  ruc              text not null check (ruc ~ '^(10|15|16|17|20)[0-9]{9}$'),
  razon_social     text not null check (length(razon_social) between 1 and 200),
  nombre_comercial text,
  direccion        text,
  ubigeo           text check (ubigeo ~ '^[0-9]{6}$'),
  version          integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, ruc)
);
call proteger('entidades_legales', 'tenant', 'select, insert, update');

create table sedes (
  tenant_id          uuid not null default tenant_actual() references tenants,
  id                 uuid not null,
  entidad_legal_id   uuid not null,
  codigo             text not null check (codigo ~ '^[A-Z0-9-]{2,12}$'),
  nombre             text not null check (length(nombre) between 1 and 120),
  direccion          text,
  ciudad             text not null,
  ubigeo             text check (ubigeo ~ '^[0-9]{6}$'),
  telefono           text,
  zona_horaria       text not null default 'America/Lima',
  atiende_feriados   boolean not null default false,
  activa             boolean not null default true,
  version            integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, codigo),
  foreign key (tenant_id, entidad_legal_id) references entidades_legales
);
-- A sede's name and address are no secret inside its chain; changing it needs the sede.
alter table sedes enable row level security;
alter table sedes force row level security;
create policy ver_cadena on sedes for select to huella_app, huella_ro using (tenant_id = tenant_actual());
create policy crear on sedes for insert to huella_app
  with check (tenant_id = tenant_actual() and current_setting('app.ambito', true) = 'cadena');
create policy cambiar on sedes for update to huella_app
  using (tenant_id = tenant_actual() and sede_visible(id)) with check (tenant_id = tenant_actual() and sede_visible(id));
create policy por_dueno on sedes for select to huella_owner using (tenant_id = tenant_actual());
grant select, insert, update on sedes to huella_app;
grant select on sedes to huella_ro, huella_backup;

create table areas (
  tenant_id uuid not null default tenant_actual(),
  id        uuid not null,
  sede_id   uuid not null,
  nombre    text not null check (length(nombre) between 1 and 80),
  activa    boolean not null default true,
  version   integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, sede_id, id),
  unique (tenant_id, sede_id, nombre),
  foreign key (tenant_id, sede_id) references sedes
);
call proteger('areas', 'sede', 'select, insert, update');

create table ambientes (
  tenant_id uuid not null default tenant_actual(),
  id        uuid not null,
  sede_id   uuid not null,
  area_id   uuid,
  nombre    text not null check (length(nombre) between 1 and 80),
  tipo      text not null check (tipo in ('consultorio', 'quirofano', 'bano', 'imagenes', 'laboratorio', 'hospitalizacion')),
  activo    boolean not null default true,
  version   integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, sede_id, id),
  unique (tenant_id, sede_id, nombre),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, sede_id, area_id) references areas (tenant_id, sede_id, id)
);
call proteger('ambientes', 'sede', 'select, insert, update');

create table equipos (
  tenant_id uuid not null default tenant_actual(),
  id        uuid not null,
  sede_id   uuid not null,
  nombre    text not null check (length(nombre) between 1 and 80),
  tipo      text not null check (tipo ~ '^[a-z0-9_]{2,40}$'),
  activo    boolean not null default true,
  version   integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, sede_id, id),
  unique (tenant_id, sede_id, nombre),
  foreign key (tenant_id, sede_id) references sedes
);
call proteger('equipos', 'sede', 'select, insert, update');

-- One key per person (owner or staff), wrapped by the platform's key of that version. Deleting the row
-- makes every encrypted value of that person unreadable, also inside the audit.
create table claves_personales (
  tenant_id  uuid not null default tenant_actual() references tenants,
  persona_id uuid not null,
  version    integer not null,
  envuelta   bytea not null,
  primary key (tenant_id, persona_id)
);
call proteger('claves_personales', 'tenant', 'select, insert, update, delete');
create policy rotacion on claves_personales to huella_jobs using (true) with check (true);
grant select, update on claves_personales to huella_jobs;
create index on claves_personales (version);

create table usuarios (
  tenant_id       uuid not null default tenant_actual() references tenants,
  id              uuid not null,
  nombres         text not null check (length(nombres) between 1 and 80),
  apellidos       text not null check (length(apellidos) between 1 and 80),
  correo_cifrado  bytea not null,
  correo_indice   bytea not null,
  telefono_cifrado bytea,
  documento_cifrado bytea,
  es_medico       boolean not null default false,
  cmvp            text check (cmvp ~ '^[0-9]{3,6}$'),
  contrasena      text,                     -- argon2id, PHC string; null until the invitation is accepted
  contrasena_en   timestamptz,
  totp_cifrado    bytea,
  totp_desde      timestamptz,              -- null: enrolment not confirmed
  totp_ultimo     bigint,                   -- last accepted step: a code works once
  activo          boolean not null default true,
  version         integer not null default 1,
  creado_en       timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, correo_indice)
);
call proteger('usuarios', 'tenant', 'select, insert, update');

create table codigos_recuperacion (
  tenant_id  uuid not null default tenant_actual(),
  usuario_id uuid not null,
  resumen    bytea not null,
  usado_en   timestamptz,
  primary key (tenant_id, usuario_id, resumen),
  foreign key (tenant_id, usuario_id) references usuarios
);
call proteger('codigos_recuperacion', 'tenant', 'select, insert, update, delete');

-- Invitations and forgotten passwords: a random token by e-mail, of which only the SHA-256 is kept.
create table enlaces_cuenta (
  tenant_id  uuid not null default tenant_actual(),
  resumen    bytea not null,
  usuario_id uuid not null,
  tipo       text not null check (tipo in ('invitacion', 'restablecer')),
  creado_en  timestamptz not null,
  expira_en  timestamptz not null,
  usado_en   timestamptz,
  primary key (tenant_id, resumen),
  foreign key (tenant_id, usuario_id) references usuarios
);
create index on enlaces_cuenta (tenant_id, usuario_id);
call proteger('enlaces_cuenta', 'tenant', 'select, insert, update');
create policy limpiar on enlaces_cuenta to huella_jobs using (true);
grant select, delete on enlaces_cuenta to huella_jobs;

-- casbin's policy, per tenant: roles and their permissions are the p lines, assignments the g lines.
create table roles (
  tenant_id  uuid not null default tenant_actual() references tenants,
  id         uuid not null,
  clave      text not null check (clave ~ '^[a-z][a-z0-9_]{1,39}$'),
  nombre     text not null check (length(nombre) between 1 and 80),
  de_sistema boolean not null default false,
  exige_segundo_factor boolean not null default false,
  version    integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, clave)
);
call proteger('roles', 'tenant', 'select, insert, update, delete');

create table roles_permisos (
  tenant_id uuid not null default tenant_actual(),
  rol_id    uuid not null,
  permiso   text not null,
  primary key (tenant_id, rol_id, permiso),
  foreign key (tenant_id, rol_id) references roles on delete cascade
);
call proteger('roles_permisos', 'tenant', 'select, insert, delete');

create table asignaciones (
  tenant_id  uuid not null default tenant_actual(),
  id         uuid not null,
  usuario_id uuid not null,
  rol_id     uuid not null,
  sede_id    uuid,                          -- null: the whole chain
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, usuario_id, rol_id, sede_id),
  foreign key (tenant_id, usuario_id) references usuarios,
  foreign key (tenant_id, rol_id) references roles,
  foreign key (tenant_id, sede_id) references sedes
);
call proteger('asignaciones', 'tenant', 'select, insert, delete');

create table sesiones (
  tenant_id   uuid not null default tenant_actual(),
  id          uuid not null,
  usuario_id  uuid not null,
  dispositivo text not null,
  ip          text not null,
  creada_en   timestamptz not null,
  usada_en    timestamptz not null,
  expira_en   timestamptz not null,
  segundo_factor boolean not null default false,
  revocada_en timestamptz,
  motivo      text,
  primary key (tenant_id, id),
  foreign key (tenant_id, usuario_id) references usuarios
);
create index on sesiones (tenant_id, usuario_id);
call proteger('sesiones', 'tenant', 'select, insert, update');
create policy limpiar on sesiones to huella_jobs using (true);
grant select, delete on sesiones to huella_jobs;

-- A family of refresh tokens is one session. Only the SHA-256 is kept.
create table tokens_renovacion (
  tenant_id uuid not null default tenant_actual(),
  resumen   bytea not null,
  sesion_id uuid not null,
  creado_en timestamptz not null,
  expira_en timestamptz not null,
  usado_en  timestamptz,                    -- used, or taken back before it was: good no more
  anterior  bytea,                          -- the token that was given for it; null: the sign-in
  primary key (tenant_id, resumen),
  foreign key (tenant_id, sesion_id) references sesiones
);
create index on tokens_renovacion (tenant_id, sesion_id);
create index on tokens_renovacion (expira_en);
call proteger('tokens_renovacion', 'tenant', 'select, insert, update');
create policy limpiar on tokens_renovacion to huella_jobs using (true);
grant select, delete on tokens_renovacion to huella_jobs;

create table accesos (
  tenant_id  uuid not null default tenant_actual() references tenants,
  id         uuid not null,
  usuario_id uuid,
  clave_api_id uuid,                        -- the integration, when it is one
  resultado  text not null,
  medio      text not null,                 -- contrasena, renovacion, clave_api, …
  ip         text not null,
  dispositivo text not null,
  en         timestamptz not null,
  primary key (tenant_id, id)
);
create index on accesos (tenant_id, en desc, id desc);
create index on accesos (tenant_id, usuario_id, en desc);
create index on accesos (tenant_id, clave_api_id, en desc) where clave_api_id is not null;
create index on accesos using brin (en);
call proteger('accesos', 'tenant', 'select, insert');
create policy limpiar on accesos to huella_jobs using (true);
grant select, delete on accesos to huella_jobs;

-- API keys, which are OAuth2 clients too: client_id carries chain and id, client_secret is the key's secret.
create table claves_api (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  nombre      text not null check (length(nombre) between 1 and 80),
  resumen     bytea not null,
  permisos    text[] not null,
  sedes       uuid[],                       -- null: the whole chain
  creada_por  uuid not null,
  creada_en   timestamptz not null,
  expira_en   timestamptz not null,
  revocada_en timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, creada_por) references usuarios
);
call proteger('claves_api', 'tenant', 'select, insert, update');

-- Raised by every change that can take a permission or a session away. Instances compare it (≤ 5 s).
create table versiones_acceso (
  tenant_id uuid primary key references tenants,
  version   bigint not null default 1
);
alter table versiones_acceso enable row level security;
alter table versiones_acceso force row level security;
create policy por_tenant on versiones_acceso for select to huella_app, huella_ro using (tenant_id = tenant_actual());
create policy dueno on versiones_acceso to huella_owner using (true) with check (true);
create policy todas on versiones_acceso for select to huella_jobs using (true);
grant select on versiones_acceso to huella_app, huella_ro, huella_jobs, huella_backup;

-- At the end of the transaction, once: whoever holds this row waits for nobody, so that two who end sessions of the
-- same people in another order do not stop each other here.
create function subir_version_acceso() returns trigger
  language plpgsql security definer set search_path = huella, pg_temp as $$
begin
  if current_setting('app.version_subida', true) is distinct from pg_current_xact_id()::text then
    insert into versiones_acceso (tenant_id) values (tenant_actual())
      on conflict (tenant_id) do update set version = versiones_acceso.version + 1;
    perform set_config('app.version_subida', pg_current_xact_id()::text, true);
  end if;
  return null;
end $$;
revoke all on function subir_version_acceso from public;
create constraint trigger version_acceso after insert or update or delete on roles
  deferrable initially deferred for each row execute function subir_version_acceso();
create constraint trigger version_acceso after insert or delete on roles_permisos
  deferrable initially deferred for each row execute function subir_version_acceso();
create constraint trigger version_acceso after insert or delete on asignaciones
  deferrable initially deferred for each row execute function subir_version_acceso();
create constraint trigger version_acceso after update of activo, totp_desde on usuarios
  deferrable initially deferred for each row execute function subir_version_acceso();
create constraint trigger version_acceso after update of revocada_en on sesiones
  deferrable initially deferred for each row execute function subir_version_acceso();
create constraint trigger version_acceso after update of revocada_en on claves_api
  deferrable initially deferred for each row execute function subir_version_acceso();

-- Switching a chain off is the operator's, who acts in no chain's name.
create function subir_version_tenant() returns trigger
  language plpgsql security definer set search_path = huella, pg_temp as $$
begin
  insert into versiones_acceso (tenant_id) values (new.id)
    on conflict (tenant_id) do update set version = versiones_acceso.version + 1;
  return null;
end $$;
revoke all on function subir_version_tenant from public;
create trigger version_acceso after update of activo on tenants for each row execute function subir_version_tenant();

-- Whether a vet works here now, said for as long as the transaction lasts: whoever deactivates them waits for those
-- who were told yes, and sees what they booked.
create function medico_activo(p_medico uuid) returns boolean
  language plpgsql volatile set search_path = huella, pg_temp as $$
begin
  perform from usuarios where tenant_id = tenant_actual() and id = p_medico and es_medico and activo for key share;
  return found;
end $$;
revoke all on function medico_activo from public;
grant execute on function medico_activo to huella_app;

-- What other domains may join.
create view v_sedes with (security_invoker = true) as
  select tenant_id, id, codigo, nombre, ciudad, ubigeo, zona_horaria, atiende_feriados, activa from sedes;
create view v_ambientes with (security_invoker = true) as
  select tenant_id, id, sede_id, nombre, tipo, activo from ambientes;
create view v_equipos with (security_invoker = true) as
  select tenant_id, id, sede_id, nombre, tipo, activo from equipos;
create view v_medicos with (security_invoker = true) as
  select tenant_id, id, nombres || ' ' || apellidos as nombre, activo from usuarios where es_medico;
grant select on v_sedes, v_ambientes, v_equipos, v_medicos to huella_app, huella_ro;

reset role;
