//! Who waits, and for what.
use super::*;
use huella_tests::andina::{DR_SOTO, RECEPCION_CUSCO, RECEPCION_LIMA};
use jiff::SignedDuration;

#[tokio::test]
async fn the_list_of_a_sede_is_in_order_and_by_pages() {
    let lista = Lista::start().await;
    let mut esperas = Vec::new();
    for (nombre, prioridad) in [("Uno", "normal"), ("Dos", "urgente"), ("Tres", "alta"), ("Cuatro", "urgente")] {
        esperas.push(lista.espera(&lista.mascota(nombre).await, json!({ "prioridad": prioridad })).await);
        lista.agenda.huella.avanzar(SignedDuration::from_secs(1));
    }
    let order = [&esperas[1], &esperas[3], &esperas[2], &esperas[0]];
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = lista.recepcion.get(&format!("/esperas?sede_id={}&limite=3{cursor}", lista.agenda.lima)).await.ok();
        seen.extend(page["items"].as_array().expect("items").iter().map(id));
        let Some(next) = page["siguiente"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, order.map(String::from));
    let page = lista.recepcion.get(&format!("/esperas?sede_id={}&limite=1", lista.agenda.lima)).await.ok();
    let first = &page["items"][0];
    assert_eq!(
        (&first["mascota"], &first["tutor"], &first["servicio"]),
        (&json!("Dos"), &json!("Tutor de Dos"), &json!("Consulta general"))
    );
}

#[tokio::test]
async fn an_entry_is_changed_and_withdrawn_and_says_what_is_wrong_with_it() {
    let lista = Lista::start().await;
    let luna = lista.mascota("Luna").await;
    let wrong = lista.nueva(&luna, json!({ "hasta": "2026-03-01", "dias": [1, 1], "hora_desde": "10:00" }));
    assert_eq!(
        lista.recepcion.post("/esperas", wrong).await.wrong_fields(),
        ["/preferencia/dias", "/preferencia/hasta", "/preferencia/hasta", "/preferencia/hora_hasta"]
    );
    let nowhere = uuid::Uuid::now_v7();
    let wrong = lista.nueva(&nowhere.to_string(), json!({ "servicio_id": nowhere, "medico_id": nowhere }));
    assert_eq!(
        lista.recepcion.post("/esperas", wrong).await.wrong_fields(),
        ["/mascota_id", "/preferencia/medico_id", "/preferencia/servicio_id"]
    );
    // The same request twice is one entry.
    let nueva = lista.nueva(&luna, json!({ "hora_desde": "10:00", "hora_hasta": "24:00", "dias": [1, 5] }));
    let one = lista.recepcion.post_once("/esperas", "una", &nueva).await;
    let etag = one.etag();
    let one = one.created();
    assert_eq!(lista.recepcion.post_once("/esperas", "una", &nueva).await.created(), one);
    assert_eq!(lista.contar("select count(*) from esperas").await, 1);
    let mut wish = one["preferencia"].clone();
    assert_eq!((&wish["hora_desde"], &wish["hora_hasta"], &wish["prioridad"]), (&json!("10:00"), &json!("24:00"), &json!("normal")));
    wish["prioridad"] = json!("alta");
    wish["nota"] = json!("Viaja el viernes");
    let path = format!("/esperas/{}", id(&one));
    let changed = lista.recepcion.put_if(&path, &etag, wish.clone()).await.ok();
    assert_eq!(changed["preferencia"], wish);
    lista.recepcion.put_if(&path, &etag, wish.clone()).await.problem(412, "version-cambiada");
    assert_eq!(lista.recepcion.delete(&format!("{path}?motivo=%20")).await.wrong_fields(), ["?motivo"]);
    let gone = lista.recepcion.delete(&format!("{path}?motivo=Encontró+otra")).await.ok();
    assert_eq!((&gone["estado"], &gone["retirada_motivo"]), (&json!("retirada"), &json!("Encontró otra")));
    lista.recepcion.delete(&format!("{path}?motivo=otra+vez")).await.problem(409, "espera-cerrada");
    lista.recepcion.put(&path, wish).await.problem(409, "espera-cerrada");
    let audited = lista.contar("select count(*) from auditoria where entidad = 'espera'").await;
    assert_eq!(audited, 3);
}

#[tokio::test]
async fn each_sede_sees_who_waits_there() {
    let lista = Lista::start().await;
    let (lima, cusco) = (&lista.agenda.lima, &lista.agenda.cusco);
    let (luna, recepcion_cusco) = (lista.mascota("Luna").await, lista.agenda.huella.como(RECEPCION_CUSCO).await);
    let here = lista.espera(&luna, json!({})).await;
    recepcion_cusco.get(&format!("/esperas/{here}")).await.problem(404, "no-encontrado");
    recepcion_cusco.get(&format!("/esperas?sede_id={lima}")).await.problem(403, "sin-permiso");
    assert_eq!(recepcion_cusco.get(&format!("/esperas?sede_id={cusco}")).await.ok()["items"], json!([]));
    lista.recepcion.post("/esperas", lista.nueva(&luna, json!({ "sedes": [lima, cusco] }))).await.problem(403, "sin-permiso");
    // The chain puts it down for both, and both see it.
    let admin = lista.agenda.huella.como(ADMIN).await;
    let both = id(&admin.post("/esperas", lista.nueva(&luna, json!({ "sedes": [lima, cusco] }))).await.created());
    for recepcion in [&recepcion_cusco, &lista.recepcion] {
        recepcion.get(&format!("/esperas/{both}")).await.ok();
    }
    // Lima may change it, but not send it elsewhere.
    let mut wish = lista.ver(&both).await["preferencia"].clone();
    wish["nota"] = json!("Llamar");
    lista.recepcion.put(&format!("/esperas/{both}"), wish).await.ok();
    let mut wish = lista.ver(&here).await["preferencia"].clone();
    wish["sedes"] = json!([cusco]);
    lista.recepcion.put(&format!("/esperas/{here}"), wish).await.problem(403, "sin-permiso");
    // What Lima offers is Lima's to see and to answer.
    lista.recepcion.delete(&format!("/esperas/{here}?motivo=viaje")).await.ok();
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&both).await, "2026-03-02T15:00:00Z");
    for verbo in ["aceptar", "rechazar"] {
        recepcion_cusco.post(&format!("/esperas/{both}/oferta/{verbo}"), json!({})).await.problem(410, "oferta-cerrada");
    }
    let named: bool = lista
        .agenda
        .huella
        .scalar("select bool_or(coalesce(antes::text, '') || despues::text like '%Tutor de%') from auditoria where entidad = 'espera'")
        .await;
    assert!(!named, "whose pet it is has no place in the audit");
}

#[tokio::test]
async fn who_is_withdrawn_while_an_offer_is_open_frees_it_for_the_next() {
    let lista = Lista::start().await;
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let (first, second) =
        (lista.espera(&lista.mascota("Luna").await, json!({})).await, lista.espera(&lista.mascota("Max").await, json!({})).await);
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    lista.recepcion.delete(&format!("/esperas/{first}?motivo=viaje")).await.ok();
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ver(&first).await["estado"], "retirada");
    assert_eq!(lista.ofrecida(&second).await, "2026-03-02T15:00:00Z");
    assert_eq!(lista.contestar(&lista.enlace("Luna").expect("a letter"), "aceptar").await.status, 410);
}

/// A record that was merged with another waits on as that one, and as itself when the merge is taken back.
#[tokio::test]
async fn a_pet_whose_record_was_merged_is_still_waiting() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let (twin, luna) = (lista.mascota("Lunita").await, lista.mascota("Luna").await);
    let espera = lista.espera(&twin, json!({})).await;
    let fusion = id(&admin.post(&format!("/pacientes/{luna}/fusiones"), json!({ "con": twin })).await.created());
    assert_eq!(lista.ver(&espera).await["mascota_id"], json!(luna));
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    let held = lista.ver(&espera).await["oferta"]["cita_id"].as_str().expect("a hold").to_owned();
    assert_eq!(lista.recepcion.get(&format!("/retenciones/{held}")).await.ok()["mascota_id"], json!(luna));
    assert_eq!(lista.recepcion.post(&format!("/esperas/{espera}/oferta/rechazar"), json!({})).await.status, 204);
    admin.delete(&format!("/fusiones/{fusion}")).await.ok();
    assert_eq!(lista.ver(&espera).await["mascota_id"], json!(twin));
}

/// In sedes, too, that whoever notes the death does not see.
#[tokio::test]
async fn a_pet_that_died_waits_no_more_and_what_it_was_offered_goes_to_the_next() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    let (luna, kira) = (lista.mascota("Luna").await, lista.mascota("Kira").await);
    let cita = lista.ocupada("2026-03-02T10:00:00").await;
    let (first, next) = (lista.espera(&luna, json!({})).await, lista.espera(&lista.mascota("Max").await, json!({})).await);
    let there = id(&admin.post("/esperas", lista.nueva(&luna, json!({ "sedes": [lista.agenda.cusco] }))).await.created());
    let mistaken = lista.espera(&kira, json!({ "desde": "2026-03-05" })).await;
    lista.anular(&cita).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&first).await, "2026-03-02T15:00:00Z");
    let death = json!({ "fecha": "2026-03-02", "causa": "Parvovirus" });
    for pet in [&luna, &kira] {
        lista.recepcion.post(&format!("/pacientes/{pet}/fallecimiento"), death.clone()).await.created();
    }
    // With the death itself, before anybody works on anything.
    let withdrawn = async |espera: &str| {
        let seen = admin.get(&format!("/esperas/{espera}")).await.ok();
        assert_eq!((&seen["estado"], &seen["retirada_motivo"]), (&json!("retirada"), &json!("La mascota falleció")), "{seen:#}");
    };
    for espera in [&first, &there, &mistaken] {
        withdrawn(espera).await;
    }
    assert_eq!(lista.contar("select count(*) from ofertas where estado = 'pendiente'").await, 0);
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&next).await, "2026-03-02T15:00:00Z");
    // A death that was noted by mistake brings back no entry, as it brings back no appointment.
    let soto = lista.agenda.huella.como(DR_SOTO).await;
    soto.delete(&format!("/pacientes/{kira}/fallecimiento?motivo=Era+otra")).await.ok();
    withdrawn(&mistaken).await;
    let told = "select count(*) from eventos where tema = 'espera.retirada' and cuerpo ->> 'retirada_motivo' = 'La mascota falleció' and sede_id is not null";
    let audited = "select count(*) from auditoria where entidad = 'espera' and accion = 'retirar'";
    assert_eq!((lista.contar(told).await, lista.contar(audited).await), (3, 3));
}

#[tokio::test]
async fn a_chain_says_how_it_offers() {
    let lista = Lista::start().await;
    let admin = lista.agenda.huella.como(ADMIN).await;
    assert_eq!(
        admin.get("/ajustes/lista-de-espera").await.ok(),
        json!({ "activa": true, "oferta_min": 10, "anticipacion_min": 30, "version": 1 })
    );
    let change = |activa: bool| json!({ "activa": activa, "oferta_min": 25, "anticipacion_min": 180 });
    admin.put_if("/ajustes/lista-de-espera", "\"1\"", change(false)).await.ok();
    admin.put_if("/ajustes/lista-de-espera", "\"1\"", change(false)).await.problem(412, "version-cambiada");
    let espera = lista.espera(&lista.mascota("Luna").await, json!({})).await;
    let (soon, later) = (lista.ocupada("2026-03-02T10:00:00").await, lista.ocupada("2026-03-02T12:00:00").await);
    let (off, on) = (lista.ocupada("2026-03-02T13:00:00").await, later);
    lista.anular(&off).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&espera).await, "", "switched off");
    admin.put("/ajustes/lista-de-espera", change(true)).await.ok();
    lista.anular(&soon).await;
    trabajar(&lista.agenda).await;
    assert_eq!(lista.ofrecida(&espera).await, "", "in less than three hours");
    lista.anular(&on).await;
    trabajar(&lista.agenda).await;
    let seen = lista.ver(&espera).await;
    assert_eq!((&seen["oferta"]["inicio"], &seen["oferta"]["hasta"]), (&json!("2026-03-02T17:00:00Z"), &json!("2026-03-02T13:25:00Z")));
    lista.agenda.huella.como(RECEPCION_LIMA).await.put("/ajustes/lista-de-espera", change(true)).await.problem(403, "sin-permiso");
}
