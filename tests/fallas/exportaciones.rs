//! Evil in the exports that nobody presses a button for, and in the worlds that nobody serves yet: the list of runs tells of
//! each which call it was, what it met and why.
use crate::{
    codigo::component,
    hostil::{ATAQUES, Ataque, modulo, operaciones},
    huespedes::DESPIERTA,
    mundo::{Mundo, Pieza},
    trampas::reservar,
};
use huella_tests::cliente::send;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

fn ataque(nombre: &str) -> &'static Ataque {
    ATAQUES.iter().find(|one| one.nombre == nombre).unwrap_or_else(|| panic!("{nombre} is no attack"))
}

/// One that behaves until it is configured.
fn durmiente(world: &str, name: &str, ataque: &Ataque, more: Value) -> Pieza {
    let schema = json!({ "type": "object", "additionalProperties": false, "properties": { "modo": { "type": "string" } } });
    Pieza::of(&component(world, &modulo(world, ataque, true)), world, name, more, Some(schema))
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
    let digest = mundo.published(&next).await;
    let upgrade = json!({ "digest": digest, "consiente": [] });
    mundo.andina.post(&format!("/complementos/{}/actualizar", next.id), upgrade).await.problem(409, "actualizacion-fallida");
    is_told(ataque, "migrate", &mundo.last_run(&mundo.andina, &next.id).await);
    let shown = mundo.andina.get(&format!("/complementos/{}", next.id)).await.ok();
    assert_eq!(shown["instalacion"]["version"], "1.0.0", "{shown:#}");
    mundo.vecino_responde().await;
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
    andina.put("/ajustes/correos", json!({ "confirmaciones": true, "canales": ["sms", "correo"] })).await.ok();
    let luna = mundo.mascota(andina, "Luna").await;
    reservar(&mundo, &luna).await;
    for _ in 0..4 {
        mundo.work().await;
        mundo.avanzar(60);
    }
    let sent = mundo.runs(andina, &pieza.id).await.into_iter().rev().find(|run| run["operacion"] == "send");
    is_told(ataque, "send", &mundo.whole(andina, sent.expect("it was to send")).await);
    let messages = andina.get("/mensajes").await.ok();
    let sendings = messages["items"][0]["envios"].as_array().expect("a list");
    assert!(sendings.iter().any(|one| one["canal"] == "correo" && one["estado"] == "enviado"), "{messages:#}");

    // Three times put it away; somebody lets it out.
    andina.post(&format!("/complementos/{}/liberar", pieza.id), json!({})).await.ok();
    mundo.huella.parts.complementos.forget();

    // The provider is thanked, and what it said is kept until somebody understands it.
    let hooks = andina.get(&format!("/complementos/{}/ganchos", pieza.id)).await.ok();
    let hook = hooks[0]["direccion"].as_str().expect("an address").replace("https://huella.example", "/");
    let said = r#"{"de":"51987654321","dni":"DNI45678912"}"#;
    assert_eq!(send(mundo.huella.nadie().request(Method::POST, &hook).body(said)).await.status, 200);
    mundo.work().await;
    let run = mundo.last_run(andina, &pieza.id).await;
    is_told(ataque, "handle_webhook", &run);
    // Of what came, the list keeps nothing that is somebody's.
    assert_eq!(run.1["documento"]["pedido"]["message"]["body"], r#"{"de":"[telefono]","dni":"DNI[documento]"}"#, "{:#}", run.1);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from complementos_mensajes").await, 1);
    an_upgrade_is_refused(&mundo, "notification", nombre, ataque, more).await;
    mundo.vecino_responde().await;
}
