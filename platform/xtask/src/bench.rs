//! `cargo xtask bench`: the production build against a durable PostgreSQL on this machine.
use crate::{
    job::{Job, say},
    packages::{Need, ensure},
    paths,
};
use anyhow::{Result, bail};
use cluster::{Cluster, Durability, Options};
use std::process::ExitCode;

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        bail!("uso: cargo xtask bench NOMBRE [--json], por ejemplo: cargo xtask bench reservar");
    };
    ensure(&[Need::Compiler, Need::Certificates, Need::Postgres])?;
    // First and alone: what is measured has no part of the demo in it.
    Job::cargo("compilando el servidor").args(["build", "--release", "--package", "server", "--bin", "huella"]).ok()?;
    Job::cargo("compilando la carga").args(["build", "--release", "--package", "huella-tests", "--bin", "carga"]).ok()?;
    let options = Options { durability: Durability::Full, max_connections: 300, settings: Vec::new() }
        .with("shared_buffers", "1GB")
        .with("max_wal_size", "8GB");
    let cluster = Cluster::throwaway(&paths::target().join("medidas"), &options)?;
    say(&format!("PostgreSQL {} durable en el puerto {}", cluster.major(), cluster.port()));
    let release = paths::target().join("release");
    let done = Job::new("midiendo", release.join("carga"))
        .args([name])
        .args(rest)
        .env("DATABASE_URL", cluster.url("postgres"))
        .env("HUELLA_BIN", release.join("huella"))
        .env("PGBENCH", cluster.program("pgbench"))
        .env("PG_PID", cluster.pid().map(|pid| pid.to_string()).unwrap_or_default())
        .without("REDIS_URL")
        .run()?;
    drop(cluster);
    Ok(if done.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
