-- Libro de Reclamaciones (Ley 29571, D.S. 011-2011-PCM and D.S. 101-2022-PCM): one per sede, numbered by year.
set local role huella_owner;
set local search_path = huella, public;

-- Who provides, as a sheet names it.
create view v_establecimientos with (security_invoker = true) as
  select s.tenant_id, s.id, s.nombre, s.direccion, s.ciudad, s.telefono, s.zona_horaria, coalesce(s.ubigeo, '') as ubigeo, s.activa,
         e.razon_social, e.ruc
    from sedes s join entidades_legales e on e.tenant_id = s.tenant_id and e.id = s.entidad_legal_id;
grant select on v_establecimientos to huella_app, huella_ro;

-- A sheet, written once. What its consumer wrote is sealed with a key of its own.
create table reclamos (
  tenant_id         uuid not null default tenant_actual() references tenants,
  id                uuid not null,
  sede_id           uuid not null,
  anio              integer not null,
  numero            integer not null check (numero > 0),   -- given by the trigger below
  tipo              text not null check (tipo in ('reclamo', 'queja')),
  presentado_en     timestamptz not null,
  fecha             date not null,                  -- its day in the sede
  vence_el          date not null,
  aviso_el          date not null,                  -- the tenth working day, and the thirteenth: somebody is told
  aviso_final_el    date not null,
  proveedor         jsonb not null,                 -- as it was on that day
  hoja_cifrada      bytea not null,
  documento_indice  bytea not null,
  correo_indice     bytea,
  enlace            bytea check (length(enlace) = 32),  -- SHA-256 of the consumer's way back to the sheet
  contenido         bytea,                          -- keyed hash of what was sent: the same twice is one sheet
  red               bytea,                          -- keyed hash of the network that it came from
  aviso             smallint not null default 0 check (aviso between 0 and 3),
  respuesta_cifrada bytea,
  respondido_en     timestamptz,
  respondido_por    uuid,
  version           integer not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, sede_id, anio, numero),
  foreign key (tenant_id, sede_id) references sedes,
  check (anio = extract(year from fecha)),
  check (fecha < aviso_el and aviso_el <= aviso_final_el and aviso_final_el <= vence_el),
  check ((respuesta_cifrada is null) = (respondido_en is null) and (respondido_por is null) = (respondido_en is null))
);
create unique index reclamos_enlace on reclamos (tenant_id, enlace) where enlace is not null;
create index on reclamos (tenant_id, presentado_en, id);
create index on reclamos (tenant_id, sede_id, vence_el) where respondido_en is null;
create index on reclamos (tenant_id, documento_indice);
create index on reclamos (tenant_id, red, presentado_en);
create index on reclamos (tenant_id, correo_indice, presentado_en);
create index on reclamos (aviso_el) where respondido_en is null;
call proteger('reclamos', 'sede', 'select, insert');
-- A sheet is neither changed nor deleted: what may be written later is that somebody was told, and the answer.
grant update (aviso, respuesta_cifrada, respondido_en, respondido_por, version) on reclamos to huella_app;

-- The next number of a sede and year. Whoever asks after this one waits for its end, so one that is taken back leaves no gap.
create function numerar_reclamo() returns trigger language plpgsql set search_path = huella, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || new.sede_id::text || new.anio::text, 31));
  new.numero := coalesce(new.numero, (select coalesce(max(r.numero), 0) + 1 from reclamos r
                                       where r.tenant_id = new.tenant_id and r.sede_id = new.sede_id and r.anio = new.anio));
  return new;
end $$;
create trigger numerar before insert on reclamos for each row execute function numerar_reclamo();

-- However a number came about: the one before it is there. Nothing is ever deleted, so there is no gap.
create function reclamo_sigue_al_anterior() returns trigger language plpgsql set search_path = huella, pg_temp as $$
begin
  if new.numero > 1 and not exists (select from reclamos r where r.tenant_id = new.tenant_id and r.sede_id = new.sede_id
                                                             and r.anio = new.anio and r.numero = new.numero - 1) then
    raise exception 'falta la hoja anterior a la % de %', new.numero, new.anio using errcode = '23514', constraint = 'reclamos_sin_vacios';
  end if;
  return null;
end $$;
create constraint trigger sin_vacios after insert on reclamos
  deferrable initially deferred for each row execute function reclamo_sigue_al_anterior();

create function reclamo_respondido_queda() returns trigger language plpgsql set search_path = huella, pg_temp as $$
begin
  raise exception 'la hoja % de % ya se respondió', old.numero, old.anio using errcode = '23514', constraint = 'reclamos_respondido';
end $$;
create trigger respondido_queda before update on reclamos
  for each row when (old.respondido_en is not null) execute function reclamo_respondido_queda();

-- What a link opens. Who asks has no sede: the link is the right.
create function reclamo_de_enlace(p_resumen bytea) returns table (id uuid, sede_id uuid)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select r.id, r.sede_id from reclamos r where r.tenant_id = tenant_actual() and r.enlace = p_resumen $$;
revoke all on function numerar_reclamo, reclamo_sigue_al_anterior, reclamo_respondido_queda, reclamo_de_enlace from public;
grant execute on function reclamo_de_enlace to huella_app;

-- The clocks of all chains are looked at together; what is told is told in each.
create policy velar on reclamos for select to huella_jobs using (true);
grant select (tenant_id, vence_el, aviso_el, aviso_final_el, aviso, respondido_en) on reclamos to huella_jobs;

reset role;
