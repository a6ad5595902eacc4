//! How soon an offer is made.
use super::*;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Relay and worker as a server runs them, until `stop`: woken by commits, a moment between two rounds.
async fn background(parts: server::Assembled, stop: CancellationToken) {
    let working = tokio::spawn(worker::work_forever(parts.clone(), stop.clone()));
    while !stop.is_cancelled() {
        trabajos::relay(&parts).await.expect("relayed");
        tokio::time::sleep(Duration::from_millis(75)).await;
        let _ = tokio::time::timeout(Duration::from_secs(1), parts.app.outbox().notified()).await;
    }
    working.await.expect("ended");
}

/// The time from the answer to a cancellation until the offer is there, thirty times, with relay and worker at
/// work: within two seconds.
#[tokio::test]
async fn an_offer_is_made_within_two_seconds_of_a_cancellation() {
    const CANCELLATIONS: usize = 30;
    let lista = Lista::start().await;
    trabajar(&lista.agenda).await;
    let mut citas = Vec::new();
    for day in 2..=4 {
        for quarter in 0..10 {
            let minutes = 8 * 60 + 60 + quarter * 60;
            citas.push(lista.ocupada(&format!("2026-03-{day:02}T{:02}:{:02}:00", minutes / 60, minutes % 60)).await);
        }
    }
    for n in 0..CANCELLATIONS {
        lista.espera(&lista.mascota(&format!("Espera{n}")).await, json!({})).await;
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(background(lista.agenda.huella.parts.clone(), stop.clone()));
    let mut seconds = Vec::new();
    for cita in &citas {
        lista.anular(cita).await;
        let began = Instant::now();
        let offered = format!("select count(*) from ofertas where inicio = '{}'", cita["inicio"].as_str().expect("a time"));
        while lista.contar(&offered).await == 0 {
            assert!(began.elapsed() < Duration::from_secs(30), "no offer for {cita:#}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        seconds.push(began.elapsed().as_secs_f64());
    }
    stop.cancel();
    running.await.expect("ended");
    seconds.sort_by(f64::total_cmp);
    let (median, worst) = (seconds[seconds.len() / 2], seconds[seconds.len() - 1]);
    println!("offer_s p50 {median:.3} max {worst:.3} of {}", seconds.len());
    assert!(seconds.len() == CANCELLATIONS && worst <= 2.0, "{seconds:?}");
}
