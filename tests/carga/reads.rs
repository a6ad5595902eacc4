//! Searches in a large chain, and the heavy reads of a chain with five years of agenda.
use crate::{
    bench::{Bench, Measured},
    chains::{self, Cadena, Shape},
    open_loop::{Ask, Pace},
    place::Place,
    queries::{QUERIES, queries},
    server::Server,
};
use anyhow::{Context, Result, ensure};
use jiff::{ToSpan, civil::Date};
use serde_json::Value;
use sqlx::PgPool;
use std::rc::Rc;
use uuid::Uuid;

const DATABASE: &str = "lecturas";
const DAYS_BACK: i64 = 1_826;
const DAYS_AHEAD: i64 = 30;
const VISITS: usize = 2_000;
/// Searches before those that are measured, none of them the same.
const OTHERS: usize = 250;
const FIVE_YEARS: &str = include_str!("five_years.sql");

pub struct Reads {
    pub search_p99_ms: f64,
    pub complex_p99_ms: f64,
}

pub async fn run(place: &Place, seconds: f64) -> Result<Reads> {
    println!("Preparando una cadena de 200 000 mascotas y otra de 20 sedes con 5 años de agenda…");
    let large = Shape { clave: "grande".into(), sedes: 2, medicos: 4, mascotas: 200_000 };
    let old = Shape { clave: "larga".into(), sedes: 20, medicos: 6, mascotas: 20_000 };
    let (db, chains) = chains::make(place, DATABASE, &[large, old]).await?;
    let today = today()?;
    five_years(&db, &chains[1], today).await?;
    let bench = Bench { place, server: Server::start(place, DATABASE).await?, db, chains };
    let search_p99_ms = search(&bench).await?;
    let heavy = Heavy::new(&bench.chains[1], today);
    heavy.look(&bench).await?;
    let complex_p99_ms = complex(&bench, heavy, (seconds / 3.0).clamp(10.0, 20.0)).await?;
    Ok(Reads { search_p99_ms, complex_p99_ms })
}

/// Each query once, at 50/s, after others: plans, caches and pages as on any day but the first.
async fn search(bench: &Bench<'_>) -> Result<f64> {
    let cadena = &bench.chains[0];
    let mut measured = queries(cadena.mascotas.len(), QUERIES + OTHERS);
    let others = measured.split_off(QUERIES);
    sqlx::query("checkpoint").execute(&bench.db).await?;
    bench.phase(one_by_one(OTHERS), searching(cadena.clone(), others)).await?;
    flawless(bench.phase(one_by_one(QUERIES), searching(cadena.clone(), measured)).await?, "búsqueda en 200 000 mascotas")
}

fn one_by_one(queries: usize) -> Pace {
    Pace { rate: Some(50.0), seconds: queries as f64 / 50.0, connections: 16 }
}

fn searching(cadena: Rc<Cadena>, queries: Vec<String>) -> impl Fn(u64) -> Result<Ask> {
    move |n| Ok(Ask::get(cadena.token(), format!("/api/v1/pacientes?buscar={}&limite=20", queries[n as usize % queries.len()])))
}

fn flawless(run: Measured, name: &str) -> Result<f64> {
    run.show(name);
    run.outcome.flawless().context(name.to_owned())?;
    Ok(run.outcome.ms(0.99))
}

fn today() -> Result<Date> {
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement is the wall's")]
    let now = jiff::Timestamp::now();
    Ok(now.in_tz("America/Lima")?.date())
}

/// Fills the agenda of a chain, see `five_years.sql`. The settings are its parameters.
async fn five_years(db: &PgPool, cadena: &Cadena, today: Date) -> Result<()> {
    let often_seen = cadena.mascotas.last().context("una cadena con mascotas")?;
    let mut db = db.acquire().await?;
    sqlx::query(
        "select set_config('carga.tenant', $1, false), set_config('carga.hoy', $2, false), set_config('carga.dias_antes', $3, false),
                set_config('carga.dias_despues', $4, false), set_config('carga.mascota', $5, false), set_config('carga.visitas', $6, false)",
    )
    .bind(cadena.tenant.to_string())
    .bind(today.to_string())
    .bind(DAYS_BACK.to_string())
    .bind(DAYS_AHEAD.to_string())
    .bind(often_seen.to_string())
    .bind(VISITS.to_string())
    .execute(&mut *db)
    .await?;
    sqlx::raw_sql(FIVE_YEARS).execute(&mut *db).await.context("five_years.sql")?;
    let (citas, days): (i64, i32) =
        sqlx::query_as("select count(*), max(inicio)::date - min(inicio)::date from citas").fetch_one(&mut *db).await?;
    println!("    {citas} citas de {days} días");
    Ok(())
}

/// The three heavy reads.
struct Heavy {
    cadena: Rc<Cadena>,
    today: Date,
}

impl Heavy {
    fn new(cadena: &Rc<Cadena>, today: Date) -> Self {
        Self { cadena: cadena.clone(), today }
    }

    fn historial(&self) -> String {
        let mascota: Option<&Uuid> = self.cadena.mascotas.last();
        format!("/api/v1/pacientes/{}/historial?limite=200", mascota.copied().unwrap_or_default())
    }

    /// Weeks of the month ahead, which is the fullest, and of any year behind, in turns.
    fn week(&self, n: u64) -> String {
        let sede = &self.cadena.sedes[n as usize % self.cadena.sedes.len()];
        let days = match n % 2 {
            0 => (n * 5 % (DAYS_AHEAD as u64 - 7)) as i64,
            _ => -((n * 97 % (DAYS_BACK as u64 - 7)) as i64 + 7),
        };
        format!("/api/v1/citas?sede_id={}&fecha={}&dias=7&limite=2000", sede.id, self.today.saturating_add(days.days()))
    }

    fn gaps(&self) -> String {
        let sedes: Vec<String> = self.cadena.sedes.iter().map(|sede| sede.id.to_string()).collect();
        format!("/api/v1/disponibilidad?servicio_id={}&sedes={}&limite=50", self.cadena.servicio, sedes.join(","))
    }

    /// Says what the answers hold: an empty one would be fast and worth nothing.
    async fn look(&self, bench: &Bench<'_>) -> Result<()> {
        self.cadena.sign_in(&bench.server).await?;
        let count = |page: &Value, list: &str| page[list].as_array().map_or(0, Vec::len);
        let (mut entries, mut pages, mut path) = (0, 0, self.historial());
        loop {
            let page = bench.server.get(&self.cadena, &path).await?;
            (entries, pages) = (entries + count(&page, "items"), pages + 1);
            let Some(cursor) = page["siguiente"].as_str() else { break };
            path = format!("{}&cursor={cursor}", self.historial());
        }
        let (full, past) = (bench.server.get(&self.cadena, &self.week(0)).await?, bench.server.get(&self.cadena, &self.week(1)).await?);
        let (full, past) = (count(&full, "items"), count(&past, "items"));
        let gaps = count(&bench.server.get(&self.cadena, &self.gaps()).await?, "huecos");
        println!("    historial: {entries} entradas en {pages} páginas; semana: {full} citas por venir, {past} pasadas; huecos: {gaps}");
        ensure!(entries >= VISITS && full > past && past > 100 && gaps == 50, "las lecturas pesadas no tienen qué leer");
        Ok(())
    }
}

/// One after the other at 20/s each; the slowest kind is the figure. A timeline counts as one answer, to its last page.
async fn complex(bench: &Bench<'_>, heavy: Heavy, seconds: f64) -> Result<f64> {
    let pace = Pace { rate: Some(20.0), seconds, connections: 16 };
    let heavy = Rc::new(heavy);
    let get = |path: fn(&Heavy, u64) -> String| {
        let heavy = heavy.clone();
        move |n: u64| Ok(Ask::get(heavy.cadena.token(), path(&heavy, n)))
    };
    let historial = get(|heavy, _| heavy.historial());
    let historial = bench.phase(pace, move |n| historial(n).map(Ask::all_pages)).await?;
    let week = bench.phase(pace, get(|heavy, n| heavy.week(n))).await?;
    let gaps = bench.phase(pace, get(|heavy, _| heavy.gaps())).await?;
    let named = [(historial, "historial de 2 000, hasta el final"), (week, "semana de una sede"), (gaps, "disponibilidad en 20 sedes")];
    named.into_iter().try_fold(0.0_f64, |worst, (run, name)| Ok(worst.max(flawless(run, name)?)))
}
