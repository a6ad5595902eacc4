//! Each right from the desk to the answer, and its clock.
use super::{ana, registrar, told, velar};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, ADMIN_LIMA, RECEPCION_LIMA},
    id,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn pide(derecho: &str, tutor: &str) -> Value {
    json!({ "derecho": derecho, "canal": "presencial", "tutor_id": tutor, "identidad": "documento",
            "pedido": { "nombre": "Anastasia Pomacocha", "contacto": "ana@ejemplo.pe", "detalle": "Por favor, lo antes posible" } })
}

fn si(respuesta: &str) -> Value {
    json!({ "resultado": "atendida", "respuesta": respuesta })
}

async fn asks(cliente: &Cliente, body: Value) -> (String, Value) {
    let solicitud = cliente.post("/solicitudes-datos", body).await.created();
    (format!("/solicitudes-datos/{}", id(&solicitud)), solicitud)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn who_asks_what_is_known_of_them_is_given_it_in_a_form_that_others_read() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (ana, _) = registrar(&recepcion, ana()).await;
    for (derecho, vence) in [("acceso", "2026-03-30"), ("portabilidad", "2026-03-16")] {
        let (path, asked) = asks(&recepcion, pide(derecho, &ana)).await;
        assert_eq!((asked["estado"].as_str(), asked["vence_el"].as_str()), (Some("recibida"), Some(vence)));
        recepcion.get(&path).await.problem(403, "sin-permiso");
        huella.como(ADMIN_LIMA).await.get("/solicitudes-datos").await.problem(403, "sin-permiso");
        admin.get(&format!("{path}/expediente")).await.problem(409, "sin-expediente");
        let answered = admin.put(&format!("{path}/respuesta"), si("Se entregó en mano")).await.ok();
        assert_eq!((answered["estado"].as_str(), answered["con_expediente"].as_bool()), (Some("atendida"), Some(true)));
        let file = admin.get(&format!("{path}/expediente")).await.ok();
        assert_eq!(
            (file["tutor"]["documento"]["numero"].as_str(), file["mascotas"][0]["mascota"]["nombre"].as_str()),
            (Some("40302010"), Some("Luna"))
        );
        admin.put(&format!("{path}/respuesta"), si("Otra vez")).await.problem(409, "solicitud-cerrada");
    }
    let audited: i64 = huella.scalar(&format!("select count(*) from auditoria where accion = 'exportar' and entidad_id = '{ana}'")).await;
    assert_eq!(audited, 2);
    let plain: i64 =
        huella.scalar("select count(*) from solicitudes_datos s where s::text ilike '%anastasia%' or s::text like '%40302010%'").await;
    assert_eq!(plain, 0, "what people wrote is sealed");
}

#[tokio::test]
async fn who_asks_to_be_forgotten_is_and_the_request_stays_as_proof() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (ana, luna) = registrar(&recepcion, ana()).await;
    let (lima, consulta) =
        (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    let cita = json!({ "sede_id": lima, "mascota_id": luna, "servicio_id": consulta, "inicio": "2026-03-03T10:00:00-05:00" });
    let cita = id(&recepcion.post("/citas/reservar", cita).await.created());
    let (path, _) = asks(&recepcion, pide("cancelacion", &ana)).await;
    admin.put(&format!("{path}/respuesta"), si("Listo")).await.problem(409, "anonimizacion-imposible");
    assert_eq!(admin.get(&path).await.ok()["estado"], "recibida", "nothing was half done");
    recepcion.delete(&format!("/citas/{cita}?motivo=Pedido")).await.ok();
    admin.put(&format!("{path}/respuesta"), si("Listo")).await.ok();
    assert_eq!(admin.get(&format!("/tutores/{ana}")).await.ok()["nombres"], "Anónimo");
    let proof = admin.get(&path).await.ok();
    assert_eq!((proof["pedido"]["nombre"].as_str(), proof["respuesta"].as_str()), (Some("Anastasia Pomacocha"), Some("Listo")));
    assert_eq!(told(&huella, "tutor").await, "tutor.anonimizado: 1, tutor.registrado: 1");
}

#[tokio::test]
async fn who_objects_to_a_use_takes_back_that_consent_and_no_other() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (ana, _) = registrar(&recepcion, ana()).await;
    let ledger = format!("/tutores/{ana}/consentimientos");
    for finalidad in ["marketing", "recordatorios"] {
        let yes = json!({ "finalidad": finalidad, "otorgado": true, "canal": "presencial", "texto_version": "2026-01" });
        recepcion.post(&ledger, yes).await.created();
    }
    huella.avanzar(SignedDuration::from_mins(5));
    let (path, _) = asks(&recepcion, pide("oposicion", &ana)).await;
    assert_eq!(admin.put(&format!("{path}/respuesta"), si("Listo")).await.wrong_fields(), ["/finalidades"]);
    let answer = json!({ "resultado": "atendida", "respuesta": "Listo", "finalidades": ["marketing"] });
    admin.put(&format!("{path}/respuesta"), answer).await.ok();
    let now = recepcion.get(&ledger).await.ok();
    let of = |finalidad: &str| {
        now["vigentes"].as_array().into_iter().flatten().find(|one| one["finalidad"] == finalidad).cloned().unwrap_or_default()
    };
    assert_eq!((of("marketing")["otorgado"].as_bool(), of("recordatorios")["otorgado"].as_bool()), (Some(false), Some(true)));
    assert_eq!(now["registro"][0]["texto_version"], "solicitud-1");
}

#[tokio::test]
async fn who_asks_for_a_correction_or_to_be_told_is_answered() {
    let huella = Huella::start().await;
    let (recepcion, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(ADMIN).await);
    let (ana, _) = registrar(&recepcion, ana()).await;
    let (path, asked) = asks(&recepcion, pide("rectificacion", &ana)).await;
    recepcion.put(&format!("/tutores/{ana}"), json!({ "nombres": "Ana", "apellidos": "Pomacocha" })).await.ok();
    assert_eq!(admin.put(&format!("{path}/respuesta"), si("Se corrigió el nombre")).await.ok()["estado"], "atendida");
    let mut stranger = pide("informacion", &ana);
    stranger.as_object_mut().expect("an object").remove("tutor_id");
    let (path, told) = asks(&recepcion, stranger).await;
    assert_eq!((asked["numero"].as_i64(), told["numero"].as_i64(), told["vence_el"].as_str()), (Some(1), Some(2), Some("2026-03-12")));
    let more = json!({ "motivo": "Hay que buscar en el archivo" });
    admin.put(&format!("{path}/ampliacion"), more).await.problem(409, "ampliacion-imposible");
    let no = json!({ "resultado": "denegada", "respuesta": "No tenemos datos suyos" });
    assert_eq!(admin.put(&format!("{path}/respuesta"), no).await.ok()["estado"], "denegada");
    let mut whose = pide("acceso", &ana);
    whose.as_object_mut().expect("an object").remove("tutor_id");
    let (path, _) = asks(&recepcion, whose).await;
    assert_eq!(
        admin.put(&format!("{path}/respuesta"), si("Listo")).await.wrong_fields(),
        ["/resultado"],
        "of nobody there is nothing to hand over"
    );
    let unknown = pide("acceso", "0197d5b2-0000-7000-8000-000000000000");
    assert_eq!(recepcion.post("/solicitudes-datos", unknown).await.wrong_fields(), ["/tutor_id"]);
}

#[tokio::test]
async fn the_clock_stands_still_until_it_is_known_who_asks_and_is_extended_once() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (ana, _) = registrar(&recepcion, ana()).await;
    let mut unproven = pide("acceso", &ana);
    unproven.as_object_mut().expect("an object").remove("identidad");
    let (path, asked) = asks(&recepcion, unproven).await;
    assert_eq!((asked["estado"].as_str(), asked["vence_el"].is_null()), (Some("observada"), true));
    huella.avanzar(days(28));
    let admin = huella.como(ADMIN).await;
    velar(&huella).await;
    assert_eq!(told(&huella, "derecho").await, "derecho.solicitado: 1");
    let step = admin.put(&format!("{path}/subsanacion"), json!({ "identidad": "documento" })).await;
    // Counted from Monday the 30th of March, without Holy Thursday, Good Friday and the 1st of May.
    assert_eq!((step.etag(), step.ok()["vence_el"].as_str()), ("\"2\"".into(), Some("2026-04-29")));
    let more = json!({ "motivo": "Hay que buscar en el archivo" });
    admin.put_if(&format!("{path}/ampliacion"), "\"1\"", more.clone()).await.problem(412, "version-cambiada");
    assert_eq!(admin.put_if(&format!("{path}/ampliacion"), "\"2\"", more.clone()).await.ok()["vence_el"], "2026-05-28");
    admin.put(&format!("{path}/ampliacion"), more).await.problem(409, "ampliacion-imposible");
    let stopped = admin.put(&format!("{path}/observacion"), json!({ "observacion": "Falta el poder" })).await.ok();
    assert_eq!((stopped["estado"].as_str(), stopped["observacion"].as_str()), (Some("observada"), Some("Falta el poder")));
}

#[tokio::test]
async fn whoever_answers_is_told_before_a_term_ends_and_when_it_ended() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (ana, _) = registrar(&recepcion, ana()).await;
    let (path, _) = asks(&recepcion, pide("rectificacion", &ana)).await;
    asks(&recepcion, pide("acceso", &ana)).await;
    huella.avanzar(days(9));
    velar(&huella).await;
    assert_eq!(told(&huella, "derecho").await, "derecho.solicitado: 2", "the 11th is three working days before");
    huella.avanzar(days(1));
    for _ in 0..2 {
        velar(&huella).await;
        assert_eq!(told(&huella, "derecho").await, "derecho.por_vencer: 1, derecho.solicitado: 2");
    }
    let admin = huella.como(ADMIN).await;
    let due = admin.get("/solicitudes-datos?vence_hasta=2026-03-16").await.ok();
    assert_eq!((due["items"].as_array().map(Vec::len), due["items"][0]["fuera_de_plazo"].as_bool()), (Some(1), Some(false)));
    huella.avanzar(days(5));
    for _ in 0..2 {
        velar(&huella).await;
        assert_eq!(told(&huella, "derecho").await, "derecho.por_vencer: 1, derecho.solicitado: 2, derecho.vencido: 1");
    }
    let admin = huella.como(ADMIN).await;
    let more = json!({ "motivo": "Hay que buscar en el archivo" });
    admin.put(&format!("{path}/ampliacion"), more).await.problem(409, "ampliacion-imposible");
    let late = admin.put(&format!("{path}/respuesta"), si("Tarde, pero listo")).await.ok();
    assert_eq!((late["estado"].as_str(), late["fuera_de_plazo"].as_bool()), (Some("atendida"), Some(true)));
}
