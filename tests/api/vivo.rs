//! What screens hear while they are open: server-sent events of a sede.
use huella_tests::{
    Cliente, Huella, Modo,
    andina::{ADMIN, RECEPCION_CUSCO, RECEPCION_LIMA},
    costera, id,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::trabajos;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// What a new patient is to the whole chain, for those who may see patients.
const DE_LA_CADENA: &[&str] = &["tutor.registrado", "mascota.registrada"];

/// Somebody's open screen.
struct Pantalla {
    response: Response,
    text: String,
}

#[derive(Debug)]
struct Evento {
    id: i64,
    event: String,
    data: Value,
}

impl Pantalla {
    async fn abrir(who: &Cliente, sede: &str, last: Option<i64>) -> Self {
        let mut request = who.request(Method::GET, &format!("/eventos?sede_id={sede}"));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last.to_string());
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{}", response.text().await.unwrap_or_default());
        Self { response, text: String::new() }
    }

    /// Open, and told so.
    async fn lista(who: &Cliente, sede: &str) -> Self {
        let mut pantalla = Self::abrir(who, sede, None).await;
        assert_eq!(pantalla.next().await.event, "listo");
        pantalla
    }

    /// The next event; `None` when the answer ended.
    async fn maybe(&mut self) -> Option<Evento> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let (Some(id), Some(event), Some(data)) = (field("id:"), field("event:"), field("data:")) {
                    let data = serde_json::from_str(data).expect("JSON");
                    return Some(Evento { id: id.parse().expect("a number"), event: event.to_owned(), data });
                }
            }
            let piece = tokio::time::timeout(Duration::from_secs(8), self.response.chunk()).await.expect("an event in time");
            self.text.push_str(&String::from_utf8_lossy(&piece.ok().flatten()?));
        }
    }
    async fn next(&mut self) -> Evento {
        self.maybe().await.expect("one more event")
    }
    /// Nothing comes for a moment.
    async fn silent(&mut self) {
        let heard = tokio::time::timeout(Duration::from_millis(700), self.maybe()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
}

/// Background jobs of a server, until this is dropped.
struct Trabajos(CancellationToken);
impl Trabajos {
    fn of(huella: &Huella, all: bool) -> Self {
        let stop = CancellationToken::new();
        tokio::spawn(trabajos::run(huella.parts.clone(), all, stop.clone()));
        Self(stop)
    }
}
impl Drop for Trabajos {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A chain with a sede to listen to.
struct Agenda {
    huella: Huella,
    lima: String,
    cusco: String,
    llamada: String,
}

impl Agenda {
    async fn start() -> Self {
        Self::start_with(Modo::default()).await
    }
    async fn start_with(modo: Modo) -> Self {
        let huella = Huella::start_with(modo).await;
        huella.execute("delete from outbox").await;
        let of = |table: &'static str, column: &'static str, value: &'static str| huella.id_of("andina", table, column, value);
        let (lima, cusco) = (of("sedes", "codigo", "LIM").await, of("sedes", "codigo", "CUS").await);
        let llamada = of("servicios", "codigo", "LLAMADA").await;
        Self { huella, lima, cusco, llamada }
    }

    /// Books a call in Lima for a new patient, every one at another hour. Two events: the pet and the appointment.
    async fn reservar(&self, who: &Cliente, number: u32) -> String {
        let nombre = format!("Mascota {number}");
        let pet = json!({ "tutor": { "nombres": "Tutor de", "apellidos": nombre }, "mascota": { "nombre": nombre, "especie": "perro", "sexo": "macho" } });
        let pet = who.post("/pacientes/registro", pet).await.created();
        let inicio = format!("2026-03-{:02}T{:02}:00:00-05:00", 2 + number / 6, 9 + number % 6);
        let cita = json!({ "sede_id": self.lima, "mascota_id": pet["mascota"]["id"], "servicio_id": self.llamada, "inicio": inicio });
        id(&who.post("/citas/reservar", cita).await.created())
    }
}

#[tokio::test]
async fn a_screen_hears_its_sede_and_no_other() {
    let agenda = Agenda::start().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let ajena = agenda.huella.como(costera::ADMIN).await;
    let miraflores = agenda
        .huella
        .scalar::<String>("select s.id::text from sedes s join tenants t on t.id = s.tenant_id where t.clave = 'costera' limit 1")
        .await;
    let mut en_lima = Pantalla::lista(&recepcion, &agenda.lima).await;
    let mut en_cusco = Pantalla::lista(&cusco, &agenda.cusco).await;
    let mut afuera = Pantalla::lista(&ajena, &miraflores).await;
    let cita = agenda.reservar(&recepcion, 0).await;
    let heard = loop {
        let heard = en_lima.next().await;
        if heard.event.starts_with("cita.") {
            break heard;
        }
        assert!(DE_LA_CADENA.contains(&heard.event.as_str()), "{heard:?}");
    };
    assert_eq!((heard.event.as_str(), heard.data["cuerpo"]["id"].as_str()), ("cita.reservada", Some(cita.as_str())));
    assert_eq!(heard.data["sede_id"], json!(agenda.lima));
    recepcion.delete(&format!("/citas/{cita}?motivo=El%20tutor%20avisó")).await.ok();
    assert_eq!(en_lima.next().await.event, "cita.anulada");
    for event in DE_LA_CADENA {
        assert_eq!(en_cusco.next().await.event, *event);
    }
    en_cusco.silent().await;
    afuera.silent().await;
    // Not to be had at all: another sede without the right, a sede of another chain.
    let path = |sede: &str| format!("/eventos?sede_id={sede}");
    recepcion.get(&path(&agenda.cusco)).await.problem(403, "sin-permiso");
    agenda.huella.como(ADMIN).await.get(&path(&miraflores)).await.problem(404, "no-encontrado");
}

#[tokio::test]
async fn what_takes_another_permission_is_not_heard() {
    let agenda = Agenda::start().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let admin = agenda.huella.como(ADMIN).await;
    let body = json!({ "nombre": "Tablero", "permisos": ["cita.ver"], "sedes": [agenda.lima], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", body).await.created();
    let tablero = agenda.huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let mut pantalla = Pantalla::lista(&tablero, &agenda.lima).await;
    agenda.reservar(&admin, 0).await;
    assert_eq!(pantalla.next().await.event, "cita.reservada", "and nothing of the pet that was registered for it");
}

#[tokio::test]
async fn the_board_of_a_sede_is_live() {
    let agenda = Agenda::start().await;
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let cita = agenda.reservar(&recepcion, 0).await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let pet = recepcion.post("/pacientes/registro", pet).await.created();
    agenda.huella.execute("delete from outbox").await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let cusco = agenda.huella.como(RECEPCION_CUSCO).await;
    let (mut en_lima, mut en_cusco) = (Pantalla::lista(&recepcion, &agenda.lima).await, Pantalla::lista(&cusco, &agenda.cusco).await);
    let walk_in = json!({ "mascota_id": pet["mascota"]["id"], "servicio_id": agenda.llamada, "triaje": "amarillo" });
    let visita = recepcion.post(&format!("/sedes/{}/visitas", agenda.lima), walk_in).await.created();
    let heard = en_lima.next().await;
    assert_eq!(
        (heard.event.as_str(), &heard.data["cuerpo"]["id"], &heard.data["cuerpo"]["triaje"]),
        ("visita.llegada", &visita["id"], &json!("amarillo"))
    );
    recepcion.put(&format!("/citas/{cita}/estado"), json!({ "estado": "en_espera" })).await.ok();
    let heard = en_lima.next().await;
    assert_eq!((heard.event.as_str(), &heard.data["cuerpo"]["estado"]), ("cita.cambiada", &json!("en_espera")));
    recepcion.delete(&format!("/visitas/{}?motivo=Se+fue", id(&visita))).await.ok();
    assert_eq!(en_lima.next().await.event, "visita.retirada");
    en_cusco.silent().await;
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let agenda = Agenda::start().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    let first = agenda.reservar(&recepcion, 0).await;
    let mut last = pantalla.next().await;
    while last.event != "cita.reservada" {
        last = pantalla.next().await;
    }
    assert_eq!(last.data["cuerpo"]["id"], json!(first));
    drop(pantalla);
    let mut missed = Vec::new();
    for number in 1..5 {
        missed.push(agenda.reservar(&recepcion, number).await);
    }
    let written = "select count(*) from eventos where tema = 'cita.reservada'";
    let began = Instant::now();
    while agenda.huella.scalar::<i64>(written).await < 5 {
        assert!(began.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut pantalla = Pantalla::abrir(&recepcion, &agenda.lima, Some(last.id)).await;
    let mut heard = Vec::new();
    let mut ids = vec![last.id];
    loop {
        let event = pantalla.next().await;
        ids.push(event.id);
        match event.event.as_str() {
            "listo" => break,
            "cita.reservada" => heard.push(event.data["cuerpo"]["id"].as_str().expect("an id").to_owned()),
            other => assert!(DE_LA_CADENA.contains(&other), "{other}"),
        }
    }
    assert_eq!(heard, missed);
    assert!(ids.is_sorted(), "{ids:?}");
    // And goes on from there.
    let next = agenda.reservar(&recepcion, 5).await;
    let mut event = pantalla.next().await;
    while event.event != "cita.reservada" {
        event = pantalla.next().await;
    }
    assert_eq!(event.data["cuerpo"]["id"], json!(next));
}

#[tokio::test]
async fn what_cannot_be_told_one_by_one_is_told_as_such() {
    let agenda = Agenda::start().await;
    let huella = &agenda.huella;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let fill = format!(
        "insert into eventos (tenant_id, numero, sede_id, tema, cuerpo, ocurrido_en, en)
         select tenant_id, n, id, 'cita.cambiada', '{{}}', '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z' from sedes, generate_series(1, 1200) n where id = '{0}';
         insert into eventos_ultimos (tenant_id, ultimo) select tenant_id, 1200 from sedes where id = '{0}'
         on conflict (tenant_id) do update set ultimo = 1200, podado = 0",
        agenda.lima
    );
    huella.execute("delete from outbox; delete from eventos").await;
    huella.execute(&fill).await;
    let first = async |last: i64| Pantalla::abrir(&recepcion, &agenda.lima, Some(last)).await.next().await;
    // Too many; the last thousand; a number that never was; what is no longer kept.
    assert_eq!(first(100).await.event, "reiniciar");
    let whole = first(200).await;
    assert_eq!((whole.event.as_str(), whole.id), ("cita.cambiada", 201));
    assert_eq!(first(9_999).await.event, "reiniciar");
    huella.avanzar(jiff::SignedDuration::from_mins(9));
    trabajos::clean(&huella.parts.system()).await.expect("cleaned");
    assert_eq!(first(1_190).await.event, "cita.cambiada", "ten minutes are promised");
    huella.avanzar(jiff::SignedDuration::from_mins(7));
    trabajos::clean(&huella.parts.system()).await.expect("cleaned");
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let pruned = Pantalla::abrir(&recepcion, &agenda.lima, Some(1_190)).await.next().await;
    assert_eq!((pruned.event.as_str(), pruned.id), ("reiniciar", 1_200));
    assert_eq!(Pantalla::abrir(&recepcion, &agenda.lima, Some(1_200)).await.next().await.event, "listo");
    let wrong = recepcion.request(Method::GET, &format!("/eventos?sede_id={}", agenda.lima)).header("Last-Event-ID", "ayer");
    let mut wrong = Pantalla { response: wrong.send().await.expect("an answer"), text: String::new() };
    assert_eq!(wrong.next().await.event, "reiniciar");
}

/// An event whose number is given late is not lost: numbers are given after the commit.
#[tokio::test]
async fn a_slow_commit_is_not_overtaken() {
    let agenda = Agenda::start().await;
    let _trabajos = Trabajos::of(&agenda.huella, true);
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    // A transaction that has its row in the outbox and is not done,
    let mut slow = agenda.huella.sql.begin().await.expect("a transaction");
    let insert = format!(
        "insert into outbox (tenant_id, sede_id, tema, cuerpo, creado_en, proximo_en)
         select tenant_id, id, 'cita.cambiada', '{{\"lenta\": true}}', '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z' from sedes where id = '{}'",
        agenda.lima
    );
    sqlx::query(sqlx::AssertSqlSafe(insert)).execute(&mut *slow).await.expect("inserted");
    // while another one comes and is heard:
    agenda.reservar(&recepcion, 0).await;
    let mut last = pantalla.next().await;
    while last.event != "cita.reservada" {
        last = pantalla.next().await;
    }
    drop(pantalla);
    slow.commit().await.expect("committed");
    agenda.huella.parts.app.outbox().notify_one();
    let mut pantalla = Pantalla::abrir(&recepcion, &agenda.lima, Some(last.id)).await;
    let mut heard = pantalla.next().await;
    while heard.event == "listo" {
        heard = pantalla.next().await;
    }
    assert_eq!(heard.data["cuerpo"]["lenta"], json!(true), "{heard:?}");
}

fn redis() -> Modo {
    let url = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let prefix = format!("vivo-{}:", uuid::Uuid::now_v7().simple());
    let redis = adapters::RedisConfig::from_url(&url).expect("an address").with_prefix(prefix);
    Modo { bus: Arc::new(move || Arc::new(adapters::RedisBus::new(&redis).expect("a bus"))), ..Modo::default() }
}

/// Booked at one server, heard at the other; the one that books has no relay.
async fn across(modo: Modo, limit: Duration) {
    let agenda = Agenda::start_with(modo).await;
    let other = agenda.huella.otra_instancia().await;
    let (_here, _there) = (Trabajos::of(&agenda.huella, false), Trabajos::of(&other, true));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let (mut far, mut near) = (Pantalla::lista(&there, &agenda.lima).await, Pantalla::lista(&recepcion, &agenda.lima).await);
    let mut took = Vec::new();
    for number in 0..10 {
        let cita = agenda.reservar(&recepcion, number).await;
        let began = Instant::now();
        for pantalla in [&mut far, &mut near] {
            while pantalla.next().await.data["cuerpo"]["id"] != json!(cita) {}
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    println!("from a booking to screens of two servers: median {:?}, longest {:?}", took[5], took[9]);
    assert!(took[9] < limit, "{took:?}");
}

#[tokio::test]
async fn over_redis_a_screen_at_another_server_hears_at_once() {
    across(redis(), Duration::from_millis(900)).await;
}

#[tokio::test]
async fn without_a_bus_a_screen_at_another_server_hears_a_moment_later() {
    across(Modo::default(), Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_right_that_is_taken_away_ends_the_answer() {
    let agenda = Agenda::start().await;
    let huella = &agenda.huella;
    let other = huella.otra_instancia().await;
    let admin = huella.como(ADMIN).await;
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let key = json!({ "nombre": "Tablero", "permisos": ["cita.ver"], "expira_en": "2026-12-31T00:00:00Z" });
    let key = admin.post("/claves-api", key).await.created();
    let tablero = huella.nadie().with_token(key["clave"].as_str().expect("the key's text"));
    let mut open = [
        Pantalla::lista(&recepcion, &agenda.lima).await,
        Pantalla::lista(&there, &agenda.lima).await,
        Pantalla::lista(&tablero, &agenda.lima).await,
    ];
    let usuario = huella.id_of("andina", "usuarios", "nombres", "Rosa").await;
    let asignacion: String = huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{usuario}'")).await;
    let began = Instant::now();
    admin.delete(&format!("/asignaciones/{asignacion}")).await.expect(204);
    admin.delete(&format!("/claves-api/{}", id(&key))).await.expect(204);
    for pantalla in &mut open {
        assert!(pantalla.maybe().await.is_none(), "it ended");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(huella.parts.eventos.oyentes() + other.parts.eventos.oyentes(), 0);
}

#[tokio::test]
async fn who_does_not_read_is_let_go() {
    let agenda = Agenda::start().await;
    let huella = &agenda.huella;
    let _trabajos = Trabajos::of(huella, true);
    let recepcion = huella.como(RECEPCION_LIMA).await;
    let mut asleep = Pantalla::lista(&recepcion, &agenda.lima).await;
    let mut awake = Pantalla::lista(&recepcion, &agenda.lima).await;
    let fat = format!(
        "insert into outbox (tenant_id, sede_id, tema, cuerpo, creado_en, proximo_en)
         select tenant_id, id, 'cita.cambiada', jsonb_build_object('n', n, 'relleno', repeat('x', 40000)), '2026-03-02T13:00:00Z', '2026-03-02T13:00:00Z'
           from sedes, generate_series(1, 900) n where id = '{}'",
        agenda.lima
    );
    huella.execute(&fat).await;
    huella.parts.app.outbox().notify_one();
    let mut heard = 0;
    while heard < 900 {
        heard = awake.next().await.data["cuerpo"]["n"].as_i64().unwrap_or(heard);
    }
    let mut last = 0;
    while let Some(event) = asleep.maybe().await {
        last = event.data["cuerpo"]["n"].as_i64().unwrap_or(last);
    }
    assert!(last < 900, "it was let go before the end");
}

#[tokio::test]
async fn a_server_that_ends_ends_its_answers() {
    let agenda = Agenda::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let router = agenda.huella.parts.router(&server::http::HttpSettings { oyentes_max: 1, ..server::http::HttpSettings::default() });
    let serving = tokio::spawn(server::http::serve(listener, router, async move { drop(ended.await) }));
    let recepcion = Cliente { base, ..agenda.huella.como(RECEPCION_LIMA).await };
    let mut pantalla = Pantalla::lista(&recepcion, &agenda.lima).await;
    // One more is one too many,
    let refused = recepcion.get(&format!("/eventos?sede_id={}", agenda.lima)).await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.problem(503, "no-disponible");
    let began = Instant::now();
    end.send(()).expect("still serving");
    assert!(pantalla.maybe().await.is_none());
    serving.await.expect("ended").expect("without a fault");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// How long until the last of many screens knows, from before the booking is sent. Half of them at each of two servers.
/// `HUELLA_PANTALLAS=500` for the full figure, with an optimised build.
#[tokio::test(flavor = "multi_thread")]
async fn many_screens_of_two_servers_hear_of_a_booking_soon() {
    let many: usize = std::env::var("HUELLA_PANTALLAS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    const BOOKINGS: u32 = 12;
    let agenda = Agenda::start_with(redis()).await;
    let other = agenda.huella.otra_instancia().await;
    let (_here, _there) = (Trabajos::of(&agenda.huella, true), Trabajos::of(&other, true));
    let recepcion = agenda.huella.como(RECEPCION_LIMA).await;
    let there = Cliente { base: other.base.clone(), ..recepcion.clone() };
    let mut screens = Vec::new();
    for number in 0..many {
        let mut pantalla = Pantalla::lista(if number % 2 == 0 { &recepcion } else { &there }, &agenda.lima).await;
        screens.push(tokio::spawn(async move {
            let mut heard = Vec::new();
            while heard.len() < BOOKINGS as usize {
                let event = pantalla.next().await;
                if event.event == "cita.reservada" {
                    heard.push((event.data["cuerpo"]["id"].as_str().expect("an id").to_owned(), Instant::now()));
                }
            }
            heard
        }));
    }
    let mut sent = std::collections::HashMap::new();
    for number in 0..BOOKINGS {
        let began = Instant::now();
        sent.insert(agenda.reservar(&recepcion, number).await, began);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut took = Vec::new();
    for screen in screens {
        let heard = screen.await.expect("it heard all");
        took.extend(heard.iter().map(|(cita, at)| at.duration_since(sent[cita])));
    }
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    println!("{many} screens of two servers: median {:?}, p99 {p99:?}", took[took.len() / 2]);
    assert_eq!(took.len(), many * BOOKINGS as usize);
    assert!(p99 < Duration::from_secs(2), "{p99:?}");
}
