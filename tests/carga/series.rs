//! A series of 52 weeks with conflicts: shown with what is in its way, then booked around it.
use crate::{
    chains::Cadena,
    open_loop::{Ask, Line},
    server::Server,
    slots::{Supply, Turno},
};
use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use hyper::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::{rc::Rc, time::Instant};
use tokio::task::LocalSet;
use uuid::Uuid;

const SERIES: usize = 100;
const TIMES: u64 = 52;
/// The agenda is open for two years: a series of one begins in the first.
const LATEST: SignedDuration = SignedDuration::from_hours(360 * 24);
/// Weeks on which the vet has somebody else already.
const TAKEN: [i64; 4] = [3, 17, 18, 40];

pub async fn run(server: &Server, cadena: &Rc<Cadena>) -> Result<f64> {
    LocalSet::new().run_until(measure(server, cadena)).await
}

async fn measure(server: &Server, cadena: &Rc<Cadena>) -> Result<f64> {
    let mut line = Line::open(&server.address).await?;
    let supply = Supply::of_sede(cadena, 1);
    let new = || Histogram::<u64>::new_with_bounds(1, 600_000_000, 3);
    let (mut shown, mut booked) = (new()?, new()?);
    #[expect(clippy::disallowed_methods, reason = "nobody asks here: there is no Ctx")]
    let latest = Timestamp::now() + LATEST;
    for number in 0..SERIES {
        let mut turno = supply.next()?.1;
        while turno.inicio > latest {
            turno = supply.next()?.1;
        }
        for week in TAKEN {
            let inicio = turno.inicio + SignedDuration::from_hours(week * 7 * 24);
            let other = cadena.mascotas[(number * 13 + week as usize) % cadena.mascotas.len()];
            // Perhaps somebody has it already: all the better.
            let _ = line.whole(&ask(cadena, "/api/v1/citas/reservar", one(cadena, &turno, other, inicio))).await?;
        }
        let mut body = one(cadena, &turno, turno.mascota, turno.inicio);
        body["cada"] = json!(1);
        body["unidad"] = json!("semanas");
        body["veces"] = json!(TIMES);
        body["si_hay_conflicto"] = json!("omitir");
        for (path, expected, latency) in
            [("/api/v1/citas/series/simular", StatusCode::OK, &mut shown), ("/api/v1/citas/series", StatusCode::CREATED, &mut booked)]
        {
            let start = Instant::now();
            let (status, answer) = line.whole(&ask(cadena, path, body.clone())).await?;
            latency.saturating_record(start.elapsed().as_micros() as u64);
            ensure!(status == expected, "{path}: {status} {answer}");
        }
    }
    let ms = |latency: &Histogram<u64>, quantile| latency.value_at_quantile(quantile) as f64 / 1000.0;
    for (name, latency) in [("mostrar una serie de 52", &shown), ("reservarla", &booked)] {
        println!("{name:<26} p50 {:.1}  p95 {:.1}  p99 {:.1} ms", ms(latency, 0.5), ms(latency, 0.95), ms(latency, 0.99));
    }
    Ok(ms(&shown, 0.99).max(ms(&booked, 0.99)))
}

fn one(cadena: &Cadena, turno: &Turno, mascota: Uuid, inicio: Timestamp) -> Value {
    json!({ "sede_id": turno.sede, "medico_id": turno.medico, "servicio_id": cadena.servicio, "mascota_id": mascota, "inicio": inicio })
}

fn ask(cadena: &Cadena, path: &str, body: Value) -> Ask {
    Ask::create(cadena.token(), path, body.to_string().into())
}
