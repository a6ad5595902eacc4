//! Services of a chain.
use huella_tests::{
    Huella,
    andina::{ADMIN, RECEPCION_LIMA},
    costera, id,
};
use serde_json::{Value, json};

fn servicio(codigo: &str) -> Value {
    json!({
        "codigo": codigo, "nombre": "Cirugía menor", "duracion_min": 60, "antes_min": 15, "despues_min": 30, "ambiente_tipo": "quirofano",
        "equipos_tipos": ["anestesia"], "color": "#aa3355", "indicaciones": "Ayuno de 8 horas.", "precio": "350.00"
    })
}

#[tokio::test]
async fn a_service_says_what_it_takes_and_costs() {
    let huella = Huella::start().await;
    let (admin, recepcion) = (huella.como(ADMIN).await, huella.como(RECEPCION_LIMA).await);
    let soto = huella.id_of("andina", "usuarios", "cmvp", "11567").await;
    let mut cirugia = servicio("CIR");
    cirugia["medicos"] = json!([soto]);
    let made = admin.post_once("/servicios", "cir-1", &cirugia).await;
    assert_eq!(made.etag(), "\"1\"");
    let made = made.created();
    assert_eq!((made["precio"].as_str(), made["medicos"][0].as_str()), (Some("350.00"), Some(soto.as_str())));
    assert_eq!(admin.post_once("/servicios", "cir-1", &cirugia).await.created(), made);
    assert_eq!(huella.scalar::<i64>("select precio from servicios where codigo = 'CIR'").await, 35_000);
    assert_eq!(recepcion.get(&format!("/servicios/{}", id(&made))).await.ok(), made);
    admin.post("/servicios", servicio("CIR")).await.problem(409, "ya-existe");
    recepcion.post("/servicios", servicio("OTRO")).await.problem(403, "sin-permiso");
    huella.como(costera::RECEPCION).await.get(&format!("/servicios/{}", id(&made))).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let huella = Huella::start().await;
    let (admin, luis) = (huella.como(ADMIN).await, huella.id_of("andina", "usuarios", "apellidos", "Flores Cárdenas").await);
    let body = json!({ "codigo": "c", "nombre": " ", "duracion_min": 1, "color": "rojo", "precio": "350", "ambiente_tipo": "patio" });
    assert_eq!(
        admin.post("/servicios", body).await.wrong_fields(),
        ["/ambiente_tipo", "/codigo", "/color", "/duracion_min", "/nombre", "/precio"]
    );
    let mut body = servicio("CIR");
    body["equipos_tipos"] = json!(["Rayos X", "ecografo", "ecografo"]);
    body["medicos"] = json!([luis]);
    assert_eq!(admin.post("/servicios", body).await.wrong_fields(), ["/equipos_tipos/0", "/equipos_tipos/2", "/medicos/0"]);
}

#[tokio::test]
async fn a_service_that_is_no_longer_given_leaves_the_list() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let made = admin.post("/servicios", servicio("AAA")).await.created();
    let path = format!("/servicios/{}", id(&made));
    assert_eq!(admin.get("/servicios?limite=1").await.ok()["items"][0]["codigo"], "AAA");
    let mut retired = servicio("AAA");
    retired["activo"] = json!(false);
    admin.put_if(&path, "\"9\"", retired.clone()).await.problem(412, "version-cambiada");
    assert_eq!(admin.put_if(&path, "\"1\"", retired).await.etag(), "\"2\"");
    assert_ne!(admin.get("/servicios?limite=1").await.ok()["items"][0]["codigo"], "AAA");
    assert_eq!(admin.get("/servicios?limite=1&inactivos=true").await.ok()["items"][0]["codigo"], "AAA");
    assert_eq!(admin.put(&path, servicio("BBB")).await.wrong_fields(), ["/codigo"]);
    let (mut codes, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/servicios?limite=1&inactivos=true{cursor}")).await.ok();
        codes.extend(page["items"].as_array().into_iter().flatten().filter_map(|s| s["codigo"].as_str().map(str::to_owned)));
        match page["siguiente"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(codes, ["AAA", "CONS", "ECO", "LLAMADA"]);
}

#[tokio::test]
async fn who_changes_services_does_not_change_what_they_cost() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let key = json!({ "nombre": "Catálogo", "permisos": ["servicio.ver", "servicio.administrar"], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", key).await.created();
    let gestor = huella.nadie().with_token(key["secreto"].as_str().or(key["clave"].as_str()).expect("the key's text"));
    gestor.post("/servicios", servicio("CIR")).await.problem(403, "sin-permiso");
    let mut free = servicio("CIR");
    free["precio"] = Value::Null;
    let made = gestor.post("/servicios", free.clone()).await.created();
    let path = format!("/servicios/{}", id(&made));
    free["nombre"] = json!("Cirugía mayor");
    gestor.put_if(&path, "\"1\"", free).await.ok();
    admin.put_if(&path, "\"2\"", servicio("CIR")).await.ok();
    let mut dearer = servicio("CIR");
    dearer["precio"] = json!("351.00");
    gestor.put_if(&path, "\"3\"", dearer).await.problem(403, "sin-permiso");
    let same = gestor.put_if(&path, "\"3\"", servicio("CIR")).await.ok();
    assert_eq!(same["precio"], "350.00");
}
