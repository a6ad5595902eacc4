-- A large chain's pets and what is known of them: weights, vaccinations of which one in three is due, dewormings, and in one of ten
-- a chronic disease with its treatment. Loaded without triggers; nothing here depends on them.
--
-- Parameters: carga.tenant, carga.mascotas (as many more as the chain has one of).
set session_replication_role = replica;
set maintenance_work_mem = '512MB';

create temp table modelo as
  select m.tenant_id, m.especie_id, m.sedes, (select u.id from usuarios u where u.tenant_id = m.tenant_id limit 1) as autor_id
    from mascotas m where m.tenant_id = current_setting('carga.tenant')::uuid limit 1;

insert into mascotas (tenant_id, id, nombre, especie_id, sexo, esterilizado, nacimiento, creado_en, actualizado_en, sedes)
select t.tenant_id, gen_random_uuid(), 'Mascota ' || n, t.especie_id, case n % 2 when 0 then 'hembra' else 'macho' end, n % 3 = 0,
       current_date - 400 - n % 4000, now() - interval '300 days', now(), t.sedes
  from modelo t, generate_series(1, current_setting('carga.mascotas')::int) n;

create temp table pacientes as
  select m.tenant_id, m.id, row_number() over (order by m.id)::int as k, t.autor_id from mascotas m join modelo t using (tenant_id);

insert into pesos (tenant_id, id, mascota_id, pesado_en, kg, autor_id)
select tenant_id, gen_random_uuid(), id, now() - make_interval(days => 30 + n * 120 + k % 60), 8 + k % 20 + n * 0.2, autor_id
  from pacientes, generate_series(0, 2) n;

-- A yearly combined vaccine and rabies, three years of them; the last one between a month and a year and a half ago.
insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, proxima, anterior, autor_id, registrado_en)
select tenant_id, gen_random_uuid(), id,
       jsonb_build_object('tipo', 'vacuna', 'antigenos', antigenos, 'lote', 'L' || k % 500),
       titulo, dia, dia, dia + 365, true, autor_id, now()
  from pacientes, generate_series(0, 2) n,
       (values ('Séxtuple', '["moquillo", "parvovirus", "adenovirus", "parainfluenza", "leptospira"]'::jsonb),
               ('Antirrábica', '["rabia"]'::jsonb)) v(titulo, antigenos),
       lateral (select current_date - 30 - k % 520 - n * 365 as dia) d;

insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, proxima, anterior, autor_id, registrado_en)
select tenant_id, gen_random_uuid(), id,
       jsonb_build_object('tipo', 'desparasitacion', 'alcance', case n when 0 then 'interna' else 'externa' end,
                          'activos', case n when 0 then '["praziquantel", "pirantel"]'::jsonb else '["fluralaner"]'::jsonb end),
       case n when 0 then 'Antiparasitario interno' else 'Pipeta' end, dia, dia, dia + 90, true, autor_id, now()
  from pacientes, generate_series(0, 1) n, lateral (select current_date - 10 - (k * 7 + n * 31) % 150 as dia) d;

insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, anterior, autor_id, registrado_en)
select tenant_id, gen_random_uuid(), id, '{"tipo": "problema", "cronico": true}', case k % 20 when 0 then 'Diabetes mellitus' else 'Enfermedad renal crónica' end,
       current_date - 400, current_date - 400, true, autor_id, now()
  from pacientes where k % 10 = 0;
insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, hasta, anterior, autor_id, registrado_en)
select tenant_id, gen_random_uuid(), id, '{"tipo": "tratamiento", "dosis": "1 tableta", "cada_horas": 12}', 'Enalapril',
       current_date - 60, current_date - 60, current_date + k % 30, true, autor_id, now()
  from pacientes where k % 20 = 10;
reset session_replication_role;
