//! Other systems are told what happens: signed, exactly what they asked for, until they took it.
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::IntoResponse,
    routing::any,
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use hmac::{Hmac, KeyInit, Mac};
use huella_tests::{Cliente, Huella, Modo, andina, costera, id};
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::trabajos::{self, worker};
use sha2::Sha256;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// What the other side answers.
#[derive(Clone)]
enum Dice {
    Estado(u16),
    A(String),
    Nada,
}

#[derive(Clone)]
struct Recibido {
    path: String,
    headers: HeaderMap,
    body: String,
}

/// Another system: a real server that notes what it gets and answers what it was told to, 200 if nothing.
#[derive(Clone, Default)]
struct Receptor {
    base: String,
    seen: Arc<Mutex<Vec<Recibido>>>,
    answers: Arc<Mutex<VecDeque<Dice>>>,
}

impl Receptor {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let receptor = Self { base: format!("http://{}", listener.local_addr().expect("an address")), ..Self::default() };
        let router = Router::new().fallback(any(Self::take)).with_state(receptor.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receptor
    }
    async fn take(State(receptor): State<Self>, uri: Uri, headers: HeaderMap, body: Bytes) -> axum::response::Response {
        let body = String::from_utf8_lossy(&body).into_owned();
        receptor.seen.lock().expect("whole").push(Recibido { path: uri.path().to_owned(), headers, body });
        let answer = receptor.answers.lock().expect("whole").pop_front();
        match answer {
            None => "gracias".into_response(),
            Some(Dice::Estado(status)) => (StatusCode::from_u16(status).expect("a status"), "x".repeat(100_000)).into_response(),
            Some(Dice::A(to)) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
            Some(Dice::Nada) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                ().into_response()
            }
        }
    }
    fn will(&self, answers: &[Dice]) {
        self.answers.lock().expect("whole").extend(answers.iter().cloned());
    }
    fn seen(&self) -> Vec<Recibido> {
        self.seen.lock().expect("whole").clone()
    }
}

impl Recibido {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    /// As whoever has the secret checks it.
    fn signed_with(&self, secret: &str) -> bool {
        let key = B64.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        assert!(key.len() >= 24, "as long as the specification asks for");
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).expect("any length");
        mac.update(format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body).as_bytes());
        let expected = format!("v1,{}", B64.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature").split(' ').any(|given| given == expected)
    }
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

struct Mundo {
    huella: Huella,
    admin: Cliente,
    receptor: Receptor,
    lima: String,
    cusco: String,
}

impl Mundo {
    async fn start() -> Self {
        let huella = Huella::start().await;
        huella.execute("delete from outbox").await;
        let admin = huella.como(andina::ADMIN).await;
        let (lima, cusco) =
            (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
        Self { huella, admin, receptor: Receptor::start().await, lima, cusco }
    }
    /// A webhook of the chain for appointments that are booked.
    async fn webhook(&self) -> Value {
        self.admin.post("/webhooks", self.datos("/aviso", &["cita.reservada"])).await.created()
    }
    fn datos(&self, path: &str, eventos: &[&str]) -> Value {
        json!({ "nombre": "Contabilidad", "url": format!("{}{path}", self.receptor.base), "eventos": eventos })
    }
    /// Something happened in a sede.
    async fn happens(&self, tema: &str, sede: &str) {
        let insert = format!(
            "insert into outbox (tenant_id, sede_id, tema, cuerpo, creado_en, proximo_en)
             select tenant_id, id, '{tema}', '{{\"id\": \"una\"}}', '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z' from sedes where id = '{sede}'"
        );
        self.huella.execute(&insert).await;
    }
    /// Relays, and does what is due. How many went well.
    async fn work(&self) -> usize {
        trabajos::relay(&self.huella.parts).await.expect("relayed");
        worker::work_once(&self.huella.parts).await.expect("worked").done
    }
    async fn entregas(&self, webhook: &Value) -> Vec<Value> {
        let list = self.admin.get(&format!("/webhooks/{}/entregas", id(webhook))).await.ok();
        list["items"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn what_was_asked_for_arrives_signed_and_nothing_else_does() {
    let mundo = Mundo::start().await;
    let webhook = mundo.webhook().await;
    let mut de_cusco = mundo.datos("/cusco", &["cita.reservada", "cita.anulada"]);
    de_cusco["sedes"] = json!([mundo.cusco]);
    mundo.admin.post("/webhooks", de_cusco).await.created();
    let ajena = mundo.huella.como(costera::ADMIN).await;
    ajena.post("/webhooks", mundo.datos("/ajena", &["cita.reservada"])).await.created();
    for tema in ["cita.reservada", "cita.cambiada", "cita.anulada"] {
        mundo.happens(tema, &mundo.lima).await;
    }
    assert_eq!(mundo.work().await, 1);
    let seen = mundo.receptor.seen();
    assert_eq!(seen.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["/aviso"]);
    let (one, body) = (&seen[0], seen[0].json());
    assert!(one.signed_with(webhook["secreto"].as_str().expect("shown once")), "{:?}", one.headers);
    assert_eq!((&body["type"], &body["sede_id"], &body["data"]["id"]), (&json!("cita.reservada"), &json!(mundo.lima), &json!("una")));
    assert_eq!(one.header("webhook-timestamp"), mundo.huella.now().as_second().to_string());
    let entregas = mundo.entregas(&webhook).await;
    assert_eq!((entregas.len(), &entregas[0]["estado"], &entregas[0]["respuesta"]), (1, &json!("entregada"), &json!(200)));
    assert_eq!((entregas[0]["id"].as_str(), entregas[0]["respuesta_cuerpo"].as_str()), (Some(one.header("webhook-id")), Some("gracias")));
    mundo.happens("cita.anulada", &mundo.cusco).await;
    assert_eq!(mundo.work().await, 1);
    assert_eq!(mundo.receptor.seen()[1].path, "/cusco");
    // The secret is in no list, no answer and no audit; nor does another chain see the webhook.
    let secret = webhook["secreto"].as_str().expect("shown once").trim_start_matches("whsec_");
    for text in [
        mundo.admin.get(&format!("/webhooks/{}", id(&webhook))).await.ok().to_string(),
        mundo.huella.scalar::<String>("select string_agg(coalesce(despues::text, ''), ' ') from auditoria").await,
        mundo.huella.scalar::<String>("select string_agg(w::text, ' ') from webhooks w").await,
    ] {
        assert!(!text.contains(secret));
    }
    ajena.get(&format!("/webhooks/{}", id(&webhook))).await.problem(404, "no-encontrado");
    assert_eq!(ajena.get("/webhooks").await.ok()["items"].as_array().map(Vec::len), Some(1));
    mundo.huella.como(andina::RECEPCION_LIMA).await.get("/webhooks").await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn what_fails_is_sent_again_under_the_same_id() {
    let mundo = Mundo::start().await;
    let webhook = mundo.webhook().await;
    mundo.receptor.will(&[Dice::Estado(500), Dice::A(format!("{}/otro", mundo.receptor.base)), Dice::Estado(200)]);
    mundo.happens("cita.reservada", &mundo.lima).await;
    assert_eq!(mundo.work().await, 0);
    let entrega = mundo.entregas(&webhook).await.remove(0);
    assert_eq!((&entrega["estado"], &entrega["respuesta"], &entrega["intentos"]), (&json!("pendiente"), &json!(500), &json!(1)));
    assert!(entrega["respuesta_cuerpo"].as_str().is_some_and(|text| text.len() <= 1_000), "{entrega:#}");
    assert!(mundo.admin.get(&format!("/webhooks/{}", id(&webhook))).await.ok()["fallando_desde"].is_string());
    // A redirection is not followed:
    mundo.huella.avanzar(SignedDuration::from_secs(3));
    assert_eq!(mundo.work().await, 0);
    assert_eq!(mundo.entregas(&webhook).await[0]["respuesta"], 307);
    // and in the end it is taken.
    mundo.huella.avanzar(SignedDuration::from_secs(6));
    assert_eq!(mundo.work().await, 1);
    let seen = mundo.receptor.seen();
    assert_eq!(seen.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["/aviso"; 3]);
    assert!(seen.iter().all(|one| one.header("webhook-id") == entrega["id"].as_str().unwrap_or("-")));
    assert!(seen.iter().all(|one| one.signed_with(webhook["secreto"].as_str().expect("shown once"))));
    let entrega = mundo.entregas(&webhook).await.remove(0);
    assert_eq!((&entrega["estado"], &entrega["intentos"]), (&json!("entregada"), &json!(3)));
    assert!(mundo.admin.get(&format!("/webhooks/{}", id(&webhook))).await.ok()["fallando_desde"].is_null());
}

#[tokio::test]
async fn what_is_given_up_can_be_sent_again() {
    let mundo = Mundo::start().await;
    let webhook = mundo.webhook().await;
    for _ in 0..20 {
        mundo.receptor.will(&[Dice::Estado(503)]);
    }
    mundo.happens("cita.reservada", &mundo.lima).await;
    mundo.work().await;
    for _ in 1..20 {
        mundo.huella.avanzar(SignedDuration::from_mins(80));
        assert_eq!(mundo.work().await, 0);
    }
    let admin = mundo.huella.como(andina::ADMIN).await;
    let mundo = Mundo { admin, ..mundo };
    let entrega = mundo.entregas(&webhook).await.remove(0);
    assert_eq!((&entrega["estado"], &entrega["intentos"]), (&json!("fallida"), &json!(20)));
    let dead = mundo.admin.get("/trabajos?estado=muerto&tipo=webhook.entregar").await.ok();
    assert_eq!(dead["items"][0]["error"], "respondió 503", "{dead:#}");
    let path = format!("/webhooks/{}/entregas/{}/reenviar", id(&webhook), id(&entrega));
    mundo.admin.post(&path, json!({})).await.expect(202);
    mundo.admin.post(&path, json!({})).await.problem(409, "entrega-en-curso");
    assert_eq!(mundo.work().await, 1);
    let seen = mundo.receptor.seen();
    assert_eq!((seen.len(), seen[20].header("webhook-id")), (21, id(&entrega).as_str()));
    assert_eq!(mundo.entregas(&webhook).await[0]["estado"], "entregada");
    let audited: i64 = mundo.huella.scalar("select count(*) from auditoria where accion = 'reenviar' and entidad = 'webhook'").await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let mundo = Mundo::start().await;
    let webhook = mundo.webhook().await;
    mundo.receptor.will(&[Dice::Nada]);
    mundo.happens("cita.reservada", &mundo.lima).await;
    let began = std::time::Instant::now();
    assert_eq!(mundo.work().await, 0);
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    assert_eq!(mundo.entregas(&webhook).await[0]["error"], "no respondió a tiempo");
    // Nobody there at all:
    let nowhere = json!({ "nombre": "Nadie", "url": "http://127.0.0.1:1/", "eventos": ["cita.anulada"] });
    let nowhere = mundo.admin.post("/webhooks", nowhere).await.created();
    mundo.happens("cita.anulada", &mundo.lima).await;
    mundo.work().await;
    assert_eq!(mundo.entregas(&nowhere).await[0]["error"], "no se pudo conectar");
}

#[tokio::test]
async fn addresses_of_our_own_network_are_not_called() {
    let huella = Huella::start_with(Modo { internos: false, ..Modo::default() }).await;
    let admin = huella.como(andina::ADMIN).await;
    let receptor = Receptor::start().await;
    let port = receptor.base.rsplit(':').next().expect("a port");
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://2130706433:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "ftp://ejemplo.pe/".to_owned(),
        "https://ana:clave@ejemplo.pe/".to_owned(),
    ] {
        let body = json!({ "nombre": "Adentro", "url": url, "eventos": ["cita.reservada"] });
        assert_eq!(admin.post("/webhooks", body).await.wrong_fields(), ["/url"], "{url}");
    }
    let body = json!({ "nombre": "Afuera", "url": "https://ejemplo.pe/huella", "eventos": ["cita.reservada"] });
    let webhook = admin.post("/webhooks", body).await.created();
    // Whatever got into the database, or a name that leads inside:
    huella.execute(&format!("update webhooks set url = 'https://127.0.0.1:{port}/'")).await;
    admin.post(&format!("/webhooks/{}/prueba", id(&webhook)), json!({})).await.expect(202);
    assert_eq!(worker::work_once(&huella.parts).await.expect("worked").failed, 1);
    let entregas = admin.get(&format!("/webhooks/{}/entregas", id(&webhook))).await.ok();
    assert_eq!((&entregas["items"][0]["error"], &entregas["items"][0]["estado"]), (&json!("la dirección es interna"), &json!("fallida")));
    assert!(receptor.seen().is_empty());
}

/// What a receiver answers leads no further than its words: not to a neighbour, not to the metadata of a cloud, not to itself.
#[tokio::test]
async fn a_receiver_that_sends_us_on_to_our_own_network_is_not_followed() {
    let (receptor, vecino) = (Receptor::start().await, Receptor::start().await);
    let address = receptor.base.strip_prefix("http://").and_then(|base| base.parse().ok()).expect("an address");
    let huella = Huella::start_with(Modo { internos: false, receptor: Some(address), ..Modo::default() }).await;
    let admin = huella.como(andina::ADMIN).await;
    // The guard is up: next to the receiver everything is inside.
    for url in [format!("{}/", vecino.base), receptor.base.replace("127.0.0.1", "localhost"), receptor.base.replace("http", "https")] {
        let body = json!({ "nombre": "Adentro", "url": url, "eventos": ["cita.reservada"] });
        assert_eq!(admin.post("/webhooks", body).await.wrong_fields(), ["/url"], "{url}");
    }
    let body = json!({ "nombre": "Afuera", "url": format!("{}/aviso", receptor.base), "eventos": ["cita.reservada"] });
    let webhook = admin.post("/webhooks", body).await.created();
    let prueba = format!("/webhooks/{}/prueba", id(&webhook));
    let port = vecino.base.rsplit(':').next().expect("a port");
    let inside = [
        format!("{}/robar", vecino.base),
        format!("http://localhost:{port}/robar"),
        format!("http://[::ffff:127.0.0.1]:{port}/robar"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "/robar".to_owned(),
    ];
    for (number, to) in inside.iter().enumerate() {
        receptor.will(&[Dice::A(to.clone())]);
        admin.post(&prueba, json!({})).await.expect(202);
        assert_eq!(worker::work_once(&huella.parts).await.expect("worked").failed, 1, "{to}");
        assert_eq!(receptor.seen().len(), number + 1, "asked once, and not again at {to}");
    }
    let entregas = admin.get(&format!("/webhooks/{}/entregas", id(&webhook))).await.ok();
    let answers: Vec<&Value> = entregas["items"].as_array().expect("a list").iter().map(|one| &one["respuesta"]).collect();
    assert_eq!(answers, [&json!(307); 5], "what it said is all that is kept");
    assert!(receptor.seen().iter().all(|one| one.path == "/aviso") && vecino.seen().is_empty());
}

#[tokio::test]
async fn a_secret_is_changed_without_a_gap() {
    let mundo = Mundo::start().await;
    let webhook = mundo.webhook().await;
    let path = format!("/webhooks/{}/secreto", id(&webhook));
    let first = webhook["secreto"].as_str().expect("shown once");
    let rotated = mundo.admin.post(&path, json!({})).await.ok();
    let second = rotated["secreto"].as_str().expect("shown once");
    assert_ne!(first, second);
    mundo.happens("cita.reservada", &mundo.lima).await;
    mundo.work().await;
    let both = mundo.receptor.seen().remove(0);
    assert!(both.signed_with(first) && both.signed_with(second));
    mundo.huella.avanzar(SignedDuration::from_hours(25));
    mundo.happens("cita.reservada", &mundo.lima).await;
    mundo.work().await;
    let one = mundo.receptor.seen().remove(1);
    assert!(!one.signed_with(first) && one.signed_with(second));
}

#[tokio::test]
async fn who_fails_for_days_is_paused_until_somebody_looks() {
    let mundo = Mundo::start().await;
    let webhook = mundo.webhook().await;
    let path = format!("/webhooks/{}", id(&webhook));
    mundo.receptor.will(&[Dice::Estado(500), Dice::Estado(500)]);
    mundo.happens("cita.reservada", &mundo.lima).await;
    mundo.work().await;
    mundo.huella.avanzar(SignedDuration::from_hours(5 * 24 + 1));
    mundo.work().await;
    let admin = mundo.huella.como(andina::ADMIN).await;
    let paused = admin.get(&path).await.ok();
    assert!(paused["activo"] == false && paused["pausado_en"].is_string(), "{paused:#}");
    let audited: i64 = mundo.huella.scalar("select count(*) from auditoria where accion = 'pausar' and actor_tipo = 'sistema'").await;
    assert_eq!(audited, 1);
    // Nothing more goes there, what had waited neither.
    mundo.happens("cita.reservada", &mundo.lima).await;
    mundo.huella.avanzar(SignedDuration::from_mins(5));
    mundo.work().await;
    assert_eq!(mundo.receptor.seen().len(), 2);
    let entrega = mundo.huella.scalar::<String>("select id::text from webhooks_entregas").await;
    admin.post(&format!("{path}/entregas/{entrega}/reenviar"), json!({})).await.problem(409, "webhook-en-pausa");
    // Somebody tries it out, and lets it go on:
    admin.post(&format!("{path}/prueba"), json!({})).await.expect(202);
    assert_eq!(mundo.work().await, 1);
    assert_eq!(mundo.receptor.seen()[2].json()["type"], "prueba");
    let resumed = admin.put(&path, mundo.datos("/aviso", &["cita.reservada"])).await.ok();
    assert!(resumed["activo"] == true && resumed["pausado_en"].is_null());
    mundo.happens("cita.reservada", &mundo.lima).await;
    assert_eq!(mundo.work().await, 1);
    // Who says that it is gone is believed at once. Later, so that it is the last one of the list.
    mundo.huella.avanzar(SignedDuration::from_secs(1));
    mundo.receptor.will(&[Dice::Estado(410)]);
    mundo.happens("cita.reservada", &mundo.lima).await;
    mundo.work().await;
    assert_eq!(admin.get(&path).await.ok()["activo"], false);
    let last = admin.get(&format!("{path}/entregas")).await.ok()["items"][0].clone();
    assert_eq!((&last["respuesta"], &last["estado"]), (&json!(410), &json!("fallida")), "and not asked again");
}

#[tokio::test]
async fn events_are_those_of_the_catalogue_and_every_wrong_field_is_named() {
    let mundo = Mundo::start().await;
    let catalogue = mundo.admin.get("/webhooks/eventos").await.ok();
    let known: Vec<&str> = catalogue.as_array().expect("a list").iter().filter_map(|tema| tema["clave"].as_str()).collect();
    assert!(known.contains(&"cita.reservada") && !known.iter().any(|clave| clave.starts_with("cuenta.")), "{known:?}");
    for almost in ["cita", "cita.", "cita.*", "cita.reservad", "cuenta.invitada", "prueba"] {
        let wrong = mundo.admin.post("/webhooks", mundo.datos("/", &["cita.reservada", almost])).await;
        assert_eq!(wrong.wrong_fields(), ["/eventos/1"], "{almost}");
    }
    let mut wrong = mundo.datos("/", &[]);
    wrong["nombre"] = json!(" ");
    wrong["otro"] = json!(1);
    assert_eq!(mundo.admin.post("/webhooks", wrong).await.wrong_fields(), ["/eventos", "/nombre", "/otro"]);
    let mut nowhere = mundo.datos("/", &["cita.reservada"]);
    nowhere["sedes"] = json!([mundo.lima, uuid::Uuid::nil()]);
    assert_eq!(mundo.admin.post("/webhooks", nowhere).await.wrong_fields(), ["/sedes/1"]);
    // Nobody has another system told what they may not know themselves.
    let key = json!({ "nombre": "Integrador", "permisos": ["webhook.administrar", "cita.ver"], "expira_en": "2026-12-31T00:00:00Z" });
    let key = mundo.admin.post("/claves-api", key).await.created();
    let integrador = mundo.huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let more = integrador.post("/webhooks", mundo.datos("/", &["cita.reservada", "mascota.cambiada"])).await;
    assert_eq!(more.wrong_fields(), ["/eventos/1"]);
    // Asked for twice with one key, there is one, and its secret is shown once.
    let body = mundo.datos("/", &["cita.reservada"]);
    let first = mundo.admin.post_once("/webhooks", "llave", &body).await.created();
    let again = mundo.admin.post_once("/webhooks", "llave", &body).await.created();
    assert!(first["id"] == again["id"] && first["secreto"].is_string() && again["secreto"].is_null());
    let changed = mundo.admin.put_if(&format!("/webhooks/{}", id(&first)), "\"7\"", body.clone()).await;
    changed.problem(412, "version-cambiada");
    for _ in 1..20 {
        mundo.admin.post("/webhooks", body.clone()).await.created();
    }
    mundo.admin.post("/webhooks", body).await.problem(409, "demasiados-webhooks");
    // What is gone gets nothing.
    mundo.happens("cita.reservada", &mundo.lima).await;
    trabajos::relay(&mundo.huella.parts).await.expect("relayed");
    mundo.admin.delete(&format!("/webhooks/{}", id(&first))).await.expect(204);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from webhooks_entregas").await, 19);
}
