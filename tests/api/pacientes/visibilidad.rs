//! Who sees whom in a chain whose sedes do not share their patients, and how an emergency opens one.
use super::{buscar, mascota, registrar, tutor};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, ADMIN_LIMA, DRA_ROJAS, RECEPCION_CUSCO, RECEPCION_LIMA},
    cliente::send,
    id,
};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use server::trabajos;
use std::time::Duration;

fn ana() -> Value {
    json!({ "nombres": "Anastasia", "apellidos": "Pomacocha", "documento": { "tipo": "dni", "numero": "40302010" }, "telefono": "987654321",
            "correo": "ana@ejemplo.pe" })
}

async fn found(cliente: &Cliente, texto: &str) -> Vec<Value> {
    let request = cliente.request(Method::GET, "/pacientes").query(&[("buscar", texto)]);
    send(request).await.ok()["items"].as_array().cloned().expect("a list")
}

/// Each sede its own patients, as soon as the servers know.
async fn each_its_own(huella: &Huella, horas: i64) {
    let admin = huella.como(ADMIN).await;
    let probe = huella.como(RECEPCION_CUSCO).await;
    let (hidden, _) = registrar(&admin, tutor("Nadie", "Ninguno"), mascota("Sonda")).await;
    admin.put("/ajustes/visibilidad", json!({ "visibilidad": "sede", "emergencia_horas": horas })).await.ok();
    for _ in 0..100 {
        if probe.get(&format!("/pacientes/{hidden}")).await.status == 403 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the rule is not in force after five seconds");
}

fn reason(sede: &str) -> Value {
    json!({ "sede_id": sede, "motivo": "Llegó atropellada y sin su tutora" })
}

#[tokio::test]
async fn a_sede_sees_its_own_patients_and_of_others_that_they_exist() {
    let huella = Huella::start().await;
    let (lima, cusco) = (huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_CUSCO).await);
    let mut luna = mascota("Luna");
    luna["peso_kg"] = json!(4.2);
    luna["identificadores"] = json!([{ "tipo": "microchip", "valor": "604000000000001" }]);
    let (luna, ana) = registrar(&lima, ana(), luna).await;
    let (max, _) = registrar(&cusco, tutor("Beto", "Ríos"), mascota("Max")).await;
    cusco.get(&format!("/pacientes/{luna}")).await.ok();
    each_its_own(&huella, 12).await;

    for path in [format!("/pacientes/{luna}"), format!("/pacientes/{luna}/historial")] {
        cusco.get(&path).await.problem(403, "paciente-restringido");
        lima.get(&path).await.ok();
        huella.como(ADMIN).await.get(&path).await.ok();
        huella.como(DRA_ROJAS).await.get(&path).await.ok();
    }
    for path in [format!("/pacientes/{luna}/pesos"), format!("/tutores/{ana}"), format!("/tutores/{ana}/consentimientos")] {
        assert_eq!(cusco.get(&path).await.status, 404, "{path}");
        lima.get(&path).await.ok();
    }
    assert_eq!(cusco.put(&format!("/pacientes/{luna}"), mascota("Otra")).await.status, 404);
    lima.get(&format!("/pacientes/{max}")).await.problem(403, "paciente-restringido");

    for (text, por) in [("luna", "nombre"), ("40302010", "documento"), ("987654321", "telefono"), ("604000000000001", "identificador")] {
        let hits = found(&cusco, text).await;
        let hit = hits.iter().find(|hit| hit["mascota"]["id"] == luna.as_str()).unwrap_or_else(|| panic!("{text}: {hits:?}"));
        assert_eq!((hit["restringida"].as_bool(), hit["por"].as_str()), (Some(true), Some(por)), "{text}");
        assert_eq!((hit["tutor"]["nombre"].as_str(), hit["tutor"]["telefono"].as_str()), (Some("A. P."), None));
        let own = found(&lima, text).await;
        assert!(own[0]["restringida"].is_null() && own[0]["tutor"]["nombre"] == "Anastasia Pomacocha", "{own:?}");
    }
    assert!(found(&cusco, "max").await[0]["restringida"].is_null());

    let (sede, consulta) =
        (huella.id_of("andina", "sedes", "codigo", "CUS").await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    let cita = json!({ "sede_id": sede, "mascota_id": luna, "servicio_id": consulta, "inicio": "2026-03-02T16:00:00-05:00" });
    assert_eq!(cusco.post("/citas/reservar", cita).await.wrong_fields(), ["/mascota_id"]);
    cusco.post("/tutores", tutor("Otra", "Persona")).await.created();
    let taken = json!({ "nombres": "Ana", "apellidos": "Poma", "documento": { "tipo": "dni", "numero": "40302010" } });
    let refused = cusco.post("/tutores", taken).await.problem(409, "tutor-ya-registrado");
    assert!(!refused.to_string().contains("Anastasia"), "{refused}");
}

#[tokio::test]
async fn an_emergency_opens_one_patient_to_one_person_for_some_hours() {
    let huella = Huella::start().await;
    let (lima, cusco) = (huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_CUSCO).await);
    let (luna, ana) = registrar(&lima, ana(), mascota("Luna")).await;
    let (max, _) = registrar(&lima, tutor("Beto", "Ríos"), mascota("Max")).await;
    let sede = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let path = format!("/pacientes/{luna}/aperturas");
    cusco.post(&path, reason(&sede)).await.problem(409, "apertura-imposible");
    each_its_own(&huella, 12).await;

    assert_eq!(cusco.post(&path, json!({ "sede_id": sede, "motivo": "porque" })).await.wrong_fields(), ["/motivo"]);
    lima.post(&path, reason(&sede)).await.problem(403, "sin-permiso");
    let opened = cusco.post_once(&path, "una-vez", &reason(&sede)).await.created();
    assert_eq!(cusco.post_once(&path, "una-vez", &reason(&sede)).await.created(), opened);
    assert_eq!((opened["vence_en"].as_str(), opened["usuario"].is_string()), (Some("2026-03-03T01:00:00Z"), true));
    assert_eq!(cusco.get(&format!("/pacientes/{luna}")).await.ok()["nombre"], "Luna");
    assert_eq!(cusco.get(&format!("/tutores/{ana}")).await.ok()["telefono"], "+51987654321");
    cusco.get(&format!("/pacientes/{max}")).await.problem(403, "paciente-restringido");
    cusco.post(&path, reason(&sede)).await.problem(409, "apertura-imposible");
    let told: i64 = huella.scalar("select count(*) from outbox where tema = 'mascota.abierta'").await;
    assert_eq!(told, 1);

    // The person whose data it is can ask who opened it.
    trabajos::flush_reads(&huella.parts.system()).await.expect("written");
    let file = huella.como(ADMIN).await.get(&format!("/tutores/{ana}/expediente")).await.ok();
    assert!(file["accesos"].as_array().expect("accesses").iter().any(|one| one["accion"] == "abrir"), "{:#}", file["accesos"]);

    huella.avanzar(SignedDuration::from_hours(11));
    huella.como(RECEPCION_CUSCO).await.get(&format!("/pacientes/{luna}")).await.ok();
    huella.avanzar(SignedDuration::from_hours(2));
    let cusco = huella.como(RECEPCION_CUSCO).await;
    cusco.get(&format!("/pacientes/{luna}")).await.problem(403, "paciente-restringido");
    assert_eq!(cusco.get(&format!("/tutores/{ana}")).await.status, 404);
}

#[tokio::test]
async fn who_was_given_an_appointment_is_known_from_then_on() {
    let huella = Huella::start().await;
    let (lima, cusco) = (huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_CUSCO).await);
    let (luna, ana) = registrar(&lima, ana(), mascota("Luna")).await;
    each_its_own(&huella, 1).await;
    let (sede, consulta) =
        (huella.id_of("andina", "sedes", "codigo", "CUS").await, huella.id_of("andina", "servicios", "codigo", "CONS").await);
    cusco.post(&format!("/pacientes/{luna}/aperturas"), reason(&sede)).await.created();
    let cita = json!({ "sede_id": sede, "mascota_id": luna, "servicio_id": consulta, "inicio": "2026-03-02T16:00:00-05:00" });
    cusco.post("/citas/reservar", cita).await.created();
    huella.avanzar(SignedDuration::from_hours(30));
    let (lima, cusco) = (huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_CUSCO).await);
    assert_eq!(cusco.get(&format!("/pacientes/{luna}")).await.ok()["tutores"][0]["tutor"]["id"], ana.as_str());

    // What one sede changes, the other one finds: the index of names is everybody's.
    let max = json!({ "tutor_id": ana, "mascota": mascota("Max") });
    let max = id(&cusco.post("/pacientes/registro", max).await.created()["mascota"]);
    lima.get(&format!("/pacientes/{max}")).await.problem(403, "paciente-restringido");
    lima.put(&format!("/tutores/{ana}"), tutor("Anastasia", "Quispe")).await.ok();
    assert_eq!(buscar(&cusco, "quispe").await.len(), 2);
    assert!(buscar(&cusco, "pomacocha").await.is_empty());
}

#[tokio::test]
async fn what_was_opened_is_looked_at_by_somebody_else() {
    let huella = Huella::start().await;
    let (lima, cusco, admin) = (huella.como(RECEPCION_LIMA).await, huella.como(RECEPCION_CUSCO).await, huella.como(ADMIN).await);
    let (luna, _) = registrar(&lima, ana(), mascota("Luna")).await;
    each_its_own(&huella, 12).await;
    let sede = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let opened = id(&cusco.post(&format!("/pacientes/{luna}/aperturas"), reason(&sede)).await.created());
    let open = admin.get("/aperturas?revision=pendiente").await.ok();
    assert_eq!((open["items"][0]["id"].as_str(), open["items"].as_array().map(Vec::len)), (Some(opened.as_str()), Some(1)));
    huella.como(ADMIN_LIMA).await.get("/aperturas").await.problem(403, "sin-permiso");

    let path = format!("/aperturas/{opened}/revision");
    let wrong = json!({ "dictamen": "injustificada", "nota": "La tutora vino a comprar alimento" });
    admin.put_if(&path, "\"7\"", wrong.clone()).await.problem(412, "version-cambiada");
    let judged = admin.put_if(&path, "\"1\"", wrong.clone()).await.ok();
    assert_eq!((judged["dictamen"].as_str(), judged["vence_en"].as_str()), (Some("injustificada"), Some("2026-03-02T13:00:00Z")));
    cusco.get(&format!("/pacientes/{luna}")).await.problem(403, "paciente-restringido");
    admin.put(&path, wrong).await.problem(409, "revision-imposible");
    assert_eq!(admin.get("/aperturas?revision=pendiente").await.ok()["items"], json!([]));
    assert_eq!(admin.get("/aperturas?revision=revisada").await.ok()["items"][0]["dictamen"], "injustificada");
    admin.put("/ajustes/visibilidad", json!({ "visibilidad": "sede", "emergencia_horas": 0 })).await.ok();
    cusco.post(&format!("/pacientes/{luna}/aperturas"), reason(&sede)).await.problem(409, "apertura-imposible");
}
