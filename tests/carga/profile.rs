//! `--perfil`: what a phase spends its time on. The database counts every statement (pg_stat_statements) and is asked twenty
//! times a second what its sessions are waiting for. Both cost, so the figures of such a run are a little worse.
use crate::{bench::Measured, measure};
use anyhow::Result;
use sqlx::{FromRow, PgPool};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::task::JoinHandle;

/// Between two looks at the sessions.
const PAUSE: Duration = Duration::from_millis(50);
/// So many statements are listed, each with so many letters.
const SHOWN: i64 = 16;
const WIDTH: usize = 110;

/// Statements that differ in their literals alone are one. Time is what passed, also while waiting for a core or the disk.
const STATEMENTS: &str = r"
    with s as (
      select regexp_replace(regexp_replace(s.query, '''[^'']*''', '?', 'g'), '\s+', ' ', 'g') as texto,
             s.calls, s.total_exec_time as ms, s.wal_bytes
        from public.pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = current_database())
    select texto, sum(calls)::float8 as veces, sum(ms) as ms, sum(wal_bytes)::float8 as wal,
           100 * sum(ms) / greatest(sum(sum(ms)) over (), 0.001::float8) as parte
      from s group by texto order by sum(ms) desc limit $1";
/// Sessions that do something: on a core, or what they wait for.
const WAITS: &str = r"
    select case when state = 'active' then coalesce(wait_event_type || ': ' || wait_event, 'en la CPU, o a la espera de ella')
                else 'transacción abierta, a la espera de quien la abrió' end as que, count(*)
      from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'
     group by 1";

#[derive(FromRow)]
struct Statement {
    texto: String,
    veces: f64,
    ms: f64,
    /// Bytes.
    wal: f64,
    parte: f64,
}

/// How often somebody looked, and all sessions that were seen doing each thing.
#[derive(Default)]
struct Waits {
    looks: u64,
    seen: BTreeMap<String, u64>,
}

/// Looks at what sessions do, for as long as it is there.
pub struct Sesiones {
    waits: Arc<Mutex<Waits>>,
    sampler: JoinHandle<()>,
}

impl Sesiones {
    pub fn mirar(db: &PgPool) -> Self {
        let waits = Arc::new(Mutex::new(Waits::default()));
        let sampler = tokio::spawn(sample(db.clone(), waits.clone()));
        Self { waits, sampler }
    }

    /// How often somebody looked, and how many did each thing at a time, the most common first.
    pub fn vistas(&self) -> (u64, Vec<(String, f64)>) {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let looks = waits.looks.max(1) as f64;
        let mut seen: Vec<(String, f64)> = waits.seen.iter().map(|(what, count)| (what.clone(), *count as f64 / looks)).collect();
        seen.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        (waits.looks, seen)
    }
}

impl Drop for Sesiones {
    fn drop(&mut self) {
        self.sampler.abort();
    }
}

/// Of what goes on from its start until it is shown.
pub struct Profile {
    db: PgPool,
    counts: bool,
    sesiones: Sesiones,
    /// CPU seconds of this process before.
    own: f64,
}

impl Profile {
    pub async fn start(db: &PgPool) -> Result<Self> {
        const LOADED: &str = "select current_setting('shared_preload_libraries') like '%pg_stat_statements%'";
        let counts: bool = sqlx::query_scalar(LOADED).fetch_one(db).await?;
        if counts {
            sqlx::query("create extension if not exists pg_stat_statements schema public").execute(db).await?;
            sqlx::query("select public.pg_stat_statements_reset()").execute(db).await?;
        }
        Ok(Self { db: db.clone(), counts, sesiones: Sesiones::mirar(db), own: measure::cpu(std::process::id()) })
    }

    pub async fn show(self, measured: &Measured) -> Result<()> {
        self.sesiones.sampler.abort();
        let outcome = &measured.outcome;
        let (requests, seconds) = ((outcome.right + outcome.errors).max(1) as f64, outcome.seconds());
        let own = (measure::cpu(std::process::id()) - self.own) * 1e6 / requests;
        let cores = std::thread::available_parallelism().map_or(0, |cores| cores.get());
        println!("\nPerfil: {requests:.0} solicitudes en {seconds:.0} s, {cores} núcleos para todo");
        let all = [("servidor", measured.app_us), ("PostgreSQL", measured.db_us), ("quien mide", own)];
        for (who, us) in all {
            println!("    CPU de {who:<12} {us:>7.0} µs por solicitud  {:>6.2} núcleos", us * requests / 1e6 / seconds);
        }
        let idle = cores as f64 - all.iter().map(|(_, us)| us * requests / 1e6 / seconds).sum::<f64>();
        println!("    sin usar, o del sistema {:>29.2} núcleos", idle.max(0.0));
        self.statements(requests).await?;
        self.sessions();
        Ok(())
    }

    async fn statements(&self, requests: f64) -> Result<()> {
        if !self.counts {
            println!("    este PostgreSQL no tiene pg_stat_statements: no se sabe cuánto toma cada sentencia");
            return Ok(());
        }
        let rows: Vec<Statement> = sqlx::query_as(STATEMENTS).bind(SHOWN).fetch_all(&self.db).await?;
        println!("\n  % del tiempo   µs por solicitud   veces por solicitud   WAL, bytes por solicitud   sentencia");
        for Statement { texto, veces, ms, wal, parte } in rows {
            let text: String = texto.trim().chars().take(WIDTH).collect();
            println!("  {parte:>12.1}   {:>16.1}   {:>19.2}   {:>24.0}   {text}", ms * 1e3 / requests, veces / requests, wal / requests);
        }
        Ok(())
    }

    fn sessions(&self) {
        let (looks, seen) = self.sesiones.vistas();
        println!("\n  sesiones a la vez   qué hacen ({looks} miradas)");
        for (what, at_a_time) in seen {
            println!("  {at_a_time:>17.2}   {what}");
        }
        println!();
    }
}

async fn sample(db: PgPool, waits: Arc<Mutex<Waits>>) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let found: Result<Vec<(String, i64)>, sqlx::Error> = sqlx::query_as(WAITS).fetch_all(&db).await;
        note(&waits, found.unwrap_or_default());
    }
}

fn note(waits: &Mutex<Waits>, found: Vec<(String, i64)>) {
    let mut waits = waits.lock().unwrap_or_else(PoisonError::into_inner);
    waits.looks += 1;
    for (what, sessions) in found {
        *waits.seen.entry(what).or_default() += sessions.unsigned_abs();
    }
}
