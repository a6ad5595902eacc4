//! An attack at the real cost of a password, long enough to see what it does to the owner: 100 tries a second on one
//! account, and the owner must be in within 30 seconds.
use super::*;
use huella_tests::{afuera, andina::RECEPCION_LIMA};
use kernel::{Outside, ports::Cache};
use organizacion::identidad::{Cost, Settings};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::{JoinHandle, JoinSet};

/// At least.
const DURA: Duration = Duration::from_secs(22);
const POR_SEGUNDO: u32 = 100;

/// A server whose passwords cost what they cost in production.
struct Servidor {
    base: String,
    parts: server::Assembled,
    serving: JoinHandle<()>,
}

impl Servidor {
    async fn start(huella: &Huella, cache: Arc<dyn Cache>) -> Self {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
        let database: String = huella.scalar("select current_database()::text").await;
        let options = PgConnectOptions::from_str(&url).expect("an address").database(&database).options([("search_path", "huella,public")]);
        let pool = PgPoolOptions::new().max_connections(16).connect_with(options).await.expect("a pool");
        let app = huella.parts.app.clone();
        let outside = Outside {
            pool,
            replica: None,
            clock: Arc::new(move || app.now()),
            keyring: huella.parts.app.keyring().clone(),
            cache,
            bus: Arc::new(adapters::MemoryBus::default()),
            files: Arc::new(afuera::files()),
            mailer: Arc::new(afuera::mailer().expect("a mailer")),
        };
        let keys = std::env::temp_dir().join(format!("huella-ataque-{}", uuid::Uuid::now_v7())).join("jwt");
        let settings = Settings::new("https://huella.example", "https://huella.example", keys);
        assert_eq!(settings.argon2, Cost::default());
        let parts = server::assemble_with(outside, settings).expect("a server");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router = parts.router(&server::http::HttpSettings::default());
        let serving = tokio::spawn(async move { server::http::serve(listener, router, std::future::pending()).await.expect("serving") });
        Self { base, parts, serving }
    }

    /// With a cache of its own, and everybody's password kept at the real cost.
    async fn solo(huella: &Huella) -> Self {
        let servidor = Self::start(huella, Arc::new(adapters::MemoryCache::new(16 << 20))).await;
        let phc = servidor.parts.identidad.hash(CLAVE).await.expect("hashed");
        huella.execute(&format!("update usuarios set contrasena = '{phc}'")).await;
        servidor
    }

    fn desde(&self, ip: std::net::Ipv4Addr) -> Cliente {
        let http = reqwest::Client::builder().local_address(std::net::IpAddr::from(ip)).build().expect("a client");
        Cliente { http, base: self.base.clone(), token: None }
    }

    fn hashes(&self) -> u64 {
        self.parts.identidad.hashes()
    }
}

impl Drop for Servidor {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// How many answers of each kind.
#[derive(Debug, Default)]
struct Cuenta {
    vistos: usize,
    frenados: usize,
    sin_lugar: usize,
    /// Out of time on a machine that is busy with other tests too.
    tarde: usize,
    otros: Vec<u16>,
}

/// Tries at an even pace, whether or not the ones before were answered, until told to stop.
async fn atacar(clientes: Vec<Cliente>, body: Value, stop: Arc<AtomicBool>) -> Cuenta {
    let (mut tick, began) = (tokio::time::interval(Duration::from_secs(1) / POR_SEGUNDO), Instant::now());
    let mut tries = JoinSet::new();
    for cliente in clientes.into_iter().cycle() {
        tick.tick().await;
        if began.elapsed() > DURA && stop.load(Ordering::Relaxed) {
            break;
        }
        let body = body.clone();
        tries.spawn(async move { cliente.post("/sesiones", body).await.status.as_u16() });
    }
    let mut cuenta = Cuenta::default();
    for status in tries.join_all().await {
        match status {
            401 => cuenta.vistos += 1,
            429 => cuenta.frenados += 1,
            503 => cuenta.sin_lugar += 1,
            408 => cuenta.tarde += 1,
            other => cuenta.otros.push(other),
        }
    }
    cuenta
}

/// Asks again when told to, as the portal does; how long it took.
async fn entrar(cliente: &Cliente, body: &Value) -> Duration {
    let began = Instant::now();
    loop {
        let answer = cliente.post("/sesiones", body.clone()).await;
        match answer.status.as_u16() {
            200 => return began.elapsed(),
            408 => {}
            503 => {
                let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
                tokio::time::sleep(Duration::from_secs(wait)).await;
            }
            other => panic!("{other}: {:#}", answer.body),
        }
        assert!(began.elapsed() < Duration::from_secs(30), "not in after {:?}", began.elapsed());
    }
}

/// The most tries that were looked at from one address.
async fn mas_vistos(huella: &Huella) -> i64 {
    huella
        .scalar("select coalesce(max(n), 0) from (select count(*) as n from accesos where resultado = 'contrasena_incorrecta' group by usuario_id, ip) x")
        .await
}

async fn resiste(atacantes: impl Fn(&Servidor) -> Vec<Cliente>) -> (Huella, Servidor, Cuenta) {
    let huella = Huella::start().await;
    let servidor = Servidor::solo(&huella).await;
    let (home, abroad) = (servidor.desde([127, 0, 0, 1].into()), servidor.desde([127, 9, 9, 9].into()));
    let device = home.post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok()["dispositivo"].clone();
    let before = servidor.hashes();
    let (stop, wrong) = (Arc::new(AtomicBool::default()), con(ingreso(RECEPCION_LIMA), "contrasena", "adivinanza-2026"));
    let attack = tokio::spawn(atacar(atacantes(&servidor), wrong, stop.clone()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    let stranger = entrar(&abroad, &ingreso(RECEPCION_LIMA)).await;
    let on_the_road = servidor.desde([127, 9, 9, 10].into());
    let known = entrar(&on_the_road, &con(ingreso(RECEPCION_LIMA), "dispositivo", device)).await;
    println!("new address {stranger:?}, known device {known:?}");
    stop.store(true, Ordering::Relaxed);
    let cuenta = attack.await.expect("an attack");
    println!("{cuenta:?}");
    assert!(cuenta.otros.is_empty(), "{cuenta:?}");
    assert!(cuenta.vistos + cuenta.frenados + cuenta.sin_lugar > 1_500, "{cuenta:?}");
    let hashed = usize::try_from(servidor.hashes() - before).expect("few") - 2;
    assert!(
        (cuenta.vistos..=cuenta.vistos + cuenta.tarde + 2).contains(&hashed),
        "a hash for each try that was looked at: {hashed}, {cuenta:?}"
    );
    assert!(mas_vistos(&huella).await < 20);
    (huella, servidor, cuenta)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_one_address_tries_a_hundred_times_a_second() {
    let (_huella, _servidor, cuenta) = resiste(|servidor| vec![servidor.desde([127, 8, 0, 1].into())]).await;
    assert_eq!(cuenta.vistos, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_many_addresses_try_a_hundred_times_a_second() {
    let many =
        |servidor: &Servidor| (0..400_u16).map(|n| servidor.desde([127, 8, (n / 200) as u8 + 1, (n % 200) as u8 + 1].into())).collect();
    let (huella, servidor, cuenta) = resiste(many).await;
    assert!(cuenta.sin_lugar > 0, "the lane of strangers was full: {cuenta:?}");
    // Whoever found no room, or went away before there was any, used no try up.
    let looked_at: i64 = huella.scalar("select count(*) from accesos where ip = '127.8.1.1' and resultado = 'contrasena_incorrecta'").await;
    let wrong = con(ingreso(RECEPCION_LIMA), "contrasena", "adivinanza-2026");
    let first = servidor.desde([127, 8, 1, 1].into());
    for _ in looked_at..10 {
        first.post("/sesiones", wrong.clone()).await.problem(401, "credenciales");
    }
    first.post("/sesiones", wrong).await.problem(429, "demasiados-intentos");
}

/// A server that ends while people wait for their turn.
#[test]
fn what_is_given_back_to_a_runtime_that_ends_ends_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let huella = runtime.block_on(async {
        let huella = Huella::start().await;
        let servidor = Servidor::solo(&huella).await;
        for n in 1..=20_u8 {
            let (cliente, wrong) = (servidor.desde([127, 8, 6, n].into()), con(ingreso(RECEPCION_LIMA), "contrasena", "adivinanza-2026"));
            tokio::spawn(async move { cliente.post("/sesiones", wrong).await });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        huella
    });
    runtime.shutdown_timeout(Duration::from_secs(5));
    drop(huella);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_from_the_queue_used_no_try_up() {
    let huella = Huella::start().await;
    let servidor = Servidor::solo(&huella).await;
    let wrong = con(ingreso(RECEPCION_LIMA), "contrasena", "adivinanza-2026");
    let crowd = (1..=20_u8).map(|n| servidor.desde([127, 8, 3, n].into())).collect::<Vec<_>>();
    let queue = futures::future::join_all(crowd.iter().map(|cliente| cliente.post("/sesiones", wrong.clone())));
    let hurried = servidor.desde([127, 8, 4, 1].into());
    let goes_away = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let once = |_| hurried.request(Method::POST, "/sesiones").json(&wrong).timeout(Duration::from_millis(150)).send();
        futures::future::join_all((0..10).map(once)).await
    };
    let (_, gone) = tokio::join!(queue, goes_away);
    let gone = gone.iter().filter(|answer| answer.is_err()).count();
    // They were in the queue, some perhaps not yet, and none of them had its turn when they left.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let looked_at: i64 = huella.scalar("select count(*) from accesos where ip = '127.8.4.1'").await;
    let mut more = 0;
    while hurried.post("/sesiones", wrong.clone()).await.status.as_u16() == 401 {
        more += 1;
    }
    println!("{gone} gone, {looked_at} looked at, {more} more");
    assert!(gone > 5 && more >= 8 - looked_at, "{gone} went away, {looked_at} were looked at, and {more} tries were left");
    assert!(looked_at + more <= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_with_one_redis_count_together() {
    let huella = Huella::start().await;
    let redis = std::env::var("REDIS_URL").expect("REDIS_URL: run `cargo xtask test`");
    let config = adapters::RedisConfig::from_url(&redis).expect("an address").with_prefix(format!("ataque-{}:", uuid::Uuid::now_v7()));
    let cache = || -> Arc<dyn Cache> { Arc::new(adapters::RedisCache::new(&config).expect("a cache")) };
    let servidores = [Servidor::start(&huella, cache()).await, Servidor::start(&huella, cache()).await];
    let clientes = servidores.iter().map(|servidor| servidor.desde([127, 8, 5, 1].into())).collect::<Vec<_>>();
    let wrong = con(ingreso(RECEPCION_LIMA), "contrasena", "adivinanza-2026");
    // One on each first, so that both take part; of the crowd one server may serve all that is left.
    for cliente in &clientes {
        cliente.post("/sesiones", wrong.clone()).await.problem(401, "credenciales");
    }
    let tries = (0..58).map(|n| clientes[n % 2].post("/sesiones", wrong.clone()));
    let answers = futures::future::join_all(tries).await;
    let looked_at = answers.iter().filter(|answer| answer.status.as_u16() == 401).count();
    assert_eq!(2 + looked_at, 10);
    assert!(servidores.iter().all(|servidor| servidor.hashes() > 0), "both took part");
    for cliente in &clientes {
        cliente.post("/sesiones", ingreso(RECEPCION_LIMA)).await.problem(429, "demasiados-intentos");
    }
    servidores[1].desde([127, 8, 5, 2].into()).post("/sesiones", ingreso(RECEPCION_LIMA)).await.ok();
}
