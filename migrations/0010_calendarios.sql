-- Calendars that other programs subscribe to.
set local role huella_owner;
set local search_path = huella, public;

-- Of a sede, of a vet, or of a vet in one sede. Only the hash of the link is kept. It shows no more than its maker may
-- see, on the day it is read.
create table calendarios (
  tenant_id   uuid not null default tenant_actual() references tenants,
  id          uuid not null,
  resumen     bytea not null check (length(resumen) = 32),
  sede_id     uuid,
  medico_id   uuid,
  creado_por  uuid not null,
  creado_en   timestamptz not null,
  usado_en    timestamptz,
  revocado_en timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, resumen),
  foreign key (tenant_id, sede_id) references sedes,
  foreign key (tenant_id, medico_id) references usuarios,
  foreign key (tenant_id, creado_por) references usuarios,
  check (sede_id is not null or medico_id is not null)
);
call proteger('calendarios', 'tenant', 'select, insert, update');

-- Who may do what where (sede_id null: in the whole chain), of those who work here.
create view v_derechos with (security_invoker = true) as
  select a.tenant_id, a.usuario_id, a.sede_id, p.permiso
    from asignaciones a
    join roles_permisos p on p.tenant_id = a.tenant_id and p.rol_id = a.rol_id
    join usuarios u on u.tenant_id = a.tenant_id and u.id = a.usuario_id and u.activo;
grant select on v_derechos to huella_app, huella_ro;

-- The calendar of a link that is good, and what to call it. Who asks has no sede, so the link itself is the right.
create function calendario_abierto(p_resumen bytea)
returns table (id uuid, usado_en timestamptz, sede text, medico text)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select k.id, k.usado_en, s.nombre, m.nombres || ' ' || m.apellidos
    from calendarios k
    join usuarios u on u.tenant_id = k.tenant_id and u.id = k.creado_por and u.activo
    left join sedes s on s.tenant_id = k.tenant_id and s.id = k.sede_id
    left join usuarios m on m.tenant_id = k.tenant_id and m.id = k.medico_id
   where k.tenant_id = tenant_actual() and k.resumen = p_resumen and k.revocado_en is null $$;

-- Its appointments: when, where, and the pet's initial. Neither owner nor service nor reason.
create function calendario_citas(p_resumen bytea, p_desde timestamptz, p_hasta timestamptz)
returns table (id uuid, inicio timestamptz, fin timestamptz, estado text, version integer, actualizado_en timestamptz,
               sede text, ambiente text, inicial text)
  language plpgsql stable security definer set search_path = huella, public, pg_temp as $$
declare
  v_tenant constant uuid := tenant_actual();
  k calendarios;
  v_sedes uuid[];
begin
  select c.* into k from calendarios c where c.tenant_id = v_tenant and c.resumen = p_resumen and c.revocado_en is null;
  if not found then return; end if;
  -- A vet sees what is the vet's own in every sede; all else takes the right to see the agenda there.
  select array_agg(s.id) into v_sedes from sedes s
   where s.tenant_id = v_tenant and (k.sede_id is null or s.id = k.sede_id)
     and exists (select from v_derechos d where d.tenant_id = v_tenant and d.usuario_id = k.creado_por
                    and (d.sede_id is null or d.sede_id = s.id or k.medico_id = k.creado_por) and d.permiso = 'cita.ver');
  return query
    select c.id, c.inicio, c.fin, c.estado, c.version, c.actualizado_en, s.nombre, a.nombre, left(m.nombre, 1)
      from (select * from citas x where k.medico_id is not null and x.tenant_id = v_tenant and x.medico_id = k.medico_id
               and x.inicio >= p_desde and x.inicio < p_hasta
            union all
            select * from citas x where k.medico_id is null and x.tenant_id = v_tenant and x.sede_id = k.sede_id
               and x.inicio >= p_desde and x.inicio < p_hasta) c
      join sedes s on s.tenant_id = v_tenant and s.id = c.sede_id
      join mascotas m on m.tenant_id = v_tenant and m.id = c.mascota_id
      left join ambientes a on a.tenant_id = v_tenant and a.id = c.ambiente_id
     where c.activa and c.retenida_hasta is null and c.sede_id = any (v_sedes)
     order by c.inicio, c.id;
end $$;
revoke all on function calendario_abierto, calendario_citas from public;
grant execute on function calendario_abierto, calendario_citas to huella_app;

reset role;
