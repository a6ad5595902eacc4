//! What plugins keep between calls: within their quota, until its end, and of one chain.
use super::*;
use complementos::estado::{self, Cambiado};
use jiff::SignedDuration;

#[tokio::test]
async fn values_are_kept_within_a_quota_and_a_chain() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    mundo.en_marcha(&mundo.costera).await;
    let mut tx = mundo.tx("andina").await;
    let now = mundo.huella.now();
    assert!(estado::set(&mut tx, PAGOS, "token", b"abc", Some(now + SignedDuration::from_mins(5)), 100).await.expect("set"));
    assert_eq!(estado::get(&mut tx, PAGOS, "token").await.expect("read").as_deref(), Some(b"abc".as_slice()));
    assert!(!estado::set(&mut tx, PAGOS, "otro", &[0; 96], None, 100).await.expect("set"), "8 + 100 is more than 100");
    assert!(estado::set(&mut tx, PAGOS, "otro", &[0; 88], None, 100).await.expect("set"), "8 + 92 is not");
    assert!(estado::set(&mut tx, PAGOS, "otro", &[1; 88], None, 100).await.expect("set"), "what it replaces does not count");
    tx.commit().await.expect("committed");
    let mut tx = mundo.tx("costera").await;
    assert_eq!(estado::get(&mut tx, PAGOS, "token").await.expect("read"), None);
    drop(tx);
    mundo.huella.avanzar(SignedDuration::from_mins(6));
    let mut tx = mundo.tx("andina").await;
    assert_eq!(estado::get(&mut tx, PAGOS, "token").await.expect("read"), None, "its time is over");
    assert!(estado::set(&mut tx, PAGOS, "nuevo", &[0; 3], None, 100).await.expect("set"), "and so is what it took up");
    assert_eq!(estado::swap(&mut tx, PAGOS, "token", None, b"1", 200).await.expect("swapped"), Cambiado::Si);
    assert_eq!(estado::swap(&mut tx, PAGOS, "token", None, b"2", 200).await.expect("swapped"), Cambiado::No);
    assert_eq!(estado::swap(&mut tx, PAGOS, "token", Some(b"1"), b"2", 200).await.expect("swapped"), Cambiado::Si);
    assert_eq!(estado::swap(&mut tx, PAGOS, "token", Some(b"2"), &[0; 500], 200).await.expect("swapped"), Cambiado::SinEspacio);
    estado::delete(&mut tx, PAGOS, "token").await.expect("deleted");
    assert_eq!(estado::get(&mut tx, PAGOS, "token").await.expect("read"), None);
    assert!(estado::set(&mut tx, "pe.nadie.nada", "a", b"b", None, 100).await.is_err(), "only what is installed keeps anything");
}

/// Many at once: together they never pass the quota.
#[tokio::test]
async fn writers_at_once_share_one_quota() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let write = async |number: usize| {
        let mut tx = mundo.tx("andina").await;
        let fits = estado::set(&mut tx, PAGOS, &format!("k{number}"), &[0; 38], None, 200).await.expect("set");
        tx.commit().await.expect("committed");
        fits
    };
    let done = futures::future::join_all((0..10).map(write)).await;
    assert_eq!(done.iter().filter(|fits| **fits).count(), 5, "five times 40 bytes");
}

/// Tokens of a provider's test servers are nothing in the real ones.
#[tokio::test]
async fn from_sandbox_to_real_nothing_is_taken_along() {
    let mundo = Mundo::start().await;
    mundo.pagos("1.0.0").await;
    mundo.en_marcha(&mundo.andina).await;
    let mut tx = mundo.tx("andina").await;
    estado::set(&mut tx, PAGOS, "token", b"real", None, 100).await.expect("set");
    tx.commit().await.expect("committed");
    let path = format!("/complementos/{PAGOS}/habilitar");
    mundo.andina.post(&path, json!({})).await.ok();
    assert!(estado::get(&mut mundo.tx("andina").await, PAGOS, "token").await.expect("read").is_some());
    mundo.andina.post(&path, json!({ "sandbox": true })).await.ok();
    assert!(estado::get(&mut mundo.tx("andina").await, PAGOS, "token").await.expect("read").is_none());
    assert!(mundo.activos("andina", World::Payment).await[0].sandbox);
}
