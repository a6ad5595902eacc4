//! What was before: weights, vaccinations, visits; and what lies ahead.
use super::{CLIENTES, Mudanza, PACIENTES, outcome};
use huella_tests::{
    Cliente,
    andina::{DR_SOTO, RECEPCION_LIMA},
    id,
};
use serde_json::{Value, json};

async fn with_patients() -> Mudanza {
    let mudanza = Mudanza::start().await;
    mudanza.imported("tutores", CLIENTES).await;
    mudanza.imported("mascotas", PACIENTES).await;
    mudanza
}

async fn pet(mudanza: &Mudanza, nombre: &str) -> String {
    mudanza.huella.scalar(&format!("select id::text from mascotas where nombre = '{nombre}'")).await
}

async fn timeline(cliente: &Cliente, mascota: &str) -> Vec<Value> {
    cliente.get(&format!("/pacientes/{mascota}/historial")).await.ok()["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn weights_vaccinations_and_visits_stand_in_the_timeline_on_their_day() {
    let mudanza = with_patients().await;
    let weights = "N° HC,Fecha,Peso\n7,01/02/2024,\"11,5\"\n7,2025-02-01,12.1 kg\n99,01/02/2024,3\n7,01/02/2099,3\n7,01/02/2024,gordo\n";
    let weights = mudanza.imported("pesos", weights).await;
    assert_eq!(outcome(&weights), ("importada", [2, 0, 0, 3]));
    let places: Vec<(i64, String)> = mudanza.faults(&id(&weights)).await.into_iter().map(|(row, column, _)| (row, column)).collect();
    assert_eq!(places, [(4, "N° HC".into()), (5, "Fecha".into()), (6, "Peso".into())]);
    let vaccines = "Mascota;DNI Cliente;Fecha;Vacuna;Lote;Próxima dosis;Veterinario\n\
        luna;01234567;10/03/2024;Séxtuple;A-77;10/03/2025;Dra. Antes\n\
        LUNA;01234567;10/03/2025;Rabia;;01/01/2020;\n\
        Nadie;01234567;10/03/2025;Rabia;;;\n";
    let vaccines = mudanza.imported("vacunas", vaccines).await;
    assert_eq!(outcome(&vaccines), ("importada", [1, 0, 0, 2]));
    let visits = "Microchip;Fecha;Motivo;Anamnesis\n604 000 000 000 001;05/05/2023;Control;\"Come bien.\nPelo brillante.\"\n604000000000001;05/05/2023;Control;\"Come bien.\nPelo brillante.\"\n";
    let visits = mudanza.imported("visitas", visits).await;
    // The second says the same in other digits: another row, word by word; but not twice from one file.
    assert_eq!(outcome(&visits).0, "importada");
    let luna = pet(&mudanza, "Luna").await;
    let all = timeline(&mudanza.huella.como(RECEPCION_LIMA).await, &luna).await;
    let before = |origen: &str| all.iter().find(|entry| entry["origen"] == origen).map(|entry| entry["detalle"].clone()).expect("an entry");
    let (vacuna, visita) = (before("clinico"), before("antecedente"));
    assert_eq!((&vacuna["tipo"], &vacuna["titulo"], &vacuna["lote"]), (&json!("vacuna"), &json!("Séxtuple"), &json!("A-77")));
    assert_eq!((&vacuna["anterior"], &vacuna["profesional"]), (&json!(true), &json!("Dra. Antes")));
    assert_eq!((&visita["tipo"], &visita["texto"]), (&json!("visita"), &json!("Come bien.\nPelo brillante.")));
    let times: Vec<&str> = all.iter().filter_map(|entry| entry["en"].as_str()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");
    // What was taken back since is not as it was: the import stays.
    let soto = mudanza.huella.como(DR_SOTO).await;
    soto.delete(&format!("/hechos-clinicos/{}?motivo=Era%20de%20otra", id(&vacuna))).await.ok();
    let refused = mudanza.admin.delete(&format!("/importaciones/{}", id(&vaccines))).await.problem(409, "importacion-tocada");
    assert_eq!(refused["tocados"][0]["registro_id"], vacuna["id"], "{refused:#}");
    mudanza.huella.execute("update hechos_clinicos set anulado_en = null, anulado_por = null, anulado_motivo = null, version = 1").await;
    for importacion in [&weights, &vaccines, &visits] {
        mudanza.admin.delete(&format!("/importaciones/{}", id(importacion))).await.expect(202);
        mudanza.works().await;
    }
    assert_eq!((mudanza.count("antecedentes").await, mudanza.count("hechos_clinicos").await), (0, 0));
    assert_eq!(mudanza.count("pesos").await, 1, "the weight that came with the pet stays");
}

const CITAS: &str = "HC;Sede;Servicio;Médico;Fecha;Hora;Motivo\n\
    7;LIM;CONS;11567;03/03/2026;10:00;Control\n\
    8;LIM;CONS;11567;03/03/2026;10:10;Se cruza\n\
    8;LIM;CONS;11567;03/03/2026;3:00;De madrugada\n\
    8;CUS;Consulta general;;02/03/2020;10:00;Ya pasó\n\
    8;Tacna;CONS;;03/03/2026;10:00;Otra sede\n\
    8;LIM;Baño;;03/03/2026;ayer;Otro servicio\n\
    8;LIM;Consulta general;;03/03/2026;4:00 p.m.;Con cualquiera\n";

#[tokio::test]
async fn appointments_ahead_are_booked_by_the_rules_of_the_desk() {
    let mudanza = with_patients().await;
    let sent = mudanza.sent("citas", CITAS).await;
    let tried = mudanza.tried(&sent).await;
    assert_eq!((outcome(&tried), mudanza.count("citas").await), (("probada", [2, 0, 0, 5]), 0), "{:?}", mudanza.faults(&sent).await);
    let done = mudanza.done(&sent).await;
    assert_eq!((outcome(&done), mudanza.count("citas").await), (("importada", [2, 0, 0, 5]), 2));
    let faults = mudanza.faults(&sent).await;
    let places: Vec<(i64, &str)> = faults.iter().map(|(row, column, _)| (*row, column.as_str())).collect();
    assert_eq!(places, [(3, "Fecha"), (4, "Fecha"), (5, "Fecha"), (6, "Sede"), (7, "Fecha"), (7, "Servicio")], "{faults:?}");
    assert!(
        faults[0].2.contains("ocupado") && faults[0].2.contains("03/03/2026 10:00"),
        "all that is in the way, and when: {}",
        faults[0].2
    );
    assert!(faults[2].2.contains("ya pasó"), "{}", faults[2].2);
    let luna = pet(&mudanza, "Luna").await;
    let booked: String = mudanza.huella.scalar(&format!("select inicio::text from citas where mascota_id = '{luna}'")).await;
    assert_eq!(booked, "2026-03-03 15:00:00+00", "the clock of the sede");
    // Nobody was told one by one, as if the owner had just booked.
    let told: i64 = mudanza.huella.scalar("select count(*) from outbox where tema = 'cita.reservada'").await;
    assert_eq!(told, 0);
    // Whoever looks at the agenda of the sede is told of all at once.
    let renovadas = "select coalesce(json_agg(cuerpo || jsonb_build_object('en', sede_id) order by creado_en), '[]')::text from outbox where tema = 'agenda.renovada'";
    let renovadas = async || -> Vec<Value> { serde_json::from_str(&mudanza.huella.scalar::<String>(renovadas).await).expect("a list") };
    let lima = mudanza.huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let mut told = json!({
        "importacion_id": sent, "sede_id": lima, "en": lima, "citas": 2, "desde": "2026-03-03T15:00:00Z", "hasta": "2026-03-03T21:00:00Z",
        "deshecha": false
    });
    assert_eq!(renovadas().await, std::slice::from_ref(&told));
    assert_eq!(outcome(&mudanza.imported("citas", CITAS).await).1, [0, 0, 2, 5]);
    mudanza.admin.delete(&format!("/importaciones/{sent}")).await.expect(202);
    mudanza.works().await;
    assert_eq!(mudanza.count("citas").await, 0);
    told["deshecha"] = json!(true);
    assert_eq!(renovadas().await[1..], [told]);
}

#[tokio::test]
async fn nobody_imports_appointments_into_a_sede_that_is_not_theirs() {
    let mudanza = with_patients().await;
    let lima = mudanza.huella.id_of("andina", "sedes", "codigo", "LIM").await;
    let key = json!({ "nombre": "Lima", "permisos": ["datos.importar"], "sedes": [lima], "expira_en": "2026-12-31T00:00:00Z" });
    let key = mudanza.admin.post("/claves-api", key).await.created();
    let of_lima = mudanza.huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let theirs = Mudanza { admin: of_lima, ..mudanza };
    let file = "HC;Sede;Servicio;Fecha;Hora\n7;LIM;CONS;03/03/2026;10:00\n8;CUS;CONS;03/03/2026;10:00\n";
    let done = theirs.imported("citas", file).await;
    assert_eq!(outcome(&done), ("importada", [1, 0, 0, 1]));
    assert_eq!(theirs.faults(&id(&done)).await[0].1, "Sede");
    let listed = theirs.admin.get("/importaciones").await.ok();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "and sees only what they imported themselves");
}
