//! `bench reservar`: what the foundation promises about booking and reading, in one run on one machine.
use crate::{
    abierto::{self, Peticion, Resultado, Ritmo},
    medir,
    mundo::{self, Cadena, Forma, Lugar, Servidor},
    pgbench,
};
use anyhow::Result;
use hyper::{Method, StatusCode};
use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{cell::Cell, rc::Rc, time::Duration};

const CONNECTIONS: usize = 32;
/// Clients of the maximum, the same for the server and for pgbench.
const CLIENTS: usize = 16;

/// Slots are handed out once in the whole run, so that every booking is a valid one.
struct Reparto {
    cadenas: Vec<Cadena>,
    first_day: Date,
    next: Cell<u64>,
}

impl Reparto {
    /// The next free slot, the chains taking turns.
    fn reserva(&self) -> Peticion {
        let n = self.next.get();
        self.next.set(n + 1);
        let cadena = &self.cadenas[(n % self.cadenas.len() as u64) as usize];
        booking(cadena, &cadena.turno(n / self.cadenas.len() as u64, self.first_day, None))
    }
}

fn booking(cadena: &Cadena, turno: &mundo::Turno) -> Peticion {
    Peticion {
        method: Method::POST,
        path: "/api/v1/citas/reservar".into(),
        token: cadena.token.clone(),
        body: Some(cadena.reserva(turno)),
        expect: StatusCode::CREATED,
    }
}

fn read(cadena: &Cadena, path: String) -> Peticion {
    Peticion { method: Method::GET, path, token: cadena.token.clone(), body: None, expect: StatusCode::OK }
}

/// A run with what it cost.
struct Medida {
    resultado: Resultado,
    app_us: f64,
    db_us: f64,
}

async fn measured(lugar: &Lugar, servidor: &Servidor, ritmo: Ritmo, make: impl Fn(u64) -> Peticion + 'static) -> Result<Medida> {
    let (app, db) = (medir::cpu(servidor.pid()), medir::cpu_tree(lugar.pg_pid));
    let resultado = abierto::run(&servidor.address, ritmo, make).await?;
    let per_request = |seconds: f64| seconds * 1e6 / resultado.done.max(1) as f64;
    let (app_us, db_us) = (per_request(medir::cpu(servidor.pid()) - app), per_request(medir::cpu_tree(lugar.pg_pid) - db));
    Ok(Medida { resultado, app_us, db_us })
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

impl Medida {
    fn json(&self, seconds: f64) -> Value {
        let r = &self.resultado;
        json!({ "rate": round(r.rate()), "seconds": seconds, "errors": r.errors, "p95_ms": round(r.ms(0.95)), "p99_ms": round(r.ms(0.99)),
            "p999_ms": round(r.ms(0.999)), "max_ms": round(r.max_ms()), "app_cpu_us": round(self.app_us), "db_cpu_us": round(self.db_us) })
    }
    fn show(&self, name: &str) {
        let r = &self.resultado;
        println!(
            "{name:<34} {:>7.0}/s  errores {:>3}  p50 {:>6.2}  p95 {:>6.2}  p99 {:>6.2}  p99.9 {:>7.2}  máx {:>7.2} ms  CPU µs: app {:>4.0} base {:>4.0}",
            r.rate(),
            r.errors,
            r.ms(0.5),
            r.ms(0.95),
            r.ms(0.99),
            r.ms(0.999),
            r.max_ms(),
            self.app_us,
            self.db_us
        );
        if r.errors > 0 {
            println!("    respuestas por estado: {:?}", r.statuses);
        }
    }
}

pub async fn run(seconds: f64, as_json: bool) -> Result<()> {
    let lugar = Lugar::from_env()?;
    let formas: Vec<Forma> = (1..=5).map(|n| Forma { clave: format!("carga{n}"), sedes: 10, medicos: 8, mascotas: 8_000 }).collect();
    println!("Preparando 5 cadenas × 10 sedes × 8 médicos, 40 000 mascotas…");
    let db = mundo::crear(&lugar, "carga", &formas).await?;
    let system = mundo::system(&lugar, db.clone())?;
    let servidor = Servidor::start(&lugar, "carga").await?;
    let mut cadenas = Vec::new();
    for forma in &formas {
        let empty = mundo::leer(&db, forma, Vec::new(), servidor.token(&forma.clave).await?).await?;
        let mascotas = mundo::poblar(&system, empty.tenant, forma.mascotas).await?;
        cadenas.push(Cadena { mascotas, ..empty });
    }
    sqlx::query("vacuum analyze").execute(&db).await?;
    let first_day = system.app().now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(3.days());
    let ready = servidor.ready;
    let report = booking_figures(&lugar, servidor, &db, cadenas, first_day, seconds).await?;
    let memory = memory(&lugar).await?;
    let complex = crate::lecturas::run(&lugar).await?;
    let last = summary(report, &memory, &complex, ready);
    if as_json {
        println!("{last}");
    } else {
        println!("{last:#}");
    }
    Ok(())
}

fn summary(mut report: Value, memory: &Value, complex: &Value, ready: Duration) -> Value {
    for part in [memory, complex] {
        if let (Some(all), Some(more)) = (report.as_object_mut(), part.as_object()) {
            all.extend(more.clone());
        }
    }
    report["ready_ms"] = json!(ready.as_millis() as u64);
    report
}

async fn booking_figures(
    lugar: &Lugar,
    servidor: Servidor,
    db: &PgPool,
    cadenas: Vec<Cadena>,
    first_day: Date,
    seconds: f64,
) -> Result<Value> {
    let reparto = Rc::new(Reparto { cadenas, first_day, next: Cell::new(0) });
    let steady = Ritmo { rate: Some(1000.0), seconds, connections: CONNECTIONS };
    let all = reparto.clone();
    measured(lugar, &servidor, Ritmo { seconds: 5.0, ..steady }, move |_| all.reserva()).await?;
    let all = reparto.clone();
    let sustained = measured(lugar, &servidor, steady, move |_| all.reserva()).await?;
    sustained.show("1 000 reservas/s, 5 cadenas");
    // Far ahead of the slots above: the walk of each starts at another place of it.
    let one = reparto.clone();
    let one_chain =
        measured(lugar, &servidor, steady, move |n| booking(&one.cadenas[0], &one.cadenas[0].turno(500_000 + n, one.first_day, None)))
            .await?;
    one_chain.show("1 000 reservas/s, una cadena");
    let sede = reparto.clone();
    let one_sede = measured(lugar, &servidor, steady, move |n| {
        booking(&sede.cadenas[1], &sede.cadenas[1].turno(100_000 + n, sede.first_day, Some(3)))
    })
    .await?;
    one_sede.show("1 000 reservas/s, una sede");
    let (max_tps, pgbench_tps) = maximum(lugar, &servidor, db, &reparto, seconds).await?;
    let mix = mix(lugar, &servidor, db, &reparto, seconds).await?;
    Ok(
        json!({ "sustained": sustained.json(seconds), "one_chain": one_chain.json(seconds), "one_sede": one_sede.json(seconds), "max_tps": round(max_tps),
        "pgbench_tps": round(pgbench_tps), "ratio": round(max_tps / pgbench_tps), "mix": mix }),
    )
}

/// The most that the server books, and the most that pgbench books with the same statements, in turns.
async fn maximum(lugar: &Lugar, servidor: &Servidor, db: &PgPool, reparto: &Rc<Reparto>, seconds: f64) -> Result<(f64, f64)> {
    let round_seconds = (seconds / 4.0).clamp(3.0, 15.0);
    let slots = (3.0 * round_seconds * 6000.0) as u64;
    let mut other = pgbench::preparar(lugar, db, &reparto.cadenas, reparto.first_day, 1_200_000, slots).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let all = reparto.clone();
        let run =
            measured(lugar, servidor, Ritmo { rate: None, seconds: round_seconds, connections: CLIENTS }, move |_| all.reserva()).await?;
        run.show("máximo de reservas, 16 clientes");
        ours.push(run.resultado.rate());
        let tps = other.run(lugar, "carga", CLIENTS, round_seconds as u32)?;
        println!("{:<34} {tps:>7.0}/s", "lo mismo por pgbench, 16 clientes");
        theirs.push(tps);
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    Ok((ours[1], theirs[1]))
}

/// 95 % reads (70 % one appointment, 15 % day of a vet, 10 % search, 5 % timeline) and 5 % bookings.
async fn mix(lugar: &Lugar, servidor: &Servidor, db: &PgPool, reparto: &Rc<Reparto>, seconds: f64) -> Result<Value> {
    sqlx::query("vacuum analyze").execute(db).await?;
    let booked: Vec<(uuid::Uuid, uuid::Uuid, uuid::Uuid, uuid::Uuid, String)> = sqlx::query_as(
        "select tenant_id, id, medico_id, mascota_id, to_char(inicio at time zone 'America/Lima', 'YYYY-MM-DD') from citas order by md5(id::text) limit 20000",
    )
    .fetch_all(db)
    .await?;
    let all = reparto.clone();
    let make = move |n: u64| -> Peticion {
        let (tenant, cita, medico, mascota, fecha) = &booked[(n as usize * 7) % booked.len()];
        let cadena = all.cadenas.iter().find(|cadena| cadena.tenant.0 == *tenant).unwrap_or(&all.cadenas[0]);
        match n % 400 {
            0..20 => all.reserva(),
            20..286 => read(cadena, format!("/api/v1/citas/{cita}")),
            286..343 => read(cadena, format!("/api/v1/citas?medico_id={medico}&fecha={fecha}")),
            343..381 => read(cadena, format!("/api/v1/pacientes?buscar={}&limite=20", crate::lecturas::consulta(n as usize))),
            _ => read(cadena, format!("/api/v1/pacientes/{mascota}/historial")),
        }
    };
    // Neighbours in time are of all kinds, not 20 bookings in a row.
    let shuffled = move |n: u64| make(n / 400 * 400 + (n % 400) * 139 % 400);
    let ritmo = Ritmo { rate: Some(5000.0), seconds, connections: 64 };
    let run = measured(lugar, servidor, ritmo, shuffled).await?;
    run.show("mezcla a 5 000/s, 95 % lecturas");
    Ok(json!({ "rps": round(run.resultado.rate()), "errors": run.resultado.errors, "p99_ms": round(run.resultado.ms(0.99)) }))
}

/// Memory of a server that does nothing, and with 1,000 connections open that have each asked once.
async fn memory(lugar: &Lugar) -> Result<Value> {
    let servidor = Servidor::start(lugar, "carga").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let idle = medir::rss_mb(servidor.pid());
    let token = servidor.token("carga1").await?;
    let make =
        move |_| Peticion { method: Method::GET, path: "/api/v1/yo".into(), token: token.clone(), body: None, expect: StatusCode::OK };
    let ritmo = Ritmo { rate: Some(1000.0), seconds: 4.0, connections: 1000 };
    let watch = tokio::task::spawn_blocking({
        let pid = servidor.pid();
        move || {
            (0..45)
                .map(|_| {
                    std::thread::sleep(Duration::from_millis(100));
                    medir::rss_mb(pid)
                })
                .fold(0.0, f64::max)
        }
    });
    let run = abierto::run(&servidor.address, ritmo, make).await?;
    let busy = watch.await?;
    println!(
        "memoria: {idle:.0} MiB en reposo, {busy:.0} MiB con 1 000 conexiones ({} errores); lista en {:.0} ms",
        run.errors,
        servidor.ready.as_millis()
    );
    Ok(json!({ "rss_1000_conn_mb": round(busy), "idle_rss_mb": round(idle) }))
}
