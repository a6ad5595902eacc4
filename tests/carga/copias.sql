-- How one chain becomes many: all its rows again under another chain, in every table that has some. An id becomes another one that
-- follows from it and the chain, so whatever referred to it still does; nothing of two chains is the same, as in life.
--
-- Parameter: carga.tenant, the chain that is copied.
create schema molde;
create function public.copia(p_tenant uuid, p_id uuid) returns uuid language sql immutable parallel safe
  as $$ select md5(p_tenant::text || p_id::text)::uuid $$;

-- What is sealed for one person in one chain and cannot be copied: phones of owners, under keys of their own.
create unlogged table public.sellos (
  tenant_id uuid not null,
  viejo     uuid not null,
  telefono  bytea not null,
  version   integer not null,
  envuelta  bytea not null,
  primary key (tenant_id, viejo)
);

create table public.copias (orden serial primary key, sentencia text not null);
do $do$
declare
  v_modelo constant uuid := current_setting('carga.tenant')::uuid;
  v_hay boolean;
  t record;
begin
  for t in
    select c.oid, c.relname from pg_class c
     where c.relnamespace = 'huella'::regnamespace and c.relkind = 'r'
       and c.relname not in ('accesos', 'claves_personales', 'sesiones', 'tenants_aplicados', 'tokens_renovacion')
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
     order by c.relname
  loop
    execute format('select exists (select from huella.%I where tenant_id = $1)', t.relname) into v_hay using v_modelo;
    continue when not v_hay;
    execute format('create unlogged table molde.%1$I as select * from huella.%1$I where tenant_id = %2$L order by ctid', t.relname, v_modelo);
    insert into public.copias (sentencia)
      select format('insert into huella.%1$I (%2$s) select %3$s from molde.%1$I x', t.relname,
               string_agg(quote_ident(a.attname), ', ' order by a.attnum),
               string_agg(case
                 when a.attname = 'tenant_id' then '$1'
                 when t.relname = 'tutores' and a.attname = 'telefono_cifrado' then
                   '(select s.telefono from public.sellos s where s.tenant_id = $1 and s.viejo = x.id)'
                 when t.relname = 'mascotas_hechos' and a.attname = 'detalle' then
                   $e$case when x.detalle ? 'tutor_id'
                           then jsonb_set(x.detalle, '{tutor_id}', to_jsonb(public.copia($1, (x.detalle ->> 'tutor_id')::uuid)::text))
                           else x.detalle end$e$
                 when a.atttypid = 'uuid'::regtype then format('public.copia($1, x.%I)', a.attname)
                 when a.atttypid = 'uuid[]'::regtype then
                   format('case when x.%1$I is not null then array(select public.copia($1, u) from unnest(x.%1$I) u) end', a.attname)
                 else format('x.%I', a.attname) end, ', ' order by a.attnum))
        from pg_attribute a
       where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
         -- Of the transaction that writes the row: the sealer goes by it.
         and not (t.relname = 'auditoria' and a.attname = 'xid');
  end loop;
end $do$;

create function public.copiar_cadena(p_tenant uuid) returns void language plpgsql as $$
declare v_sentencia text;
begin
  for v_sentencia in select sentencia from public.copias order by orden loop
    execute v_sentencia using p_tenant;
  end loop;
  insert into huella.claves_personales (tenant_id, persona_id, version, envuelta)
    select p_tenant, public.copia(p_tenant, viejo), version, envuelta from public.sellos where tenant_id = p_tenant;
end $$;
