//! A hundred thousand owners and as many pets of another system, through the API: how long it takes from the first byte
//! to the last row, and what the server holds in memory meanwhile.
use crate::{
    almacen::Almacen,
    chains::{self, Shape},
    measure, names,
    place::Place,
    server::Server,
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    cell::Cell,
    fmt::Write,
    rc::Rc,
    time::{Duration, Instant},
};

const FILAS: usize = 100_000;
const DATABASE: &str = "importar";

pub struct Import {
    pub seconds: f64,
    pub peak_mb: f64,
}

pub async fn run(place: &Place) -> Result<Import> {
    let shape = Shape { clave: "importa".into(), sedes: 1, medicos: 1, mascotas: 0 };
    let (db, chains) = chains::make(place, DATABASE, &[shape]).await?;
    let server = Server::start_with(place, DATABASE, &Almacen::start(place.folder.join("s3"))?.env()).await?;
    let chain = &chains[0];
    chain.sign_in(&server).await?;
    let (peak, watching) = (Rc::new(Cell::new(0.0_f64)), server.pid());
    let seen = peak.clone();
    let watch = async move {
        loop {
            seen.set(seen.get().max(measure::rss_mb(watching)));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let began = Instant::now();
    let work = async {
        for (tipo, file) in [("tutores", owners()), ("mascotas", pets())] {
            let start = Instant::now();
            one(&server, &chain.token(), tipo, file).await?;
            println!("{tipo}: {FILAS} filas en {:.1} s", start.elapsed().as_secs_f64());
        }
        Ok::<(), anyhow::Error>(())
    };
    tokio::select! {
        done = work => done?,
        () = watch => {}
    }
    let seconds = began.elapsed().as_secs_f64();
    let (tutores, mascotas): (i64, i64) =
        sqlx::query_as("select (select count(*) from tutores), (select count(*) from mascotas)").fetch_one(&db).await?;
    ensure!((tutores, mascotas) == (FILAS as i64, FILAS as i64), "{tutores} tutores y {mascotas} mascotas");
    println!("importación: {seconds:.1} s, {:.0} MB como máximo", peak.get());
    Ok(Import { seconds, peak_mb: peak.get() })
}

async fn one(server: &Server, token: &str, tipo: &str, file: String) -> Result<()> {
    let http = reqwest::Client::new();
    let url = format!("http://{}/api/v1/importaciones", server.address);
    let sent = http.post(format!("{url}?tipo={tipo}&nombre={tipo}.csv")).header("authorization", token).body(file).send().await?;
    let sent: Value = sent.error_for_status()?.json().await?;
    let url = format!("{url}/{}", sent["id"].as_str().context("sin id")?);
    http.post(format!("{url}/ejecucion")).header("authorization", token).send().await?.error_for_status()?;
    loop {
        let now: Value = http.get(&url).header("authorization", token).send().await?.error_for_status()?.json().await?;
        match now["estado"].as_str() {
            Some("importada") => {
                ensure!(now["nuevas"] == FILAS, "{now}");
                return Ok(());
            }
            Some("importando") => tokio::time::sleep(Duration::from_millis(200)).await,
            _ => anyhow::bail!("{now}"),
        }
    }
}

/// As a clinic's old program writes them.
fn owners() -> String {
    let mut file = String::from("Código;Nombres;Apellidos;DNI;Celular;Correo;Dirección\r\n");
    for number in 0..FILAS {
        let apellidos = names::apellidos(number);
        let _ = write!(
            file,
            "C{number};Persona {number};{apellidos};{number:08};9{number:08};p{number}@ejemplo.pe;Av. Los Olivos {number}\r\n"
        );
    }
    file
}

fn pets() -> String {
    let mut file = String::from("N° HC;Código Cliente;Mascota;Especie;Sexo;Fecha Nacimiento;Peso\r\n");
    for number in 0..FILAS {
        let (nombre, day) = (names::nombre_de_mascota(number), number % 28 + 1);
        let _ = write!(file, "{number};C{number};{nombre};Canino;H;{day:02}/03/2020;12,5\r\n");
    }
    file
}
