//! `huella demo` from its first start to its last signal.
use super::{Base, Programa, demo_avisos::una_reserva_llega_por_whatsapp, free_port, huella, number};
use adapters::{RedisBus, RedisConfig, S3Config, S3Files, Secret, SmtpConfig, SmtpMailer};
use bytes::Bytes;
use huella_tests::{Cliente, afuera, cliente::send, id};
use kernel::ports::{Bus, Files, Mail, Mailer};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::{
    collections::{BTreeSet, HashMap},
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::process::Command;

/// Enough for the whole agenda; what is promised is tested without processes.
const MASCOTAS: i64 = 3_000;

/// A folder of a demonstration, deleted at the end.
struct Carpeta(PathBuf);

impl Carpeta {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("huella-proceso-{}", uuid::Uuid::now_v7())))
    }

    fn demo(&self, port: u16, more: &[&str]) -> Command {
        let mut command = huella();
        command.args(["demo", "--mascotas", &MASCOTAS.to_string(), "--port", &port.to_string(), "--data"]).arg(&self.0).args(more);
        command
    }

    /// What a shell knows after it has sourced the file.
    async fn conexion(&self) -> HashMap<String, String> {
        let file = self.0.join("conexion.env");
        assert_eq!(fs::metadata(&file).expect("written").permissions().mode() & 0o777, 0o600);
        let mut shell = Command::new("sh");
        shell.env_clear().args(["-c", "set -a; . \"$1\"; exec /usr/bin/env -0", "sh"]).arg(&file);
        let out = shell.output().await.expect("run");
        let text = String::from_utf8(out.stdout).expect("text");
        text.split('\0').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Processes that were started for it or work in it.
    fn processes(&self) -> Vec<String> {
        let name = self.0.to_string_lossy().into_owned();
        let mut found = Vec::new();
        for process in fs::read_dir("/proc").expect("Linux").flatten().map(|entry| entry.path()) {
            let line = fs::read(process.join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let inside = fs::read_link(process.join("cwd")).is_ok_and(|folder| folder.starts_with(&self.0));
            if line.contains(&name) || inside {
                found.push(format!("{}: {line}", process.display()));
            }
        }
        found
    }

    /// Those that a killed program left behind end by themselves, soon.
    async fn assert_quiet(&self, within: Duration) {
        let start = Instant::now();
        while !self.processes().is_empty() {
            assert!(start.elapsed() < within, "left running:\n{}", self.processes().join("\n"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Carpeta {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Those that every chain has.
const ROLES: [&str; 7] = ["administrador_cadena", "administrador_sede", "veterinario", "recepcion", "farmacia", "caja", "auditor"];

/// The last line that a demonstration prints when it is ready.
const READY: &str = "Ctrl-C para terminar";

/// What a person reads on the terminal.
struct Ingreso {
    cadena: String,
    correo: String,
    clave: String,
}

impl Ingreso {
    /// The first login of `rol`.
    fn printed(said: &str, rol: &str) -> Self {
        let after = |words: &str| said.lines().find_map(|line| line.trim().strip_prefix(words)).unwrap_or_default().trim().to_owned();
        // Its key; its address stands beside it.
        let cadena = after("Cadena ").split_whitespace().next().unwrap_or_default().to_owned();
        Self { cadena, correo: after(&format!("{rol} ")), clave: after("Contraseña de todos: ") }
    }

    /// All of them, each with its role.
    fn all(said: &str) -> Vec<(String, Self)> {
        let clave = Self::printed(said, "recepcion").clave;
        let (mut cadena, mut all) = (String::new(), Vec::new());
        for line in said.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["Cadena", name, _] => name.clone_into(&mut cadena),
                [rol, correo] if correo.contains('@') => {
                    let ingreso = Self { cadena: cadena.clone(), correo: correo.to_owned(), clave: clave.clone() };
                    all.push((rol.to_owned(), ingreso));
                }
                _ => {}
            }
        }
        all
    }

    async fn works(&self, port: u16) -> Cliente {
        let body = json!({ "cadena": self.cadena, "correo": self.correo, "contrasena": self.clave });
        let nadie = Cliente::new(&format!("http://127.0.0.1:{port}"));
        let session = nadie.post("/sesiones", body).await.ok();
        nadie.with_token(session["token"].as_str().expect("a token"))
    }
}

/// A login for each role of the database.
const BASES: [&str; 7] = [
    "DATABASE_ADMIN_URL",
    "DATABASE_APP_URL",
    "DATABASE_BACKUP_URL",
    "DATABASE_JOBS_URL",
    "DATABASE_OPERADOR_URL",
    "DATABASE_RO_URL",
    "DATABASE_URL",
];

async fn every_part_answers(env: &HashMap<String, String>) {
    let mut bases: Vec<&str> = env.keys().map(String::as_str).filter(|name| name.starts_with("DATABASE_")).collect();
    bases.sort_unstable();
    assert_eq!(bases, BASES);
    for name in bases {
        PgConnection::connect(&env[name]).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    // Whatever looks like an address is one, and somebody is there.
    for (name, value) in env.iter().filter(|(_, value)| value.contains("://")) {
        let there =
            value.split_once("://").expect("an address").1.split(['/', '?']).next().expect("a host").rsplit('@').next().expect("a host");
        tokio::net::TcpStream::connect(there).await.unwrap_or_else(|error| panic!("{name}, {there}: {error}"));
    }
    assert!(reqwest::get(format!("{}/readyz", env["HUELLA_URL"])).await.expect("answers").status().is_success());
    let psql = Command::new("psql").env_clear().envs(env).env("PATH", "/usr/bin:/bin").args(["-Atc", "select current_user"]).output();
    let out = psql.await.expect("psql");
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "huella_app", "{}", String::from_utf8_lossy(&out.stderr));
    let files = S3Files::new(&S3Config {
        endpoint: Some(env["S3_ENDPOINT"].clone()),
        region: env["S3_REGION"].clone(),
        bucket: env["S3_BUCKET"].clone(),
        access_key: env["AWS_ACCESS_KEY_ID"].clone(),
        secret_key: Secret::new(&env["AWS_SECRET_ACCESS_KEY"]),
    });
    files.put("prueba/a.txt", "text/plain", Bytes::from_static(b"a")).await.expect("stored");
    assert!(files.get("prueba/a.txt").await.expect("read").is_some());
    let smtp = SmtpConfig::from_url(&env["SMTP_URL"], &env["HUELLA_CORREO_REMITENTE"]).expect("an address");
    let mail = Mail::plain("ana@andes.example.pe", "Prueba de correo", "Hola");
    SmtpMailer::new(&smtp).expect("good").send(mail).await.expect("sent");
    let page = reqwest::get(&env["CORREO_PAGINA"]).await.expect("the page of the mail").text().await.expect("text");
    assert!(page.contains("Prueba de correo"), "{page}");
}

async fn counts(env: &HashMap<String, String>) -> [i64; 4] {
    let url = &env["DATABASE_ADMIN_URL"];
    let mut all = [0; 4];
    for (count, table) in all.iter_mut().zip(["tutores", "mascotas", "citas", "usuarios"]) {
        *count = number(url, &format!("select count(*) from {table}")).await;
    }
    all
}

/// Another one in the same place is refused, and says why.
async fn refused(command: Command, words: &str) {
    let (code, error) = Programa::start(command).ended().await;
    assert!(code == Some(1) && error.contains(words), "{code:?} {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demonstration_works_ends_without_a_trace_and_starts_again_with_its_data() {
    let (carpeta, port) = (Carpeta::new(), free_port());
    let mut demo = Programa::start(carpeta.demo(port, &[]));
    demo.until(READY).await;
    let loaded = demo.said.lines().find(|line| line.contains("datos cargados en")).expect("a duration");
    eprintln!("{MASCOTAS} mascotas: {}", loaded.trim());
    let env = carpeta.conexion().await;
    every_part_answers(&env).await;
    let ingreso = Ingreso::printed(&demo.said, "recepcion");
    let recepcion = ingreso.works(port).await;
    // A login per role of each chain, and all of them let somebody in.
    let all = Ingreso::all(&demo.said);
    let of = |cadena: &str| -> BTreeSet<&str> { all.iter().filter(|(_, one)| one.cadena == cadena).map(|(rol, _)| rol.as_str()).collect() };
    assert!(ROLES.iter().all(|rol| of(&ingreso.cadena).contains(rol)), "{:?}", of(&ingreso.cadena));
    assert!(all.iter().map(|(_, one)| &one.cadena).collect::<BTreeSet<_>>().len() >= 2);
    for (_, one) in &all {
        one.works(port).await;
    }
    let sourced = [&env["HUELLA_DEMO_CADENA"], &env["HUELLA_DEMO_RECEPCION"], &env["HUELLA_DEMO_CLAVE"]];
    assert_eq!(sourced, [&ingreso.cadena, &ingreso.correo, &ingreso.clave]);
    let before = counts(&env).await;
    assert!(before[1] >= MASCOTAS, "{before:?}");
    una_reserva_llega_por_whatsapp(&env, &recepcion).await;
    let before = counts(&env).await;

    // Somebody else wants the port, or the folder.
    refused(Carpeta::new().demo(port, &[]), &format!("el puerto {port} está en uso; elija otro con --port")).await;
    refused(carpeta.demo(free_port(), &[]), "está en uso por el proceso").await;

    assert!(carpeta.processes().len() > 3, "{:?}", carpeta.processes());
    demo.signal("INT").await;
    assert_eq!(demo.ended().await.0, Some(0));
    carpeta.assert_quiet(Duration::from_millis(500)).await;

    // Again, from a shell that has sourced the file: its addresses are no services of somebody else.
    let mut command = carpeta.demo(port, &[]);
    command.envs(&env);
    let start = Instant::now();
    let mut again = Programa::start(command);
    again.until(READY).await;
    let ready = start.elapsed();
    eprintln!("second start: {ready:.1?}");
    assert!(ready <= Duration::from_secs(10), "{ready:?}");
    assert!(!again.said.contains("del entorno") && !again.said.contains("datos cargados"), "{}", again.said);
    assert_eq!(carpeta.conexion().await, env, "addresses and passwords stay valid");
    assert_eq!(counts(&env).await, before);
    ingreso.works(port).await;
    again.signal("TERM").await;
    assert_eq!(again.ended().await.0, Some(0));
    carpeta.assert_quiet(Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_it_starts_is_heard_at_once_and_the_next_start_repeats_the_load() {
    let (carpeta, port) = (Carpeta::new(), free_port());
    // While PostgreSQL is being made,
    let mut demo = Programa::start(carpeta.demo(port, &[]));
    demo.until("iniciando PostgreSQL").await;
    interrupted(demo, &carpeta).await;
    // and while data are loaded, with all pets and half of the agenda in,
    let mut demo = Programa::start(carpeta.demo(port, &[]));
    demo.until("citas: ").await;
    interrupted(demo, &carpeta).await;
    // what was left half done is done again,
    let mut again = Programa::start({
        let mut command = carpeta.demo(port, &[]);
        command.env("HUELLA_DEMORA_CIERRE_MS", "20000");
        command
    });
    again.until(READY).await;
    assert_eq!(again.said.matches("su carga quedó a medias").count(), 2, "{}", again.said);
    Ingreso::printed(&again.said, "recepcion").works(port).await;
    // and whoever has no patience for the end is heard too.
    again.signal("INT").await;
    again.until("Terminando en orden").await;
    again.signal("INT").await;
    let start = Instant::now();
    assert_eq!(again.ended().await.0, Some(130));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    carpeta.assert_quiet(Duration::from_secs(20)).await;
}

async fn interrupted(demo: Programa, carpeta: &Carpeta) {
    demo.signal("INT").await;
    let start = Instant::now();
    assert_eq!(demo.ended().await.0, Some(0));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    carpeta.assert_quiet(Duration::from_secs(20)).await;
}

/// A photo in the given store, a letter through the given mail server, an event over the given Redis.
async fn leaves_its_mark(ingreso: &Ingreso, port: u16, base: &Base, redis: &str) {
    let recepcion = ingreso.works(port).await;
    let patient = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Núñez" }, "mascota": { "nombre": "Nube", "especie": "perro", "sexo": "hembra" } });
    let register = async || recepcion.post("/pacientes/registro?confirmar_duplicado=true", patient.clone()).await.created();
    let nube = id(&register().await["mascota"]);
    let mut db = PgConnection::connect(&base.url()).await.expect("signs in");
    let of = format!("select tenant_id::text from huella.mascotas where id = '{nube}'");
    let tenant: String = sqlx::query_scalar(sqlx::AssertSqlSafe(of)).fetch_one(&mut db).await.expect("a chain");
    let bus = RedisBus::new(&RedisConfig::from_url(redis).expect("an address")).expect("a bus");
    let mut heard = bus.subscribe();
    let photo = recepcion.request(reqwest::Method::PUT, &format!("/pacientes/{nube}/foto")).header("If-Match", "*");
    send(photo.body(&b"\x89PNG\r\n\x1a\nuno"[..])).await.ok();
    recepcion.post("/cuenta/olvido", json!({ "cadena": ingreso.cadena, "correo": ingreso.correo })).await.expect(202);
    // Whoever has just begun to listen may miss the first.
    let told = async {
        loop {
            register().await;
            let ours = async { while !heard.recv().await.is_ok_and(|message| String::from_utf8_lossy(&message.body).contains(&tenant)) {} };
            if tokio::time::timeout(Duration::from_secs(2), ours).await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.expect("an event over Redis");
    assert_eq!(afuera::stored(&format!("{tenant}/fotos/{nube}")).len(), 1, "the photo is in the given store");
    let start = Instant::now();
    while afuera::cartas(&ingreso.correo).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "no letter through the given server");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn given_services_are_used_and_not_started() {
    let (base, port) = (Base::new().await, free_port());
    let redis = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let (store, smtp) = (afuera::s3_variables(), afuera::smtp_url());
    let given = |carpeta: &Carpeta, more: &[&str]| {
        let mut command = carpeta.demo(port, more);
        command.env("DATABASE_URL", base.url()).env("REDIS_URL", &redis).env("SMTP_URL", smtp).envs(store.clone());
        command
    };
    let carpeta = Carpeta::new();
    let mut demo = Programa::start(given(&carpeta, &[]));
    demo.until(READY).await;
    for name in ["DATABASE_URL", "REDIS_URL", "S3_*", "SMTP_URL"] {
        assert!(demo.said.contains(&format!("se usa {name} del entorno")), "{name}: {}", demo.said);
    }
    let env = carpeta.conexion().await;
    assert_eq!((&env["DATABASE_URL"], &env["REDIS_URL"], env["SMTP_URL"].as_str()), (&base.url(), &redis, smtp));
    assert!(store.iter().all(|(name, value)| env[*name] == *value), "{:?}", env.get("S3_ENDPOINT"));
    for unused in ["PGHOST", "DATABASE_APP_URL", "DATABASE_ADMIN_URL", "CORREO_PAGINA", "HUELLA_LOG"] {
        assert!(!env.contains_key(unused), "{unused} is in conexion.env");
    }
    for unused in ["pg", "s3", "correo"] {
        assert!(!Path::new(&carpeta.0).join(unused).exists(), "{unused} was made, and nobody uses it");
    }
    assert!(number(&base.url(), "select count(*) from mascotas").await >= MASCOTAS);
    leaves_its_mark(&Ingreso::printed(&demo.said, "recepcion"), port, &base, &redis).await;
    demo.signal("INT").await;
    assert_eq!(demo.ended().await.0, Some(0));

    // Another folder has another password and other keys: it says so, unless it may start afresh.
    let other = Carpeta::new();
    refused(given(&other, &[]), "hecha desde otra carpeta").await;
    let mut fresh = Programa::start(given(&other, &["--fresh"]));
    fresh.until(READY).await;
    Ingreso::printed(&fresh.said, "recepcion").works(port).await;
    fresh.signal("INT").await;
    assert_eq!(fresh.ended().await.0, Some(0));
    base.drop().await;
}
