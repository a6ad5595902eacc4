-- By which channel owners are told things, what became of each message, what they answered, and reminders of what a pet is
-- due for.
set local role huella_owner;
set local search_path = huella, public;

-- In which order a chain reaches its owners.
alter table correos_ajustes add column canales text[] not null default '{correo}'
  check (cardinality(canales) between 1 and 3 and canales <@ array['correo', 'whatsapp', 'sms']);

-- What an owner agrees to may be for one way of reaching them alone; null: for all.
alter table consentimientos add column medio text check (medio in ('correo', 'whatsapp', 'sms'));

-- By which channels an owner wants to be reached, in which order; without a row as the chain does it.
create table tutores_canales (
  tenant_id      uuid not null default tenant_actual() references tenants,
  tutor_id       uuid not null,
  canales        text[] not null check (cardinality(canales) <= 3 and canales <@ array['correo', 'whatsapp', 'sms']),
  segun_cadena   boolean not null default false,  -- took it back
  version        integer not null default 1,
  actualizado_en timestamptz not null,
  primary key (tenant_id, tutor_id),
  foreign key (tenant_id, tutor_id) references tutores
);
call proteger('tutores_canales', 'tenant', 'select, insert, update');
create policy segun_visibilidad on tutores_canales as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or tutor_visible(tutor_id));

-- What a message was asked for with (ids only), so that it can go out by another channel; a new round begins all channels anew.
alter table mensajes add column datos jsonb, add column vence timestamptz, add column vuelta smallint not null default 1,
  add column atendido_en timestamptz, add column atendido_por uuid,
  add check ((atendido_en is null) = (atendido_por is null)),
  drop constraint mensajes_estado_check,
  add constraint mensajes_estado_check check (estado in ('pendiente', 'enviado', 'fallido', 'incierto', 'omitido'));

-- A message on one channel. Its id is the idempotency key. The address is under the owner's key.
create table mensajes_envios (
  tenant_id       uuid not null default tenant_actual() references tenants,
  id              uuid not null,
  mensaje_id      uuid not null,
  sede_id         uuid,
  tutor_id        uuid,
  vuelta          smallint not null,
  canal           text not null check (canal in ('correo', 'whatsapp', 'sms')),
  complemento     text check (length(complemento) between 1 and 120),  -- null: the e-mail that is built in
  destino_cifrado bytea,
  -- saliendo: handed over, and no answer was noted yet; incierto: nobody knows.
  estado          text not null check (estado in ('pendiente', 'saliendo', 'enviado', 'fallido', 'incierto')),
  referencia      text check (length(referencia) between 1 and 200),
  entrega         text check (entrega in ('en_cola', 'enviado', 'entregado', 'leido', 'fallido', 'otro')),
  codigo          text check (length(codigo) <= 60),
  entrega_en      timestamptz,
  entregado_en    timestamptz,
  leido_en        timestamptz,
  intentos        smallint not null,
  error           text check (length(error) <= 200),
  creado_en       timestamptz not null,
  ultimo_en       timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, mensaje_id, vuelta, canal),
  foreign key (tenant_id, mensaje_id) references mensajes on delete cascade,
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, tutor_id) references tutores
);
create index on mensajes_envios (tenant_id, complemento, referencia) where referencia is not null;
create index on mensajes_envios (tenant_id, tutor_id, creado_en) where tutor_id is not null;
call proteger('mensajes_envios', 'sede', 'select, insert, update');

-- What owners wrote back. Under their key; of a number that nobody has, sealed for the chain.
create table mensajes_respuestas (
  tenant_id     uuid not null default tenant_actual() references tenants,
  id            uuid not null,
  huella        bytea check (length(huella) = 16),  -- told twice it is one; null: came with an import
  complemento   text not null check (length(complemento) between 1 and 120),
  canal         text check (canal in ('correo', 'whatsapp', 'sms')),
  mensaje_id    uuid,
  tutor_id      uuid,
  cita_id       uuid,
  texto_cifrado bytea,
  sellado       text,
  accion        text check (accion in ('confirmar', 'anular', 'baja')),
  hecho         text not null check (hecho in ('por_hacer', 'confirmada', 'anulada', 'no_se_puede', 'baja', 'por_leer')),
  en            timestamptz not null,
  recibida_en   timestamptz not null,
  atendida_en   timestamptz,
  atendida_por  uuid,
  version       integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, huella),
  foreign key (tenant_id, mensaje_id) references mensajes on delete set null (mensaje_id),
  foreign key (tenant_id, tutor_id) references tutores,
  foreign key (tenant_id, cita_id) references citas,
  check ((atendida_en is null) = (atendida_por is null)),
  check (texto_cifrado is null or tutor_id is not null)
);
create index on mensajes_respuestas (tenant_id, recibida_en, id);
create index on mensajes_respuestas (tenant_id, mensaje_id) where mensaje_id is not null;
create index on mensajes_respuestas using brin (recibida_en);
call proteger('mensajes_respuestas', 'tenant', 'select, insert, update');
create policy segun_visibilidad on mensajes_respuestas as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or tutor_id is null or tutor_visible(tutor_id));
create policy limpiar on mensajes_respuestas to huella_jobs using (true);
grant select, delete on mensajes_respuestas to huella_jobs;

-- A button of a message does one thing only; a link (null) leads to the page.
alter table enlaces_citas add column proposito text check (proposito in ('confirmar', 'anular'));

-- A chain's own short words for a kind of message on one channel. Without them the platform's are used.
create table mensajes_plantillas (
  tenant_id       uuid not null default tenant_actual() references tenants,
  tipo            text not null check (length(tipo) between 1 and 40),
  canal           text not null check (canal in ('whatsapp', 'sms')),
  texto           text check (length(texto) between 1 and 1000),
  plantilla       text check (length(plantilla) between 1 and 120),
  variables       text[] not null default '{}',
  botones         boolean not null default false,
  version         integer not null default 1,
  actualizada_en  timestamptz not null,
  actualizada_por uuid not null,
  primary key (tenant_id, tipo, canal)
);
call proteger('mensajes_plantillas', 'tenant', 'select, insert, update');

-- The ladder of reminders of what a pet is due for; without a row nobody is reminded.
create table recordatorios_ajustes (
  tenant_id       uuid not null default tenant_actual() references tenants,
  activo          boolean not null,
  pasos           integer[] not null check (cardinality(pasos) between 1 and 8),   -- days after the due date
  agrupar_dias    integer not null check (agrupar_dias between 0 and 60),
  hora            time not null,                  -- in the sede's zone: from then on they leave
  conversion_dias integer not null check (conversion_dias between 1 and 180),
  reglas          jsonb not null default '[]',    -- what is otherwise for rules whose name begins so
  version         integer not null default 1,
  primary key (tenant_id)
);
call proteger('recordatorios_ajustes', 'tenant', 'select, insert, update');
create policy repartir on recordatorios_ajustes for select to huella_jobs using (true);
grant select on recordatorios_ajustes to huella_jobs;

-- A step that was taken: of one alert, until one due date, once. Those of one group are one message.
create table recordatorios (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  grupo       uuid not null,
  alerta_id   uuid not null,                      -- with its rule's version and facts, as long as it is kept
  mascota_id  uuid not null,
  tutor_id    uuid not null,
  sede_id     uuid not null,
  complemento text not null check (length(complemento) between 1 and 120),
  regla       text not null check (length(regla) between 1 and 120),
  clave       text not null check (length(clave) between 1 and 200),
  titulo      text not null check (length(titulo) between 1 and 200),
  vence       date not null,
  paso        integer not null,
  creado_en   timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, mascota_id, complemento, clave, vence, paso),
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, tutor_id) references tutores,
  foreign key (tenant_id, sede_id) references sedes
);
create index on recordatorios (tenant_id, grupo);
create index on recordatorios (tenant_id, creado_en, id);
create index on recordatorios using brin (creado_en);
call proteger('recordatorios', 'sede', 'select, insert');
create policy limpiar on recordatorios to huella_jobs using (true);
grant select, delete on recordatorios to huella_jobs;

-- Up to which owner a chain was gone through this hour.
create table recordatorios_recorrido (
  tenant_id uuid not null default tenant_actual() references tenants,
  hora      timestamptz not null,
  tutor     uuid,
  terminado boolean not null,
  primary key (tenant_id)
);
call proteger('recordatorios_recorrido', 'tenant', 'select, insert, update');
create policy repartir on recordatorios_recorrido for select to huella_jobs using (true);
grant select on recordatorios_recorrido to huella_jobs;

create or replace view v_citas with (security_invoker = true) as
  select tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, serie_id, inicio, fin, estado, version, actualizado_en, creado_en
    from citas where retenida_hasta is null;
-- Living pets and who is told of them; `sede_id`: where the pet was registered first.
create view v_recordables with (security_invoker = true) as
  select m.tenant_id, m.id as mascota_id, m.nombre, r.tutor_id, m.sedes[1] as sede_id
    from mascotas m
    join tutores_mascotas r on r.tenant_id = m.tenant_id and r.mascota_id = m.id and r.hasta is null and r.relacion = 'propietario'
    join tutores t on t.tenant_id = r.tenant_id and t.id = r.tutor_id and t.anonimizado_en is null
   where m.fallecida_en is null and m.fusionada_con is null;
-- By what the owner of a pet can be reached.
create view v_contactables with (security_invoker = true) as
  select r.tenant_id, r.mascota_id, r.tutor_id, t.correo_cifrado is not null as con_correo, t.telefono_cifrado is not null as con_telefono
    from tutores_mascotas r join tutores t on t.tenant_id = r.tenant_id and t.id = r.tutor_id
   where r.hasta is null and r.relacion = 'propietario';
create view v_tutores_actuales with (security_invoker = true) as
  select tenant_id, id, coalesce(fusionado_con, id) as actual_id from tutores;
-- For the person to whom they went, and who wrote them.
create view v_mensajes_de_expediente with (security_invoker = true) as
  select m.tenant_id, m.tutor_id, m.tipo, m.estado, m.creado_en,
         array(select distinct e.canal from mensajes_envios e where e.tenant_id = m.tenant_id and e.mensaje_id = m.id order by 1) as canales
    from mensajes m;
create view v_respuestas_de_expediente with (security_invoker = true) as
  select tenant_id, tutor_id, canal, texto_cifrado, hecho, en from mensajes_respuestas;
grant select on v_recordables, v_contactables, v_tutores_actuales, v_mensajes_de_expediente, v_respuestas_de_expediente to huella_app, huella_ro;

reset role;
