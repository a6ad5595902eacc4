//! Two servers: what one of them put away the other puts away, and what is let out on one is let out on both.
use crate::{
    huespedes::{DESPIERTA, canal},
    mundo::{Mundo, Pieza, ajustes},
};
use adapters::MemoryBus;
use complementos::{CAMBIO, Cambio};
use huella_tests::{Cliente, Modo, andina};
use kernel::ports::{Bus, Message};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::broadcast::Receiver;

/// What the bus says of a quarantine, once both servers had a moment to hear it too.
async fn told(messages: &mut Receiver<Message>) -> bool {
    let heard = async {
        loop {
            let message = messages.recv().await.expect("a message");
            let change = (message.topic == CAMBIO).then(|| serde_json::from_slice::<Cambio>(&message.body).expect("a change"));
            if let Some(Cambio { cuarentena: Some(put_away), .. }) = change {
                return put_away;
            }
        }
    };
    let put_away = tokio::time::timeout(Duration::from_secs(10), heard).await.expect("nobody told the other server");
    tokio::time::sleep(Duration::from_millis(200)).await;
    put_away
}

async fn tried(mundo: &Mundo, who: &Cliente, pieza: &Pieza) -> Value {
    mundo.probar(who, &pieza.id).await["resultado"].clone()
}

#[tokio::test]
async fn what_one_server_puts_away_or_lets_out_the_others_do_too() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::default());
    let shared = bus.clone();
    let mundo = Mundo::de(Modo { complementos: Some(ajustes()), bus: Arc::new(move || shared.clone()), ..Modo::default() }).await;
    let pieza = Pieza::durmiente("notification", "dos-servidores", &canal("", "", "unreachable"), json!({}));
    mundo.awake(&pieza).await;
    let other = mundo.huella.otra_instancia().await;
    let hearing = tokio::spawn({
        let complementos = other.parts.complementos.clone();
        async move { complementos.watch().await }
    });
    let (here, there) = (mundo.andina.clone(), other.como(andina::ADMIN).await);

    let mut messages = bus.subscribe();
    // It traps at the other server alone: here it never ran.
    for _ in 0..3 {
        assert_eq!(tried(&mundo, &there, &pieza).await, "trap");
    }
    assert_eq!(tried(&mundo, &there, &pieza).await, "refused");
    while other.parts.complementos.flush().await.expect("written") {}
    assert!(told(&mut messages).await);
    let refused = mundo.probar(&here, &pieza.id).await;
    assert_eq!(refused["resultado"], "refused", "{refused}");
    assert!(refused["detalle"].as_str().is_some_and(|why| why.contains("cuarentena")), "{refused}");
    mundo.vecino_responde().await;

    // Mended, and let out here: there it runs too.
    mundo.configured(&here, &pieza.id, "{}").await;
    here.post(&format!("/complementos/{}/liberar", pieza.id), json!({})).await.ok();
    assert!(!told(&mut messages).await);
    assert_eq!(tried(&mundo, &here, &pieza).await, "ok");
    assert_eq!(tried(&mundo, &there, &pieza).await, "ok", "it was let out");

    // It counts anew on both: two traps are not three.
    mundo.configured(&here, &pieza.id, DESPIERTA).await;
    for who in [&there, &there, &here, &here] {
        assert_eq!(tried(&mundo, who, &pieza).await, "trap");
    }
    hearing.abort();
}
