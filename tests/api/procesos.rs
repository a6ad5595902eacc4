//! The program itself, as an operator runs it: what it prints, its children, what it keeps when it is killed.
mod archivos;
mod averias;
mod demo;
mod demo_avisos;
mod examen;
mod observar;
mod ordenes;
mod puertas;
pub mod serve;

use sqlx::{Connection, Executor, PgConnection};
use std::{ffi::OsStr, os::unix::ffi::OsStrExt, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// The program, from the root of the repository. The servers of the tests are its own only where a test says so.
fn huella() -> Command {
    let bin = std::env::var_os("HUELLA_BIN").expect("HUELLA_BIN: run `cargo xtask test`");
    let mut command = Command::new(bin);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["DATABASE_", "REDIS_", "S3_", "SMTP_", "HUELLA_", "PG"].iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    // Somebody's variable that is no text is nobody's business.
    command.env("AJENA", OsStr::from_bytes(b"\xff"));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// A running program, and what it printed so far.
pub struct Programa {
    pub child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: String,
}

impl Programa {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("started");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines, said: String::new() }
    }

    /// Reads on until a line holds `words`.
    async fn until(&mut self, words: &str) {
        let reading = async {
            while let Some(line) = self.lines.next_line().await.expect("readable") {
                self.said.push_str(&line);
                self.said.push('\n');
                if line.contains(words) {
                    return true;
                }
            }
            false
        };
        let found = timeout(Duration::from_secs(240), reading).await;
        if found != Ok(true) {
            let _ = self.child.start_kill();
            let mut error = String::new();
            let _ = self.child.stderr.take().expect("piped").read_to_string(&mut error).await;
            panic!("never said «{words}»:\n{}\n{error}", self.said);
        }
    }

    pub async fn signal(&self, signal: &str) {
        let pid = self.child.id().expect("still running").to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().await.expect("run").success());
    }

    /// How it ended, and what it printed as an error.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let mut error = String::new();
        let whole = async {
            self.child.stderr.take().expect("piped").read_to_string(&mut error).await.expect("readable");
            self.child.wait().await.expect("ended")
        };
        let status = timeout(Duration::from_secs(40), whole).await.expect("it ends");
        (status.code(), error)
    }
}

/// A new and empty database on the server of the tests.
struct Base(String);

fn on_server(database: &str) -> String {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL: run `cargo xtask test`");
    format!("{}/{database}", url.rsplit_once('/').expect("an address with a database").0)
}

impl Base {
    async fn new() -> Self {
        let name = format!("proceso_{}", uuid::Uuid::now_v7().simple());
        let mut admin = PgConnection::connect(&on_server("postgres")).await.expect("the server of the tests");
        admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.expect("a new database");
        Self(name)
    }
    fn url(&self) -> String {
        on_server(&self.0)
    }
    async fn drop(self) {
        let mut admin = PgConnection::connect(&on_server("postgres")).await.expect("the server of the tests");
        admin.execute(sqlx::AssertSqlSafe(format!("drop database {} with (force)", self.0))).await.expect("dropped");
    }
}

/// One number behind the program's back.
async fn number(url: &str, query: &str) -> i64 {
    let mut db = PgConnection::connect(url).await.expect("signs in");
    db.execute("set search_path = huella, public").await.expect("set");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut db).await.expect("a number")
}
