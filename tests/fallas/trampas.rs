//! A trap in every export, and what a chain does that has such a plugin: its messages take another way, its vets are told,
//! the third trap puts the code away, and somebody who looked at it brings it back.
use crate::{
    codigo::{CONFIG, NO_ALERTS, check, traps_everywhere},
    huespedes::{DESPIERTA, regla},
    mundo::{Mundo, Pieza},
};
use serde_json::{Value, json};

/// Needs a configuration before it can be asked anything.
fn exigente() -> Option<Value> {
    Some(json!({ "type": "object", "required": ["modo"], "properties": { "modo": { "type": "string" } } }))
}

/// Answers `check`, and traps in `send`, in `migrate`, and, once it is configured, in `handle-webhook`.
fn canal_que_cae() -> String {
    let hook = "#handle-webhook\") (param i32) (result i32) unreachable)";
    let asleep = format!(
        "#handle-webhook\") (param i32) (result i32) (call $json (i32.const 40))
            (if (result i32) (i32.gt_u (i32.load (i32.const 44)) (i32.const 2)) (then unreachable) (else {NO_ALERTS})))"
    );
    let module = check(CONFIG, "(call $ok)");
    assert!(module.contains(hook));
    module.replacen(hook, &asleep, 1)
}

#[tokio::test]
async fn a_channel_that_traps_in_each_export_loses_no_message_and_the_third_trap_puts_it_away() {
    let mundo = Mundo::start().await;
    let more = json!({ "capabilities": { "channels": ["sms"] }, "webhooks": [{ "name": "default" }] });
    let pieza = Pieza::durmiente("notification", "canal-que-cae", &canal_que_cae(), more.clone());
    mundo.awake(&pieza).await;
    let andina = &mundo.andina;

    // send: the owner is told by mail.
    mundo.avisa_por_correo().await;
    let (listed, _) = mundo.last_run(andina, &pieza.id).await;
    assert_eq!((&listed["operacion"], &listed["resultado"]), (&json!("send"), &json!("trap")), "{listed}");

    // It was tried again, and the third time put it away: nothing of it runs any more.
    let runs = mundo.runs(andina, &pieza.id).await;
    let traps: Vec<&Value> = runs.iter().filter(|run| run["resultado"] == "trap").collect();
    assert_eq!((traps.len(), &traps[0]["cuarentena"], &traps[1]["cuarentena"]), (3, &json!(true), &json!(false)), "{runs:#?}");
    let tried = mundo.probar(andina, &pieza.id).await;
    assert_eq!((&tried["ok"], &tried["resultado"]), (&json!(false), &json!("refused")));
    assert!(tried["detalle"].as_str().is_some_and(|why| why.contains("cuarentena")), "{tried}");
    let (listed, _) = mundo.last_run(andina, &pieza.id).await;
    assert!(listed["motivo"].as_str().is_some_and(|why| why.contains("cuarentena")), "{listed}");
    let shown = andina.get(&format!("/complementos/{}", pieza.id)).await.ok();
    assert!(shown["instalacion"]["cuarentena_desde"].is_string(), "{shown:#}");
    andina.post(&format!("/complementos/{}/habilitar", pieza.id), json!({})).await.problem(409, "complemento-en-cuarentena");
    mundo.vecino_responde().await;
    andina.post(&format!("/complementos/{}/liberar", pieza.id), json!({})).await.ok();
    mundo.huella.parts.complementos.forget();
    assert_eq!(mundo.probar(andina, &pieza.id).await["ok"], true);

    // handle-webhook
    let (listed, _) = mundo.guarda_lo_dicho(&pieza.id, "{}").await;
    assert_eq!((&listed["operacion"], &listed["resultado"]), (&json!("handle_webhook"), &json!("trap")), "{listed}");

    // migrate
    let next = Pieza::durmiente(
        "notification",
        "canal-que-cae",
        &canal_que_cae(),
        json!({ "version": "1.1.0", "capabilities": { "channels": ["sms"] }, "webhooks": [{ "name": "default" }] }),
    );
    let refused = mundo.no_sube(&next).await;
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("se detuvo por un error propio")), "{refused}");
}

#[tokio::test]
async fn a_rule_that_traps_is_put_away_and_whoever_looks_at_alerts_is_told_until_it_is_brought_back() {
    let mundo = Mundo::start().await;
    let pieza = Pieza::durmiente("alerts", "regla-que-cae", &regla("", "", "unreachable"), json!({}));
    mundo.awake(&pieza).await;
    for name in ["Luna", "Sol", "Nube", "Toby"] {
        mundo.mascota(&mundo.andina, name).await;
        mundo.work().await;
    }
    let runs = mundo.runs(&mundo.andina, &pieza.id).await;
    let traps: Vec<&Value> = runs.iter().filter(|run| run["resultado"] == "trap").collect();
    assert_eq!((traps.len(), traps[0]["cuarentena"].clone()), (3, json!(true)), "{runs:#?}");
    mundo.huella.parts.complementos.forget();
    let banner = mundo.andina.get("/alertas/estado").await.ok();
    let told = banner["reglas_que_no_corrieron"].as_array().expect("a list").iter().find(|row| row["complemento"] == pieza.id.as_str());
    assert!(told.is_some_and(|row| row["detalle"].as_str().is_some_and(|why| why.contains("cuarentena"))), "{banner:#}");
    // The desk works on.
    let nina = mundo.mascota(&mundo.andina, "Nina").await;
    mundo.reservar(&nina).await;
    mundo.vecino_responde().await;
    // Another configuration and a look: it runs, and the banner goes.
    mundo.configured(&mundo.andina, &pieza.id, "{}").await;
    mundo.andina.post(&format!("/complementos/{}/liberar", pieza.id), json!({})).await.ok();
    mundo.huella.parts.complementos.forget();
    for _ in 0..4 {
        mundo.work().await;
        mundo.avanzar(180);
    }
    mundo.huella.avanzar(jiff::SignedDuration::from_secs(1));
    let admin = mundo.huella.como(huella_tests::andina::ADMIN).await;
    assert_eq!(admin.get("/alertas/estado").await.ok()["reglas_que_no_corrieron"], json!([]));
}

#[tokio::test]
async fn traps_in_the_other_worlds_are_refused_or_told() {
    let mundo = Mundo::start().await;
    for world in ["payment", "fiscal", "delivery"] {
        let component = traps_everywhere(world);
        let examined = mundo.examined(&Pieza::of(&component, world, &format!("{world}-abierto"), json!({}), None)).await;
        assert_eq!(examined["estado"], "rechazada", "{world}");
        assert!(Mundo::faults(&examined).contains("/check terminó mal (trap)"), "{world}: {}", Mundo::faults(&examined));
        let pieza = Pieza::of(&component, world, &format!("{world}-cerrado"), json!({}), exigente());
        mundo.published(&pieza).await;
        mundo.installed(&mundo.andina, &pieza.id).await;
        mundo.configured(&mundo.andina, &pieza.id, DESPIERTA).await;
        for _ in 0..3 {
            assert_eq!(mundo.probar(&mundo.andina, &pieza.id).await["resultado"], "trap", "{world}");
        }
        let (listed, _) = mundo.last_run(&mundo.andina, &pieza.id).await;
        assert_eq!((&listed["cuarentena"], &listed["motivo"]), (&json!(true), &json!("se detuvo por un error propio")), "{world}");
        assert_eq!(mundo.probar(&mundo.andina, &pieza.id).await["resultado"], "refused", "{world}");
        mundo.vecino_responde().await;
    }
}
