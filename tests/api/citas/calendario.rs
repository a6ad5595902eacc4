//! Calendars for other programs.
use super::Agenda;
use huella_tests::{
    Cliente,
    andina::{ADMIN, DRA_ROJAS, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

/// A new calendar, and the address to read it at.
async fn calendario(who: &Cliente, body: Value) -> (String, String) {
    let made = who.post("/calendarios", body).await.created();
    (id(&made), format!("/{}", made["ruta"].as_str().expect("an address")))
}

impl Agenda {
    /// What a program without any account reads there, long lines joined again.
    async fn leer(&self, ruta: &str) -> (StatusCode, String) {
        let answer = self.huella.nadie().get(ruta).await;
        (answer.status, String::from_utf8_lossy(&answer.bytes).replace("\r\n ", ""))
    }
}

fn values<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    text.split("\r\n").filter_map(|line| line.strip_prefix(name)?.strip_prefix(':')).collect()
}

#[tokio::test]
async fn a_calendar_tells_when_and_where_and_nothing_of_people() {
    let agenda = Agenda::start().await;
    let (recepcion, luna) = (agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    let mut body = agenda.cita(&luna, "2026-03-02T10:00:00");
    body["motivo"] = json!("Tos desde ayer");
    let cita = recepcion.post("/citas/reservar", body).await.created();
    let (_, ruta) = calendario(&recepcion, json!({ "sede_id": agenda.lima })).await;

    let answer = agenda.huella.nadie().get(&ruta).await;
    assert_eq!((answer.status, answer.headers[header::CONTENT_TYPE].to_str().ok()), (StatusCode::OK, Some("text/calendar; charset=utf-8")));
    let text = String::from_utf8(answer.bytes).expect("text");
    assert_eq!((values(&text, "DTSTART"), values(&text, "DTEND")), (vec!["20260302T150000Z"], vec!["20260302T153000Z"]));
    assert_eq!(values(&text, "SUMMARY"), ["Cita L."]);
    let uid = format!("{}@huella", id(&cita));
    assert_eq!((values(&text, "UID"), values(&text, "SEQUENCE")), (vec![uid.as_str()], vec!["0"]));
    for secret in ["Luna", "Tutor", "Tos", "Consulta general", "Soto"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }

    // Moved: the same event, later and with a higher number. Cancelled: gone.
    let mut moved = agenda.cambio(&cita);
    moved["inicio"] = json!("2026-03-02T11:00:00-05:00");
    recepcion.put(&format!("/citas/{}", id(&cita)), moved).await.ok();
    let (_, text) = agenda.leer(&ruta).await;
    assert_eq!((values(&text, "UID"), values(&text, "SEQUENCE")), (vec![uid.as_str()], vec!["1"]));
    assert_eq!(values(&text, "DTSTART"), ["20260302T160000Z"]);
    recepcion.delete(&format!("/citas/{}?motivo=Viaje", id(&cita))).await.ok();
    assert_eq!(values(&agenda.leer(&ruta).await.1, "UID").len(), 0);
}

#[tokio::test]
async fn a_thousand_appointments_come_whole() {
    let agenda = Agenda::start().await;
    let (admin, luna) = (agenda.huella.como(ADMIN).await, agenda.mascota("Luna").await);
    let insert = format!(
        "insert into citas (tenant_id, id, sede_id, mascota_id, medico_id, servicio_id, inicio, fin, ocupado_desde, ocupado_hasta, estado,
                            activa, creado_en, creado_por, actualizado_en)
         select s.tenant_id, gen_random_uuid(), s.id, '{luna}', '{}', '{}', t, t + interval '20 min', t, t + interval '20 min', 'programada',
                true, t, '{}', t
           from sedes s, generate_series(timestamptz '2026-03-03', timestamptz '2026-03-03' + 999 * interval '30 min', interval '30 min') t
          where s.id = '{}'",
        agenda.soto, agenda.consulta, agenda.soto, agenda.lima
    );
    agenda.huella.execute(&insert).await;
    let (_, ruta) = calendario(&admin, json!({ "medico_id": agenda.soto })).await;
    let (_, text) = agenda.leer(&ruta).await;
    let mut starts = values(&text, "DTSTART");
    assert!(starts.is_sorted());
    starts.dedup();
    assert_eq!((starts.len(), values(&text, "BEGIN").len(), values(&text, "END").len()), (1_000, 1_001, 1_001));
    assert!(text.ends_with("END:VCALENDAR\r\n"));
}

#[tokio::test]
async fn who_knows_the_etag_reads_nothing_twice() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    let (_, ruta) = calendario(&admin, json!({ "sede_id": agenda.lima })).await;
    let nobody = agenda.huella.nadie();
    let etag = nobody.get(&ruta).await.etag();
    let again = async || send(nobody.request(Method::GET, &ruta).header(header::IF_NONE_MATCH, &etag)).await;
    let same = again().await;
    assert_eq!((same.status, same.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    let luna = agenda.mascota("Luna").await;
    admin.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    assert_eq!(again().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_calendar_ends_with_its_maker_its_right_or_a_word() {
    let agenda = Agenda::start().await;
    let (admin, recepcion, luna) =
        (agenda.huella.como(ADMIN).await, agenda.huella.como(RECEPCION_LIMA).await, agenda.mascota("Luna").await);
    recepcion.post("/citas/reservar", agenda.cita(&luna, "2026-03-02T10:00:00")).await.created();
    let (mine, ruta) = calendario(&recepcion, json!({ "sede_id": agenda.lima })).await;
    let (revoked, gone) = calendario(&recepcion, json!({ "sede_id": agenda.lima })).await;
    assert_eq!(recepcion.get("/calendarios").await.ok()["items"].as_array().map(Vec::len), Some(2));

    // Of another chain nobody sees or ends it; its maker does, and only once.
    let stranger = agenda.huella.como(costera::ADMIN).await;
    assert_eq!(stranger.get("/calendarios").await.ok()["items"], json!([]));
    stranger.delete(&format!("/calendarios/{mine}")).await.problem(404, "no-encontrado");
    assert_eq!(recepcion.delete(&format!("/calendarios/{revoked}")).await.status, StatusCode::NO_CONTENT);
    recepcion.delete(&format!("/calendarios/{revoked}")).await.problem(404, "no-encontrado");
    assert_eq!(agenda.leer(&gone).await.0, StatusCode::NOT_FOUND);
    let mut altered = ruta.clone();
    altered.replace_range(ruta.len() - 8..ruta.len() - 4, "AAAA");
    assert_eq!(agenda.leer(&altered).await.0, StatusCode::NOT_FOUND);

    // Without the right to see the agenda nothing is shown, and without an account there is no calendar.
    assert_eq!(values(&agenda.leer(&ruta).await.1, "UID").len(), 1);
    let rosa = agenda.huella.id_of("andina", "usuarios", "nombres", "Rosa").await;
    let roles = format!("select string_agg(id::text, ',') from asignaciones where usuario_id = '{rosa}'");
    for role in agenda.huella.scalar::<String>(&roles).await.split(',') {
        assert_eq!(admin.delete(&format!("/asignaciones/{role}")).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(values(&agenda.leer(&ruta).await.1, "UID").len(), 0);
    admin.post(&format!("/usuarios/{rosa}/desactivar"), json!({})).await.ok();
    assert_eq!(agenda.leer(&ruta).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_shares_more_than_they_see() {
    let agenda = Agenda::start().await;
    let (admin, recepcion, rojas, luna) = (
        agenda.huella.como(ADMIN).await,
        agenda.huella.como(RECEPCION_LIMA).await,
        agenda.huella.como(DRA_ROJAS).await,
        agenda.mascota("Luna").await,
    );
    for sede in [&agenda.lima, &agenda.cusco] {
        let gaps = format!("/disponibilidad?servicio_id={}&sedes={sede}&medico_id={}&limite=1", agenda.consulta, agenda.rojas);
        let inicio = admin.get(&gaps).await.ok()["huecos"][0]["inicio"].clone();
        let body =
            json!({ "sede_id": sede, "mascota_id": luna, "servicio_id": agenda.consulta, "medico_id": agenda.rojas, "inicio": inicio });
        admin.post("/citas/reservar", body).await.created();
    }
    let count = async |who: &Cliente, body: Value| values(&agenda.leer(&calendario(who, body).await.1).await.1, "UID").len();
    assert_eq!(count(&rojas, json!({ "medico_id": agenda.rojas })).await, 2);
    assert_eq!(count(&admin, json!({ "medico_id": agenda.rojas })).await, 2);
    assert_eq!(count(&recepcion, json!({ "medico_id": agenda.rojas, "sede_id": agenda.lima })).await, 1);
    recepcion.post("/calendarios", json!({ "medico_id": agenda.rojas })).await.problem(403, "sin-permiso");
    recepcion.post("/calendarios", json!({ "sede_id": agenda.cusco })).await.problem(403, "sin-permiso");
    assert_eq!(recepcion.post("/calendarios", json!({})).await.wrong_fields(), ["/sede_id"]);
    let of_a_stranger = agenda.huella.id_of("costera", "sedes", "codigo", "PIU").await;
    assert_eq!(
        admin.post("/calendarios", json!({ "sede_id": of_a_stranger, "medico_id": luna })).await.wrong_fields(),
        ["/medico_id", "/sede_id"]
    );
}

#[tokio::test]
async fn a_repeated_request_makes_one_calendar_and_tells_its_address_once() {
    let agenda = Agenda::start().await;
    let admin = agenda.huella.como(ADMIN).await;
    let body = json!({ "sede_id": agenda.lima });
    let first = admin.post_once("/calendarios", "c-1", &body).await.created();
    let again = admin.post_once("/calendarios", "c-1", &body).await.created();
    assert!(first["ruta"].is_string() && again["ruta"].is_null());
    assert_eq!(first["id"], again["id"]);
    assert_eq!(agenda.huella.scalar::<i64>("select count(*) from calendarios").await, 1);
}
