//! Providers write to a plugin at a secret address; what comes is kept as it came.
use super::*;
use huella_tests::cliente::send;

async fn direccion(mundo: &Mundo, who: &Cliente) -> String {
    let hooks = who.get(&format!("/complementos/{PAGOS}/ganchos")).await.ok();
    let address = hooks[0]["direccion"].as_str().expect("an address").to_owned();
    assert!(address.starts_with("https://huella.example/hooks/hg_") && address.ends_with("/default"), "{address}");
    let _ = mundo;
    address.replace("https://huella.example", "/")
}

#[tokio::test]
async fn a_message_is_kept_whole_sealed_and_asked_to_be_looked_at() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let hook = direccion(&mundo, &mundo.andina).await;
    let nobody = mundo.huella.nadie();
    let body = b"{\"telefono\":\"+51987654321\",\"raro\":\"\\u0000\"}\xff".to_vec();
    let request = nobody.request(Method::POST, &hook).header("x-hub-signature-256", "sha256=abc").body(body.clone());
    assert_eq!(send(request).await.status, 200);
    let kept: String = mundo.huella.scalar("select sellado from complementos_mensajes").await;
    assert!(kept.starts_with("sellado:"), "{kept}");
    let id: Uuid = mundo.huella.scalar("select (cuerpo->>'id')::uuid from trabajos where tipo = 'gancho.atender'").await;
    let mut tx = mundo.tx("andina").await;
    let message = complementos::mensaje_de_gancho(&mut tx, id).await.expect("read").expect("there");
    assert_eq!((message.complemento.as_str(), message.nombre.as_str(), &message.cuerpo), (PAGOS, "default", &body));
    assert!(message.cabeceras.contains(&("x-hub-signature-256".into(), "sha256=abc".into())));
    complementos::gancho_atendido(&mut tx, id).await.expect("done");
    assert!(complementos::mensaje_de_gancho(&mut tx, id).await.expect("read").is_none());
    drop(tx);
    assert!(complementos::mensaje_de_gancho(&mut mundo.tx("costera").await, id).await.expect("read").is_none());

    // Another name, another token, one of another chain: nothing is there.
    for address in [hook.replace("default", "otro"), hook.replace("hg_", "hg_AAAA"), "//hooks/hg_x/default".into()] {
        send(nobody.request(Method::POST, &address).body("{}")).await.problem(404, "no-encontrado");
    }
    assert_eq!(send(nobody.request(Method::POST, &hook).body(vec![b'x'; (1 << 20) + 1])).await.status, 413);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from complementos_mensajes").await, 1);
}

#[tokio::test]
async fn an_address_can_be_changed_and_survives_an_upgrade() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let before = direccion(&mundo, &mundo.andina).await;
    let next = mundo.pagos("1.1.0").await;
    mundo.andina.post(&format!("/complementos/{PAGOS}/actualizar"), json!({ "digest": next, "consiente": [] })).await.ok();
    assert_eq!(direccion(&mundo, &mundo.andina).await, before, "its provider knows it");
    mundo.andina.post(&format!("/complementos/{PAGOS}/ganchos/otro/renovar"), json!({})).await.problem(404, "no-encontrado");
    mundo.andina.post(&format!("/complementos/{PAGOS}/ganchos/default/renovar"), json!({})).await.ok();
    let after = direccion(&mundo, &mundo.andina).await;
    assert_ne!(before, after);
    let nobody = mundo.huella.nadie();
    send(nobody.request(Method::POST, &before).body("{}")).await.problem(404, "no-encontrado");
    assert_eq!(send(nobody.request(Method::POST, &after).body("{}")).await.status, 200);
    mundo.andina.delete(&format!("/complementos/{PAGOS}")).await;
    send(nobody.request(Method::POST, &after).body("{}")).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn a_provider_that_asks_gets_its_challenge_back_if_it_knows_the_secret() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let hook = direccion(&mundo, &mundo.andina).await;
    let nobody = mundo.huella.nadie();
    let ask = |token: &str| format!("{hook}?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444%3Cb%3E");
    nobody.get(&ask("palabra")).await.problem(404, "no-encontrado");
    let config = json!({ "config": { "comercio": "341198210" }, "secretos": { "verify": "palabra" } });
    mundo.andina.put(&format!("/complementos/{PAGOS}/configuracion"), config).await.ok();
    let answer = nobody.get(&ask("palabra")).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, b"1158201444b".as_slice()), "and nothing that could be a page");
    nobody.get(&ask("otra")).await.problem(403, "sin-permiso");
    nobody.get(&hook).await.problem(403, "sin-permiso");
    nobody.get(&ask("palabra").replace("subscribe", "unsubscribe")).await.problem(403, "sin-permiso");
}
