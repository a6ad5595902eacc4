//! Secrets are written and never read back, sealed at rest, and follow the master key.
use super::*;
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::crypto::Keyring;
use server::claves::{self, RetireError};

const CANARY: &str = "s3cr3t0-visible-nunca";

#[tokio::test]
async fn a_secret_goes_in_and_never_comes_out() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let (andina, path) = (&mundo.andina, format!("/complementos/{PAGOS}"));
    let shown = andina.get(&format!("{path}/configuracion")).await.ok();
    assert_eq!(
        shown["secretos"],
        json!([{ "nombre": "api_key", "legible": false, "desde": "2026-03-02T13:00:00Z" }, { "nombre": "verify", "legible": false }])
    );
    for route in
        [path.clone(), format!("{path}/configuracion"), format!("{path}/actualizacion"), "/complementos".into(), "/auditoria".into()]
    {
        let answer = andina.get(&route).await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains(CANARY), "{route}");
    }
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'huella'")
        .fetch_all(&mundo.huella.sql)
        .await
        .expect("tables");
    for table in tables {
        let found: i64 = mundo.huella.scalar(&format!("select count(*) from {table} t where t::text like '%{CANARY}%'")).await;
        assert_eq!(found, 0, "{table} keeps it in the clear");
    }
    // The engine reads it, and only for its own chain and place.
    let read = async |clave: &str, nombre: &str| complementos::secreto(&mut mundo.tx(clave).await, PAGOS, nombre).await.expect("read");
    assert_eq!(read("andina", "api_key").await.as_deref(), Some(CANARY));
    assert_eq!((read("andina", "verify").await, read("costera", "api_key").await), (None, None));
    let other = "insert into complementos_secretos (tenant_id, complemento, nombre, sellado, cambiado_en, cambiado_por)
                 select tenant_id, complemento, 'verify', sellado, cambiado_en, cambiado_por from complementos_secretos";
    mundo.huella.execute(other).await;
    assert!(
        complementos::secreto(&mut mundo.tx("andina").await, PAGOS, "verify").await.is_err(),
        "moved to another place it does not open"
    );

    // What is not named stays; null deletes, unless it is needed.
    let keep = json!({ "config": { "comercio": "341198211" } });
    andina.put(&format!("{path}/configuracion"), keep).await.ok();
    assert_eq!(read("andina", "api_key").await.as_deref(), Some(CANARY));
    let delete = json!({ "config": { "comercio": "341198211" }, "secretos": { "api_key": null } });
    andina.put(&format!("{path}/configuracion"), delete.clone()).await.problem(409, "complemento-incompleto");
    andina.post(&format!("{path}/deshabilitar"), json!({})).await.ok();
    andina.put(&format!("{path}/configuracion"), delete).await.ok();
    assert_eq!(read("andina", "api_key").await, None);
}

#[tokio::test]
async fn a_key_goes_into_its_slot() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.instalar(&mundo.andina, PAGOS).await;
    let path = format!("/complementos/{PAGOS}/claves/firma");
    let short = mundo.andina.put(&path, json!({ "contenido": B64.encode("corta") })).await;
    assert_eq!(short.wrong_fields(), ["/contenido"]);
    let elsewhere = json!({ "contenido": B64.encode("0123456789abcdef") });
    mundo.andina.put(&format!("/complementos/{PAGOS}/claves/api_key"), elsewhere.clone()).await.problem(404, "no-encontrado");
    let saved = mundo.andina.put_if(&path, "\"1\"", json!({ "contenido": B64.encode("0123456789abcdef"), "contrasena": "x1" })).await.ok();
    assert_eq!(saved["claves"], json!([{ "nombre": "firma", "clase": "hmac", "desde": "2026-03-02T13:00:00Z" }]));
    let mut tx = mundo.tx("andina").await;
    let key = complementos::clave_de_firma(&mut tx, PAGOS, "firma").await.expect("read");
    assert_eq!(key, Some(("hmac".to_owned(), b"0123456789abcdef".to_vec())));
    assert_eq!(complementos::secreto(&mut tx, PAGOS, "firma.contrasena").await.expect("read").as_deref(), Some("x1"));
    assert_eq!(complementos::secreto(&mut tx, PAGOS, "firma").await.expect("read"), None, "a key is no secret that is read as one");
    drop(tx);
    mundo.andina.delete(&path).await.ok();
    mundo.andina.delete(&path).await.problem(404, "no-encontrado");
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from complementos_secretos").await, 0);
}

#[tokio::test]
async fn a_rotated_master_key_takes_secrets_and_addresses_along() {
    let mundo = Mundo::start_with(Modo::con_claves_propias()).await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let hooks = mundo.andina.get(&format!("/complementos/{PAGOS}/ganchos")).await.ok();
    let operator = Keyring::open_or_create(&mundo.huella.claves().join("maestra.json")).expect("the same file");
    assert_eq!(operator.add_version().expect("rotated"), 2);
    mundo.huella.parts.app.keyring().reload_if_changed().expect("looked");
    let system = mundo.huella.parts.system();
    let old = "select count(*) from (select sellado from complementos_secretos union all select sellado from complementos_ganchos) s where sellado like 'sellado:1:%'";
    assert_eq!(mundo.huella.scalar::<i64>(old).await, 2);
    assert!(matches!(claves::retire(&system, 1).await, Err(RetireError::Needed(_))));
    claves::rewrap(&system, |_, _| {}).await.expect("rewrapped");
    assert_eq!(mundo.huella.scalar::<i64>(old).await, 0);
    let secret = complementos::secreto(&mut mundo.tx("andina").await, PAGOS, "api_key").await.expect("read");
    assert_eq!(secret.as_deref(), Some(CANARY));
    assert_eq!(mundo.andina.get(&format!("/complementos/{PAGOS}/ganchos")).await.ok(), hooks);
    // A message that waits for its turn holds the key back: it is gone in two weeks at the latest.
    mundo.huella.execute("delete from idempotencia; delete from outbox; delete from trabajos").await;
    let message = "insert into complementos_mensajes (tenant_id, id, complemento, nombre, sellado, recibido_en) select id, gen_random_uuid(), 'x', 'x', 'sellado:1:x', now() from tenants limit 1";
    mundo.huella.execute(message).await;
    assert!(matches!(claves::retire(&system, 1).await, Err(RetireError::Needed(1))));
    mundo.huella.execute("delete from complementos_mensajes").await;
    claves::retire(&system, 1).await.expect("nothing needs it");
}
