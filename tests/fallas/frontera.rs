//! What one chain has of another's secrets, configuration and state: nothing. And no more of its own than was agreed to.
use crate::{
    codigo::{CONFIG, STATE, asks, check, data, remembers},
    huespedes::tranquilo,
    mundo::{Mundo, Pieza},
};
use huella_tests::Cliente;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

async fn in_both(mundo: &Mundo, pieza: &Pieza) {
    mundo.published(pieza).await;
    for who in [&mundo.andina, &mundo.costera] {
        mundo.installed(who, &pieza.id).await;
    }
}

/// What it said, as the chain's list of runs has it.
async fn said(mundo: &Mundo, who: &Cliente, complemento: &str) -> String {
    mundo.probar(who, complemento).await;
    let (_, whole) = mundo.last_run(who, complemento).await;
    whole["detalle"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn secrets_and_configuration_are_each_chains_own() {
    let mundo = Mundo::start().await;
    let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
        "tienda": { "type": "string" }, "pin": { "type": "string", "x-secret": "guest" }, "clave": { "type": "string", "x-secret": "host" } } });
    // What it may read, what only the host uses in its name, and what nobody agreed to.
    for (name, andina, costera) in [("pin", "[secreto]", "costera"), ("clave", "andina", "costera"), ("otro", "andina", "costera")] {
        let pieza = Pieza::new("notification", &format!("pregunta-{name}"), &tranquilo(&asks(name)), json!({}), Some(schema.clone()));
        in_both(&mundo, &pieza).await;
        for (who, shop, secrets) in [
            (&mundo.andina, "andina", json!({ "pin": "pin-de-andina", "clave": "clave-de-andina" })),
            (&mundo.costera, "costera", json!({})),
        ] {
            let body = json!({ "config": { "tienda": shop }, "secretos": secrets });
            who.put(&format!("/complementos/{}/configuracion", pieza.id), body).await.ok();
        }
        for (who, expected) in [(&mundo.andina, andina), (&mundo.costera, costera)] {
            let said = said(&mundo, who, &pieza.id).await;
            assert!(said.contains(expected) && !said.contains("de-andina"), "{name}: {said}");
        }
        let heard = mundo.probar(&mundo.costera, &pieza.id).await;
        assert!(!heard.to_string().contains("andina"), "{name}: {heard}");
    }
}

#[tokio::test]
async fn what_a_plugin_keeps_for_one_chain_it_does_not_see_in_another() {
    let mundo = Mundo::start().await;
    let quota = json!({ "permissions": { "state": { "quota": "1KiB", "reason": { "es": "Guardar el token" } } } });
    let pieza = Pieza::new("notification", "memoria", &tranquilo(&remembers()), quota, None);
    in_both(&mundo, &pieza).await;
    assert_eq!(said(&mundo, &mundo.andina, &pieza.id).await, "", "nothing was there");
    assert_eq!(said(&mundo, &mundo.andina, &pieza.id).await, "de-lima", "it remembers");
    assert_eq!(said(&mundo, &mundo.costera, &pieza.id).await, "", "not what it knows of another chain");
    let kept: i64 = mundo.huella.scalar("select count(distinct tenant_id) from complementos_estado where valor = 'de-lima'").await;
    assert_eq!(kept, 2, "each has its own row");
    // Neither does another plugin of the same chain, nor one that nobody let keep anything.
    let other = Pieza::new("notification", "memoria-ajena", &tranquilo(&remembers()), json!({}), None);
    in_both(&mundo, &other).await;
    for _ in 0..2 {
        assert_eq!(said(&mundo, &mundo.andina, &other.id).await, "");
    }
}

/// Writes 64 values of 16 KiB each under keys of their own, and says the last answer: `0` where there was room, `1` and why.
fn acumula() -> String {
    let body = "(local $n i32) (loop $l
            (i32.store8 (i32.const 66) (i32.add (i32.const 48) (local.get $n)))
            (call $set (i32.const 64) (i32.const 3) (i32.const 1024) (i32.const 16384) (i32.const 0) (i32.const 0) (i32.const 300))
            (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 64))))
        (if (result i32) (i32.load8_u (i32.const 300))
            (then (i32.store8 (i32.const 80) (i32.add (i32.const 48) (i32.load8_u (i32.const 304)))) (call $say (i32.const 80) (i32.const 1)))
            (else (call $ok)))";
    check(STATE, body).replacen("(global $top", &format!("{} (global $top", data(64, "k-0")), 1)
}

#[tokio::test]
async fn a_plugin_keeps_no_more_than_its_quota() {
    let mundo = Mundo::start().await;
    let quota = |text: &str| json!({ "permissions": { "state": { "quota": text, "reason": { "es": "Guardar" } } } });
    let pieza = Pieza::new("notification", "acumula", &tranquilo(&acumula()), quota("100KiB"), None);
    in_both(&mundo, &pieza).await;
    let is_full = said(&mundo, &mundo.andina, &pieza.id).await;
    assert_eq!(is_full, "0", "the first of its errors: there is no room");
    let sql = "select coalesce(sum(octet_length(clave) + octet_length(valor)), 0)::bigint from complementos_estado";
    let kept: i64 = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mundo.huella.sql).await.expect("a sum");
    assert!((80 << 10..=100 << 10).contains(&kept), "{kept}");
    // Again and again it stays so.
    for _ in 0..3 {
        mundo.probar(&mundo.andina, &pieza.id).await;
    }
    assert!(mundo.huella.scalar::<i64>(sql).await <= 100 << 10);
    mundo.vecino_responde().await;
}

#[tokio::test]
async fn ports_are_not_asked_without_end() {
    let mundo = Mundo::start().await;
    let body = "(local $n i32) (loop $l (call $secret (i32.const 64) (i32.const 5) (i32.const 256))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get $n) (i32.const 100000)))) (call $ok)";
    let module = check(CONFIG, body).replacen("(global $top", &format!("{} (global $top", data(64, "clave")), 1);
    let schema = json!({ "type": "object", "properties": { "clave": { "type": "string", "x-secret": "guest" } }, "required": ["clave"] });
    let pieza = Pieza::new("notification", "insistente", &tranquilo(&module), json!({}), Some(schema));
    mundo.published(&pieza).await;
    mundo.installed(&mundo.andina, &pieza.id).await;
    let body = json!({ "config": {}, "secretos": { "clave": "una" } });
    mundo.andina.put(&format!("/complementos/{}/configuracion", pieza.id), body).await.ok();
    let before: i64 = mundo
        .huella
        .scalar("select sum(xact_commit + xact_rollback)::bigint from pg_stat_database where datname = current_database()")
        .await;
    let tried: Value = mundo.probar(&mundo.andina, &pieza.id).await;
    let (listed, whole) = mundo.last_run(&mundo.andina, &pieza.id).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let after: i64 = mundo
        .huella
        .scalar("select sum(xact_commit + xact_rollback)::bigint from pg_stat_database where datname = current_database()")
        .await;
    assert!(after - before < 2_000, "{} transactions for one call: {tried} {listed} {whole:#}", after - before);
    mundo.vecino_responde().await;
}
