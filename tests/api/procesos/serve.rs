//! `huella serve` when it is told to end, and when it is not even asked.
use super::{Base, Programa, free_port, huella, number};
use huella_tests::{CLAVE, Cliente, andina, id};
use jiff::{Timestamp, ToSpan, civil::Weekday, tz};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use std::{
    collections::VecDeque,
    path::PathBuf,
    process::Output,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{process::Command, task::JoinSet};

const AT_ONCE: usize = 8;

/// A chain in a database of its own, and a server to run on it.
pub struct Servicio {
    /// Unless the database is of a cluster that somebody else has.
    base: Option<Base>,
    url: String,
    pub claves: PathBuf,
    pub port: u16,
}

impl Servicio {
    pub async fn new() -> Self {
        Self::of(&["andina"]).await
    }

    /// With these chains of `datos/`.
    pub async fn of(chains: &[&str]) -> Self {
        let base = Base::new().await;
        let mut servicio = Self::on(base.url(), chains).await;
        servicio.base = Some(base);
        servicio
    }

    /// In this new and empty database.
    pub async fn on(url: String, chains: &[&str]) -> Self {
        let claves = std::env::temp_dir().join(format!("huella-serve-{}", uuid::Uuid::now_v7()));
        let servicio = Self { base: None, url, claves, port: free_port() };
        servicio.does(&["migrate"]).await;
        for chain in chains {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datos").join(chain);
            servicio.does(&["tenant", "apply", &folder.to_string_lossy(), "--clave-demo", CLAVE]).await;
        }
        servicio
    }

    /// The same chain for a second server.
    pub fn en_otro_puerto(&self) -> Self {
        Self { base: None, url: self.url.clone(), claves: self.claves.clone(), port: free_port() }
    }

    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The program with its database and keys; what it says is trouble.
    pub fn huella(&self) -> Command {
        let mut command = huella();
        command.env("DATABASE_URL", &self.url).env("HUELLA_CLAVES", &self.claves).env("HUELLA_LOG", "error");
        command.env("HUELLA_ESCUCHA", format!("127.0.0.1:{}", self.port));
        command
    }

    async fn does(&self, arguments: &[&str]) {
        let out = self.huella().args(arguments).output().await.expect("run");
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    /// A command, however it ends.
    pub async fn orders(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Dicho {
        Dicho::of(self.huella().args(arguments).envs(variables.iter().copied()).output().await.expect("run"))
    }

    /// With or without the jobs that carry events away.
    pub async fn serve(&self, jobs: bool) -> Programa {
        self.serve_with(&[("HUELLA_TRABAJOS", &jobs.to_string())]).await
    }

    pub async fn serve_with(&self, variables: &[(&str, &str)]) -> Programa {
        let mut command = self.huella();
        command.arg("serve").envs(variables.iter().copied());
        let program = Programa::start(command);
        let start = Instant::now();
        while !self.ready().await {
            assert!(start.elapsed() < Duration::from_secs(30), "never ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        program
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it answers, once it serves.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn nadie(&self) -> Cliente {
        Cliente::new(&format!("http://{}", self.address()))
    }

    pub async fn ready(&self) -> bool {
        reqwest::get(format!("http://{}/readyz", self.address())).await.is_ok_and(|answer| answer.status().is_success())
    }

    pub async fn recepcion(&self) -> Cliente {
        self.como("andina", andina::RECEPCION_LIMA).await
    }

    pub async fn como(&self, cadena: &str, correo: &str) -> Cliente {
        let nadie = self.nadie();
        let body = json!({ "cadena": cadena, "correo": correo, "contrasena": CLAVE });
        let session = nadie.post("/sesiones", body).await.ok();
        nadie.with_token(session["token"].as_str().expect("a token"))
    }

    pub async fn number(&self, query: &str) -> i64 {
        number(&self.url, query).await
    }

    pub async fn id_of(&self, table: &str, column: &str, value: &str) -> String {
        self.text(&format!("select id::text from {table} where {column} = '{value}'")).await
    }

    pub async fn text(&self, query: &str) -> String {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&mut self.superuser().await).await.expect("a row")
    }

    /// Behind everybody's back, as somebody whom the database stops from nothing.
    pub async fn execute(&self, sql: &str) {
        let done = self.superuser().await.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.expect("valid SQL");
        assert!(done.rows_affected() > 0, "nothing was changed by {sql}");
    }

    /// Nobody reads this table as long as the connection is open.
    pub async fn locks(&self, table: &str) -> PgConnection {
        let mut db = self.superuser().await;
        db.execute(sqlx::AssertSqlSafe(format!("begin; lock table {table} in access exclusive mode"))).await.expect("locked");
        db
    }

    async fn superuser(&self) -> PgConnection {
        let mut db = PgConnection::connect(&self.url).await.expect("signs in");
        db.execute("set search_path = huella, public").await.expect("set");
        db
    }

    /// Waits until the query counts nothing.
    pub async fn until_none(&self, query: &str) {
        let start = Instant::now();
        while self.number(query).await > 0 {
            assert!(start.elapsed() < Duration::from_secs(30), "still there: {query}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Bookings of different hours of one vet, the next weeks long: nothing but holidays refuses them.
    pub async fn bookings(&self, recepcion: &Cliente) -> Vec<Value> {
        let patient = json!({ "tutor": { "nombres": "Tutor", "apellidos": "De Luna" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
        let luna = recepcion.post("/pacientes/registro", patient).await.created()["mascota"]["id"].clone();
        let (sede, servicio) = (self.id_of("sedes", "codigo", "LIM").await, self.id_of("servicios", "codigo", "CONS").await);
        let medico = self.id_of("usuarios", "cmvp", "11567").await;
        #[expect(clippy::disallowed_methods, reason = "the server under test has the wall's clock")]
        let today = Timestamp::now().to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date();
        let days = (1..90_i64).map(|day| today.saturating_add(day.days()));
        let days = days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
        let starts = days.flat_map(|day| (0..19_i64).map(move |slot| day.at(8, 0, 0, 0).saturating_add((slot * 35).minutes())));
        let body = |start: jiff::civil::DateTime| json!({ "sede_id": sede, "mascota_id": luna, "servicio_id": servicio, "medico_id": medico, "inicio": format!("{start}-05:00") });
        starts.map(body).collect()
    }

    /// Hours of one day that nothing refuses: the first one of it was just booked.
    pub async fn free_hours(&self, recepcion: &Cliente) -> impl Iterator<Item = Value> {
        let mut bookings = self.bookings(recepcion).await.into_iter();
        let mut next = || bookings.next().expect("a day that is no holiday");
        while recepcion.post("/citas/reservar", next()).await.status != 201 {}
        bookings.take(15)
    }

    pub async fn gone(self) {
        let _ = std::fs::remove_dir_all(&self.claves);
        if let Some(base) = self.base {
            base.drop().await;
        }
    }
}

/// What a command said, and how it ended.
pub struct Dicho {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Dicho {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// One request: when it was sent, and what was answered (`None`: nothing).
struct Pedido {
    key: String,
    body: Value,
    sent: Instant,
    answer: Option<(u16, Value)>,
}

/// Several clients that book as fast as they can, until nobody answers any more.
struct Carga {
    clients: JoinSet<Vec<Pedido>>,
    booked: Arc<std::sync::atomic::AtomicUsize>,
}

impl Carga {
    fn start(recepcion: &Cliente, bookings: Vec<Value>) -> Self {
        let queue = Arc::new(Mutex::new(VecDeque::from(bookings)));
        let booked = Arc::default();
        let mut clients = JoinSet::new();
        for _ in 0..AT_ONCE {
            clients.spawn(client(recepcion.clone(), queue.clone(), Arc::clone(&booked)));
        }
        Self { clients, booked }
    }

    async fn until(&self, booked: usize) {
        let start = Instant::now();
        while self.booked.load(std::sync::atomic::Ordering::Relaxed) < booked {
            assert!(start.elapsed() < Duration::from_secs(60), "only {:?} bookings", self.booked);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn ended(self) -> Vec<Pedido> {
        self.clients.join_all().await.into_iter().flatten().collect()
    }
}

async fn client(recepcion: Cliente, queue: Arc<Mutex<VecDeque<Value>>>, booked: Arc<std::sync::atomic::AtomicUsize>) -> Vec<Pedido> {
    let mut sent = Vec::new();
    loop {
        let Some(body) = queue.lock().expect("whole").pop_front() else { panic!("more bookings are needed") };
        let mut pedido = Pedido { key: uuid::Uuid::now_v7().to_string(), body, sent: Instant::now(), answer: None };
        let request = recepcion.request(Method::POST, "/citas/reservar").header("Idempotency-Key", &pedido.key).json(&pedido.body);
        match request.send().await {
            // Nobody listens: this one was never sent.
            Err(error) if error.is_connect() => return sent,
            Err(_) => {}
            Ok(answer) => {
                let status = answer.status().as_u16();
                pedido.answer = answer.json().await.ok().map(|body| (status, body));
                booked.fetch_add(usize::from(status == 201), std::sync::atomic::Ordering::Relaxed);
            }
        }
        sent.push(pedido);
    }
}

fn acknowledged(pedidos: &[Pedido]) -> Vec<String> {
    pedidos.iter().filter_map(|pedido| pedido.answer.as_ref().filter(|(status, _)| *status == 201).map(|(_, body)| id(body))).collect()
}

fn list(ids: &[String]) -> String {
    ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_kept_what_it_acknowledged_once() {
    let servicio = Servicio::new().await;
    let mut killed = servicio.serve(false).await;
    let recepcion = servicio.recepcion().await;
    let carga = Carga::start(&recepcion, servicio.bookings(&recepcion).await);
    // When the server is killed among requests,
    carga.until(40).await;
    killed.child.kill().await.expect("killed");
    let pedidos = carga.ended().await;
    let ids = acknowledged(&pedidos);
    let unanswered: Vec<&Pedido> = pedidos.iter().filter(|pedido| pedido.answer.is_none()).collect();
    eprintln!("{} acknowledged, {} without an answer", ids.len(), unanswered.len());
    // then each acknowledged booking is there, with one line of audit and one event, and so is each that nobody heard of.
    let named = list(&ids);
    let citas = "select count(*) from citas";
    let audited = "select count(*) from auditoria where entidad = 'cita' and accion = 'reservar'";
    let events = "select count(*) from outbox where tema = 'cita.reservada'";
    assert_eq!(servicio.number(&format!("{citas} where id in ({named})")).await, ids.len() as i64);
    assert_eq!(servicio.number(&format!("{audited} and entidad_id in ({named})")).await, ids.len() as i64);
    assert_eq!(servicio.number(&format!("{events} and cuerpo->>'id' in ({named})")).await, ids.len() as i64);
    let kept = servicio.number(citas).await;
    assert!((ids.len() as i64..=(ids.len() + unanswered.len()) as i64).contains(&kept), "{kept}");
    assert_eq!((servicio.number(audited).await, servicio.number(events).await), (kept, kept));

    // And when the server is back, then who asks again gets one booking,
    let again = servicio.serve(true).await;
    for pedido in &unanswered {
        recepcion.post_once("/citas/reservar", &pedido.key, &pedido.body).await.created();
    }
    let all = (ids.len() + unanswered.len()) as i64;
    assert_eq!((servicio.number(citas).await, servicio.number(audited).await), (all, all));
    // none is on top of another, and every event is carried away.
    let overlap = "select count(*) from citas a join citas b on a.id < b.id and a.medico_id = b.medico_id and a.ocupado_desde < b.ocupado_hasta and b.ocupado_desde < a.ocupado_hasta";
    assert_eq!(servicio.number(overlap).await, 0);
    servicio.until_none("select count(*) from outbox").await;
    again.signal("TERM").await;
    assert_eq!(again.ended().await.0, Some(0));
    servicio.gone().await;
}

/// What a line says of a request, and what it must not say of people.
#[tokio::test(flavor = "multi_thread")]
async fn log_lines_name_chain_sede_and_trace_and_nobody() {
    let servicio = Servicio::new().await;
    let mut command = servicio.huella();
    command.arg("serve").env("HUELLA_LOG", "info").env("HUELLA_LOG_FORMATO", "json");
    let mut server = Programa::start(command);
    server.until("listening").await;
    let recepcion = servicio.recepcion().await;
    let tenant = servicio.id_of("tenants", "clave", "andina").await;
    let lima = servicio.id_of("sedes", "codigo", "LIM").await;
    let patient = json!({ "sede_id": lima, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" }, "tutor": {
        "nombres": "Wenceslao", "apellidos": "Ñahuinlla", "telefono": "987654321", "correo": "wences@ejemplo.pe",
        "direccion": "Jr. Puno 123", "documento": { "tipo": "dni", "numero": "40506070" } } });
    recepcion.post("/pacientes/registro", patient).await.created();
    for query in ["wenceslao", "40506070", "987654321", "wences@ejemplo.pe"] {
        recepcion.get(&format!("/pacientes?buscar={query}")).await.ok();
    }
    let booking = servicio.bookings(&recepcion).await.swap_remove(0);
    let cita = recepcion.post("/citas/reservar", booking).await;
    let trace = cita.headers["x-traza"].to_str().expect("text").to_owned();
    recepcion.get(&format!("/citas/{}", id(&cita.body))).await.ok();
    server.signal("TERM").await;
    server.until("stopped").await;
    let lines: Vec<Value> = server.said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let about = |route: &str| lines.iter().find(|line| line["ruta"].as_str().is_some_and(|ruta| ruta.ends_with(route))).expect(route);
    for route in ["/citas/reservar", "/citas/{id}"] {
        let line = about(route);
        assert_eq!((line["tenant"].as_str(), line["sede"].as_str()), (Some(tenant.as_str()), Some(lima.as_str())), "{line}");
    }
    assert_eq!(about("/citas/reservar")["traza"], trace);
    for personal in ["Wenceslao", "wenceslao", "Ñahuinlla", "987654321", "wences", "Jr. Puno", "40506070", CLAVE] {
        assert!(!server.said.contains(personal), "{personal} is in the log");
    }
    servicio.gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_end_answers_what_was_sent() {
    let servicio = Servicio::new().await;
    let server = servicio.serve(true).await;
    let recepcion = servicio.recepcion().await;
    let carga = Carga::start(&recepcion, servicio.bookings(&recepcion).await);
    carga.until(40).await;
    let told = Instant::now();
    server.signal("TERM").await;
    let pedidos = carga.ended().await;
    assert_eq!(server.ended().await.0, Some(0));
    let (before, after): (Vec<&Pedido>, Vec<&Pedido>) = pedidos.iter().partition(|pedido| pedido.sent < told);
    let lost = |sent: &[&Pedido]| sent.iter().filter(|pedido| pedido.answer.is_none()).count();
    eprintln!("{} sent before, {} after, of which {} without an answer", before.len(), after.len(), lost(&after));
    assert!(before.len() >= 40 && lost(&before) == 0, "{} of {} without an answer", lost(&before), before.len());
    assert!(pedidos.iter().filter_map(|pedido| pedido.answer.as_ref()).all(|(status, _)| [201, 409, 422].contains(status)));
    assert_eq!(servicio.number("select count(*) from citas").await, acknowledged(&pedidos).len() as i64);
    servicio.gone().await;
}
