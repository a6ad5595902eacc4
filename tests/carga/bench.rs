//! One phase of a measurement: what was asked, what came back, what it cost.
use crate::{
    chains::Cadena,
    measure,
    open_loop::{self, Ask, Outcome, Pace},
    place::Place,
    server::Server,
};
use anyhow::{Result, ensure};
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

    /// Before a phase that books: from then on whoever books sits at the reception of the sede.
    pub async fn sign_in_receptions(&self) -> Result<()> {
        for cadena in &self.chains {
            cadena.sign_in_receptions(&self.server).await?;
        }
        Ok(())
    }

    fn cpu(&self) -> (f64, f64) {
        (measure::cpu(self.server.pid()), measure::cpu_tree(self.place.pg_pid))
    }

    /// Waits until every event has left the outbox and every audit row has its link: that work belongs to whoever
    /// caused it and must not burden the next.
    pub async fn settle(&self) -> Result<Duration> {
        settle(&self.db).await
    }
}

/// See [`Bench::settle`].
pub async fn settle(db: &PgPool) -> Result<Duration> {
    const BEHIND: &str = "select exists (select from outbox)
        or exists (select from auditoria a where xid >= coalesce((select xid from auditoria_cursor), '0'::xid8)
             and not exists (select from auditoria_eslabones e where e.tenant_id = a.tenant_id and e.auditoria_id = a.id))";
    let level = async || sqlx::query_scalar(BEHIND).fetch_one(db).await.is_ok_and(|behind: bool| !behind);
    measure::until(Duration::from_secs(300), Duration::from_millis(50), level).await
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

/// Figures beside what was promised of them, as a table.
#[derive(Debug, Default)]
pub struct Limits {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    value: f64,
    bound: Bound,
    limit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Most,
    Least,
}

impl Row {
    /// Of what must not be at all, how often it was.
    fn ratio(&self) -> f64 {
        if self.limit == 0.0 { self.value } else { self.value / self.limit }
    }
    /// What cannot be compared has kept nothing.
    fn kept(&self) -> bool {
        match self.bound {
            Bound::Most => self.value <= self.limit,
            Bound::Least => self.value >= self.limit,
        }
    }
    fn line(&self) -> String {
        let sign = if self.bound == Bound::Most { '≤' } else { '≥' };
        let kept = if self.kept() { "sí" } else { "no" };
        format!("{:<52} {:>10.2}   {sign} {:>8.2}   {:>6.2}   {kept}", self.name, self.value, self.limit, self.ratio())
    }
}

impl Limits {
    /// What part of the limit is used, three decimals.
    pub fn at_most(&mut self, name: &str, value: f64, limit: f64) -> f64 {
        self.note(name, value, Bound::Most, limit)
    }
    /// What part of the limit is reached, three decimals.
    pub fn at_least(&mut self, name: &str, value: f64, limit: f64) -> f64 {
        self.note(name, value, Bound::Least, limit)
    }

    fn note(&mut self, name: &str, value: f64, bound: Bound, limit: f64) -> f64 {
        let row = Row { name: name.to_owned(), value, bound, limit };
        let ratio = (row.ratio() * 1_000.0).round() / 1_000.0;
        self.rows.push(row);
        ratio
    }

    pub fn print(&self) {
        let [name, value, limit, ratio] = ["cifra", "medida", "límite", "razón"];
        println!("\n{name:<52} {value:>10}   {limit:>10}   {ratio:>6}   ¿se cumple?");
        self.rows.iter().for_each(|row| println!("{}", row.line()));
        println!();
    }

    /// For a command whose figures must not be missed.
    pub fn all_kept(&self) -> Result<()> {
        let missed: Vec<&str> = self.rows.iter().filter(|row| !row.kept()).map(|row| row.name.as_str()).collect();
        ensure!(missed.is_empty(), "fuera de su límite: {}", missed.join("; "));
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_limit_is_told_and_named() {
        let mut limits = Limits::default();
        assert_eq!(limits.at_most("demora", 5.0, 10.0), 0.5);
        assert_eq!(limits.at_least("ritmo", 1_020.0, 1_000.0), 1.02);
        assert!(limits.all_kept().is_ok());
        assert_eq!((limits.at_most("memoria", 151.0, 150.0), limits.at_least("razón", f64::NAN, 0.6).is_nan()), (1.007, true));
        assert!(limits.rows[0].line().ends_with("≤    10.00     0.50   sí"), "{}", limits.rows[0].line());
        assert_eq!(limits.all_kept().expect_err("missed").to_string(), "fuera de su límite: memoria; razón");
    }
}
