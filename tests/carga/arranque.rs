//! `bench arranque`: how long a newcomer waits for the demonstration, the first time and the second, and an operator for the
//! server on a database that is there.
use crate::{
    bench::{Limits, round},
    measure,
};
use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use std::{
    collections::HashMap,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// The last line that a demonstration prints when it is ready.
const READY: &str = "Ctrl-C para terminar";
/// Nobody waits longer, whatever is promised.
const LONGEST: Duration = Duration::from_secs(600);
const SECOND_STARTS: usize = 3;
const SERVER_STARTS: usize = 5;

/// What was promised, in the units of the report.
const LOAD_S: f64 = 60.0;
const AGAIN_S: f64 = 10.0;
const READY_MS: f64 = 1_000.0;

#[derive(Serialize)]
struct Report {
    /// Loading the data of the first start, as the demonstration itself says it.
    load_s: f64,
    /// All of the first start: the database is made, data are loaded, plugins are installed.
    first_start_s: f64,
    pets: u64,
    /// The slowest of several.
    second_start_s: f64,
    ready_ms: f64,
    /// Of each limit, what was used.
    load_ratio: f64,
    second_start_ratio: f64,
    ready_ratio: f64,
    kept: bool,
}

struct Place {
    demo: PathBuf,
    server: PathBuf,
    folder: PathBuf,
}

impl Place {
    fn from_env() -> Result<Self> {
        let var = |name: &str| {
            std::env::var_os(name).map(PathBuf::from).with_context(|| format!("falta {name}: use `cargo xtask bench arranque`"))
        };
        Ok(Self { demo: var("HUELLA_DEMO")?, server: var("HUELLA_BIN")?, folder: var("HUELLA_CARGA")? })
    }
    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// Address and credentials of every part, as the demonstration wrote them.
    fn conexion(&self) -> Result<HashMap<String, String>> {
        let text = std::fs::read_to_string(self.folder.join("demo/conexion.env"))?;
        let pair =
            |line: &str| line.split_once("='").and_then(|(name, quoted)| Some((name.to_owned(), quoted.strip_suffix('\'')?.to_owned())));
        Ok(text.lines().filter_map(pair).collect())
    }
}

/// A demonstration that is ready.
struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
    took: Duration,
}

impl Demo {
    async fn start(place: &Place, port: u16) -> Result<Self> {
        let start = Instant::now();
        let mut command = Command::new(&place.demo);
        command.current_dir(Place::root()).args(["demo", "--port", &port.to_string(), "--data"]).arg(place.folder.join("demo"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("sin salida")?).lines();
        let mut demo = Self { child, lines, said: String::new(), took: Duration::ZERO };
        timeout(LONGEST, demo.until_ready()).await.with_context(|| format!("la demostración no arrancó en {LONGEST:?}"))??;
        demo.took = start.elapsed();
        Ok(demo)
    }

    async fn until_ready(&mut self) -> Result<()> {
        while let Some(line) = self.lines.next_line().await? {
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(READY) {
                return Ok(());
            }
        }
        bail!("la demostración terminó antes de estar lista:\n{}", self.said);
    }

    /// Seconds of `datos cargados en N s`; none, if nothing was loaded.
    fn load(&self) -> Option<f64> {
        let line = self.said.lines().find_map(|line| line.trim().strip_prefix("datos cargados en "))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// As Ctrl-C does it.
    async fn stop(mut self) -> Result<()> {
        let pid = self.child.id().context("la demostración ya no está")?.to_string();
        ensure!(Command::new("kill").args(["-s", "INT", &pid]).status().await?.success(), "no se pudo detener la demostración");
        let status = timeout(Duration::from_secs(60), self.child.wait()).await.context("la demostración no termina")??;
        ensure!(status.success(), "la demostración terminó con {status}");
        Ok(())
    }
}

/// From the start of the process until it says that it is ready.
async fn server_ready(place: &Place, env: &HashMap<String, String>) -> Result<Duration> {
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let names = ["DATABASE_URL", "HUELLA_CLAVES", "S3_ENDPOINT", "S3_REGION", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"];
    let variables = names.iter().filter_map(|name| Some((*name, env.get(*name)?)));
    let http = reqwest::Client::new();
    let url = format!("http://{address}/readyz");
    let start = Instant::now();
    let mut command = Command::new(&place.server);
    command.arg("serve").current_dir(Place::root()).envs(variables).env("HUELLA_ESCUCHA", &address).env("HUELLA_LOG", "error");
    // The demonstration does the work.
    command.env("HUELLA_TRABAJOS", "false").stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let answers = async || http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success());
    measure::until(Duration::from_secs(30), Duration::from_millis(5), answers).await?;
    let took = start.elapsed();
    child.kill().await?;
    Ok(took)
}

async fn pets(env: &HashMap<String, String>) -> Result<u64> {
    let url = env.get("DATABASE_ADMIN_URL").context("conexion.env no nombra la base")?;
    let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(url).await?;
    let count: i64 = sqlx::query_scalar("select count(*) from huella.mascotas").fetch_one(&mut db).await?;
    Ok(count.unsigned_abs())
}

pub async fn run(as_json: bool) -> Result<()> {
    let place = Place::from_env()?;
    println!("Primer arranque de la demostración, con todos sus datos…");
    // One for all starts: whoever noted an address finds it again.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let first = Demo::start(&place, port).await?;
    let load = first.load().context("la demostración no dijo cuánto tardó en cargar")?;
    let (env, first_start) = (place.conexion()?, first.took);
    let loaded = pets(&env).await?;
    ensure!(loaded >= 20_000, "solo {loaded} mascotas");
    first.stop().await?;

    let (mut again, mut kept, mut ready) = (Duration::ZERO, true, Vec::new());
    for round in 0..SECOND_STARTS {
        let demo = Demo::start(&place, port).await?;
        again = again.max(demo.took);
        kept &= demo.load().is_none() && place.conexion()? == env && pets(&env).await? == loaded;
        if round == 0 {
            for _ in 0..SERVER_STARTS {
                ready.push(server_ready(&place, &env).await?.as_secs_f64() * 1e3);
            }
        }
        demo.stop().await?;
    }
    let ready_ms = ready.iter().copied().fold(0.0, f64::max);
    println!("{loaded} mascotas; el primer arranque entero tardó {:.1} s", first_start.as_secs_f64());
    let mut limits = Limits::default();
    let report = Report {
        load_s: load,
        first_start_s: round(first_start.as_secs_f64()),
        pets: loaded,
        second_start_s: round(again.as_secs_f64()),
        ready_ms: round(ready_ms),
        load_ratio: limits.at_most("datos del primer arranque, s", load, LOAD_S),
        second_start_ratio: limits.at_most(&format!("el más lento de {SECOND_STARTS} segundos arranques, s"), again.as_secs_f64(), AGAIN_S),
        ready_ratio: limits.at_most(&format!("servidor listo, el peor de {SERVER_STARTS}, ms"), ready_ms, READY_MS),
        kept,
    };
    limits.print();
    println!("{}", if as_json { serde_json::to_string(&report)? } else { serde_json::to_string_pretty(&report)? });
    ensure!(kept, "un segundo arranque no conservó los datos o las direcciones");
    // After the figures, so that they are seen whatever they are.
    limits.all_kept()
}
