-- Who sees whom: patients of the whole chain, or of one's own sedes with a way in for emergencies. And what is owed to
-- the people whose data it is.
set local role huella_owner;
set local search_path = huella, public;

-- app.ambito: 'cadena' sees all sedes; 'sedes' the sedes listed, and every patient; 'propios' the sedes listed and the
-- patients known there. A setting that is missing opens nothing.
create function pacientes_abiertos() returns boolean language sql stable parallel safe
  as $$ select coalesce(current_setting('app.ambito', true) in ('cadena', 'sedes'), false) $$;
create function sedes_actuales() returns uuid[] language sql stable parallel safe
  as $$ select coalesce(nullif(current_setting('app.sedes', true), '')::uuid[], '{}') $$;

-- Where a record was registered: the sede that was named, else those that its author could see then. Nobody who writes
-- a statement can forget it. Older records have none, and are known where they were seen.
alter table mascotas add column sedes uuid[] not null default sedes_actuales();
alter table tutores add column sedes uuid[] not null default sedes_actuales();

alter table pacientes_ajustes add column visibilidad text not null default 'todos' check (visibilidad in ('todos', 'sede'));
alter table pacientes_ajustes add column emergencia_horas integer not null default 12 check (emergencia_horas between 0 and 72);
create view v_pacientes_ajustes with (security_invoker = true) as select tenant_id, visibilidad from pacientes_ajustes;
grant select on v_pacientes_ajustes to huella_app, huella_ro;
create view v_autores with (security_invoker = true) as select tenant_id, id, nombres || ' ' || apellidos as nombre from usuarios;
grant select on v_autores to huella_app, huella_ro;
-- What the gate remembers about people holds until the access version changes.
create constraint trigger version_acceso after insert or update of visibilidad on pacientes_ajustes
  deferrable initially deferred for each row execute function subir_version_acceso();

-- A patient of another sede, opened in an emergency by one person, for some hours, with a reason.
create table aperturas (
  tenant_id    uuid not null default tenant_actual() references tenants,
  id           uuid not null,
  mascota_id   uuid not null,
  usuario_id   uuid not null,
  sede_id      uuid not null,                   -- where its author was working
  motivo       text not null check (length(motivo) between 10 and 500),
  abierta_en   timestamptz not null,
  vence_en     timestamptz not null,
  dictamen     text check (dictamen in ('justificada', 'injustificada')),
  nota         text check (length(nota) between 1 and 1000),
  revisada_en  timestamptz,
  revisada_por uuid,
  version      integer not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas,
  foreign key (tenant_id, usuario_id) references usuarios,
  foreign key (tenant_id, sede_id) references sedes,
  check ((dictamen is null) = (revisada_en is null) and (dictamen is null) = (revisada_por is null))
);
create index on aperturas (tenant_id, mascota_id, usuario_id, vence_en);
create index on aperturas (tenant_id, usuario_id);
create index on aperturas (tenant_id, sede_id);
call proteger('aperturas', 'tenant', 'select, insert, update');

-- Whether a patient is known in the sedes of the context: registered, weighed, with an appointment there whatever
-- became of it, or waiting for one; or opened by the person who asks. What was merged into a patient counts for it.
create function mascota_visible(p_mascota uuid) returns boolean
  language plpgsql stable parallel safe cost 1 security definer set search_path = huella, pg_temp as $$
declare
  s uuid[] := sedes_actuales();
begin
  return exists (select from mascotas m where m.tenant_id = tenant_actual() and m.id = p_mascota and m.sedes && s)
      or exists (select from citas c where c.tenant_id = tenant_actual() and c.mascota_id = p_mascota and c.sede_id = any (s))
      or exists (select from pesos p where p.tenant_id = tenant_actual() and p.mascota_id = p_mascota and p.sede_id = any (s))
      or exists (select from mascotas m where m.tenant_id = tenant_actual() and m.fusionada_con = p_mascota and m.sedes && s)
      or exists (select from esperas e where e.tenant_id = tenant_actual() and e.mascota_id = p_mascota
                                         and e.estado in ('activa', 'ofrecida') and e.sedes && s)
      or exists (select from aperturas a
                  where a.tenant_id = tenant_actual() and a.mascota_id = p_mascota
                    and a.usuario_id = nullif(current_setting('app.actor', true), '')::uuid
                    and a.vence_en > nullif(current_setting('app.ahora', true), '')::timestamptz);
end $$;
-- An owner is known where they were registered, or where a pet that they answer for today is.
create function tutor_visible(p_tutor uuid) returns boolean
  language plpgsql stable parallel safe cost 1 security definer set search_path = huella, pg_temp as $$
declare
  s uuid[] := sedes_actuales();
begin
  return exists (select from tutores t where t.tenant_id = tenant_actual() and t.id = p_tutor and t.sedes && s)
      or exists (select from tutores t where t.tenant_id = tenant_actual() and t.fusionado_con = p_tutor and t.sedes && s)
      or exists (select from tutores_mascotas tm
                  where tm.tenant_id = tenant_actual() and tm.tutor_id = p_tutor and tm.hasta is null and mascota_visible(tm.mascota_id));
end $$;
revoke all on function mascota_visible, tutor_visible from public;
grant execute on function mascota_visible, tutor_visible to huella_app, huella_ro;

-- Asked once per statement where all patients are seen. Links and words stay: they are ids, and an index that a change
-- in one sede has to keep right for all.
create policy segun_visibilidad on mascotas as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or sedes && (select sedes_actuales()) or mascota_visible(coalesce(fusionada_con, id)));
create policy segun_visibilidad on tutores as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or sedes && (select sedes_actuales()) or tutor_visible(coalesce(fusionado_con, id)));
create policy segun_visibilidad on mascotas_identificadores as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy segun_visibilidad on pesos as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy segun_visibilidad on mascotas_hechos as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy segun_visibilidad on fallecimientos as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy segun_visibilidad on antecedentes as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy segun_visibilidad on esperas as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or mascota_visible(mascota_id));
create policy segun_visibilidad on enlaces_citas as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or tutor_visible(tutor_id));
create policy segun_visibilidad on consentimientos as restrictive for select to huella_app, huella_ro
  using ((select pacientes_abiertos()) or tutor_visible(tutor_id));

-- As little of a patient as tells it from another one: enough to see that it is known elsewhere and has to be opened.
create function mascotas_en_breve(p_mascotas uuid[])
returns table (id uuid, nombre text, especie text, fallecida_en date, tutor_id uuid, iniciales text)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select m.id, m.nombre, e.clave, m.fallecida_en, t.id,
         left(t.nombres, 1) || '.' || case when t.apellidos <> '' then ' ' || left(t.apellidos, 1) || '.' else '' end
    from mascotas m
    join especies e on e.tenant_id = m.tenant_id and e.id = m.especie_id
    left join tutores_mascotas tm on tm.tenant_id = m.tenant_id and tm.mascota_id = m.id and tm.hasta is null and tm.relacion = 'propietario'
    left join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
   where m.tenant_id = tenant_actual() and m.id = any (p_mascotas) and m.fusionada_con is null $$;
-- Patients of whoever has exactly this document, phone or e-mail, or with this identifier: who knows it is at the desk.
create function mascotas_por_clave(p_documentos bytea[], p_telefono bytea, p_correo bytea, p_identificador text, p_limite bigint)
returns table (mascota_id uuid, por integer)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select i.mascota_id, 4 from mascotas_identificadores i where i.tenant_id = tenant_actual() and i.normal = p_identificador
  union all
  select tm.mascota_id, t.por
    from (select coalesce(fusionado_con, id) as id, 0 as por from tutores where tenant_id = tenant_actual() and documento_indice = any (p_documentos)
          union all
          select coalesce(fusionado_con, id), 1 from tutores where tenant_id = tenant_actual() and telefono_indice = p_telefono
          union all
          select coalesce(fusionado_con, id), 2 from tutores where tenant_id = tenant_actual() and correo_indice = p_correo) t
    join tutores_mascotas tm on tm.tenant_id = tenant_actual() and tm.tutor_id = t.id and tm.hasta is null
  limit p_limite $$;
-- The names that the search index of some patients is made of: a change in one sede keeps it right for all.
create function mascotas_nombres(p_mascotas uuid[]) returns table (id uuid, nombre text, tutores text[])
  language plpgsql stable security definer set search_path = huella, pg_temp as $$
begin
  return query
    select m.id, m.nombre || coalesce((select string_agg(' ' || f.nombre, '') from mascotas f
                                        where f.tenant_id = m.tenant_id and f.fusionada_con = m.id), ''),
           array (select t.nombres || ' ' || t.apellidos || coalesce((select string_agg(' ' || f.nombres || ' ' || f.apellidos, '') from tutores f
                                                                        where f.tenant_id = t.tenant_id and f.fusionado_con = t.id), '')
                    from tutores_mascotas tm join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
                   where tm.tenant_id = m.tenant_id and tm.mascota_id = m.id and tm.hasta is null)
      from mascotas m where m.tenant_id = tenant_actual() and m.id = any (p_mascotas) and m.fusionada_con is null;
end $$;
revoke all on function mascotas_en_breve, mascotas_por_clave, mascotas_nombres from public;
grant execute on function mascotas_en_breve, mascotas_por_clave, mascotas_nombres to huella_app, huella_ro;

-- Requests of people about their data, and their terms. What was written in one is sealed with a key of its own, so
-- that it can be proven after its person was forgotten, and goes with the request.
create table solicitudes_datos (
  tenant_id          uuid not null default tenant_actual() references tenants,
  id                 uuid not null,
  numero             integer not null,
  derecho            text not null check (derecho in ('informacion', 'acceso', 'rectificacion', 'cancelacion', 'oposicion', 'portabilidad')),
  canal              text not null check (canal in ('presencial', 'telefono', 'correo', 'mensaje', 'web')),
  tutor_id           uuid,
  estado             text not null check (estado in ('recibida', 'observada', 'atendida', 'denegada')),
  identidad          text check (identidad in ('documento', 'firma_digital', 'contacto_conocido', 'poder')),
  reserva_cifrada    bytea not null,
  expediente_cifrado bytea,
  recibida_el        date not null,
  vence_el           date,                      -- without one while something is missing: its clock stands still
  aviso_el           date,                      -- from here on somebody is told that it is about to end
  aviso              text check (aviso in ('por_vencer', 'vencida')),
  ampliada           boolean not null default false,
  respondida_en      timestamptz,
  registrada_por     uuid not null,
  registrada_en      timestamptz not null,
  version            integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, numero),
  foreign key (tenant_id, tutor_id) references tutores,
  check ((estado = 'observada') = (vence_el is null) or respondida_en is not null),
  check ((estado in ('atendida', 'denegada')) = (respondida_en is not null))
);
create index on solicitudes_datos (tenant_id, tutor_id) where tutor_id is not null;
create index on solicitudes_datos (aviso_el) where estado = 'recibida';
call proteger('solicitudes_datos', 'tenant', 'select, insert, update, delete');

create table incidentes_datos (
  tenant_id             uuid not null default tenant_actual() references tenants,
  id                    uuid not null,
  numero                integer not null,
  estado                text not null check (estado in ('abierto', 'notificado', 'cerrado')),
  tipo                  text not null check (tipo in ('acceso_no_autorizado', 'divulgacion', 'alteracion', 'perdida', 'robo', 'indisponibilidad')),
  detectado_en          timestamptz not null,
  vence_en              timestamptz not null,
  aviso                 text check (aviso in ('por_vencer', 'vencido')),
  descripcion           text not null check (length(descripcion) between 1 and 4000),
  datos                 jsonb not null,
  personas_aprox        integer check (personas_aprox >= 0),
  medidas               text check (length(medidas) between 1 and 4000),
  notificado_en         timestamptz,
  constancia            text check (length(constancia) between 1 and 100),
  titulares_avisados_en timestamptz,
  cerrado_en            timestamptz,
  conclusion            text check (length(conclusion) between 1 and 4000),
  registrado_por        uuid not null,
  registrado_en         timestamptz not null,
  version               integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, numero),
  check (estado <> 'notificado' or notificado_en is not null),
  check ((estado = 'cerrado') = (cerrado_en is not null))
);
create index on incidentes_datos (vence_en) where estado = 'abierto';
call proteger('incidentes_datos', 'tenant', 'select, insert, update, delete');

-- How long a chain keeps what. Nothing is forgotten under a rule that was not tried out first.
create table reglas_conservacion (
  tenant_id         uuid not null default tenant_actual() references tenants,
  clase             text not null check (clase in ('tutores', 'expedientes', 'solicitudes', 'incidentes', 'aperturas')),
  meses             integer check (meses between 1 and 600),
  activa            boolean not null default false,
  ensayada_en       timestamptz,
  ensayo_cantidad   bigint,
  cumplida_en       timestamptz,
  cumplida_cantidad bigint,
  version           integer not null default 1,
  primary key (tenant_id, clase),
  check (not activa or meses is not null)
);
call proteger('reglas_conservacion', 'tenant', 'select, insert, update');
grant delete on aperturas to huella_app;

-- The clocks of all chains are looked at together; what is told is told in each.
create policy velar on solicitudes_datos for select to huella_jobs using (true);
create policy velar on incidentes_datos for select to huella_jobs using (true);
create policy velar on reglas_conservacion for select to huella_jobs using (true);
grant select (tenant_id, estado, vence_el, aviso_el, aviso) on solicitudes_datos to huella_jobs;
grant select (tenant_id, estado, vence_en, aviso) on incidentes_datos to huella_jobs;
grant select (tenant_id, activa, cumplida_en) on reglas_conservacion to huella_jobs;

-- When a pet was or will be seen, for those who ask whether anything happened to it.
create view v_visitas with (security_invoker = true) as
  select tenant_id, mascota_id, inicio from citas where mascota_id is not null;
grant select on v_visitas to huella_app, huella_ro;
create view v_feriados with (security_invoker = true) as select fecha, ambito, nombre from feriados;
grant select on v_feriados to huella_app, huella_ro;

reset role;
