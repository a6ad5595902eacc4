-- The patient desk: deaths.
set local role huella_owner;
set local search_path = huella, public;

-- Deaths as they were written down. One that was a mistake stays, with why and by whom it was corrected.
create table fallecimientos (
  tenant_id        uuid not null default tenant_actual() references tenants,
  id               uuid not null,
  mascota_id       uuid not null,
  fecha            date not null,
  causa            text not null check (length(causa) between 1 and 200),
  nota             text check (length(nota) <= 2000),
  citas_anuladas   jsonb not null default '[]',   -- [{id, sede_id, inicio}], of every sede
  registrado_en    timestamptz not null,
  registrado_por   uuid not null,
  corregido_en     timestamptz,
  corregido_por    uuid,
  corregido_motivo text check (length(corregido_motivo) between 1 and 500),
  primary key (tenant_id, id),
  foreign key (tenant_id, mascota_id) references mascotas,
  check ((corregido_en is null) = (corregido_por is null) and (corregido_en is null) = (corregido_motivo is null))
);
create unique index fallecimientos_vigente on fallecimientos (tenant_id, mascota_id) where corregido_en is null;
create index on fallecimientos (tenant_id, mascota_id);
call proteger('fallecimientos', 'tenant', 'select, insert, update');

alter table mascotas_hechos drop constraint mascotas_hechos_tipo_check;
alter table mascotas_hechos add constraint mascotas_hechos_tipo_check
  check (tipo in ('registro', 'cambio', 'tutor', 'identificador', 'foto', 'fallecimiento', 'fallecimiento_corregido'));

-- Nothing lies ahead of a dead pet. Whoever records a death holds the pet for update, so a booking that asks here waits
-- for it and then reads what it wrote, and a death that comes second finds the booking. What has begun (waiting, in
-- consultation, to be paid) ends as usual; a move is a booking. The refusal is a lost race: asked again, the booking
-- itself says that the pet died.
create function citas_mascota_viva() returns trigger
  language plpgsql set search_path = huella, pg_temp as $$
begin
  if (select m.fallecida_en is not null from mascotas m
       where m.tenant_id = new.tenant_id and m.id = new.mascota_id for key share) then
    raise exception 'la mascota falleció' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
revoke all on function citas_mascota_viva from public;
create trigger citas_mascota_viva_al_reservar before insert on citas for each row
  when (new.estado not in ('en_espera', 'en_consulta', 'por_cobrar', 'terminada', 'anulada', 'no_asistio'))
  execute function citas_mascota_viva();
create trigger citas_mascota_viva_al_cambiar before update on citas for each row
  when (new.activa and (new.inicio is distinct from old.inicio
        or (new.mascota_id, new.estado) is distinct from (old.mascota_id, old.estado)
           and new.estado not in ('en_espera', 'en_consulta', 'por_cobrar', 'terminada', 'anulada', 'no_asistio')))
  execute function citas_mascota_viva();

-- Cancels what lies ahead of a dead pet, in every sede of the chain, and of nobody else.
create policy por_dueno_cambia on citas for update to huella_owner
  using (tenant_id = tenant_actual()) with check (tenant_id = tenant_actual());
create policy por_dueno_cambia on citas_equipos for update to huella_owner
  using (tenant_id = tenant_actual()) with check (tenant_id = tenant_actual());
create function citas_anular_de_fallecida(p_mascota uuid, p_ahora timestamptz, p_motivo text)
returns table (id uuid, sede_id uuid, medico_id uuid, inicio timestamptz, fin timestamptz, estado text)
  language plpgsql volatile security definer set search_path = huella, pg_temp as $$
begin
  if not exists (select from mascotas m where m.tenant_id = tenant_actual() and m.id = p_mascota and m.fallecida_en is not null) then
    raise exception 'la mascota vive';
  end if;
  return query
    with antes as (
      select c.id, c.estado from citas c
       where c.tenant_id = tenant_actual() and c.mascota_id = p_mascota and c.fin > p_ahora and c.retenida_hasta is null
         and c.estado not in ('en_espera', 'en_consulta', 'por_cobrar', 'terminada', 'anulada', 'no_asistio')
       order by c.id for update),
    libres as (
      update citas_equipos e set activa = false from antes a where e.tenant_id = tenant_actual() and e.cita_id = a.id),
    anuladas as (
      update citas c set estado = 'anulada', activa = false, anulada_motivo = p_motivo, version = c.version + 1, actualizado_en = p_ahora
        from antes a where c.tenant_id = tenant_actual() and c.id = a.id
      returning c.id, c.sede_id, c.medico_id, c.inicio, c.fin, a.estado)
    select * from anuladas order by anuladas.inicio, anuladas.id;
end $$;
revoke all on function citas_anular_de_fallecida from public;
grant execute on function citas_anular_de_fallecida to huella_app;

reset role;
