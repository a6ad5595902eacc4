//! One phase of a measurement: what was asked, what came back, what it cost.
use crate::{
    chains::Cadena,
    measure,
    open_loop::{self, Ask, Outcome, Pace},
    place::Place,
    server::Server,
};
use anyhow::Result;
use sqlx::PgPool;
use std::{rc::Rc, time::Duration};

/// A server, its database and the chains in it.
pub struct Bench<'a> {
    pub place: &'a Place,
    pub server: Server,
    pub db: PgPool,
    pub chains: Vec<Rc<Cadena>>,
}

impl Bench<'_> {
    /// Every phase begins with fresh tokens (they live ten minutes, the whole run does not) and with nothing left to
    /// do from the one before.
    pub async fn phase(&self, pace: Pace, make: impl Fn(u64) -> Result<Ask> + 'static) -> Result<Measured> {
        for cadena in &self.chains {
            cadena.sign_in(&self.server).await?;
        }
        self.settle().await?;
        let before = self.cpu();
        let outcome = open_loop::run(&self.server.address, pace, make).await?;
        let after = self.cpu();
        let per_request = |before: f64, after: f64| (after - before) * 1e6 / (outcome.right + outcome.errors).max(1) as f64;
        Ok(Measured { app_us: per_request(before.0, after.0), db_us: per_request(before.1, after.1), outcome })
    }

    fn cpu(&self) -> (f64, f64) {
        (measure::cpu(self.server.pid()), measure::cpu_tree(self.place.pg_pid))
    }

    /// Waits until every event has left the outbox and every audit row has its link: that work belongs to whoever
    /// caused it and must not burden the next.
    pub async fn settle(&self) -> Result<Duration> {
        const BEHIND: &str = "select exists (select from outbox)
            or exists (select from auditoria a where xid >= coalesce((select xid from auditoria_cursor), '0'::xid8)
                 and not exists (select from auditoria_eslabones e where e.tenant_id = a.tenant_id and e.auditoria_id = a.id))";
        let level = async || sqlx::query_scalar(BEHIND).fetch_one(&self.db).await.is_ok_and(|behind: bool| !behind);
        measure::until(Duration::from_secs(300), Duration::from_millis(50), level).await
    }
}

/// An outcome with the CPU time of each request.
pub struct Measured {
    pub outcome: Outcome,
    pub app_us: f64,
    pub db_us: f64,
}

impl Measured {
    pub fn show(&self, name: &str) {
        let Self { outcome, app_us, db_us } = self;
        println!(
            "{name:<34} {:>7.1}/s  errores {:>3}  p50 {:>6.2}  p95 {:>6.2}  p99 {:>6.2}  p99.9 {:>7.2}  máx {:>7.2} ms  CPU µs: app {app_us:>5.0} base {db_us:>5.0}",
            outcome.rate(),
            outcome.errors,
            outcome.ms(0.5),
            outcome.ms(0.95),
            outcome.ms(0.99),
            outcome.ms(0.999),
            outcome.max_ms(),
        );
        if outcome.errors > 0 {
            println!("    respuestas por estado: {:?}", outcome.statuses());
        }
    }
}

/// Two decimals.
pub fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The one in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
