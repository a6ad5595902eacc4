-- With a pet that died go, at once and in every sede, what is held for it, what was asked for it and what it waits for.
set local role huella_owner;
set local search_path = huella, public;

create policy por_dueno_cambia on autoreservas for update to huella_owner
  using (tenant_id = tenant_actual()) with check (tenant_id = tenant_actual());
create policy por_dueno_cambia on esperas for update to huella_owner
  using (tenant_id = tenant_actual()) with check (tenant_id = tenant_actual());
create policy por_dueno_cambia on ofertas for update to huella_owner
  using (tenant_id = tenant_actual()) with check (tenant_id = tenant_actual());

-- Lets its holds go and answers the requests among them, of a dead pet and of nobody else. Tells those that still held, and
-- requests whose hold was over and that nobody had answered.
create function retenciones_soltar_de_fallecida(p_mascota uuid, p_ahora timestamptz)
returns table (id uuid, sede_id uuid, medico_id uuid, servicio_id uuid, ambiente_id uuid, equipos uuid[], inicio timestamptz, fin timestamptz,
               retenida_hasta timestamptz, version integer, pedida boolean)
  language plpgsql volatile security definer set search_path = huella, pg_temp as $$
begin
  if not exists (select from mascotas m where m.tenant_id = tenant_actual() and m.id = p_mascota and m.fallecida_en is not null) then
    raise exception 'la mascota vive';
  end if;
  return query
    with antes as (
      select c.* from citas c
       where c.tenant_id = tenant_actual() and c.mascota_id = p_mascota and c.retenida_hasta is not null order by c.id for update),
    piezas as (
      delete from citas_equipos e using antes a where e.tenant_id = tenant_actual() and e.cita_id = a.id returning e.cita_id, e.equipo_id),
    sueltas as (
      delete from citas c using antes a where c.tenant_id = tenant_actual() and c.id = a.id),
    pedidas as (
      update autoreservas r set estado = 'anulada', resuelta_en = p_ahora
        from antes a where r.tenant_id = tenant_actual() and r.cita_id = a.id and r.estado = 'pendiente' returning r.cita_id)
    select a.id, a.sede_id, a.medico_id, a.servicio_id, a.ambiente_id,
           array(select p.equipo_id from piezas p where p.cita_id = a.id order by p.equipo_id), a.inicio, a.fin, a.retenida_hasta, a.version,
           exists (select from pedidas p where p.cita_id = a.id)
      from antes a where a.retenida_hasta > p_ahora or exists (select from pedidas p where p.cita_id = a.id) order by a.inicio, a.id;
end $$;

-- Withdraws it, and the records that were merged into it, from all that they wait for, with what they were offered.
create function esperas_retirar_de_fallecida(p_mascota uuid, p_ahora timestamptz, p_motivo text)
returns table (id uuid, servicio_id uuid, sedes uuid[], medico_id uuid, desde date, hasta date, dias smallint[], hora_desde time, hora_hasta time,
               prioridad text, nota text, estado text, oferta_id uuid, oferta_sede uuid)
  language plpgsql volatile security definer set search_path = huella, pg_temp as $$
begin
  if not exists (select from mascotas m where m.tenant_id = tenant_actual() and m.id = p_mascota and m.fallecida_en is not null) then
    raise exception 'la mascota vive';
  end if;
  return query
    with antes as (
      select e.* from esperas e join mascotas m on m.tenant_id = e.tenant_id and m.id = e.mascota_id
       where e.tenant_id = tenant_actual() and e.estado in ('activa', 'ofrecida') and (m.id = p_mascota or m.fusionada_con = p_mascota)
       order by e.id for update of e),
    abiertas as (
      update ofertas o set estado = 'retirada', resuelta_en = p_ahora
        from antes a where o.tenant_id = tenant_actual() and o.espera_id = a.id and o.estado = 'pendiente'
      returning o.id, o.espera_id, o.sede_id),
    retiradas as (
      update esperas e set estado = 'retirada', retirada_motivo = p_motivo, version = e.version + 1
        from antes a where e.tenant_id = tenant_actual() and e.id = a.id)
    select a.id, a.servicio_id, a.sedes, a.medico_id, a.desde, a.hasta, a.dias, a.hora_desde, a.hora_hasta, a.prioridad, a.nota, a.estado,
           o.id, o.sede_id
      from antes a left join abiertas o on o.espera_id = a.id order by a.creada_en, a.id;
end $$;

revoke all on function retenciones_soltar_de_fallecida, esperas_retirar_de_fallecida from public;
grant execute on function retenciones_soltar_de_fallecida, esperas_retirar_de_fallecida to huella_app;

reset role;
