-- Whose data it is: what owners consent to, and being forgotten.
set local role huella_owner;
set local search_path = huella, public;

-- What an owner said, purpose by purpose (Ley 29733). Lines are added and never changed; what holds today is the last one.
create table consentimientos (
  tenant_id         uuid not null default tenant_actual() references tenants,
  id                uuid not null,
  tutor_id          uuid not null,
  finalidad         text not null check (finalidad in ('atencion', 'recordatorios', 'marketing', 'grabacion', 'terceros')),
  otorgado          boolean not null,
  canal             text not null check (canal in ('presencial', 'telefono', 'correo', 'mensaje', 'web')),
  texto_version     text not null check (length(texto_version) between 1 and 40),
  evidencia_cifrada bytea,                      -- under the person's key
  en                timestamptz not null,
  autor_id          uuid not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, tutor_id) references tutores
);
create index on consentimientos (tenant_id, tutor_id, en desc, id desc);
call proteger('consentimientos', 'tenant', 'select, insert');

-- Forgotten: the key is gone, the names are blank, the record stays for what hangs on it.
alter table tutores add column anonimizado_en timestamptz;

-- What lies ahead of some pets, in every sede of the chain. Of a sede that the caller may not see, only where and when.
create function citas_por_venir(p_mascotas uuid[], p_ahora timestamptz)
returns table (cita_id uuid, sede_id uuid, inicio timestamptz)
  language sql stable security definer set search_path = huella, public, pg_temp as $$
  select case when sede_visible(c.sede_id) then c.id end, c.sede_id, c.inicio from citas c
   where c.tenant_id = tenant_actual() and c.mascota_id = any (p_mascotas) and c.fin > p_ahora
     and c.estado not in ('terminada', 'anulada', 'no_asistio') and (c.retenida_hasta is null or c.retenida_hasta > p_ahora)
   order by c.inicio, c.id $$;
revoke all on function citas_por_venir from public;
grant execute on function citas_por_venir to huella_app, huella_ro;

-- Who did or saw what, for the person whom it is about.
create view v_accesos with (security_invoker = true) as
  select a.tenant_id, a.id, a.en, a.accion, a.entidad, a.entidad_id, a.ids,
         coalesce(case a.actor_tipo
                    when 'usuario' then (select u.nombres || ' ' || u.apellidos from usuarios u where u.tenant_id = a.tenant_id and u.id = a.actor_id)
                    when 'clave_api' then (select c.nombre from claves_api c where c.tenant_id = a.tenant_id and c.id = a.actor_id)
                  end, a.actor_tipo) as quien
    from auditoria a;
grant select on v_accesos to huella_app, huella_ro;

reset role;
