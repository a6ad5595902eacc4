//! What a sede offers, and what it does not.
use super::*;
use huella_tests::andina::RECEPCION_CUSCO;

#[tokio::test]
async fn only_what_the_sede_offers_can_be_seen_and_booked() {
    let publico = Publico::start(json!({ "especies": ["perro"], "dias_max": 3 })).await;
    let agenda = &publico.agenda;
    let sesion = publico.entrar(&publico.correo("ana")).await;
    let with = |field: &str, value: Value| {
        let mut wish = publico.hora(&sesion, "2026-03-02T10:00:00");
        wish[field] = value;
        wish
    };
    // Another service, a vet, another sede.
    assert_eq!(publico.post("/retener", with("servicio_id", json!(agenda.eco))).await.wrong_fields(), ["/servicio_id"]);
    assert_eq!(publico.post("/retener", with("medico_id", json!(agenda.soto))).await.wrong_fields(), ["/medico_id"]);
    publico.post("/retener", with("sede_id", json!(agenda.cusco))).await.problem(404, "no-encontrado");
    // Too soon, too far, between the steps, when the sede is closed.
    for at in ["2026-03-02T08:45:00", "2026-03-06T10:00:00", "2026-03-02T10:07:00", "2026-03-02T21:00:00"] {
        publico.retener(&sesion, at).await.problem(409, "hora-no-disponible");
    }
    let far = publico.huecos("&desde=2026-03-05T07:00:00-05:00&limite=100").await;
    assert!(far.iter().all(|hueco| hueco["inicio"].as_str().is_some_and(|at| at <= "2026-03-05T13:00:00Z")), "{far:?}");
    // A cat is not seen to here.
    publico.retener(&sesion, "2026-03-02T10:00:00").await.created();
    let cat = json!({ "tutor": { "nombres": "Ana", "apellidos": "Poma" }, "mascota": { "nombre": "Michi", "especie": "gato", "sexo": "hembra" } });
    assert_eq!(publico.confirmar(&sesion, cat).await.wrong_fields(), ["/mascota/especie"]);
    assert_eq!(publico.contar("select count(*) from tutores").await, 0, "nothing half written");
    // Who holds another time lets the first go.
    publico.retener(&sesion, "2026-03-02T11:00:00").await.created();
    assert_eq!(publico.contar("select count(*) from citas where retenida_hasta is not null").await, 1);
}

#[tokio::test]
async fn a_sede_may_let_owners_choose_among_some_vets() {
    let publico = Publico::start(json!({ "elige_medico": true })).await;
    let (rojas, soto) = (publico.agenda.rojas.clone(), publico.agenda.soto.clone());
    let named = publico.huecos("&limite=100").await;
    let both: std::collections::BTreeSet<&str> = named.iter().filter_map(|hueco| hueco["medico_id"].as_str()).collect();
    assert_eq!(both, [rojas.as_str(), soto.as_str()].into());
    let admin = publico.agenda.huella.como(ADMIN).await;
    let path = format!("/sedes/{}/autoreserva", publico.agenda.lima);
    admin.put(&path, oferta(&publico.agenda, json!({ "elige_medico": true, "medicos": [rojas] }))).await.ok();
    // Another question: the first one is remembered for some seconds.
    let named = publico.huecos("&limite=99").await;
    assert!(!named.is_empty() && named.iter().all(|hueco| hueco["medico_id"] == json!(rojas)), "{named:?}");
    let sesion = publico.entrar(&publico.correo("ana")).await;
    let mut wish = publico.hora(&sesion, "2026-03-02T10:00:00");
    wish["medico_id"] = json!(soto);
    assert_eq!(publico.post("/retener", wish.clone()).await.wrong_fields(), ["/medico_id"]);
    wish["medico_id"] = json!(rojas);
    publico.post("/retener", wish).await.created();
    let held: String = publico.agenda.huella.scalar("select medico_id::text from citas where retenida_hasta is not null").await;
    assert_eq!(held, rojas);
    // Whoever does not choose gets one of them all the same.
    let sesion = publico.entrar(&publico.correo("beto")).await;
    publico.retener(&sesion, "2026-03-02T10:00:00").await.problem(409, "hora-no-disponible");
    publico.retener(&sesion, "2026-03-02T11:00:00").await.created();
    assert_eq!(publico.contar(&format!("select count(*) from citas where medico_id = '{rojas}'")).await, 2);
}

#[tokio::test]
async fn a_sede_says_what_it_offers_and_says_it_whole() {
    let publico = Publico::start(json!({})).await;
    let admin = publico.agenda.huella.como(ADMIN).await;
    let path = format!("/sedes/{}/autoreserva", publico.agenda.lima);
    let read = admin.get(&path).await;
    let etag = read.etag();
    assert_eq!(read.ok()["autoreserva"]["condiciones_version"], "2026-01");
    admin.put_if(&path, &etag, oferta(&publico.agenda, json!({ "dias_max": 5 }))).await.ok();
    admin.put_if(&path, &etag, oferta(&publico.agenda, json!({}))).await.problem(412, "version-cambiada");
    assert_eq!(admin.put(&path, oferta(&publico.agenda, json!({ "servicios": [] }))).await.wrong_fields(), ["/servicios"]);
    let nothing = uuid::Uuid::now_v7();
    let wrong = oferta(&publico.agenda, json!({ "servicios": [nothing], "medicos": [nothing] }));
    assert_eq!(admin.put(&path, wrong).await.wrong_fields(), ["/medicos", "/servicios"]);
    admin.put(&format!("/sedes/{nothing}/autoreserva"), oferta(&publico.agenda, json!({}))).await.problem(404, "no-encontrado");
    let cusco = publico.agenda.huella.como(RECEPCION_CUSCO).await;
    cusco.get(&path).await.problem(403, "sin-permiso");
    // Switched off, nothing is offered and nothing held.
    let sesion = publico.entrar(&publico.correo("ana")).await;
    admin.put(&path, oferta(&publico.agenda, json!({ "activa": false }))).await.ok();
    assert_eq!(publico.nadie.get("/publico/andina").await.ok()["sedes"], json!([]));
    publico.retener(&sesion, "2026-03-02T10:00:00").await.problem(404, "no-encontrado");
    publico.pedir(&publico.correo("ana")).await.problem(404, "no-encontrado");
}
