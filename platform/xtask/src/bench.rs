//! `cargo xtask bench`: the production build against a durable PostgreSQL on this machine.
use crate::{
    job::{APART, Job, say},
    packages::{self, Need, ensure},
    paths, plugins,
    redis::Redis,
};
use anyhow::{Context, Result, bail};
use cluster::{Cluster, Durability, FolderLock, Options};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        bail!(
            "uso: cargo xtask bench NOMBRE [--segundos N] [--solo PARTE] [--ritmo N] [--perfil] [--json], por ejemplo: cargo xtask bench reservar"
        );
    };
    ensure(&[Need::Compiler, Need::Certificates, Need::Postgres, Need::Redis])?;
    match name.as_str() {
        "plugins" => return of_plugins(rest),
        "arranque" => return of_start(rest),
        _ => {}
    }
    build_server(&["--no-default-features"])?;
    stay_on_two_cores()?;
    // Only where several instances share something; the others are measured alone.
    let redis = if ["agenda", "escala"].contains(&name.as_str()) { Some(Redis::start()?) } else { None };
    let shared: Vec<(&str, String)> = redis.iter().map(|redis| ("REDIS_URL", redis.url().to_owned())).collect();
    served(name, rest, &shared)
}

/// `features`: of the measurements.
fn build_server(features: &[&str]) -> Result<()> {
    // First and alone: what is measured has no part of the demo in it.
    Job::cargo("compilando el servidor").args(["build", "--release", "--package", "server", "--bin", "huella"]).ok()?;
    Job::cargo("compilando la carga").args(["build", "--release", "--package", "carga"]).args(features).ok()?;
    Ok(())
}

/// How long a newcomer waits: the demonstration, as `cargo xtask demo` runs it, and the server of production on its data.
fn of_start(arguments: &[String]) -> Result<ExitCode> {
    build_server(&["--no-default-features"])?;
    crate::test::compile_demo()?;
    stay_on_two_cores()?;
    let parent = paths::target().join("medidas");
    fs::create_dir_all(&parent)?;
    let _alone = FolderLock::take(&parent)?;
    let scratch = Scratch::new(parent.join("arranque"))?;
    let release = paths::target().join("release");
    let job = Job::new("midiendo", release.join("carga"))
        .args(["arranque"])
        .args(arguments)
        .env("HUELLA_BIN", release.join("huella"))
        .env("HUELLA_DEMO", paths::target().join("debug/huella"))
        .env("HUELLA_CARGA", scratch.folder());
    // Somebody's own services would be used instead of the demonstration's.
    let done =
        ["DATABASE_URL", "REDIS_URL", "S3_ENDPOINT", "S3_BUCKET", "SMTP_URL"].iter().fold(job, |job, name| job.without(name)).run()?;
    Ok(if done.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a measurement beside a PostgreSQL of its own.
fn served(name: &str, arguments: &[String], more: &[(&str, String)]) -> Result<ExitCode> {
    let parent = paths::target().join("medidas");
    fs::create_dir_all(&parent)?;
    let _alone = FolderLock::take(&parent)?;
    let scratch = Scratch::new(parent.join("carga"))?;
    let options = Options { durability: Durability::Full, max_connections: 300, settings: Vec::new() }
        .with("shared_buffers", "1GB")
        // Five thousand sedes take room enough.
        .with("max_wal_size", if name == "escala" { "3GB" } else { "8GB" });
    // Counting statements costs, so only who asks for a profile has it; `escala` counts them when all else was measured.
    let profiled = name == "escala" || arguments.iter().any(|argument| argument == "--perfil");
    let options =
        if profiled && packages::counts_statements() { options.with("shared_preload_libraries", "pg_stat_statements") } else { options };
    let cluster = Cluster::throwaway(&parent, &options)?;
    say(&format!("PostgreSQL {} durable en el puerto {}", cluster.major(), cluster.port()));
    let release = paths::target().join("release");
    let job = Job::new("midiendo", release.join("carga"))
        .args([name])
        .args(arguments)
        // Through its socket: both are on this machine.
        .env("DATABASE_URL", format!("{}?host={}", cluster.url("postgres"), cluster.socket_folder().display()))
        .env("HUELLA_BIN", release.join("huella"))
        .env("HUELLA_CARGA", scratch.folder())
        .env("PGBENCH", cluster.program("pgbench"))
        .env("PG_PID", cluster.pid().map(|pid| pid.to_string()).unwrap_or_default())
        .without("REDIS_URL");
    let done = more.iter().fold(job, |job, (name, value)| job.env(name, value)).run()?;
    Ok(if done.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plugins: what a call costs beside the engine alone, which needs no server; then a chain's night and hostile calls, which do.
/// One report of both.
fn of_plugins(arguments: &[String]) -> Result<ExitCode> {
    let only = arguments.windows(2).find(|pair| pair[0] == "--solo").map(|pair| pair[1].as_str());
    for package in APART {
        Job::apart("compilando aparte", "build", package).ok()?;
    }
    plugins::run(&[])?;
    let calls = matches!(only, None | Some("llamadas"));
    if calls {
        let example = ["build", "--release", "--package", "plugin-host", "--features", "medir", "--example", "medir"];
        Job::cargo("compilando la medición").args(example).ok()?;
    }
    if only != Some("llamadas") {
        build_server(&[])?;
    }
    stay_on_two_cores()?;
    let places = [
        ("HUELLA_DIST", paths::root().join("plugins/dist").display().to_string()),
        ("HUELLA_COMPILADOR", paths::target().join("debug/huella-compilar").display().to_string()),
    ];
    let mut more = places.to_vec();
    if calls {
        let job = Job::new("midiendo", paths::target().join("release/examples/medir")).args(["--json"]);
        let job = job.env("HUELLA_PEQUENA", small_rule()?);
        // Its tools come from the registry of its language: without one, all other figures are there.
        let job = match plugins::python() {
            Ok(made) => job.env("HUELLA_PYTHON", made),
            Err(error) => {
                say(&format!("sin el complemento en Python: {error:#}"));
                job
            }
        };
        let done = places.iter().fold(job, |job, (name, value)| job.env(name, value)).ok()?;
        more.push(("HUELLA_LLAMADAS", done.text.lines().last().unwrap_or_default().to_owned()));
    }
    if only == Some("llamadas") { Ok(ExitCode::SUCCESS) } else { served("plugins", arguments, &more) }
}

/// The rule that everybody begins with: what `huella-plugin new` makes, unchanged.
fn small_rule() -> Result<PathBuf> {
    let folder = paths::target().join("medidas/peso");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(paths::target().join("medidas"))?;
    let tool = || Job::new("haciendo una regla pequeña", paths::target().join("debug/huella-plugin"));
    tool().args(["new"]).args([&folder]).args(["--world", "alerts", "--sdk"]).args([paths::root().join("sdk/rust")]).ok()?;
    // The versions that are here already.
    fs::copy(paths::root().join("plugins/Cargo.lock"), folder.join("Cargo.lock"))?;
    tool().args(["build"]).args([&folder]).args(["--target-dir"]).args([paths::target().join("plugins")]).ok()?;
    Ok(folder.join("dist/peso.wasm"))
}

/// A folder for keys and scripts that is gone at the end, be it a failure or Ctrl-C; what a killed run left goes now.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: PathBuf) -> Result<Self> {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| format!("no se pudo crear {}", folder.display()))?;
        Ok(Self(folder))
    }
    fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The promised figures are about two cores. Pins this process: PostgreSQL, server and load generator are its children
/// and inherit that.
fn stay_on_two_cores() -> Result<()> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).map(cores).unwrap_or_default();
    let [first, second, _, ..] = allowed[..] else {
        say(&format!("{} núcleos", allowed.len()));
        return Ok(());
    };
    let mut command = Command::new("taskset");
    command.args(["--all-tasks", "--cpu-list", "--pid", &format!("{first},{second}"), &std::process::id().to_string()]);
    let pinned = command.output().context("taskset (paquete util-linux)")?;
    if !pinned.status.success() {
        bail!("taskset: {}", String::from_utf8_lossy(&pinned.stderr).trim());
    }
    say(&format!("{} núcleos; PostgreSQL, servidor y carga solo en dos de ellos, {first} y {second}", allowed.len()));
    Ok(())
}

/// `0-2,7` as the kernel lists them.
fn cores(list: &str) -> Vec<usize> {
    let range = |part: &str| -> Option<std::ops::RangeInclusive<usize>> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    list.trim().split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_list_is_read() {
        assert_eq!(cores("\t0-2,7\n"), [0, 1, 2, 7]);
        assert_eq!(cores("3"), [3]);
        assert!(cores("").is_empty());
    }
}
