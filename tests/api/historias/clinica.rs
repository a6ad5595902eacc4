//! What a pet was given and what it has: written down, ended, taken back.
use super::{kinds, luna, mascota, pages, vacuna};
use huella_tests::{
    Cliente, Huella,
    andina::{ADMIN, DR_SOTO, DRA_ROJAS, RECEPCION_CUSCO, RECEPCION_LIMA},
    cliente::send,
    costera, id,
};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;

async fn facts(cliente: &Cliente, mascota: &str) -> Value {
    cliente.get(&format!("/pacientes/{mascota}/hechos")).await.ok()
}

#[tokio::test]
async fn a_vet_writes_all_kinds_down_and_reception_reads_them() {
    let huella = Huella::start().await;
    let (soto, recepcion) = (huella.como(DR_SOTO).await, huella.como(RECEPCION_LIMA).await);
    let luna = luna(&recepcion).await;
    let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
    let (sede, medico, consulta) =
        (of("sedes", "codigo", "LIM").await, of("usuarios", "cmvp", "11567").await, of("servicios", "codigo", "CONS").await);
    let cita =
        json!({ "sede_id": sede, "mascota_id": luna, "servicio_id": consulta, "medico_id": medico, "inicio": "2026-03-02T10:00:00-05:00" });
    let cita = id(&recepcion.post("/citas/reservar", cita).await.created());
    let quintuple = vacuna(&huella, "quintuple").await;
    let shot = json!({
        "vacuna_id": quintuple, "lote": " A-77 ", "vence": "2027-05", "via": "subcutanea", "sitio": "Entre las escápulas", "dosis": "1 ml",
        "proxima": "2027-03-02", "sede_id": sede, "cita_id": cita
    });
    let path = format!("/pacientes/{luna}/vacunaciones");
    recepcion.post(&path, shot.clone()).await.problem(403, "sin-permiso");
    let first = soto.post_once(&path, "una-vez", &shot).await;
    assert_eq!((first.status.as_u16(), first.etag().as_str()), (201, "\"1\""));
    let given = soto.post_once(&path, "una-vez", &shot).await.created();
    assert_eq!((&given["tipo"], &given["titulo"], &given["lote"]), (&json!("vacuna"), &json!("Quíntuple"), &json!("A-77")));
    assert_eq!((&given["medico"], &given["fecha"], &given["cita_id"]), (&json!("Jorge Soto Díaz"), &json!("2026-03-02"), &json!(cita)));
    assert_eq!(given["antigenos"], json!(["moquillo", "adenovirus", "parvovirus", "parainfluenza", "leptospira"]), "as in the catalogue");
    for (kind, body) in [
        (
            "desparasitaciones",
            json!({ "producto": "Drontal", "alcance": "interna", "activos": ["Praziquantel", "Pirantel"], "proxima": "2026-06-02" }),
        ),
        ("problemas", json!({ "nombre": "Dermatitis  atópica", "cronico": true, "codigo": "VN-1" })),
        (
            "alergias",
            json!({ "a": "Penicilina", "sustancia": "medicamento", "gravedad": "grave", "reaccion": "Edema facial", "fecha": "2025-01-10" }),
        ),
        ("tratamientos", json!({ "farmaco": "Oclacitinib", "dosis": "0,5 mg/kg", "cada_horas": 24, "hasta": "2026-03-30" })),
    ] {
        soto.post(&format!("/pacientes/{luna}/{kind}"), body).await.created();
    }
    let all = pages(&recepcion, &luna, 50).await;
    let mut told = kinds(&all);
    told.sort_unstable();
    let expected = ["alergia", "cita", "desparasitacion", "peso", "problema", "registro", "tratamiento", "vacuna"];
    assert_eq!(told, expected, "each once, the repeated request too");
    assert_eq!(kinds(&all).last(), Some(&"alergia"), "on its day");
    let only = recepcion.get(&format!("/pacientes/{luna}/historial?tipos=vacuna,peso")).await.ok();
    assert_eq!(only["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(recepcion.get(&format!("/pacientes/{luna}/historial?tipos=vacunas")).await.wrong_fields(), ["?tipos"]);
    // The appointment of Lima is nothing that Cusco sees, the vaccination is.
    let seen = pages(&huella.como(RECEPCION_CUSCO).await, &luna, 50).await;
    let shot = seen.iter().find(|entry| entry["detalle"]["tipo"] == "vacuna").expect("the chain shares the record");
    assert!(shot["detalle"]["cita_id"].is_null() && !kinds(&seen).contains(&"cita"));
    let other = huella.como(costera::ADMIN).await;
    other.get(&format!("/hechos-clinicos/{}", id(&given))).await.problem(404, "no-encontrado");
    other.get(&format!("/pacientes/{luna}/hechos")).await.problem(404, "no-encontrado");
    let heard: i64 = huella.scalar("select count(*) from eventos where tema = 'hecho_clinico.anotado'").await;
    let waiting: i64 = huella.scalar("select count(*) from outbox where tema = 'hecho_clinico.anotado'").await;
    assert_eq!(heard + waiting, 5);
    let audited: i64 = huella.scalar("select count(*) from auditoria where entidad = 'hecho_clinico' and accion = 'anotar'").await;
    assert_eq!(audited, 5);
}

#[rstest]
#[case::nothing("vacunaciones", json!({}), &["/vacuna_id"])]
#[case::both("vacunaciones", json!({ "vacuna_id": "CAT", "producto": "X", "antigenos": ["fuego"] }), &["/antigenos", "/antigenos/0", "/producto", "/vacuna_id"])]
#[case::of_nobody("vacunaciones", json!({ "vacuna_id": "00000000-0000-7000-8000-000000000000" }), &["/vacuna_id"])]
#[case::unknown("vacunaciones", json!({ "producto": "Nueva", "antigenos": ["rabia", "fuego"] }), &["/antigenos/1"])]
#[case::without_antigens("vacunaciones", json!({ "producto": "Nueva" }), &["/antigenos"])]
#[case::times("vacunaciones", json!({ "producto": "Nueva", "antigenos": ["rabia"], "fecha": "2026-03-03", "proxima": "2026-03-03" }), &["/fecha", "/proxima"])]
#[case::of_others("vacunaciones", json!({ "producto": "Nueva", "antigenos": ["rabia"], "medico_id": "00000000-0000-7000-8000-000000000000", "cita_id": "00000000-0000-7000-8000-000000000000" }), &["/cita_id", "/medico_id"])]
#[case::a_label("vacunaciones", json!({ "producto": "Nueva", "antigenos": ["rabia"], "vence": "05/2027" }), &["/vence"])]
#[case::no_actives("desparasitaciones", json!({ "producto": "X", "alcance": "interna", "activos": [" "] }), &["/activos/0"])]
#[case::before_birth("problemas", json!({ "nombre": "Otitis", "fecha": "2019-01-01" }), &["/fecha"])]
#[case::how_bad("alergias", json!({ "a": "Pollo", "sustancia": "alimento", "gravedad": "horrible" }), &["/gravedad"])]
#[case::backwards("tratamientos", json!({ "farmaco": "X", "dosis": "1", "cada_horas": 0, "hasta": "2026-03-01" }), &["/cada_horas"])]
#[case::ends_before("tratamientos", json!({ "farmaco": "X", "dosis": "1", "hasta": "2026-03-01" }), &["/hasta"])]
#[tokio::test]
async fn every_fault_is_named(#[case] kind: &str, #[case] body: Value, #[case] wrong: &[&str]) {
    let huella = Huella::start().await;
    let soto = huella.como(DR_SOTO).await;
    let luna = mascota(&soto, json!({ "nombre": "Luna", "especie": "perro", "sexo": "hembra", "nacimiento": "2020-05-01" })).await;
    let body: Value = body.to_string().replace("CAT", &vacuna(&huella, "triple_felina").await).parse().expect("JSON");
    assert_eq!(soto.post(&format!("/pacientes/{luna}/{kind}"), body).await.wrong_fields(), wrong);
}

#[tokio::test]
async fn who_is_no_vet_names_the_one_who_gave_a_vaccine() {
    let huella = Huella::start().await;
    let (admin, soto) = (huella.como(ADMIN).await, huella.id_of("andina", "usuarios", "cmvp", "11567").await);
    let luna = luna(&admin).await;
    let path = format!("/pacientes/{luna}/vacunaciones");
    let mut shot = json!({ "vacuna_id": vacuna(&huella, "antirrabica").await });
    assert_eq!(admin.post(&path, shot.clone()).await.wrong_fields(), ["/medico_id"]);
    shot["medico_id"] = json!(soto);
    assert_eq!(admin.post(&path, shot).await.created()["medico_id"], json!(soto));
    let told = json!({ "producto": "La de la campaña", "anterior": true, "fecha": "2025-02-01", "profesional": "VanCan" });
    let told = admin.post(&path, told).await.created();
    assert!(told["antigenos"].is_null() && told["medico_id"].is_null(), "{told}");
    let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    let there = json!({ "nombre": "Otitis", "sede_id": cusco });
    huella.como(DR_SOTO).await.post(&format!("/pacientes/{luna}/problemas"), there).await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn what_lasts_ends_once_and_what_was_wrong_is_taken_back_and_stays_to_be_seen() {
    let huella = Huella::start().await;
    let (soto, rojas, recepcion) = (huella.como(DR_SOTO).await, huella.como(DRA_ROJAS).await, huella.como(RECEPCION_LIMA).await);
    let luna = luna(&recepcion).await;
    let treated =
        soto.post(&format!("/pacientes/{luna}/tratamientos"), json!({ "farmaco": "Prednisolona", "dosis": "1 mg/kg" })).await.created();
    let path = format!("/hechos-clinicos/{}", id(&treated));
    let (end, stop) = (format!("{path}/termino"), json!({ "motivo": "Polidipsia" }));
    recepcion.put(&end, stop.clone()).await.problem(403, "sin-permiso");
    send(soto.request(Method::PUT, &end).json(&stop)).await.problem(428, "falta-if-match");
    soto.put_if(&end, "\"7\"", stop.clone()).await.problem(412, "version-cambiada");
    assert_eq!(soto.put(&end, json!({ "hasta": "2026-03-03", "motivo": "x" })).await.wrong_fields(), ["/hasta"]);
    let (one, other) = tokio::join!(soto.put_if(&end, "\"1\"", stop.clone()), rojas.put_if(&end, "\"1\"", stop.clone()));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412], "of two who read the same one is heard");
    soto.put(&end, stop).await.problem(409, "hecho-terminado");
    let ended = soto.get(&path).await;
    assert_eq!((ended.etag().as_str(), ended.ok()["hasta_motivo"].as_str()), ("\"2\"", Some("Polidipsia")));
    assert_eq!(facts(&soto, &luna).await["tratamientos"][0]["motivo"], "Polidipsia");

    assert_eq!(soto.delete(&format!("{path}?motivo=%20")).await.wrong_fields(), ["?motivo"]);
    recepcion.delete(&format!("{path}?motivo=Era%20de%20Max")).await.problem(403, "sin-permiso");
    let gone = soto.delete(&format!("{path}?motivo=Era%20de%20Max")).await.ok();
    assert_eq!(gone["anulado"]["motivo"], "Era de Max");
    soto.delete(&format!("{path}?motivo=Otra%20vez")).await.problem(409, "hecho-anulado");
    soto.put(&format!("{path}/termino"), json!({ "motivo": "Tarde" })).await.problem(409, "hecho-anulado");
    assert_eq!(facts(&soto, &luna).await["tratamientos"], json!([]), "no rule reads it");
    let all = pages(&recepcion, &luna, 50).await;
    let seen = all.iter().find(|entry| entry["detalle"]["tipo"] == "tratamiento").expect("people do");
    assert_eq!(seen["detalle"]["anulado"]["motivo"], "Era de Max");
    let shot =
        soto.post(&format!("/pacientes/{luna}/vacunaciones"), json!({ "vacuna_id": vacuna(&huella, "antirrabica").await })).await.created();
    let never = soto.put(&format!("/hechos-clinicos/{}/termino", id(&shot)), json!({ "motivo": "x" })).await;
    never.problem(409, "hecho-terminado");
    let told: Vec<String> = sqlx::query_scalar("select accion from auditoria where entidad = 'hecho_clinico' order by id")
        .fetch_all(&huella.sql)
        .await
        .expect("rows");
    assert_eq!(told, ["anotar", "terminar", "anular", "anotar"]);
}

#[tokio::test]
async fn nothing_happens_to_a_pet_after_its_death_but_what_was_before_can_be_written_down() {
    let huella = Huella::start().await;
    let soto = huella.como(DR_SOTO).await;
    let luna = luna(&soto).await;
    soto.post(&format!("/pacientes/{luna}/fallecimiento"), json!({ "fecha": "2026-03-01", "causa": "Falla renal" })).await.created();
    for kind in ["problemas", "alergias", "tratamientos", "desparasitaciones", "vacunaciones"] {
        let mut body = match kind {
            "problemas" => json!({ "nombre": "Falla renal" }),
            "alergias" => json!({ "a": "Pollo", "sustancia": "alimento", "gravedad": "leve" }),
            "tratamientos" => json!({ "farmaco": "Suero", "dosis": "500 ml" }),
            "desparasitaciones" => json!({ "producto": "X", "alcance": "interna", "activos": ["x"] }),
            _ => json!({ "vacuna_id": vacuna(&huella, "antirrabica").await }),
        };
        let path = format!("/pacientes/{luna}/{kind}");
        assert_eq!(soto.post(&path, body.clone()).await.wrong_fields(), ["/fecha"], "{kind}");
        body["fecha"] = json!("2026-03-01");
        soto.post(&path, body).await.created();
    }
    let weight = format!("/pacientes/{luna}/pesos");
    assert_eq!(soto.post(&weight, json!({ "kg": 4.1 })).await.wrong_fields(), ["/pesado_en"]);
    soto.post(&weight, json!({ "kg": 4.1, "pesado_en": "2026-03-01T12:00:00Z" })).await.created();
}

/// A death and a vaccination at once: one waits for the other, and the pet was never given anything after it died.
#[tokio::test]
async fn a_death_and_a_vaccination_meet() {
    let huella = Huella::start().await;
    let soto = huella.como(DR_SOTO).await;
    let shot = json!({ "vacuna_id": vacuna(&huella, "antirrabica").await });
    for _ in 0..6 {
        let luna = luna(&soto).await;
        let death = json!({ "fecha": "2026-03-01", "causa": "Atropello" });
        let (dead, given) = (format!("/pacientes/{luna}/fallecimiento"), format!("/pacientes/{luna}/vacunaciones"));
        let (_, one) = tokio::join!(soto.post(&dead, death), soto.post(&given, shot.clone()));
        assert!([201, 422].contains(&one.status.as_u16()), "{}", one.body);
        assert_eq!(soto.post(&given, shot.clone()).await.wrong_fields(), ["/fecha"]);
    }
}

#[tokio::test]
async fn merged_records_are_read_as_one_and_come_apart_again() {
    let huella = Huella::start().await;
    let (soto, recepcion) = (huella.como(DR_SOTO).await, huella.como(RECEPCION_LIMA).await);
    let (luna, lunita) = (luna(&recepcion).await, luna(&recepcion).await);
    let ill = |nombre: &str| json!({ "nombre": nombre });
    soto.post(&format!("/pacientes/{luna}/problemas"), ill("Otitis")).await.created();
    let diabetes = soto.post(&format!("/pacientes/{lunita}/problemas"), ill("Diabetes")).await.created();
    let before = (facts(&soto, &luna).await, facts(&soto, &lunita).await);
    let fusion = recepcion.post(&format!("/pacientes/{luna}/fusiones"), json!({ "con": lunita })).await.created();
    let names = |facts: &Value| -> Vec<String> {
        facts["problemas"].as_array().into_iter().flatten().filter_map(|one| one["nombre"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(names(&facts(&soto, &luna).await), ["Otitis", "Diabetes"]);
    assert_eq!(kinds(&pages(&recepcion, &luna, 50).await).iter().filter(|kind| **kind == "problema").count(), 2);
    let refused = soto.post(&format!("/pacientes/{lunita}/problemas"), ill("Gastritis")).await.problem(409, "registro-fusionado");
    assert_eq!(refused["fusionado_con"], json!(luna));
    // What was written for the other record can still be ended, and what comes now is the one's that goes on.
    soto.put(&format!("/hechos-clinicos/{}/termino", id(&diabetes)), json!({ "motivo": "Era otra cosa" })).await.ok();
    soto.post(&format!("/pacientes/{luna}/problemas"), ill("Gastritis")).await.created();
    recepcion.delete(&format!("/fusiones/{}", id(&fusion))).await.ok();
    assert_eq!(names(&facts(&soto, &luna).await), ["Otitis", "Gastritis"]);
    let after = facts(&soto, &lunita).await;
    assert_eq!((names(&before.0), names(&after)), (vec!["Otitis".to_owned()], names(&before.1)));
    assert_eq!(after["problemas"][0]["hasta"], "2026-03-02");
}

#[tokio::test]
async fn a_sede_that_does_not_know_a_patient_does_not_see_what_it_has() {
    let huella = Huella::start().await;
    let (soto, rojas, cusco) = (huella.como(DR_SOTO).await, huella.como(DRA_ROJAS).await, huella.como(RECEPCION_CUSCO).await);
    let lima = huella.como(RECEPCION_LIMA).await;
    let luna = luna(&lima).await;
    let otitis = soto.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": "Otitis" })).await.created();
    let path = format!("/hechos-clinicos/{}", id(&otitis));
    cusco.get(&path).await.ok();
    huella.como(ADMIN).await.put("/ajustes/visibilidad", json!({ "visibilidad": "sede", "emergencia_horas": 12 })).await.ok();
    for round in 0..100 {
        match cusco.get(&path).await.status.as_u16() {
            404 => break,
            _ => assert!(round < 99, "the rule is not in force after five seconds"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cusco.get(&format!("/pacientes/{luna}/hechos")).await.problem(403, "paciente-restringido");
    lima.get(&path).await.ok();
    // Treated in Cusco by a vet of both, it is known there.
    let sede = huella.id_of("andina", "sedes", "codigo", "CUS").await;
    rojas.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": "Mal de altura", "sede_id": sede })).await.created();
    cusco.get(&path).await.ok();
}
