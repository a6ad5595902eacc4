//! PostgreSQL is killed, cut off, mute or slow.
use super::{Paso, Puerta, clientes::Insistentes, clientes::whole, number};
use crate::procesos::serve::Servicio;
use cluster::{Cluster, Options};
use huella_tests::Cliente;
use sqlx::{Connection, Executor, PgConnection};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::{process::Command, task::JoinSet};

/// A cluster of its own that keeps what it confirmed, as in production.
struct Duradero {
    home: PathBuf,
    cluster: Option<Cluster>,
}

impl Duradero {
    fn new() -> Self {
        let home = std::env::temp_dir().join(format!("huella-averia-{}", uuid::Uuid::now_v7().simple()));
        let mut duradero = Self { home, cluster: None };
        duradero.start();
        duradero
    }

    fn start(&mut self) {
        self.cluster = None;
        let cluster = tokio::task::block_in_place(|| Cluster::start(&self.home, &Options::default()));
        self.cluster = Some(cluster.expect("a cluster"));
    }

    fn cluster(&self) -> &Cluster {
        self.cluster.as_ref().expect("started")
    }
}

impl Drop for Duradero {
    fn drop(&mut self) {
        self.cluster = None;
        let _ = cluster::destroy(&self.home);
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

async fn kill(pid: i64) {
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status().await.expect("run");
    assert!(killed.success(), "{pid} was not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_postgresql_loses_and_doubles_nothing_and_the_server_goes_on() {
    let mut duradero = Duradero::new();
    let mut admin = PgConnection::connect(&duradero.cluster().url("postgres")).await.expect("signs in");
    admin.execute("create database huella").await.expect("a new database");
    drop(admin);
    let servicio = Servicio::on(duradero.cluster().url("huella"), &["andina"]).await;
    let server = servicio.serve_with(&[]).await;
    let recepcion = servicio.recepcion().await;
    let insistentes = Insistentes::start(&recepcion, servicio.bookings(&recepcion).await);
    insistentes.until(40).await;
    // One of its processes is killed: PostgreSQL ends all and starts again by itself.
    let one = "select pid::bigint from pg_stat_activity where application_name = 'huella' and datname = 'huella' limit 1";
    kill(number(servicio.url(), one).await).await;
    let alone = insistentes.back().await;
    insistentes.until(insistentes.booked() + 40).await;
    // All of it is killed, and somebody starts it again.
    kill(i64::from(duradero.cluster().pid().expect("running"))).await;
    let before = insistentes.booked();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(insistentes.booked() <= before + 8, "something books without a database");
    duradero.start();
    let started = Instant::now();
    let whole_time = insistentes.back().await;
    eprintln!(
        "a process killed: {} ms without a booking; PostgreSQL killed: {} ms, of which {} since it was started again",
        alone.as_millis(),
        whole_time.as_millis(),
        started.elapsed().as_millis()
    );
    assert!(started.elapsed() < Duration::from_secs(10), "the server does not find back");
    insistentes.until(insistentes.booked() + 40).await;
    let (ids, failed) = insistentes.ended().await;
    eprintln!("{} acknowledged, {failed} tries to be repeated", ids.len());
    assert!(failed > 0, "nobody noticed");
    whole(&servicio, &ids).await;
    server.signal("TERM").await;
    assert_eq!(server.ended().await.0, Some(0));
    servicio.gone().await;
}

/// Where the server of the tests is.
fn address() -> String {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL: run `cargo xtask test`");
    let (_, rest) = url.split_once('@').expect("an address with somebody who signs in");
    rest.split('/').next().expect("a part").to_owned()
}

/// Twenty at once: the statuses, whether all say when to come back, and the longest.
async fn ask(recepcion: &Cliente) -> (Vec<u16>, bool, Duration) {
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let recepcion = recepcion.clone();
        asking.spawn(async move {
            let start = Instant::now();
            let answer = recepcion.get("/servicios?limite=5").await;
            (answer.status.as_u16(), answer.headers.contains_key("retry-after"), start.elapsed())
        });
    }
    let answers = asking.join_all().await;
    let mut statuses: Vec<u16> = answers.iter().map(|(status, ..)| *status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    (statuses, answers.iter().all(|(_, again, _)| *again), answers.iter().map(|(.., time)| *time).max().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_out_of_reach_is_told_in_time_and_found_again() {
    let servicio = Servicio::of(&["andina"]).await;
    let puerta = Puerta::to(address()).await;
    let (who, name) = (servicio.url().rsplit_once('@').expect("somebody").0, servicio.url().rsplit('/').next().expect("a name"));
    let through = format!("{who}@127.0.0.1:{}/{name}", puerta.port);
    let variables =
        [("DATABASE_URL", through.as_str()), ("HUELLA_PLAZO_MS", "5000"), ("HUELLA_DB_ESPERA_MS", "2000"), ("HUELLA_TRABAJOS", "false")];
    let server = servicio.serve_with(&variables).await;
    let recepcion = servicio.recepcion().await;
    assert_eq!(ask(&recepcion).await.0, [200]);
    for paso in [Paso::Cortado, Paso::Mudo, Paso::Lento(Duration::from_secs(4))] {
        puerta.poner(paso);
        let (statuses, again, longest) = ask(&recepcion).await;
        assert_eq!((statuses, again), (vec![503], true), "{paso:?}");
        assert!(longest < Duration::from_secs(8), "{paso:?}: {longest:?}");
        let start = Instant::now();
        assert!(!servicio.ready().await, "{paso:?}");
        assert!(start.elapsed() < Duration::from_secs(3), "{paso:?}: {:?} until /readyz answers", start.elapsed());
        assert!(alive(&servicio).await, "{paso:?}: the process is not what fails");
        // It is back by itself, with all its connections,
        puerta.poner(Paso::Abierto);
        let start = Instant::now();
        while !(servicio.ready().await && ask(&recepcion).await.0 == [200]) {
            assert!(start.elapsed() < Duration::from_secs(30), "{paso:?}: never back");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        eprintln!("{paso:?}: 503 within {} ms, back after {} ms", longest.as_millis(), start.elapsed().as_millis());
        // and leaves none behind in a transaction.
        let open = format!(
            "select count(*) from pg_stat_activity where application_name = 'huella' and datname = '{name}' and state like 'idle in%'"
        );
        let start = Instant::now();
        while servicio.number(&open).await > 0 {
            assert!(start.elapsed() < Duration::from_secs(20), "{paso:?}: a transaction stays open");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    drop(server);
    servicio.gone().await;
}

async fn alive(servicio: &Servicio) -> bool {
    reqwest::get(format!("http://127.0.0.1:{}/healthz", servicio.port)).await.is_ok_and(|answer| answer.status().is_success())
}
