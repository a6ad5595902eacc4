//! Whose data it is: consents, all that is held about a person, and being forgotten.
use super::{buscar, mascota, registrar, tutor};
use huella_tests::{
    Huella,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_CUSCO, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::{auditoria, trabajos};
use std::time::Duration;

fn dice(finalidad: &str, otorgado: bool) -> Value {
    json!({ "finalidad": finalidad, "otorgado": otorgado, "canal": "presencial", "texto_version": "2026-01", "evidencia": "Formulario 77 de Ana" })
}

fn ana() -> Value {
    json!({ "nombres": "Anastasia", "apellidos": "Pomacocha", "documento": { "tipo": "dni", "numero": "40302010" }, "telefono": "987654321",
            "correo": "ana@ejemplo.pe", "direccion": "Jr. Puno 123", "notas": "Vive sola" })
}

#[tokio::test]
async fn consents_are_added_by_purpose_and_the_last_word_holds() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (_, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/tutores/{ana}/consentimientos");
    let nothing = recepcion.get(&path).await.ok();
    assert_eq!(
        nothing["vigentes"].as_array().map(|all| all.iter().filter(|one| one["otorgado"] == false && one["desde"].is_null()).count()),
        Some(5)
    );
    recepcion.post(&path, dice("recordatorios", true)).await.created();
    recepcion.post(&path, dice("marketing", true)).await.created();
    huella.avanzar(SignedDuration::from_mins(2));
    recepcion.post(&path, dice("marketing", false)).await.created();
    let now = recepcion.get(&path).await.ok();
    let of = |finalidad: &str| {
        now["vigentes"].as_array().into_iter().flatten().find(|one| one["finalidad"] == finalidad).cloned().unwrap_or_default()
    };
    assert_eq!((of("recordatorios")["otorgado"].as_bool(), of("marketing")["otorgado"].as_bool()), (Some(true), Some(false)));
    assert_eq!(of("marketing")["desde"], "2026-03-02T13:02:00Z");
    assert_eq!(now["registro"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        (now["registro"][0]["finalidad"].as_str(), now["registro"][0]["evidencia"].as_str()),
        (Some("marketing"), Some("Formulario 77 de Ana"))
    );
    assert_eq!(recepcion.post(&path, dice("todo", true)).await.wrong_fields(), ["/finalidad"]);
    let told: String = huella.scalar("select string_agg(tema, ' ' order by id) from outbox where tema like 'consentimiento.%'").await;
    assert_eq!(told, "consentimiento.otorgado consentimiento.otorgado consentimiento.retirado");
    // Not even by direct SQL as the app.
    let may: bool = huella.scalar("select has_table_privilege('huella_app', 'consentimientos', 'update') or has_table_privilege('huella_app', 'consentimientos', 'delete')").await;
    assert!(!may);
}

/// What the desk and the person wrote outside of their record.
const ESCRITO: &str = "
  insert into esperas (tenant_id, id, mascota_id, servicio_id, sedes, desde, hasta, prioridad, nota, estado, creada_en, creada_por)
    select tenant_id, gen_random_uuid(), mascota_id, servicio_id, array[sede_id], '2026-03-02', '2026-03-31', 'normal', 'Vive lejos y llora',
           'activa', '2026-03-02T13:00:00Z', medico_id from citas where id = 'CITA';
  insert into visitas (tenant_id, id, sede_id, sin_cita, mascota_id, servicio_id, motivo, llegada_en, registrada_por)
    select tenant_id, gen_random_uuid(), sede_id, true, mascota_id, servicio_id, 'Se cayó', '2026-03-02T13:00:00Z', medico_id from citas where id = 'CITA';
  insert into autoreservas (tenant_id, cita_id, sede_id, tutor_id, tutor_nuevo, correo_indice, red, motivo, condiciones_version, estado, resumen,
                            enlace_sellado, creada_en)
    select tenant_id, id, sede_id, 'TUTOR', true, '\\x00', '\\x00', motivo, '2026-01', 'reservada', decode(repeat('00', 32), 'hex'), 'x',
           '2026-03-02T13:00:00Z' from citas where id = 'CITA';
  insert into citas_solicitudes (tenant_id, id, cita_id, sede_id, tutor_id, texto, creada_en)
    select tenant_id, gen_random_uuid(), id, sede_id, 'TUTOR', 'Salgo del trabajo a las seis', '2026-03-02T13:00:00Z' from citas where id = 'CITA';
  insert into faltas (tenant_id, cita_id, tutor_id, tipo, en)
    select tenant_id, id, 'TUTOR', 'no_asistio', '2026-03-02T13:00:00Z' from citas where id = 'CITA';
  insert into tutores_canales (tenant_id, tutor_id, canales, actualizado_en)
    select tenant_id, 'TUTOR', '{whatsapp,correo}', '2026-03-02T13:00:00Z' from citas where id = 'CITA'";

#[tokio::test]
async fn what_somebody_wrote_is_in_their_file_and_goes_when_they_are_forgotten() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (luna, ana) = registrar(&recepcion, ana(), mascota("Luna")).await;
    let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
    let (lima, soto, consulta) =
        (of("sedes", "codigo", "LIM").await, of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
    let cita = json!({ "sede_id": lima, "mascota_id": luna, "servicio_id": consulta, "medico_id": soto, "inicio": "2026-03-03T10:00:00-05:00",
                       "motivo": "Cojea desde que me mudé" });
    let cita = recepcion.post("/citas/reservar", cita).await.created();
    huella.execute(&ESCRITO.replace("CITA", &id(&cita)).replace("TUTOR", &ana)).await;

    let file = admin.get(&format!("/tutores/{ana}/expediente")).await.ok();
    let pet = &file["mascotas"][0];
    assert_eq!((&pet["esperas"][0]["nota"], &pet["esperas"][0]["servicio"]), (&json!("Vive lejos y llora"), &json!("Consulta general")));
    assert_eq!((&pet["visitas"][0]["motivo"], &pet["visitas"][0]["sin_cita"]), (&json!("Se cayó"), &json!(true)));
    let own = &file["autoreservas"][0];
    assert_eq!((&own["motivo"], &own["condiciones_version"]), (&json!("Cojea desde que me mudé"), &json!("2026-01")));
    assert_eq!(
        (&file["pedidos"][0]["texto"], &file["faltas"][0]["tipo"], &file["canales"]["canales"]),
        (&json!("Salgo del trabajo a las seis"), &json!("no_asistio"), &json!(["whatsapp", "correo"]))
    );

    recepcion.delete(&format!("/citas/{}?motivo=Pedido", id(&cita))).await.ok();
    admin.post(&format!("/tutores/{ana}/anonimizacion"), json!({ "motivo": "Solicitud 13" })).await.created();
    let left: String = huella
        .scalar(
            "select concat_ws(' ', (select string_agg(t::text, '') from esperas t), (select string_agg(t::text, '') from autoreservas t),
                                   (select string_agg(t::text, '') from citas_solicitudes t), (select string_agg(t::text, '') from citas t))",
        )
        .await;
    for words in ["Vive lejos", "Cojea", "Salgo del trabajo"] {
        assert!(!left.contains(words), "{words}: {left}");
    }
}

/// The audit keeps what was written about a visit under its owner's key, so that it goes with them and the chain stays whole.
#[tokio::test]
async fn what_was_written_about_a_visit_is_never_in_clear_in_the_audit() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (luna, ana) = registrar(&recepcion, ana(), mascota("Luna")).await;
    let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
    let (lima, soto, consulta) =
        (of("sedes", "codigo", "LIM").await, of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
    let mut cita = json!({ "sede_id": lima, "mascota_id": luna, "servicio_id": consulta, "medico_id": soto,
                           "inicio": "2026-03-03T10:00:00-05:00", "motivo": "Cojea desde ayer" });
    let booked = format!("/citas/{}", id(&recepcion.post("/citas/reservar", cita.clone()).await.created()));
    let fields = cita.as_object_mut().expect("an object");
    fields.remove("mascota_id");
    fields.insert("motivo".into(), json!("Vive en Surco"));
    recepcion.put(&booked, cita).await.ok();
    recepcion.delete(&format!("{booked}?motivo=Se%20muda%20a%20Tacna")).await.ok();
    let wish = json!({ "servicio_id": consulta, "sedes": [lima], "desde": "2026-03-02", "hasta": "2026-03-08", "nota": "Llora de noche" });
    let waits = id(&recepcion.post("/esperas", json!({ "mascota_id": luna, "preferencia": wish })).await.created());
    recepcion.delete(&format!("/esperas/{waits}?motivo=Ya%20se%20cur%C3%B3")).await.ok();
    let clear = "select count(*) from auditoria t where t::text ~ 'Cojea|Surco|Tacna|Llora|se curó'";
    assert_eq!(huella.scalar::<i64>(clear).await, 0);
    // It is there, for her alone: two motives, the old and the new one, the reason, the note and why it ended.
    let sealed = format!(
        "select count(*) from auditoria t, jsonb_path_query(jsonb_build_array(antes, despues), 'strict $.**') v(o)
          where jsonb_typeof(o) = 'object' and o ->> 'tutor_id' = '{ana}' and concat(o ->> 'motivo', o ->> 'nota') like 'cifrado:%'
            and entidad in ('cita', 'espera')"
    );
    assert!(huella.scalar::<i64>(&sealed).await >= 5, "sealed beside whose it is");
    admin.post(&format!("/tutores/{ana}/anonimizacion"), json!({ "motivo": "Solicitud 14" })).await.created();
    let system = huella.parts.system();
    auditoria::seal(&system).await.expect("sealed");
    let whole = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    assert!(whole.roto.is_none(), "{whole}");
    // Of a pet that nobody with a key owns, words are not kept at all.
    let wish = json!({ "servicio_id": consulta, "sedes": [lima], "desde": "2026-03-02", "hasta": "2026-03-08", "nota": "Muerde" });
    recepcion.post("/esperas", json!({ "mascota_id": luna, "preferencia": wish })).await.created();
    assert_eq!(huella.scalar::<i64>("select count(*) from auditoria t where t::text like '%Muerde%'").await, 0);
}

#[tokio::test]
async fn a_persons_file_holds_all_of_theirs_and_nothing_of_others() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let mut luna = mascota("Luna");
    luna["peso_kg"] = json!(4.2);
    let (luna, ana) = registrar(&recepcion, ana(), luna).await;
    let max = id(&recepcion.post("/pacientes/registro", json!({ "tutor_id": ana, "mascota": mascota("Max") })).await.created()["mascota"]);
    let beto = id(&recepcion.post("/tutores", tutor("Beto", "Ríos")).await.created());
    recepcion.post(&format!("/pacientes/{luna}/tutores"), json!({ "tutor_id": beto, "relacion": "cuidador" })).await.created();
    recepcion.post(&format!("/tutores/{ana}/consentimientos"), dice("recordatorios", true)).await.created();
    let (cusco, rojas) =
        (huella.id_of("andina", "sedes", "codigo", "CUS").await, huella.id_of("andina", "usuarios", "cmvp", "10234").await);
    let consulta = huella.id_of("andina", "servicios", "codigo", "CONS").await;
    let cita =
        json!({ "sede_id": cusco, "mascota_id": luna, "servicio_id": consulta, "medico_id": rojas, "inicio": "2026-03-02T16:00:00-05:00" });
    huella.como(RECEPCION_CUSCO).await.post("/citas/reservar", cita).await.created();
    recepcion.post(&format!("/pacientes/{max}/transferencia"), json!({ "tutor_id": beto })).await.created();
    huella.avanzar(SignedDuration::from_hours(48));
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, {
        let _ = admin;
        huella.como(ADMIN).await
    });
    recepcion.post(&format!("/pacientes/{max}/pesos"), json!({ "kg": 9 })).await.created();
    for (pet, ill) in [(&luna, "Otitis"), (&max, "Gastritis")] {
        admin.post(&format!("/pacientes/{pet}/problemas"), json!({ "nombre": ill })).await.created();
    }
    let later =
        json!({ "sede_id": cusco, "mascota_id": max, "servicio_id": consulta, "medico_id": rojas, "inicio": "2026-03-05T10:00:00-05:00" });
    admin.post("/citas/reservar", later).await.created();
    recepcion.get(&format!("/tutores/{ana}")).await.ok();
    trabajos::flush_reads(&huella.parts.system()).await.expect("written");

    let path = format!("/tutores/{ana}/expediente");
    recepcion.get(&path).await.problem(403, "sin-permiso");
    huella.como(ADMIN_LIMA).await.get(&path).await.problem(403, "sin-permiso");
    let file = admin.get(&path).await.ok();
    assert_eq!(
        (file["tutor"]["documento"]["numero"].as_str(), file["tutor"]["direccion"].as_str()),
        (Some("40302010"), Some("Jr. Puno 123"))
    );
    let pets: Vec<&str> = file["mascotas"].as_array().expect("pets").iter().filter_map(|one| one["mascota"]["nombre"].as_str()).collect();
    assert_eq!(pets, ["Luna", "Max"]);
    assert_eq!(
        (file["mascotas"][0]["pesos"][0]["kg"].as_f64(), file["mascotas"][0]["citas"][0]["sede_id"].as_str()),
        (Some(4.2), Some(cusco.as_str()))
    );
    assert_eq!(file["consentimientos"]["registro"].as_array().map(Vec::len), Some(1));
    let ill = &file["mascotas"][0]["historia"][0];
    assert_eq!((&ill["tipo"], &ill["titulo"], &ill["detalle"]), (&json!("problema"), &json!("Otitis"), &json!({ "cronico": false })));
    assert_eq!(file["mascotas"][1]["historia"], json!([]), "nor what it has now");
    assert_eq!(
        (&file["mascotas"][1]["pesos"], &file["mascotas"][1]["citas"]),
        (&json!([]), &json!([])),
        "what came after Max was passed on is not hers"
    );
    assert!(!file.to_string().contains("Beto"), "nor who else answers for her pets");
    let seen = file["accesos"]
        .as_array()
        .expect("accesses")
        .iter()
        .any(|one| one["accion"] == "leer" && one["entidad"] == "tutor" && one["quien"].as_str().is_some_and(|who| who.contains(' ')));
    assert!(seen, "who saw her: {:#}", file["accesos"]);
    let audited: i64 = huella.scalar(&format!("select count(*) from auditoria where accion = 'exportar' and entidad_id = '{ana}'")).await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn a_forgotten_owner_leaves_pets_and_a_whole_audit_chain_and_no_trace_of_who_it_was() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (luna, anastasia) = registrar(&recepcion, ana(), mascota("Luna")).await;
    let (_, otra) =
        registrar(&recepcion, json!({ "nombres": "Anastasita", "apellidos": "Pomacocha", "telefono": "955443322" }), mascota("Max")).await;
    recepcion.post(&format!("/tutores/{anastasia}/fusiones"), json!({ "con": otra })).await.created();
    recepcion.post(&format!("/tutores/{anastasia}/consentimientos"), dice("recordatorios", true)).await.created();
    let (lima, soto) = (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "usuarios", "cmvp", "11567").await);
    let consulta = huella.id_of("andina", "servicios", "codigo", "CONS").await;
    let cita =
        json!({ "sede_id": lima, "mascota_id": luna, "servicio_id": consulta, "medico_id": soto, "inicio": "2026-03-03T10:00:00-05:00" });
    let cita = recepcion.post("/citas/reservar", cita).await.created();

    let (path, body) = (format!("/tutores/{anastasia}/anonimizacion"), json!({ "motivo": "Solicitud 12" }));
    recepcion.post(&path, body.clone()).await.problem(403, "sin-permiso");
    let refused = admin.post(&path, body.clone()).await.problem(409, "anonimizacion-imposible");
    assert_eq!(refused["impedimentos"], json!([{ "id": cita["id"], "sede_id": lima, "inicio": cita["inicio"] }]));
    recepcion.delete(&format!("/citas/{}?motivo=Pedido", id(&cita))).await.ok();
    let blank = admin.post(&path, body.clone()).await.created();
    assert_eq!((blank["nombres"].as_str(), blank["anonimizado_en"].is_string()), (Some("Anónimo"), true));
    for field in ["documento", "telefono", "correo", "direccion", "notas"] {
        assert!(blank[field].is_null(), "{field}");
    }
    admin.post(&path, body).await.problem(409, "anonimizacion-imposible");
    recepcion.post(&format!("/tutores/{anastasia}/consentimientos"), dice("marketing", true)).await.problem(409, "persona-olvidada");

    assert_eq!(recepcion.get(&format!("/pacientes/{luna}")).await.ok()["tutores"][0]["tutor"]["nombre"], "Anónimo");
    for text in ["40302010", "987654321", "955443322", "ana@ejemplo.pe", "Pomacocha", "Anastasita"] {
        assert!(buscar(&recepcion, text).await.is_empty(), "{text}");
    }
    let ledger = recepcion.get(&format!("/tutores/{anastasia}/consentimientos")).await.ok();
    assert_eq!(
        (ledger["registro"].as_array().map(Vec::len), ledger["registro"][0]["evidencia"].is_null()),
        (Some(1), true),
        "what was said stays, without its evidence"
    );
    let keys: i64 = huella.scalar(&format!("select count(*) from claves_personales where persona_id in ('{anastasia}', '{otra}')")).await;
    assert_eq!(keys, 0);
    let system = huella.parts.system();
    // What others in the cluster have under way holds the last rows back for a moment.
    let mut whole = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    for _ in 0..100 {
        if whole.sin_sellar == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        auditoria::seal(&system).await.expect("sealed");
        whole = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    }
    assert!(whole.roto.is_none() && whole.sin_sellar == 0, "{whole}");
    // The document is free again.
    recepcion.post("/tutores", ana()).await.created();
}

/// Whoever writes of their appointments holds those and asks for the owner; who forgets an owner does it the other way round.
#[tokio::test]
async fn who_is_forgotten_while_somebody_writes_about_them_is_forgotten_all_the_same() {
    const WAITING: &str = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (luna, ana) = registrar(&recepcion, ana(), mascota("Luna")).await;
    let (lima, consulta) =
        (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    let wish = json!({ "servicio_id": consulta, "sedes": [lima], "desde": "2026-03-02", "hasta": "2026-03-08", "nota": "Vive lejos" });
    recepcion.post("/esperas", json!({ "mascota_id": luna, "preferencia": wish })).await.created();
    let mut other = huella.sql.begin().await.expect("a transaction");
    // The database ends the one that finds the circle first: not this one.
    sqlx::query("set local deadlock_timeout = '1min'").execute(&mut *other).await.expect("set");
    sqlx::query("select from esperas for update").execute(&mut *other).await.expect("held");
    let path = format!("/tutores/{ana}/anonimizacion");
    let forgotten = tokio::spawn(async move { admin.post(&path, json!({ "motivo": "Solicitud 15" })).await });
    for _ in 0..500 {
        if huella.scalar::<i64>(WAITING).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sqlx::query("select from tutores for update").execute(&mut *other).await.expect("the other one gave way");
    other.commit().await.expect("committed");
    forgotten.await.expect("answered").created();
    assert_eq!(huella.scalar::<i64>("select count(*) from esperas where nota is not null").await, 0);
}
