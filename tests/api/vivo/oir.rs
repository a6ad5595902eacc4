//! Who hears what.
use super::{Agenda, DE_LA_CADENA, Pantalla, Trabajos};
use huella_tests::{
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use serde_json::json;

#[tokio::test]
async fn a_screen_hears_its_sede_and_no_other() {
    let agenda = Agenda::start().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let ajena = agenda.huella.como(costera::ADMIN).await;
    let miraflores = agenda
        .huella
        .scalar::<String>("select s.id::text from sedes s join tenants t on t.id = s.tenant_id where t.clave = 'costera' limit 1")
        .await;
    let mut en_lima = Pantalla::lista(&recepcion, &agenda.lima).await;
    let mut en_cusco = Pantalla::lista(&cusco, &agenda.cusco).await;
    let mut afuera = Pantalla::lista(&ajena, &miraflores).await;
    let cita = agenda.reservar(&recepcion, 0).await;
    let heard = loop {
        let heard = en_lima.next().await;
        if heard.event.starts_with("cita.") {
            break heard;
        }
        assert!(DE_LA_CADENA.contains(&heard.event.as_str()), "{heard:?}");
    };
    assert_eq!((heard.event.as_str(), heard.data["cuerpo"]["id"].as_str()), ("cita.reservada", Some(cita.as_str())));
    assert_eq!(heard.data["sede_id"], json!(agenda.lima));
    recepcion.delete(&format!("/citas/{cita}?motivo=El%20tutor%20avisó")).await.ok();
    assert_eq!(en_lima.next().await.event, "cita.anulada");
    for event in DE_LA_CADENA {
        assert_eq!(en_cusco.next().await.event, *event);
    }
    en_cusco.silent().await;
    afuera.silent().await;
    // Not to be had at all: another sede without the right, a sede of another chain.
    let path = |sede: &str| format!("/eventos?sede_id={sede}");
    recepcion.get(&path(&agenda.cusco)).await.problem(403, "sin-permiso");
    agenda.huella.como(ADMIN).await.get(&path(&miraflores)).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn what_takes_another_permission_is_not_heard() {
    let agenda = Agenda::start().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let admin = agenda.huella.como(ADMIN).await;
    let body = json!({ "nombre": "Tablero", "permisos": ["cita.ver"], "sedes": [agenda.lima], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", body).await.created();
    let tablero = agenda.huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let mut pantalla = Pantalla::lista(&tablero, &agenda.lima).await;
    agenda.reservar(&admin, 0).await;
    assert_eq!(pantalla.next().await.event, "cita.reservada", "and nothing of the pet that was registered for it");
}

#[tokio::test]
async fn the_board_of_a_sede_is_live() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = agenda.reservar(&recepcion, 0).await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = recepcion.post("/pacientes/registro", pet).await.created();
    agenda.huella.execute("delete from outbox").await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let (mut en_lima, mut en_cusco) = (Pantalla::lista(&recepcion, &agenda.lima).await, Pantalla::lista(&cusco, &agenda.cusco).await);
    let walk_in = json!({ "mascota_id": pet["mascota"]["id"], "servicio_id": agenda.llamada, "triaje": "amarillo" });
    let visita = recepcion.post(&format!("/sedes/{}/visitas", agenda.lima), walk_in).await.created();
    let heard = en_lima.next().await;
    assert_eq!(
        (heard.event.as_str(), &heard.data["cuerpo"]["id"], &heard.data["cuerpo"]["triaje"]),
        ("visita.llegada", &visita["id"], &json!("amarillo"))
    );
    recepcion.put(&format!("/citas/{cita}/estado"), json!({ "estado": "en_espera" })).await.ok();
    let heard = en_lima.next().await;
    assert_eq!((heard.event.as_str(), &heard.data["cuerpo"]["estado"]), ("cita.cambiada", &json!("en_espera")));
    recepcion.delete(&format!("/visitas/{}?motivo=Se+fue", id(&visita))).await.ok();
    assert_eq!(en_lima.next().await.event, "visita.retirada");
    en_cusco.silent().await;
}
