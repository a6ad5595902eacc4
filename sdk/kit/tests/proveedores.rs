//! The channels as they are shipped, on the server's host, against servers that behave like their providers.
//!
//! `cargo xtask plugins` makes what is run here.
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use plugin_host::{
    Admission, Compiler, Egress, Host, Installation, LocalKey, Options, Outcome, Profile, SealKey,
    manifest::{Package, identity},
    memory::Memory,
    v0_1::{CallContext, DeliveryStatus, DeliveryUpdate, HttpMessage, Kv, Message, NotificationPlugin, Reply, Update},
};
use rstest::rstest;
use serde_json::{Value, json};
use simuladores::{Destino, Entrante, Falla, Simulador, vonage, whatsapp};
use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use uuid::Uuid;

const NUMERO: &str = "51987654321";

/// A channel, its provider, and where webhooks arrive.
struct Mundo {
    channel: Arc<dyn NotificationPlugin>,
    provider: Simulador,
    webhooks: UnboundedReceiver<HttpMessage>,
}

async fn listen() -> (String, UnboundedReceiver<HttpMessage>) {
    let (sender, receiver) = unbounded_channel();
    let take = |State(sender): State<UnboundedSender<HttpMessage>>, headers: HeaderMap, body: Bytes| async move {
        let kv = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| Kv {
            key: name.to_string(),
            value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        let headers = headers.iter().map(kv).collect();
        let _ = sender.send(HttpMessage { method: "POST".into(), path_and_query: "/avisos".into(), headers, body: body.to_vec() });
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}/avisos", listener.local_addr().expect("an address"));
    let app = Router::new().route("/avisos", post(take)).with_state(sender);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, receiver)
}

fn address(provider: &Simulador) -> SocketAddr {
    provider.url().trim_start_matches("http://").parse().expect("an address")
}

async fn channel(name: &str, provider: &Simulador, config: Value, secret: (&str, &str), key: (&str, &str)) -> Arc<dyn NotificationPlugin> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../plugins/dist/{name}.wasm"));
    let component = std::fs::read(&path).unwrap_or_else(|_| panic!("{} is missing: cargo xtask plugins", path.display()));
    let package = Package::read(&component).expect("a plugin");
    let stand_ins = package.manifest.http.iter().map(|rule| (rule.host.clone(), address(provider))).collect();
    let egress = Egress { loopback: true, stand_ins, ..Egress::default() };
    let host = Host::new(Options { at_once: 8, egress, ..Options::new(SealKey::new(&[7; 32])) }).expect("a host");
    let compiler = Path::new(env!("CARGO_BIN_EXE_huella-plugin")).with_file_name("huella-compilar");
    let code = Compiler::at(compiler).compile(&component, Profile::Io).await.expect("compiled by huella-compilar");
    let sealed = host.seal(&identity(&component).expect("an identity"), Profile::Io, &code);
    let plugin = host.load(&component, &sealed, &Admission::Anyone).expect("loaded");
    let (tenant, memory) = (Uuid::now_v7(), Arc::new(Memory::default()));
    memory.put_secret(tenant, secret.0, secret.1);
    memory.put_key(tenant, key.0, LocalKey::Shared(key.1.as_bytes().to_vec()));
    let installed = host.install(plugin, Installation { tenant, sandbox: false, config }, memory.ports()).expect("installed");
    installed.notifications().expect("a channel")
}

async fn by_whatsapp(cuenta: whatsapp::Cuenta) -> Mundo {
    let (url, webhooks) = listen().await;
    let cuenta = whatsapp::Cuenta { webhook: Some(url), ..cuenta };
    let (token, secreto) = (cuenta.token.clone(), cuenta.secreto.clone());
    let config = json!({"numero_id": cuenta.numero_id});
    let provider = whatsapp::servir(0, cuenta).await.expect("a provider");
    let channel = channel("whatsapp", &provider, config, ("token", &token), ("app", &secreto)).await;
    Mundo { channel, provider, webhooks }
}

async fn by_sms(cuenta: vonage::Cuenta) -> Mundo {
    let (url, webhooks) = listen().await;
    let cuenta = vonage::Cuenta { webhook: Some(url), ..cuenta };
    let (secreto, firma) = (cuenta.secreto.clone(), cuenta.secreto_firma.clone());
    let config = json!({"clave": cuenta.clave, "remitente": "AndesVet"});
    let provider = vonage::servir(0, cuenta).await.expect("a provider");
    let channel = channel("sms", &provider, config, ("secreto", &secreto), ("firma", &firma)).await;
    Mundo { channel, provider, webhooks }
}

async fn by(name: &str) -> Mundo {
    if name == "whatsapp" { by_whatsapp(whatsapp::Cuenta::default()).await } else { by_sms(vonage::Cuenta::default()).await }
}

fn context(key: &str) -> CallContext {
    CallContext {
        idempotency_key: key.into(),
        attempt: 0,
        previous_ref: None,
        deadline_ms: 2_000,
        sandbox: false,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}

fn message(template: &str) -> Message {
    let vars = [("nombre", "Rosa"), ("mascota", "Luna"), ("hora", "10:30")].map(|(key, value)| Kv { key: key.into(), value: value.into() });
    Message {
        to: format!("+{NUMERO}"),
        template: template.into(),
        vars: vars.into(),
        text: "Mañana a las 10:30 toca la vacuna de Luna".into(),
    }
}

impl Mundo {
    async fn send(&self, key: &str) -> Result<String, Outcome> {
        self.channel.send(context(key), message("recordatorio_cita")).await.result.map_err(|failure| failure.outcome)
    }

    /// What so many webhooks say, in the order of their arrival.
    async fn hear(&mut self, count: usize) -> Vec<DeliveryUpdate> {
        let state = |update| match update {
            Update::Delivery(state) => state,
            Update::Reply(reply) => panic!("nobody wrote {reply:?}"),
        };
        self.updates(count).await.into_iter().map(state).collect()
    }

    async fn updates(&mut self, count: usize) -> Vec<Update> {
        let mut updates = Vec::new();
        for _ in 0..count {
            let next =
                tokio::time::timeout(Duration::from_secs(5), self.webhooks.recv()).await.expect("a webhook in time").expect("a webhook");
            updates.extend(self.channel.handle_webhook(context("aviso"), next).await.result.expect("a good signature"));
        }
        updates
    }
}

fn statuses(updates: &[DeliveryUpdate]) -> Vec<DeliveryStatus> {
    updates.iter().map(|update| update.status).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_by_whatsapp_is_delivered_and_read() {
    let mut mundo = by("whatsapp").await;
    assert!(mundo.channel.check().await.result.is_ok());
    let reference = mundo.send("uno").await.expect("sent");
    assert!(reference.starts_with("wamid."));
    let updates = mundo.hear(3).await;
    assert_eq!(statuses(&updates), [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read]);
    assert!(updates.iter().all(|update| update.provider_ref == reference));
    assert_eq!(mundo.send("uno").await, Ok(reference), "the same key again is the same message");
    let sent = mundo.provider.guion().recibidos().into_iter().filter(|request| request.metodo == "POST").count();
    assert_eq!(sent, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_by_sms_is_delivered() {
    let mut mundo = by("sms").await;
    let reference = mundo.send("uno").await.expect("sent");
    let updates = mundo.hear(2).await;
    assert_eq!(statuses(&updates), [DeliveryStatus::Sent, DeliveryStatus::Delivered]);
    assert!(updates.iter().all(|update| update.provider_ref == reference && update.at_unix_ms > 0));
}

#[rstest]
#[case::never_an_answer("whatsapp", Falla::SinRespuesta, &[Outcome::Timeout, Outcome::Indeterminate])]
#[case::half_of_one("whatsapp", Falla::Cortada, &[Outcome::Indeterminate])]
#[case::too_many("whatsapp", Falla::Limite { segundos: 7 }, &[Outcome::RetryLater])]
#[case::their_trouble("whatsapp", Falla::Servidor(500), &[Outcome::RetryLater])]
#[case::unreadable("whatsapp", Falla::Ilegible, &[Outcome::Indeterminate])]
#[case::never_an_answer_by_sms("sms", Falla::SinRespuesta, &[Outcome::Timeout, Outcome::Indeterminate])]
#[case::half_of_one_by_sms("sms", Falla::Cortada, &[Outcome::Indeterminate])]
#[case::too_many_by_sms("sms", Falla::Limite { segundos: 7 }, &[Outcome::RetryLater])]
#[case::their_trouble_by_sms("sms", Falla::Servidor(503), &[Outcome::RetryLater])]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_is_told_for_what_it_is(#[case] name: &str, #[case] fault: Falla, #[case] expected: &[Outcome]) {
    let mundo = by(name).await;
    mundo.provider.guion().fallar([fault.clone()]);
    let run = mundo.channel.send(context("uno"), message("recordatorio_cita")).await;
    let failure = run.result.expect_err("a fault");
    assert!(expected.contains(&failure.outcome), "{failure:?}");
    if matches!(fault, Falla::Limite { .. }) {
        assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
    }
}

#[rstest]
#[case("whatsapp", 3)]
#[case("sms", 2)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_settled_by_a_webhook_and_nothing_is_sent_twice(#[case] name: &str, #[case] count: usize) {
    let mut mundo = by(name).await;
    mundo.provider.guion().fallar([Falla::Cortada]);
    assert_eq!(mundo.send("uno").await, Err(Outcome::Indeterminate));
    assert_eq!(mundo.send("uno").await, Err(Outcome::Indeterminate));
    let updates = mundo.hear(count).await;
    assert_eq!(mundo.send("uno").await.as_ref(), Ok(&updates[0].provider_ref));
    assert_eq!(mundo.provider.guion().recibidos().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_carries_what_it_was_given_and_brings_it_back() {
    let mut mundo = by("whatsapp").await;
    let mut asked = message("recordatorio_cita");
    asked.vars.push(Kv { key: "boton.0".into(), value: "si-7f3a".into() });
    let reference = mundo.channel.send(context("uno"), asked.clone()).await.result.expect("sent");
    mundo.hear(3).await;
    mundo.provider.escribir(&Entrante {
        de: NUMERO.into(),
        texto: "Confirmo".into(),
        boton: Some("si-7f3a".into()),
        responde_a: Some(reference.clone()),
        webhook: None,
    });
    let [Update::Reply(reply)] = &*mundo.updates(1).await else { panic!("a reply") };
    let Reply { sender, text, payload, provider_ref, at_unix_ms } = reply;
    assert_eq!((&**sender, &**text, payload.as_deref()), ("+51987654321", "Confirmo", Some("si-7f3a")));
    assert!(provider_ref.as_ref() == Some(&reference) && *at_unix_ms > 0);
    asked.vars[3].key = "boton.2".into();
    let failure = mundo.channel.send(context("dos"), asked).await.result.expect_err("it has two buttons");
    assert_eq!(failure.code.as_deref(), Some("132000"));
}

#[rstest]
#[case("whatsapp")]
#[case("sms")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_writes_arrives(#[case] name: &str) {
    let mut mundo = by(name).await;
    mundo.provider.escribir(&Entrante { de: NUMERO.into(), texto: "Sí, gracias".into(), ..Entrante::default() });
    let [Update::Reply(reply)] = &*mundo.updates(1).await else { panic!("a reply") };
    assert_eq!((&*reply.sender, &*reply.text), ("+51987654321", "Sí, gracias"));
    assert_eq!((&reply.payload, &reply.provider_ref), (&None, &None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_may_come_twice_and_in_any_order() {
    let mut mundo = by("whatsapp").await;
    mundo.provider.guion().fallar([Falla::Desorden]);
    mundo.send("uno").await.expect("sent");
    assert_eq!(statuses(&mundo.hear(3).await), [DeliveryStatus::Read, DeliveryStatus::Delivered, DeliveryStatus::Sent]);
    mundo.provider.guion().fallar([Falla::Duplicado]);
    mundo.send("dos").await.expect("sent");
    let twice = statuses(&mundo.hear(6).await);
    assert_eq!(twice[..2], [DeliveryStatus::Sent, DeliveryStatus::Sent]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_without_the_service_fails_with_the_providers_code() {
    let destinos = [(NUMERO.to_owned(), Destino::NoEntregable)].into();
    let mut mundo = by_whatsapp(whatsapp::Cuenta { destinos, ..whatsapp::Cuenta::default() }).await;
    mundo.send("uno").await.expect("accepted");
    let updates = mundo.hear(1).await;
    assert_eq!((updates[0].status, updates[0].code.as_deref()), (DeliveryStatus::Failed, Some("131026")));
    let destinos = [(NUMERO.to_owned(), Destino::NoEntregable)].into();
    let mut mundo = by_sms(vonage::Cuenta { destinos, ..vonage::Cuenta::default() }).await;
    mundo.send("uno").await.expect("accepted");
    assert_eq!(mundo.hear(2).await[1].code.as_deref(), Some("1320"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_provider_does_not_know_is_refused_with_its_code() {
    let mundo = by("whatsapp").await;
    let run = mundo.channel.send(context("uno"), message("no_existe")).await;
    let failure = run.result.expect_err("no such template");
    assert_eq!((failure.outcome, failure.code.as_deref()), (Outcome::Rejected, Some("132001")));
    let mut few = message("recordatorio_cita");
    few.vars.pop();
    let failure = mundo.channel.send(context("dos"), few).await.result.expect_err("too few variables");
    assert_eq!(failure.code.as_deref(), Some("132000"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_credentials_are_told_at_once() {
    let (url, _webhooks) = listen().await;
    let cuenta = whatsapp::Cuenta { webhook: Some(url), ..whatsapp::Cuenta::default() };
    let config = json!({"numero_id": cuenta.numero_id});
    let provider = whatsapp::servir(0, cuenta).await.expect("a provider");
    let channel = channel("whatsapp", &provider, config, ("token", "otro"), ("app", "x")).await;
    assert_eq!(channel.check().await.result.map_err(|failure| failure.outcome), Err(Outcome::NotAuthorized));
    let failure = channel.send(context("uno"), message("recordatorio_cita")).await.result.expect_err("refused");
    assert_eq!(failure.outcome, Outcome::NotAuthorized);
}
