//! How soon after a cancellation the time is offered to who waits for it.
use crate::{
    chains::Cadena,
    open_loop::{Ask, Line},
    server::Server,
    slots::Supply,
};
use anyhow::{Context, Result, ensure};
use jiff::tz;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;
use uuid::Uuid;

const CANCELLATIONS: usize = 40;

/// The longest, in seconds, from the moment the cancellation is asked for.
pub async fn run(server: &Server, db: &PgPool, cadena: &Rc<Cadena>) -> Result<f64> {
    LocalSet::new().run_until(measure(server, db, cadena)).await
}

async fn measure(server: &Server, db: &PgPool, cadena: &Rc<Cadena>) -> Result<f64> {
    let mut line = Line::open(&server.address).await?;
    let (supply, mut delays) = (Supply::of_sede(cadena, 0), Vec::with_capacity(CANCELLATIONS));
    for number in 0..CANCELLATIONS {
        let (_, turno) = supply.next()?;
        let cita = json!({ "sede_id": turno.sede, "medico_id": turno.medico, "servicio_id": cadena.servicio, "mascota_id": turno.mascota, "inicio": turno.inicio });
        let cita = made(&mut line, cadena, "/api/v1/citas/reservar", cita).await?;
        let day = turno.inicio.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date();
        let wish = json!({ "servicio_id": cadena.servicio, "sedes": [turno.sede], "medico_id": turno.medico, "desde": day, "hasta": day });
        let other = con_correo(&mut line, cadena, number).await?;
        let espera = made(&mut line, cadena, "/api/v1/esperas", json!({ "mascota_id": other, "preferencia": wish })).await?;
        let start = Instant::now();
        let (status, body) = line.whole(&Ask::delete(cadena.token(), format!("/api/v1/citas/{cita}?motivo=Medida"))).await?;
        ensure!(status.is_success(), "anular: {status} {body}");
        while !offered(db, espera).await? {
            ensure!(start.elapsed() < Duration::from_secs(60), "no se ofreció");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        delays.push(start.elapsed().as_secs_f64());
    }
    delays.sort_by(f64::total_cmp);
    let longest = delays.last().copied().unwrap_or_default();
    println!("{CANCELLATIONS} horas que quedan libres: ofrecidas p50 {:.3} s, máx {longest:.3} s", delays[delays.len() / 2]);
    Ok(longest)
}

/// A pet whose owner can be written to: nobody is offered anything that they cannot hear of.
async fn con_correo(line: &mut Line, cadena: &Cadena, number: usize) -> Result<Uuid> {
    let tutor =
        json!({ "nombres": "Espera", "apellidos": format!("Número {number}"), "correo": format!("espera{number}@tutores.example.pe") });
    let body = json!({ "tutor": tutor, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let path = "/api/v1/pacientes/registro?confirmar_duplicado=true";
    let (status, answer) = line.whole(&Ask::create(cadena.token(), path, body.to_string().into())).await?;
    ensure!(status.as_u16() == 201, "{path}: {status} {answer}");
    answer["mascota"]["id"].as_str().context("sin id")?.parse().context("un id")
}

async fn made(line: &mut Line, cadena: &Cadena, path: &str, body: Value) -> Result<Uuid> {
    let (status, answer) = line.whole(&Ask::create(cadena.token(), path, body.to_string().into())).await?;
    ensure!(status.as_u16() == 201, "{path}: {status} {answer}");
    answer["id"].as_str().context("sin id")?.parse().context("un id")
}

async fn offered(db: &PgPool, espera: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar("select exists (select from ofertas where espera_id = $1)").bind(espera).fetch_one(db).await?)
}
