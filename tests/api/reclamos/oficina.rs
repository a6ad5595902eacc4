//! What staff sees, and the answer.
use super::{CUSCO, LIMA, abre, con, correo, deja, hoja, html, navegador, rehusado, trabajar};
use huella_tests::{
    Huella,
    afuera::cartas,
    andina::{ADMIN, ADMIN_LIMA, AUDITOR, RECEPCION_LIMA},
    costera, id,
};
use serde_json::{Value, json};

fn codigos(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a list");
    items.iter().map(|one| format!("{} {}", one["sede"].as_str().unwrap_or_default(), one["codigo"].as_str().unwrap_or_default())).collect()
}

#[tokio::test]
async fn everybody_sees_the_sheets_of_their_sedes_and_nobody_elses() {
    let huella = Huella::start().await;
    let rosa = navegador(&huella, 1);
    deja(&rosa, LIMA, hoja("40302010", "")).await;
    deja(&rosa, CUSCO, hoja("41414141", "")).await;
    let (admin, lima) = (huella.como(ADMIN).await, huella.como(ADMIN_LIMA).await);
    assert_eq!(codigos(&admin.get("/reclamos").await.ok()), ["Andina Cusco 00000001-2026", "Andina Lima 00000001-2026"]);
    assert_eq!(codigos(&lima.get("/reclamos").await.ok()), ["Andina Lima 00000001-2026"]);
    let cusco = id(&admin.get("/reclamos").await.ok()["items"][0]);
    let answer = json!({ "respuesta": "Listo" });
    for path in [format!("/reclamos/{cusco}"), format!("/reclamos/{cusco}/hoja")] {
        lima.get(&path).await.problem(404, "no-encontrado");
        huella.como(RECEPCION_LIMA).await.get(&path).await.problem(403, "sin-permiso");
        huella.como(costera::ADMIN).await.get(&path).await.problem(404, "no-encontrado");
        assert_eq!(huella.como(AUDITOR).await.get(&path).await.status, 200);
    }
    lima.put(&format!("/reclamos/{cusco}/respuesta"), answer.clone()).await.problem(404, "no-encontrado");
    huella.como(AUDITOR).await.put(&format!("/reclamos/{cusco}/respuesta"), answer).await.problem(403, "sin-permiso");
    assert_eq!(codigos(&huella.como(costera::ADMIN).await.get("/reclamos").await.ok()), Vec::<String>::new());
    server::trabajos::flush_reads(&huella.parts.system()).await.expect("written");
    let reads = format!("select count(*) from auditoria where entidad = 'reclamo' and accion = 'leer' and ids @> array['{cusco}'::uuid]");
    assert!(huella.scalar::<i64>(&reads).await >= 2, "who read what a consumer wrote is known");
}

#[tokio::test]
async fn an_answer_goes_to_the_consumer_and_closes_the_sheet() {
    let huella = Huella::start().await;
    let (rosa, ana) = (navegador(&huella, 1), correo("ana"));
    let sheet = deja(&rosa, LIMA, hoja("40302010", &ana)).await;
    let lima = huella.como(ADMIN_LIMA).await;
    let path = format!("/reclamos/{}", id(&lima.get("/reclamos").await.ok()["items"][0]));
    let read = lima.get(&path).await;
    let etag = read.etag();
    let before = read.ok();
    assert_eq!((before["estado"].as_str(), before["respuesta_por"].as_str()), (Some("pendiente"), Some("correo")));
    lima.put_if(&format!("{path}/respuesta"), "\"9\"", json!({ "respuesta": "Listo" })).await.problem(412, "version-cambiada");
    assert_eq!(lima.put_if(&format!("{path}/respuesta"), &etag, json!({ "respuesta": " " })).await.wrong_fields(), ["/respuesta"]);
    let said = "Le devolvimos los S/ 80.00 y hablamos con <el equipo>.";
    let after = lima.put_if(&format!("{path}/respuesta"), &etag, json!({ "respuesta": said })).await.ok();
    assert_eq!(
        (after["estado"].as_str(), after["respuesta"].as_str(), after["version"].as_i64()),
        (Some("respondido"), Some(said), Some(2))
    );
    assert_eq!(after["respondido_por"], "Luis Paredes Ríos");
    lima.put(&format!("{path}/respuesta"), json!({ "respuesta": "Otra cosa" })).await.problem(409, "reclamo-respondido");
    trabajar(&huella).await;
    let letter = cartas(&ana).into_iter().find(|one| one.subject == "Respuesta a su reclamo 00000001-2026").expect("a letter");
    assert!(letter.text.contains(said) && letter.html.contains("&lt;el equipo&gt;"), "{}", letter.raw);
    let page = html(&abre(&rosa, &sheet).await);
    assert!(page.contains("hablamos con &lt;el equipo&gt;") && page.contains("2 de marzo de 2026"), "{page}");
    assert_eq!(huella.scalar::<i64>("select count(*) from reclamos r where r::text like '%devolvimos%'").await, 0, "sealed");
    let again = "update reclamos set respondido_en = now() + interval '1 day'";
    assert!(rehusado(&huella, again).await.contains("ya se respondió"), "the database keeps it too");
    assert_eq!(huella.scalar::<i64>("select count(*) from auditoria where entidad = 'reclamo' and accion = 'responder'").await, 1);
}

#[tokio::test]
async fn two_answers_at_once_are_one() {
    let huella = Huella::start().await;
    let ana = correo("ana");
    deja(&navegador(&huella, 1), LIMA, hoja("40302010", &ana)).await;
    let admin = huella.como(ADMIN).await;
    let path = format!("/reclamos/{}/respuesta", id(&admin.get("/reclamos").await.ok()["items"][0]));
    let answers = futures_join(&admin, &path).await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    trabajar(&huella).await;
    assert_eq!(cartas(&ana).iter().filter(|one| one.subject.starts_with("Respuesta")).count(), 1);
}

async fn futures_join(admin: &huella_tests::Cliente, path: &str) -> Vec<u16> {
    let mut all = tokio::task::JoinSet::new();
    for n in 0..4 {
        let (admin, path) = (admin.clone(), path.to_owned());
        all.spawn(async move { admin.put(&path, json!({ "respuesta": format!("Respuesta {n}") })).await.status.as_u16() });
    }
    all.join_all().await
}

#[tokio::test]
async fn a_list_is_narrowed_printed_and_taken_along() {
    let huella = Huella::start().await;
    let rosa = navegador(&huella, 1);
    deja(&rosa, LIMA, hoja("40302010", "")).await;
    deja(&rosa, LIMA, con(hoja("41414141", ""), "tipo", "queja")).await;
    deja(&rosa, CUSCO, hoja("40302010", "")).await;
    let admin = huella.como(ADMIN).await;
    let list = async |query: &str| codigos(&admin.get(&format!("/reclamos?{query}")).await.ok());
    assert_eq!(list("tipo=queja").await, ["Andina Lima 00000002-2026"]);
    assert_eq!(list("documento=4030-2010").await, ["Andina Cusco 00000001-2026", "Andina Lima 00000001-2026"]);
    assert_eq!(list("documento=4030201").await, Vec::<String>::new());
    assert_eq!(list("vence_hasta=2026-03-22").await, Vec::<String>::new());
    assert_eq!(list("vence_hasta=2026-03-23&estado=pendiente").await.len(), 3);
    assert_eq!(list("estado=respondido").await.len() + list("desde=2026-03-03").await.len() + list("hasta=2026-03-01").await.len(), 0);
    let first = admin.get("/reclamos?limite=2").await.ok();
    let next = first["siguiente"].as_str().expect("more");
    assert_eq!([codigos(&first), list(&format!("limite=2&cursor={next}")).await].concat().len(), 3);
    assert_eq!(list(&format!("limite=2&cursor={next}")).await, ["Andina Lima 00000001-2026"]);
    let file = admin.get("/reclamos?formato=csv").await;
    let text = String::from_utf8(file.bytes).expect("UTF-8");
    assert!(text.contains("consumidor.nombre") && text.matches("Anastasia Pomacocha").count() == 3, "{text}");
    assert_eq!(admin.get("/reclamos?formato=xlsx").await.status, 200);
    let one = id(&first["items"][0]);
    let sheet = admin.get(&format!("/reclamos/{one}/hoja")).await;
    assert!(sheet.headers["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    assert!(sheet.headers["content-security-policy"].to_str().is_ok_and(|policy| policy.contains("style-src 'self'")));
    assert!(html(&sheet).contains("Hoja de reclamación N.º 00000001-2026"), "{}", html(&sheet));
}
