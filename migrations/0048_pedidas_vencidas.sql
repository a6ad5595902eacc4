-- A request whose hold was over and that nobody had answered ends with its pet too: it is told like those that still held a time.
set local role huella_owner;
set local search_path = huella, public;

create or replace function retenciones_soltar_de_fallecida(p_mascota uuid, p_ahora timestamptz)
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

reset role;
