//! Who carries events away is killed while they come.
use super::{Programa, clientes::Insistentes, clientes::whole};
use crate::procesos::serve::Servicio;
use std::time::{Duration, Instant};

const TOLD: &str = "select count(*) from eventos where tema = 'cita.reservada'";

fn worker(servicio: &Servicio) -> Programa {
    let mut command = servicio.huella();
    command.arg("work");
    Programa::start(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_loses_and_doubles_nothing() {
    let servicio = Servicio::of(&["andina"]).await;
    let server = servicio.serve_with(&[("HUELLA_TRABAJOS", "false")]).await;
    let recepcion = servicio.recepcion().await;
    let insistentes = Insistentes::start(&recepcion, servicio.bookings(&recepcion).await);
    let mut killed = 0;
    for round in 1..=4 {
        let mut program = worker(&servicio);
        let before = servicio.number(TOLD).await;
        let start = Instant::now();
        while servicio.number(TOLD).await < before + 20 {
            assert!(start.elapsed() < Duration::from_secs(30), "round {round}: events are not carried away");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        program.child.kill().await.expect("killed");
        killed += 1;
    }
    let (ids, failed) = insistentes.ended().await;
    assert_eq!(failed, 0, "requests do not wait for a worker");
    let last = worker(&servicio);
    let start = Instant::now();
    while servicio.number("select count(*) from outbox").await > 0 {
        assert!(start.elapsed() < Duration::from_secs(30), "events stay in the outbox");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eprintln!("{} bookings, {killed} workers killed; the rest carried away in {} ms", ids.len(), start.elapsed().as_millis());
    whole(&servicio, &ids).await;
    // One event of each, numbered without a gap.
    assert_eq!(servicio.number("select count(distinct cuerpo->>'id') from eventos where tema = 'cita.reservada'").await, ids.len() as i64);
    assert_eq!(servicio.number("select max(numero) - min(numero) + 1 - count(*) from eventos").await, 0);
    drop((server, last));
    servicio.gone().await;
}
