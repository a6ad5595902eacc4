//! The most that the server books, and the most that pgbench books with the same statements, in turns.
use crate::{
    bench::{Bench, median},
    open_loop::Pace,
    pgbench::Pgbench,
    slots::Supply,
};
use anyhow::{Context, Result};

/// The same for both.
const CLIENTS: usize = 16;
const ROUNDS: usize = 3;

/// Bookings a second, the middle of three rounds.
pub struct Maximum {
    pub ours: f64,
    pub pgbench: f64,
}

pub async fn run(bench: &Bench<'_>, database: &str, seconds: f64) -> Result<Maximum> {
    let seconds = (seconds / 4.0).clamp(3.0, 15.0).round();
    let other = Pgbench::new(bench, database, CLIENTS)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        level(bench).await?;
        bench.sign_in_receptions().await?;
        let supply = Supply::of(&bench.chains);
        let pace = Pace { rate: None, seconds, connections: CLIENTS };
        let run = bench.phase(pace, move |_| supply.ask()).await?;
        run.show("máximo de reservas, 16 clientes");
        run.outcome.flawless().context("máximo de reservas")?;
        ours.push(run.outcome.rate());

        level(bench).await?;
        // More than pgbench can take, unless the server is below a quarter of it.
        let most = (run.outcome.rate() * seconds * 4.0) as usize + CLIENTS * 1_000;
        let round = other.round(&Supply::of(&bench.chains), most, seconds as u32).await?;
        let name = "lo mismo por pgbench, 16 clientes";
        println!("{name:<34} {:>7.1}/s  ({:.1}/s con la lectura del turno, que sola da {:.0}/s)", round.net, round.raw, round.reads);
        theirs.push(round.net);
    }
    Ok(Maximum { ours: median(ours), pgbench: median(theirs) })
}

/// Both begin alike: nothing left of the other's round, and a fresh checkpoint.
async fn level(bench: &Bench<'_>) -> Result<()> {
    let waited = bench.settle().await?;
    sqlx::query("checkpoint").execute(&bench.db).await?;
    println!("    bandeja vacía y auditoría sellada tras {:.1} s", waited.as_secs_f64());
    Ok(())
}
