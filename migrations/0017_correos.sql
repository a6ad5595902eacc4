-- What a chain writes to the owners of its patients, and what they answer.
set local role huella_owner;
set local search_path = huella, public;

-- Whether and when a chain writes; without a row it does not: it says itself when its data is ready for that.
create table correos_ajustes (
  tenant_id          uuid not null default tenant_actual() references tenants,
  confirmaciones     boolean not null,
  recordatorios      boolean not null,
  recordatorio_horas integer not null check (recordatorio_horas between 1 and 168),
  silencio_desde     time not null,               -- in the sede's zone: no reminder leaves from then on
  silencio_hasta     time not null,
  remitente          text check (length(remitente) between 1 and 80),
  responder_a        text check (length(responder_a) between 3 and 254),
  version            integer not null default 1,
  primary key (tenant_id)
);
call proteger('correos_ajustes', 'tenant', 'select, insert, update');
create policy repartir on correos_ajustes for select to huella_jobs using (true);
grant select on correos_ajustes to huella_jobs;

-- A chain's own words for a kind of letter. Without them the platform's are used; a row stays for its version.
create table correos_plantillas (
  tenant_id       uuid not null default tenant_actual() references tenants,
  tipo            text not null check (length(tipo) between 1 and 40),
  asunto          text check (length(asunto) between 1 and 200),
  texto           text check (length(texto) between 1 and 20000),
  html            text check (length(html) between 1 and 40000),
  version         integer not null default 1,
  actualizada_en  timestamptz not null,
  actualizada_por uuid not null,
  primary key (tenant_id, tipo),
  check ((asunto is null) = (texto is null) and (asunto is null) = (html is null))
);
call proteger('correos_plantillas', 'tenant', 'select, insert, update');

-- Letters that were sent, or were to be. Their words are not kept, and the address is under the owner's key.
create table mensajes (
  tenant_id      uuid not null default tenant_actual() references tenants,
  id             uuid not null,
  tipo           text not null check (length(tipo) between 1 and 40),
  clave          text not null check (length(clave) between 1 and 150),
  sede_id        uuid,                            -- null: of the chain
  cita_id        uuid,
  tutor_id       uuid,
  correo_cifrado bytea,
  estado         text not null check (estado in ('pendiente', 'enviado', 'fallido', 'omitido')),
  intentos       smallint not null default 0,
  error          text check (length(error) <= 200),
  creado_en      timestamptz not null,
  ultimo_en      timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, tipo, clave),                -- the same letter is sent once
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, tutor_id) references tutores
);
create index on mensajes (tenant_id, creado_en, id);
create index on mensajes (tenant_id, cita_id) where cita_id is not null;
create index on mensajes (tenant_id, tutor_id) where tutor_id is not null;
create index on mensajes using brin (creado_en);
call proteger('mensajes', 'sede', 'select, insert, update');
create policy limpiar on mensajes to huella_jobs using (true);
grant select, delete on mensajes to huella_jobs;

-- What the owner was last told of an appointment: what differs from it is news. `avisada`: the version of the last letter.
create table citas_avisadas (
  tenant_id uuid not null default tenant_actual() references tenants,
  cita_id   uuid not null,
  sede_id   uuid not null,
  medico_id uuid not null,
  inicio    timestamptz not null,
  anulada   boolean not null,
  avisada   integer not null,
  primary key (tenant_id, cita_id),
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios
);
call proteger('citas_avisadas', 'tenant', 'select, insert, update');

-- Up to which start the appointments of a sede were looked through for reminders.
create table recordatorios_sedes (
  tenant_id uuid not null default tenant_actual() references tenants,
  sede_id   uuid not null,
  hasta     timestamptz not null,
  primary key (tenant_id, sede_id),
  foreign key (tenant_id, sede_id) references sedes
);
call proteger('recordatorios_sedes', 'sede', 'select, insert, update');

-- Links in those letters. Only their hash is kept.
create table enlaces_citas (
  tenant_id uuid not null default tenant_actual() references tenants,
  resumen   bytea not null check (length(resumen) = 32),
  cita_id   uuid not null,
  tutor_id  uuid not null,
  creado_en timestamptz not null,
  primary key (tenant_id, resumen),
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, tutor_id) references tutores
);
create index on enlaces_citas using brin (creado_en);
call proteger('enlaces_citas', 'tenant', 'select, insert');
create policy limpiar on enlaces_citas to huella_jobs using (true);
grant select, delete on enlaces_citas to huella_jobs;

-- Owners who ask for another time. One at a time of an appointment waits for the desk.
create table citas_solicitudes (
  tenant_id    uuid not null default tenant_actual() references tenants,
  id           uuid not null,
  cita_id      uuid not null,
  sede_id      uuid not null,
  tutor_id     uuid not null,
  texto        text check (length(texto) between 1 and 300),
  creada_en    timestamptz not null,
  atendida_en  timestamptz,
  atendida_por uuid,
  version      integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, cita_id) references citas,
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, tutor_id) references tutores,
  check ((atendida_en is null) = (atendida_por is null))
);
create unique index citas_solicitudes_abierta on citas_solicitudes (tenant_id, cita_id) where atendida_en is null;
create index on citas_solicitudes (tenant_id, sede_id, creada_en, id);
call proteger('citas_solicitudes', 'sede', 'select, insert, update');

-- The short form of an appointment that other domains may join.
create view v_citas with (security_invoker = true) as
  select tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, serie_id, inicio, fin, estado, version, actualizado_en
    from citas where retenida_hasta is null;
-- How somebody outside finds and reaches a sede, and what its chain is called.
create view v_sedes_contacto with (security_invoker = true) as
  select s.tenant_id, s.id, s.nombre, coalesce(s.direccion, '') as direccion, s.ciudad, coalesce(s.telefono, '') as telefono,
         s.zona_horaria, t.nombre as cadena
    from sedes s join tenants t on t.id = s.tenant_id;
-- Pets whose owner has an address to write to.
create view v_con_correo with (security_invoker = true) as
  select r.tenant_id, r.mascota_id, r.tutor_id
    from tutores_mascotas r join tutores t on t.tenant_id = r.tenant_id and t.id = r.tutor_id and t.correo_cifrado is not null
   where r.hasta is null and r.relacion = 'propietario';
create view v_cadena with (security_invoker = true) as select id as tenant_id, nombre from tenants;
grant select on v_citas, v_con_correo, v_sedes_contacto, v_cadena to huella_app, huella_ro;

-- What a link in a letter opens, as long as its appointment has not begun. Who asks has no sede: the link is the right.
create function cita_de_enlace(p_resumen bytea, p_ahora timestamptz)
returns table (cita_id uuid, sede_id uuid, tutor_id uuid, mascota text, inicio timestamptz, estado text, sede text, direccion text,
               telefono text, zona_horaria text, cadena text, pedida boolean)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select c.id, c.sede_id, e.tutor_id, m.nombre, c.inicio, c.estado, s.nombre, coalesce(s.direccion, ''), coalesce(s.telefono, ''),
         s.zona_horaria, t.nombre,
         exists (select from citas_solicitudes x where x.tenant_id = c.tenant_id and x.cita_id = c.id and x.atendida_en is null)
    from enlaces_citas e
    join citas c on c.tenant_id = e.tenant_id and c.id = e.cita_id
    join mascotas m on m.tenant_id = c.tenant_id and m.id = c.mascota_id
    join sedes s on s.tenant_id = c.tenant_id and s.id = c.sede_id
    join tenants t on t.id = c.tenant_id
   where e.tenant_id = tenant_actual() and e.resumen = p_resumen and c.inicio > p_ahora
     -- Of a pet that has another owner by now, the earlier one learns nothing.
     and exists (select from tutores_mascotas r join tutores d on d.tenant_id = r.tenant_id and d.id = e.tutor_id
                  where r.tenant_id = c.tenant_id and r.mascota_id = c.mascota_id and r.hasta is null
                    and r.tutor_id in (d.id, d.fusionado_con)) $$;
revoke all on function cita_de_enlace from public;
grant execute on function cita_de_enlace to huella_app;

reset role;
