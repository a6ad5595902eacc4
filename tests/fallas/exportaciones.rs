//! Evil in the exports that nobody presses a button for, and in the worlds that nobody serves yet: the list of runs tells of
//! each which call it was, what it met and why.
use crate::{
    hostil::{ATAQUES, Ataque, modulo, operaciones},
    huespedes::DESPIERTA,
    mundo::{Mundo, Pieza},
};
use rstest::rstest;
use serde_json::{Value, json};

fn ataque(nombre: &str) -> &'static Ataque {
    ATAQUES.iter().find(|one| one.nombre == nombre).unwrap_or_else(|| panic!("{nombre} is no attack"))
}

/// One that behaves until it is configured.
fn durmiente(world: &str, name: &str, ataque: &Ataque, more: Value) -> Pieza {
    Pieza::durmiente(world, name, &modulo(world, ataque, true), more)
}

/// The list has the call, and in words what it came to.
fn is_told(ataque: &Ataque, operacion: &str, (listed, whole): &(Value, Value)) {
    let at = format!("{} in {operacion}", ataque.nombre);
    assert_eq!(listed["operacion"], operacion, "{at}: {listed}");
    let known: Vec<&str> = ataque.fin.iter().map(|outcome| outcome.name()).collect();
    assert!(known.iter().any(|name| listed["resultado"] == **name), "{at}: {listed}");
    let limit = known.contains(&"limit");
    let why = if limit { "llegó a su límite de " } else { "se detuvo por un error propio" };
    assert!(whole["detalle"].as_str().is_some_and(|said| said.starts_with(why)), "{at}: {whole:#}");
    assert!(listed["motivo"].as_str().is_some_and(|said| said.starts_with(why.trim_end())), "{at}: {listed}");
    let lines = whole["documento"]["registro"].as_array().map_or(0, Vec::len);
    assert_eq!(lines, if ataque.nombre == "diluvio" { 100 } else { 0 }, "{at}: {whole:#}");
}

/// Payments, documents and deliveries: what «Probar» and an upgrade call.
#[rstest]
#[case::payment("payment")]
#[case::fiscal("fiscal")]
#[case::delivery("delivery")]
#[tokio::test]
async fn in_a_world_that_nobody_serves_yet_it_is_contained_and_told(#[case] world: &str) {
    let mundo = Mundo::start().await;
    let andina = &mundo.andina;
    assert!(operaciones(world).iter().any(|one| one == "check"));
    for nombre in ["bucle", "bucle-al-irse", "memoria", "recursion", "texto", "puntero", "diluvio"] {
        let ataque = ataque(nombre);
        let pieza = durmiente(world, &format!("{world}-{nombre}"), ataque, json!({}));
        mundo.published(&pieza).await;
        mundo.installed(andina, &pieza.id).await;
        mundo.configured(andina, &pieza.id, DESPIERTA).await;
        let tried = mundo.probar(andina, &pieza.id).await;
        assert_eq!(tried["ok"], false, "{nombre}: {tried}");
        is_told(ataque, "check", &mundo.last_run(andina, &pieza.id).await);
        mundo.vecino_responde().await;
    }
    let pieza = durmiente(world, &format!("{world}-sube"), ataque("bucle"), json!({}));
    mundo.published(&pieza).await;
    mundo.installed(andina, &pieza.id).await;
    mundo.configured(andina, &pieza.id, DESPIERTA).await;
    an_upgrade_is_refused(&mundo, world, "sube", ataque("bucle"), json!({})).await;
}

/// The version before stays, and why is in the list.
async fn an_upgrade_is_refused(mundo: &Mundo, world: &str, name: &str, ataque: &Ataque, more: Value) {
    let mut more = more;
    more["version"] = json!("1.1.0");
    let next = durmiente(world, &format!("{world}-{name}"), ataque, more);
    mundo.no_sube(&next).await;
    is_told(ataque, "migrate", &mundo.last_run(&mundo.andina, &next.id).await);
}

/// A channel: what a provider says to it, what is sent with it, what it meets of an older version.
#[rstest]
#[case::endless("bucle")]
#[case::greedy("memoria")]
#[case::deep("recursion")]
#[case::long_winded("texto")]
#[case::loud("diluvio")]
#[tokio::test]
async fn a_channel_is_contained_whatever_it_is_asked_for(#[case] nombre: &str) {
    let mundo = Mundo::start().await;
    let (andina, ataque) = (&mundo.andina, ataque(nombre));
    let more = json!({ "capabilities": { "channels": ["sms"] }, "webhooks": [{ "name": "default" }] });
    let pieza = durmiente("notification", &format!("notification-{nombre}"), ataque, more.clone());
    mundo.awake(&pieza).await;

    // The owner is told by mail.
    mundo.avisa_por_correo().await;
    let sent = mundo.runs(andina, &pieza.id).await.into_iter().rev().find(|run| run["operacion"] == "send");
    is_told(ataque, "send", &mundo.whole(andina, sent.expect("it was to send")).await);

    // Three times put it away; somebody lets it out.
    andina.post(&format!("/complementos/{}/liberar", pieza.id), json!({})).await.ok();
    mundo.huella.parts.complementos.forget();

    let run = mundo.guarda_lo_dicho(&pieza.id, r#"{"de":"51987654321","dni":"DNI45678912"}"#).await;
    is_told(ataque, "handle_webhook", &run);
    // Of what came, the list keeps nothing that is somebody's.
    assert_eq!(run.1["documento"]["pedido"]["message"]["body"], r#"{"de":"[telefono]","dni":"DNI[documento]"}"#, "{:#}", run.1);
    an_upgrade_is_refused(&mundo, "notification", nombre, ataque, more).await;
}
