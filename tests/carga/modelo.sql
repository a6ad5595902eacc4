-- A chain as all others are copied from: what 120 days leave behind in each sede. Two visits a day of each vet in the 90 days behind,
-- three in the 30 days from today on, whose rest can be booked; a weight and two clinical facts of each pet; the audit of what was
-- booked lately, with its links. Loaded without triggers; nothing here depends on them.
--
-- Parameters: carga.tenant, carga.hoy; carga.personas at the desk, carga.medicos and carga.mascotas, of each sede.
set session_replication_role = replica;
set synchronous_commit = off;

create temp table modelo as
  select current_setting('carga.tenant')::uuid as tenant_id, current_setting('carga.hoy')::date as hoy,
         current_setting('carga.personas')::int as personas, current_setting('carga.medicos')::int as medicos,
         current_setting('carga.mascotas')::int as mascotas;

-- More people at the desk, beside the one who is there. Nobody writes to them, so nobody opens their address.
create temp table mostrador as
  select a.tenant_id, u.id as de, u.nombres, u.apellidos, u.correo_cifrado, u.creado_en, gen_random_uuid() as id, a.rol_id, a.sede_id, n
    from modelo m
    join asignaciones a on a.tenant_id = m.tenant_id
    join roles r on r.tenant_id = a.tenant_id and r.id = a.rol_id and r.clave = 'recepcion'
    join usuarios u on u.tenant_id = a.tenant_id and u.id = a.usuario_id
   cross join generate_series(2, m.personas) n;
insert into usuarios (tenant_id, id, nombres, apellidos, correo_cifrado, correo_indice, creado_en)
  select tenant_id, id, nombres || ' ' || n, apellidos, correo_cifrado, uuid_send(id), creado_en from mostrador;
insert into asignaciones (tenant_id, id, usuario_id, rol_id, sede_id) select tenant_id, gen_random_uuid(), id, rol_id, sede_id from mostrador;

-- Vets, each with the room of the same number and pets that nobody else sees.
create temp table medicos as
  select s.sede_id, s.j, p.medico_id, row_number() over (partition by s.sede_id order by p.medico_id)::int - 1 as v
    from (select id as sede_id, row_number() over (order by codigo)::int - 1 as j from sedes join modelo using (tenant_id)) s
    join (select distinct sede_id, medico_id from planes_medicos join modelo using (tenant_id)) p using (sede_id);
create temp table cuartos as
  select sede_id, id as ambiente_id, row_number() over (partition by sede_id order by nombre)::int - 1 as v from ambientes join modelo using (tenant_id);
create temp table pacientes as
  select p.id, p.k / m.mascotas as j, p.k % m.mascotas as i
    from modelo m, lateral (select id, row_number() over (order by id)::int - 1 as k from mascotas where tenant_id = m.tenant_id) p;

insert into citas (tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                   estado, activa, creado_en, creado_por, actualizado_en)
select m.tenant_id, gen_random_uuid(), v.sede_id, p.id, v.medico_id, s.id, c.ambiente_id, t.inicio, t.inicio + interval '15 min', t.inicio,
       t.inicio + interval '20 min', case when t.d < 0 then 'terminada' else 'programada' end, true, t.creado, v.medico_id, t.creado
  from modelo m
 cross join lateral (
   select d, h, hora as inicio, least(hora - interval '3 days', now() - interval '1 hour') as creado
     from generate_series(-90, 29) d, generate_series(0, 2) h,
          lateral (select (m.hoy + d + time '08:00' + h * case when d < 0 then interval '6 hours' else interval '4 hours' end)
                            at time zone 'America/Lima' as hora) x
    where d >= 0 or h < 2) t
 cross join medicos v
  join cuartos c on c.sede_id = v.sede_id and c.v = v.v
  join servicios s on s.tenant_id = m.tenant_id and s.codigo = 'CONS'
  join pacientes p on p.j = v.j and p.i = v.v * (m.mascotas / m.medicos) + ((t.d + 1000) * 3 + t.h) % (m.mascotas / m.medicos)
 order by v.j, v.v, t.inicio;

insert into pesos (tenant_id, id, mascota_id, pesado_en, kg, autor_id)
select m.tenant_id, gen_random_uuid(), p.id, now() - make_interval(days => 10 + p.i), 8 + p.i % 20, v.medico_id
  from modelo m, pacientes p join medicos v on v.j = p.j and v.v = 0;

insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, proxima, anterior, autor_id, registrado_en)
select m.tenant_id, gen_random_uuid(), p.id, h.detalle, h.titulo, h.dia, h.dia, h.dia + 365, true, v.medico_id, now()
  from modelo m, pacientes p join medicos v on v.j = p.j and v.v = 0,
       lateral (values ('Séxtuple', '{"tipo": "vacuna", "antigenos": ["moquillo", "parvovirus"], "lote": "L1"}'::jsonb, current_date - 30 - p.i),
                       ('Antiparasitario interno', '{"tipo": "desparasitacion", "alcance": "interna", "activos": ["praziquantel"]}'::jsonb,
                        current_date - 10 - p.i)) h(titulo, detalle, dia);

insert into auditoria (tenant_id, id, en, actor_tipo, actor_id, ip, traza, sede_id, accion, entidad, entidad_id, despues)
select c.tenant_id, gen_random_uuid(), c.creado_en, 'usuario', c.medico_id, '190.12.0.1', md5(c.id::text), c.sede_id, 'reservar', 'cita', c.id,
       jsonb_build_object('inicio', c.inicio, 'fin', c.fin, 'estado', c.estado, 'activa', c.activa)
  from citas c join modelo m on m.tenant_id = c.tenant_id and c.inicio > m.hoy - 10;
insert into auditoria_eslabones (tenant_id, numero, auditoria_id, resumen)
select tenant_id, row_number() over (order by xid, id), id, sha256(uuid_send(id)) from auditoria join modelo using (tenant_id);

truncate outbox, trabajos;
reset synchronous_commit;
reset session_replication_role;
