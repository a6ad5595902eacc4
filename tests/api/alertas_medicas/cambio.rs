//! A pet changes, and its rules are asked.
use super::*;
use std::sync::Arc;
use tokio::sync::Notify;

#[tokio::test]
async fn a_change_of_facts_opens_changes_and_closes_an_alert() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    assert!(mundo.abiertas(&luna).await.is_empty());
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);

    let shot = mundo.vacunar(&luna, "2025-03-20").await;
    mundo.trabajar().await;
    let told = mundo.de(&luna).await;
    let alert = &told["alertas"][0];
    let about = |name: &str| alert[name].as_str().unwrap_or_default();
    assert_eq!((about("titulo"), about("gravedad"), about("vence")), ("Rabia: toca el 2026-03-20", "info", "2026-03-20"));
    assert_eq!((about("complemento"), about("version"), about("digest"), about("regla")), (RABIA, "1.0.0", "sha256:1.0.0", "rabia"));
    assert_eq!(about("detalle"), "El último refuerzo fue hace un año.");
    assert_eq!(
        alert["evidencia"],
        json!([{ "puntero": "/vacunas/0", "texto": "Vacuna «Antirrábica», 20 de marzo de 2025", "hecho_id": shot }])
    );
    assert_eq!((told["alertas"].as_array().map(Vec::len), &told["reglas_que_no_corrieron"]), (Some(1), &json!([])));

    mundo.huella.avanzar(SignedDuration::from_mins(1));
    mundo.vacunar(&luna, "2026-03-01").await;
    mundo.trabajar().await;
    assert!(mundo.abiertas(&luna).await.is_empty());
    assert_eq!(mundo.cierres(&luna).await, ["resuelta"]);
    assert_eq!(sucesos(&mundo.huella, "alerta.cambiada").await, 3);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    let rows = "select string_agg(id || ' ' || xmin || ' ' || ctid, ',' order by id) from alertas_medicas";
    let before: String = mundo.huella.scalar(rows).await;
    let asked = mundo.guion.veces();
    mundo.soto().await.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": "Otitis" })).await.created();
    mundo.trabajar().await;
    assert_eq!(mundo.guion.veces(), asked + 1);
    assert_eq!(mundo.huella.scalar::<String>(rows).await, before);
    assert_eq!(sucesos(&mundo.huella, "alerta.cambiada").await, 1);
}

/// Many changes are one look; a change while somebody looks is another one.
#[tokio::test]
async fn changes_of_one_pet_are_looked_at_together_and_none_is_lost() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    let waiting = format!("select count(*) from trabajos where tipo = '{}'", alertas::EVALUAR);
    for number in 0..5 {
        mundo.soto().await.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": format!("Problema {number}") })).await.created();
        trabajos::relay(&mundo.huella.parts).await.expect("relayed");
    }
    assert_eq!(mundo.huella.scalar::<i64>(&waiting).await, 1);
    // Somebody is at it, and may have read already.
    let lent = worker::lend(&mundo.huella.parts, 32).await.expect("lent");
    assert!(lent.iter().any(|job| job.tipo == alertas::EVALUAR));
    for number in 5..7 {
        mundo.soto().await.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": format!("Problema {number}") })).await.created();
        trabajos::relay(&mundo.huella.parts).await.expect("relayed");
    }
    assert_eq!(mundo.huella.scalar::<i64>(&waiting).await, 2);
    let again = worker::lend(&mundo.huella.parts, 32).await.expect("lent");
    worker::finish(&mundo.huella.parts, lent).await.expect("done");
    mundo.vacunar(&luna, "2026-03-01").await;
    trabajos::relay(&mundo.huella.parts).await.expect("relayed");
    assert_eq!(mundo.huella.scalar::<i64>(&waiting).await, 2, "the one in hand, and one more");
    worker::finish(&mundo.huella.parts, again).await.expect("done");
    mundo.trabajar().await;
    assert!(mundo.abiertas(&luna).await.is_empty());
}

/// The rule thinks while the pet is vaccinated: what it found out about before is not written.
#[tokio::test]
async fn what_was_read_before_a_change_is_not_written_after_it() {
    let mundo = Arc::new(Mundo::start().await);
    let luna = mundo.mascota("Luna", "perro").await;
    let (thinking, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, wait) = (thinking.clone(), go_on.clone());
    mundo.guion.al_preguntar(move |asked| {
        let (told, wait) = (told.clone(), wait.clone());
        Box::pin(async move {
            if asked == 1 {
                told.notify_one();
                wait.notified().await;
            }
        })
    });
    let slow = tokio::spawn({
        let mundo = mundo.clone();
        async move { mundo.trabajar().await }
    });
    thinking.notified().await;
    mundo.vacunar(&luna, "2026-03-01").await;
    // Another server looks at the change, and says nothing of it.
    trabajos::relay(&mundo.huella.parts).await.expect("relayed");
    worker::work_once(&mundo.huella.parts).await.expect("worked");
    go_on.notify_one();
    slow.await.expect("done");
    assert!(mundo.de(&luna).await["alertas"].as_array().is_some_and(Vec::is_empty), "{:#}", mundo.de(&luna).await);
}

#[tokio::test]
async fn a_rule_that_did_not_ask_for_changes_is_asked_at_night() {
    let mundo = Mundo::con(Guion::default()).await;
    let mut regla = mundo.guion.rabia();
    regla.suscripciones.retain(|one| one.disparo == "diario");
    mundo.guion.poner(regla);
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    assert_eq!((mundo.guion.veces(), mundo.abiertas(&luna).await.len()), (0, 0));
    mundo.noche().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);
    mundo.vacunar(&luna, "2026-03-01").await;
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"], "what it said stands until it is asked again");
}
