//! Changing, weighing and identifying a pet; its owners; who looked.
use super::{buscar, mascota, registrar, tutor};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use jiff::SignedDuration;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_change_says_which_version_it_saw() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}");
    let etag = recepcion.get(&path).await.etag();
    let lunita = recepcion.put_if(&path, &etag, mascota("Lunita")).await;
    assert_eq!(lunita.etag(), "\"2\"");
    recepcion.put_if(&path, &etag, mascota("Otra")).await.problem(412, "version-cambiada");
    send(recepcion.request(Method::PUT, &path).json(&mascota("Otra"))).await.problem(428, "falta-if-match");
    assert_eq!(recepcion.get(&path).await.ok()["nombre"], "Lunita");
}

#[tokio::test]
async fn an_owner_changes_and_the_past_one_stays_in_the_record() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let beto = id(&recepcion.post("/tutores", tutor("Beto", "Ríos")).await.created());
    let path = format!("/pacientes/{luna}/transferencia");
    recepcion.post(&path, json!({ "tutor_id": ana })).await.problem(409, "vinculo-imposible");
    assert_eq!(
        recepcion.post(&path, json!({ "tutor_id": beto, "anterior_queda_como": "propietario" })).await.wrong_fields(),
        ["/anterior_queda_como"]
    );
    huella.avanzar(SignedDuration::from_hours(48));
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let mascota = recepcion.post(&path, json!({ "tutor_id": beto, "anterior_queda_como": "cuidador" })).await.created();
    let present: Vec<(&str, &str)> = mascota["tutores"]
        .as_array()
        .expect("owners")
        .iter()
        .filter_map(|v| Some((v["tutor"]["nombre"].as_str()?, v["relacion"].as_str()?)))
        .collect();
    assert_eq!(present, [("Beto Ríos", "propietario"), ("Ana Poma", "cuidador")]);
    let all = recepcion.get(&format!("/pacientes/{luna}/tutores")).await.ok();
    let past: Vec<&Value> = all["items"].as_array().expect("owners").iter().filter(|v| v["hasta"].is_string()).collect();
    assert_eq!((past.len(), past[0]["tutor"]["id"].as_str(), past[0]["hasta"].as_str()), (1, Some(ana.as_str()), Some("2026-03-04")));
    // The owner cannot just be taken away; a carer can.
    let link =
        |who: &str| mascota["tutores"].as_array().expect("owners").iter().find(|v| v["tutor"]["id"] == json!(who)).map(id).expect("a link");
    recepcion.delete(&format!("/pacientes/{luna}/tutores/{}", link(&beto))).await.problem(409, "vinculo-imposible");
    recepcion.delete(&format!("/pacientes/{luna}/tutores/{}", link(&ana))).await.ok();
    let again = json!({ "tutor_id": ana, "relacion": "copropietario" });
    recepcion.post(&format!("/pacientes/{luna}/tutores"), again.clone()).await.created();
    recepcion.post(&format!("/pacientes/{luna}/tutores"), again).await.problem(409, "vinculo-imposible");
    recepcion
        .post(
            &format!("/pacientes/{luna}/tutores"),
            json!({ "tutor_id": id(&recepcion.post("/tutores", tutor("Eva", "Paz")).await.created()), "relacion": "propietario" }),
        )
        .await
        .problem(409, "vinculo-imposible");
}

#[tokio::test]
async fn weights_are_listed_newest_first_by_page() {
    let huella = Huella::start().await;
    let (recepcion, cusco) = (huella.como(RECEPCION_LIMA).await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/pesos");
    for (kg, en) in [(4.1, "2026-01-01T10:00:00-05:00"), (4.35, "2026-02-01T10:00:00-05:00"), (4.2, "2026-01-15T10:00:00-05:00")] {
        recepcion.post(&path, json!({ "kg": kg, "pesado_en": en })).await.created();
    }
    let first = recepcion.get(&format!("{path}?limite=2")).await.ok();
    let next = recepcion.get(&format!("{path}?limite=2&cursor={}", first["siguiente"].as_str().expect("more"))).await.ok();
    let kgs: Vec<f64> =
        [&first, &next].iter().flat_map(|page| page["items"].as_array().into_iter().flatten()).filter_map(|p| p["kg"].as_f64()).collect();
    assert_eq!(kgs, [4.35, 4.2, 4.1]);
    assert!(next["siguiente"].is_null());
    assert_eq!(recepcion.post(&path, json!({ "kg": 4, "pesado_en": "2027-01-01T00:00:00Z" })).await.wrong_fields(), ["/pesado_en"]);
    recepcion.post(&path, json!({ "kg": 4, "sede_id": cusco })).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn identifiers_come_and_go() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/identificadores");
    let with_chip = recepcion.post(&path, json!({ "tipo": "microchip", "valor": "123000000000001" })).await.created();
    assert!(with_chip["identificadores"][0]["aviso"].is_string(), "an odd prefix only warns");
    recepcion.post(&path, json!({ "tipo": "placa", "valor": "MIR-001" })).await.created();
    recepcion.post(&path, json!({ "tipo": "placa", "valor": "mir 001" })).await.problem(409, "ya-existe");
    assert_eq!(buscar(&recepcion, "mir001").await, ["Luna"]);
    let left = recepcion.delete(&format!("{path}/placa/mir%20001")).await.ok();
    let audited: String = huella.scalar("select antes ->> 'valor' from auditoria where accion = 'desidentificar'").await;
    assert_eq!(audited, "MIR-001", "the audit tells what was there, not what was typed");
    assert_eq!(left["identificadores"].as_array().map(Vec::len), Some(1));
    recepcion.delete(&format!("{path}/placa/MIR-001")).await.problem(404, "no-encontrado");
    assert!(buscar(&recepcion, "mir001").await.is_empty());
}

#[tokio::test]
async fn a_photo_is_what_its_bytes_say_and_the_old_one_goes() {
    let huella = Huella::start().await;
    let (recepcion, other) = (huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/foto");
    let put = |who: &Cliente, bytes: &[u8]| {
        send(who.request(Method::PUT, &path).header("If-Match", "*").header("Content-Type", "image/jpeg").body(bytes.to_vec()))
    };
    recepcion.get(&path).await.problem(404, "no-encontrado");
    put(&recepcion, b"<svg onload=alert(1)>").await.problem(415, "foto-invalida");
    put(&other, b"\x89PNG\r\n\x1a\nuno").await.problem(404, "no-encontrado");
    assert_eq!(put(&recepcion, b"\x89PNG\r\n\x1a\nuno").await.ok()["tiene_foto"], true);
    let first: String = huella.scalar("select foto from mascotas where nombre = 'Luna'").await;
    let shown = recepcion.get(&path).await;
    assert_eq!(
        (shown.headers["content-type"].to_str().ok(), shown.bytes.as_slice()),
        (Some("image/png"), b"\x89PNG\r\n\x1a\nuno".as_slice())
    );
    put(&recepcion, b"\xff\xd8\xffdos").await.ok();
    assert!(huella.parts.app.files().get(&first).await.expect("the store").is_none(), "the old photo is deleted");
    other.get(&path).await.problem(404, "no-encontrado");
    let mut huge = b"\xff\xd8\xff".to_vec();
    huge.resize(5 * 1024 * 1024 + 1, 0);
    assert_eq!(put(&recepcion, &huge).await.status, 413);
}

#[tokio::test]
async fn a_chain_adds_species_and_breeds_of_its_own() {
    let huella = Huella::start().await;
    let (admin, recepcion, other) = (huella.como(ADMIN).await, huella.como(RECEPCION_LIMA).await, huella.como(costera::RECEPCION).await);
    recepcion.post("/especies", json!({ "clave": "suricata", "nombre": "Suricata" })).await.problem(403, "sin-permiso");
    let suricata = admin.post("/especies", json!({ "clave": "suricata", "nombre": "Suricata" })).await.created();
    admin.post("/especies", json!({ "clave": "suricata", "nombre": "Otro" })).await.problem(409, "ya-existe");
    let razas = format!("/especies/{}/razas", id(&suricata));
    let raza = admin.post(&razas, json!({ "nombre": "Del Kalahari" })).await.created();
    assert_eq!(recepcion.get(&razas).await.ok()["items"][0]["nombre"], "Del Kalahari");
    other.get(&razas).await.problem(404, "no-encontrado");
    let pincho = json!({ "nombre": "Pincho", "especie_id": id(&suricata), "raza_id": id(&raza), "sexo": "desconocido" });
    registrar(&recepcion, tutor("Ana", "Poma"), pincho).await;
    admin.put(&format!("/especies/{}", id(&suricata)), json!({ "clave": "otra", "nombre": "Suricata" })).await.wrong_fields();
    let renamed = admin.put(&format!("/especies/{}", id(&suricata)), json!({ "clave": "suricata", "nombre": "Suricata común" })).await;
    assert_eq!((renamed.etag().as_str(), renamed.ok()["nombre"].as_str()), ("\"2\"", Some("Suricata común")));
}

#[tokio::test]
async fn a_read_of_a_record_is_written_to_the_audit() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let seen = || {
        let batches = huella.parts.app.reads().take().into_iter();
        batches.flat_map(|batch| batch.ids.into_iter().map(move |id| (batch.reader.entidad, id.to_string()))).collect::<BTreeSet<_>>()
    };
    let both = BTreeSet::from([("mascota", luna.clone()), ("tutor", ana.clone())]);
    seen();
    recepcion.get(&format!("/pacientes/{luna}")).await.ok();
    assert_eq!(seen(), both, "the record");
    recepcion.get("/pacientes?buscar=luna").await.ok();
    assert_eq!(seen(), both, "the search");
    recepcion.get(&format!("/tutores/{ana}")).await.ok();
    assert_eq!(seen(), BTreeSet::from([("tutor", ana.clone())]), "the owner");
    recepcion.get(&format!("/tutores/{ana}/mascotas")).await.ok();
    assert_eq!(seen(), both, "the pets of an owner");
    recepcion.get(&format!("/pacientes/{luna}/historial")).await.ok();
    assert_eq!(seen(), both, "the history shows who the owner is");
    recepcion.post("/pacientes/registro", json!({ "tutor_id": ana, "mascota": mascota("Sol") })).await.created();
    assert_eq!(seen(), BTreeSet::from([("tutor", ana)]), "a registration for a known owner shows the owner");
}

#[rstest]
#[case::heaviest("kg", json!(1499.9999), "/kg")]
#[case::nothing("kg", json!(0.0001), "/kg")]
#[case::before_the_calendar("pesado_en", json!("-009998-01-01T00:00:00Z"), "/pesado_en")]
#[case::before_any_pet("pesado_en", json!("1500-01-01T00:00:00Z"), "/pesado_en")]
#[case::tomorrow("pesado_en", json!("2026-03-04T00:00:00Z"), "/pesado_en")]
#[tokio::test]
async fn a_weight_at_its_bounds(#[case] field: &str, #[case] value: Value, #[case] wrong: &str) {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let path = format!("/pacientes/{luna}/pesos");
    let mut body = json!({ "kg": 1499.999, "confirmar": true });
    recepcion.post(&path, body.clone()).await.created();
    body[field] = value;
    assert_eq!(recepcion.post(&path, body).await.wrong_fields(), [wrong]);
}

#[tokio::test]
async fn a_change_of_notes_is_in_the_audit_and_only_who_may_reads_it() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, _) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let mut pet = mascota("Luna");
    pet["notas"] = json!("La vecina tiene la llave");
    recepcion.put(&format!("/pacientes/{luna}"), pet).await.ok();
    let kept: String =
        huella.scalar(&format!("select despues ->> 'notas' from auditoria where accion = 'cambiar' and entidad_id = '{luna}'")).await;
    assert!(kept.starts_with("cifrado:"), "{kept}");
    let shown = huella.como(ADMIN).await.get(&format!("/auditoria/mascota/{luna}")).await.ok();
    assert!(shown.to_string().contains("La vecina tiene la llave"), "{shown:#}");
}

/// A transfer back and forth while both owners are renamed: each locks what the other one needs.
#[tokio::test]
async fn a_transfer_and_a_change_of_the_owner_do_not_block_each_other() {
    let huella = Huella::start().await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let (luna, ana) = registrar(&recepcion, tutor("Ana", "Poma"), mascota("Luna")).await;
    let beto = id(&recepcion.post("/tutores", tutor("Beto", "Paz")).await.created());
    for round in 0..6 {
        let to = if round % 2 == 0 { &beto } else { &ana };
        let transfer = json!({ "tutor_id": to, "anterior_queda_como": "cuidador" });
        let path = format!("/pacientes/{luna}/transferencia");
        let (a, b) = (format!("/tutores/{ana}"), format!("/tutores/{beto}"));
        let (moved, one, two) = tokio::join!(
            recepcion.post(&path, transfer),
            recepcion.put(&a, tutor(&format!("Ana {round}"), "Poma")),
            recepcion.put(&b, tutor(&format!("Beto {round}"), "Paz"))
        );
        for answer in [moved, one, two] {
            assert!([200, 201, 412].contains(&answer.status.as_u16()), "{}", answer.body);
        }
    }
}
