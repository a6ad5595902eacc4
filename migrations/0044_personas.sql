-- What is held about a person outside of their record: shown to them, forgotten with them, and counted when two records become one.
set local role huella_owner;
set local search_path = huella, public;

create view v_esperas_de_expediente with (security_invoker = true) as
  select e.tenant_id, e.mascota_id, e.creada_en, v.nombre as servicio, e.desde, e.hasta, e.estado, e.nota
    from esperas e join v_servicios v on v.id = e.servicio_id;
create view v_visitas_de_expediente with (security_invoker = true) as
  select tenant_id, mascota_id, llegada_en, sede_id, sin_cita, triaje, motivo, fin_en, retirada_en, retirada_motivo from visitas;
create view v_autoreservas_de_expediente with (security_invoker = true) as
  select tenant_id, tutor_id, creada_en, sede_id, estado, motivo, condiciones_version, resuelta_en from autoreservas;
create view v_pedidos_de_expediente with (security_invoker = true) as
  select tenant_id, tutor_id, creada_en, texto, atendida_en from citas_solicitudes;
create view v_faltas_de_expediente with (security_invoker = true) as
  select tenant_id, tutor_id, en, tipo from faltas;
create view v_canales_de_expediente with (security_invoker = true) as
  select tenant_id, tutor_id, canales, segun_cadena, actualizado_en from tutores_canales;
grant select on v_esperas_de_expediente, v_visitas_de_expediente, v_autoreservas_de_expediente, v_pedidos_de_expediente,
  v_faltas_de_expediente, v_canales_de_expediente to huella_app, huella_ro;

-- Their own words, in all sedes, and what was noted about them, go in the transaction that forgets them. What was done to their
-- pets stays.
create policy por_dueno_cambia on citas_solicitudes for update to huella_owner using (tenant_id = tenant_actual()) with check (tenant_id = tenant_actual());

create function tutor_sin_palabras() returns trigger
  language plpgsql security definer set search_path = huella, pg_temp as $$
begin
  update citas c set motivo = null from autoreservas a
   where a.tenant_id = new.tenant_id and a.tutor_id = new.id and c.tenant_id = a.tenant_id and c.id = a.cita_id and c.motivo = a.motivo;
  update autoreservas set motivo = null where tenant_id = new.tenant_id and tutor_id = new.id and motivo is not null;
  update citas_solicitudes set texto = null where tenant_id = new.tenant_id and tutor_id = new.id and texto is not null;
  update esperas e set nota = null, version = e.version + 1 from mascotas m join tutores_mascotas v on v.tenant_id = m.tenant_id and v.mascota_id in (m.id, m.fusionada_con)
   where e.tenant_id = new.tenant_id and m.tenant_id = e.tenant_id and m.id = e.mascota_id and v.tutor_id = new.id and v.relacion = 'propietario' and e.nota is not null
     and e.creada_en >= v.desde - interval '2 days'
     and (v.hasta is null or e.creada_en < v.hasta + interval '2 days');
  return null;
end $$;
create trigger sin_palabras after update of anonimizado_en on tutores for each row
  when (old.anonimizado_en is null and new.anonimizado_en is not null) execute function tutor_sin_palabras();

-- What goes on under another record without being moved, of all sedes: how many rows of these owners or pets.
create function fusion_seguido(p_ids uuid[]) returns jsonb
  language sql stable security definer set search_path = huella, pg_temp as $$
  select jsonb_build_object(
    'vacunas', count(*) filter (where que = 'vacuna'), 'desparasitaciones', count(*) filter (where que = 'desparasitacion'),
    'problemas', count(*) filter (where que = 'problema'), 'alergias', count(*) filter (where que = 'alergia'),
    'tratamientos', count(*) filter (where que = 'tratamiento'), 'antecedentes', count(*) filter (where que = 'antecedentes'),
    'alertas', count(*) filter (where que = 'alertas'), 'esperas', count(*) filter (where que = 'esperas'),
    'visitas', count(*) filter (where que = 'visitas'), 'aperturas', count(*) filter (where que = 'aperturas'),
    'consentimientos', count(*) filter (where que = 'consentimientos'), 'faltas', count(*) filter (where que = 'faltas'),
    'autoreservas', count(*) filter (where que = 'autoreservas'), 'pedidos', count(*) filter (where que = 'pedidos'),
    'mensajes', count(*) filter (where que = 'mensajes'), 'respuestas', count(*) filter (where que = 'respuestas'),
    'recordatorios', count(*) filter (where que = 'recordatorios'))
    from (
      select tipo as que from hechos_clinicos where tenant_id = tenant_actual() and mascota_id = any (p_ids) and anulado_en is null
      union all select 'antecedentes' from antecedentes where tenant_id = tenant_actual() and mascota_id = any (p_ids)
      union all select 'alertas' from alertas_medicas where tenant_id = tenant_actual() and mascota_id = any (p_ids)
      union all select 'esperas' from esperas where tenant_id = tenant_actual() and mascota_id = any (p_ids)
      union all select 'visitas' from visitas where tenant_id = tenant_actual() and mascota_id = any (p_ids)
      union all select 'aperturas' from aperturas where tenant_id = tenant_actual() and mascota_id = any (p_ids)
      union all select 'consentimientos' from consentimientos where tenant_id = tenant_actual() and tutor_id = any (p_ids)
      union all select 'faltas' from faltas where tenant_id = tenant_actual() and tutor_id = any (p_ids)
      union all select 'autoreservas' from autoreservas where tenant_id = tenant_actual() and tutor_id = any (p_ids)
      union all select 'pedidos' from citas_solicitudes where tenant_id = tenant_actual() and tutor_id = any (p_ids)
      union all select 'mensajes' from mensajes where tenant_id = tenant_actual() and tutor_id = any (p_ids)
      union all select 'respuestas' from mensajes_respuestas where tenant_id = tenant_actual() and tutor_id = any (p_ids)
      union all select 'recordatorios' from recordatorios
       where tenant_id = tenant_actual() and (mascota_id = any (p_ids) or tutor_id = any (p_ids))) s $$;
revoke all on function tutor_sin_palabras, fusion_seguido from public;
grant execute on function fusion_seguido to huella_app;

reset role;
