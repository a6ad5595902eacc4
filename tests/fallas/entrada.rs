//! What is refused before it runs, and what stops running although it ran.
use crate::{
    codigo::{STATE, check, component},
    huespedes::tranquilo,
    mundo::{Mundo, Pieza},
};
use plugin_host::Profile;
use plugin_manifest::{Digest, SigningKey, sign};
use serde_json::{Value, json};

fn inofensivo(name: &str) -> Pieza {
    Pieza::new("notification", name, &tranquilo(&check("", "(call $ok)")), json!({}), None)
}

#[tokio::test]
async fn an_import_that_the_world_does_not_have_is_refused_and_named() {
    let mundo = Mundo::start().await;
    // A channel that calls itself a rule: rules keep nothing.
    let channel = component("notification", &tranquilo(&check(STATE, "(call $ok)")));
    let disguised = Pieza::of(&channel, "alerts", "disfraz", json!({}), None);
    let examined = mundo.examined(&disguised).await;
    assert_eq!(examined["estado"], "rechazada");
    let said = Mundo::faults(&examined);
    assert!(said.contains("huella:plugin/state@0.1.0") && said.contains("falta huella:plugin/alert-rules"), "{said}");
    // A way out that is not the one it was granted.
    let wasi = wat::parse_str(r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#).expect("a component");
    let examined = mundo.examined(&Pieza::of(&wasi, "notification", "archivos", json!({}), None)).await;
    assert!(Mundo::faults(&examined).contains("wasi:http/outgoing-handler"), "{examined:#}");
    // Bytes that are none, under a good manifest.
    let mut broken = component("notification", &tranquilo(&check("", "(call $ok)")));
    let half = broken.len() / 2;
    broken.truncate(half);
    mundo.upload(broken).await.problem(422, "componente-invalido");
    mundo.vecino_responde().await;
}

#[tokio::test]
async fn a_signature_counts_for_what_was_signed_and_until_it_is_revoked() {
    let mundo = Mundo::start().await;
    let pieza = inofensivo("firmado");
    let signed = sign(&pieza.bytes, &mundo.llave).expect("signed");
    let at = signed.windows(5).position(|five| five == b"1.0.0").expect("its version");
    let mut tampered = signed.clone();
    tampered[at] = b'9';
    let refused = mundo.upload(tampered).await.problem(422, "firma-invalida");
    assert!(refused["detail"].as_str().is_some_and(|why| why.starts_with("La firma no sirve")), "{refused}");
    let stranger = SigningKey::generate().expect("a key");
    mundo.upload(sign(&pieza.bytes, &stranger).expect("signed")).await.problem(422, "firma-invalida");
    mundo.upload(pieza.bytes.clone()).await.problem(422, "firma-invalida");

    mundo.published(&pieza).await;
    mundo.installed(&mundo.andina, &pieza.id).await;
    assert_eq!(mundo.probar(&mundo.andina, &pieza.id).await["ok"], true);
    // Whoever had the key is no more believed: neither with something new nor with what runs already.
    let editor = mundo.plataforma.get("/complementos/editores/prueba").await.ok();
    let key = editor["claves"][0]["id"].as_str().expect("a key").to_owned();
    let path = format!("/complementos/editores/prueba/claves/{key}/revocar");
    mundo.plataforma.post(&path, json!({ "motivo": "La perdimos" })).await.ok();
    let other = inofensivo("otro");
    mundo.upload(sign(&other.bytes, &mundo.llave).expect("signed")).await.problem(422, "firma-invalida");
    let tried = mundo.probar(&mundo.andina, &pieza.id).await;
    assert_eq!((&tried["ok"], &tried["resultado"]), (&json!(false), &json!("refused")), "{tried}");
    assert!(tried["detalle"].as_str().is_some_and(|why| why.contains("revoc")), "{tried}");
}

/// Somebody who may write to the file store, and knows everything but the key of the seal.
#[tokio::test]
async fn compiled_code_that_this_server_did_not_seal_is_not_run_but_made_again() {
    let mundo = Mundo::start().await;
    let (good, bad) = (
        inofensivo("bueno"),
        Pieza::new(
            "notification",
            "peor",
            &tranquilo(&check("", "(loop $l (br $l)) unreachable")),
            json!({}),
            Some(json!({ "type": "object", "required": ["x"], "properties": { "x": { "type": "string" } } })),
        ),
    );
    let (digest, other) = (mundo.published(&good).await, mundo.published(&bad).await);
    mundo.installed(&mundo.andina, &good.id).await;
    assert_eq!(mundo.probar(&mundo.andina, &good.id).await["ok"], true);
    let (app, target) = (&mundo.huella.parts.app, Profile::Io.target());
    let digest: Digest = digest.parse().expect("a digest");
    let sealed = complementos::compilado(app, &digest, &target).await.expect("read").expect("compiled");
    let of_other = complementos::compilado(app, &other.parse().expect("a digest"), &target).await.expect("read").expect("compiled");
    let mut changed = sealed.to_vec();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    for (what, forged) in
        [("changed", changed.into()), ("of another plugin", of_other), ("nothing at all", b"no es codigo".as_slice().into())]
    {
        complementos::guardar_compilado(app, &digest, &target, forged).await.expect("kept");
        // As another server, that has nothing of it in memory.
        let elsewhere = mundo.huella.otra_instancia().await;
        let admin = elsewhere.como(huella_tests::andina::ADMIN).await;
        let refused = mundo.probar(&admin, &good.id).await;
        assert_eq!((&refused["ok"], &refused["resultado"]), (&json!(false), &json!("refused")), "{what}: {refused}");
        assert!(refused["detalle"].as_str().is_some_and(|why| why.contains("se está compilando")), "{what}: {refused}");
        let mut tried = Value::Null;
        for _ in 0..100 {
            tried = mundo.probar(&admin, &good.id).await;
            if tried["ok"] == true {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(tried["ok"], true, "{what}: {tried}");
    }
}

#[tokio::test]
async fn a_manifest_may_not_ask_for_more_than_there_is() {
    let mundo = Mundo::start().await;
    let good = json!({ "limits": { "cpu": "2s", "memory": "64MiB" }, "http": [{ "host": "aa.pe", "reason": { "es": "Todo" } }] });
    let pieza = Pieza::new("notification", "exagerado", &tranquilo(&check("", "(call $ok)")), good, None);
    // The tool does not write what no server would take: this is written by hand.
    for (fits, asks, at) in [("\"2s\"", "\"9s\"", "/limits"), ("\"64MiB\"", "\"99GiB\"", ""), ("\"aa.pe\"", "\"*\"    ", "/http/0/host")] {
        let from =
            pieza.bytes.windows(fits.len()).position(|part| part == fits.as_bytes()).unwrap_or_else(|| panic!("{fits} is not there"));
        let mut bytes = pieza.bytes.clone();
        bytes[from..from + fits.len()].copy_from_slice(asks.as_bytes());
        let refused = mundo.upload(sign(&bytes, &mundo.llave).expect("signed")).await.problem(422, "componente-invalido");
        assert!(refused.to_string().contains(at), "{asks}: {refused:#}");
    }
    mundo.published(&pieza).await;
}
