//! One running server with its own database.
use crate::{CLAVE, Cliente, afuera};
use adapters::{Guard, HttpOutbound, SmtpConfig, SmtpMailer};
use alertas::puertos::DeReglas;
use jiff::{SignedDuration, Timestamp};
use kernel::{
    Outside,
    crypto::Keyring,
    ports::{Bus, Cache},
};
use organizacion::identidad::{Cost, Settings};
use serde_json::{Value, json};
use server::{
    complementos::{Ajustes, Complementos},
    http::HttpSettings,
};
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    net::SocketAddr,
    path::PathBuf,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::sync::OnceCell;

/// A Monday, 8:00 in Lima: when every test begins.
pub const NOW: &str = "2026-03-02T13:00:00Z";

/// What a test may want otherwise in its servers.
#[derive(Clone)]
pub struct Modo {
    /// Folder of the keys: the one of the whole run, unless the test changes keys.
    pub claves: PathBuf,
    /// The bus of each server: one of its own that nobody else hears, unless the test says otherwise.
    pub bus: Arc<dyn Fn() -> Arc<dyn Bus> + Send + Sync>,
    pub http: HttpSettings,
    /// What all servers share, instead of a cache of its own for each.
    pub cache: Option<Arc<dyn Cache>>,
    /// The mail server, if not that of all tests.
    pub correo: Option<SmtpConfig>,
    /// Whether webhooks may lead to this machine.
    pub internos: bool,
    /// The one address of this machine to which they may lead all the same.
    pub receptor: Option<SocketAddr>,
    /// Role and password with which the server signs in, instead of the tests' superuser.
    pub login: Option<(&'static str, &'static str)>,
    /// How plugins are run; who stands in for the hosts that they name.
    pub complementos: Option<Ajustes>,
    /// What runs plugins, instead of the engine.
    pub motores: Option<complementos::Motores>,
    /// What alerts ask: the rules of the plugins that are switched on, unless the test writes some.
    pub reglas: Option<DeReglas>,
    /// Channels that are plugins, for all servers.
    pub canales: Option<alertas::DeCanales>,
}

impl Default for Modo {
    fn default() -> Self {
        Self {
            claves: run_folder(),
            bus: Arc::new(|| Arc::new(adapters::MemoryBus::default())),
            http: HttpSettings::default(),
            cache: None,
            correo: None,
            internos: true,
            receptor: None,
            login: None,
            motores: None,
            complementos: None,
            reglas: None,
            canales: None,
        }
    }
}

impl Modo {
    /// With keys that no other test uses; at first they are those of the whole run, with which the fixtures were sealed.
    pub fn con_claves_propias() -> Self {
        let claves = run_folder().join(format!("claves-{}", uuid::Uuid::now_v7().simple()));
        let common = run_folder().join("maestra.json");
        Keyring::open_or_create(&common).expect("keys");
        std::fs::create_dir_all(&claves).and_then(|()| std::fs::copy(common, claves.join("maestra.json"))).expect("copied");
        Self { claves, ..Self::default() }
    }
}

/// A server, its database, and the clock that both believe.
pub struct Huella {
    pub base: String,
    pub parts: server::Assembled,
    /// A superuser's pool on the same database: for looking behind the API's back.
    pub sql: PgPool,
    clock: Arc<AtomicI64>,
    database: String,
    modo: Modo,
    /// Not a second server on somebody's database.
    owner: bool,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

fn admin_options() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL: run `cargo xtask test`");
    PgConnectOptions::from_str(&url).expect("DATABASE_URL is an address of PostgreSQL").options([("search_path", "huella,public")])
}

/// Keys, files and mail of this run.
pub(crate) fn run_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("huella-pruebas-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for this run");
    folder
}

/// Makes the template once per process.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE.get_or_init(|| async { make_template().await.expect("a template database") }).await
}

async fn make_template() -> anyhow::Result<String> {
    let name = format!("plantilla_{}", std::process::id());
    let mut admin = PgConnection::connect_with(&admin_options()).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await?;
    let options = admin_options().database(&name);
    server::migrate(&options).await?;
    let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await?;
    let clock = Arc::new(AtomicI64::new(NOW.parse::<Timestamp>()?.as_microsecond()));
    let parts = assemble(pool.clone(), clock, &Modo::default())?;
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for chain in ["andina", "costera"] {
        let base = here.join("../tenants/_base");
        server::tenant::apply(&parts.system(), &parts.identidad, &base, &here.join("datos").join(chain), Some(CLAVE)).await?;
    }
    drop(parts);
    pool.close().await;
    Ok(name)
}

/// The application on a pool, with its own cache and bus, as another machine would have.
fn assemble(pool: PgPool, clock: Arc<AtomicI64>, modo: &Modo) -> anyhow::Result<server::Assembled> {
    let outside = Outside {
        pool,
        replica: None,
        clock: Arc::new(move || Timestamp::from_microsecond(clock.load(Ordering::SeqCst)).unwrap_or_default()),
        keyring: Arc::new(Keyring::open_or_create(&modo.claves.join("maestra.json"))?),
        cache: modo.cache.clone().unwrap_or_else(|| Arc::new(adapters::MemoryCache::new(16 << 20))),
        bus: (modo.bus)(),
        files: Arc::new(afuera::files()),
        mailer: Arc::new(modo.correo.as_ref().map_or_else(afuera::mailer, |correo| Ok(SmtpMailer::new(correo)?))?),
    };
    let mut parts = server::assemble_with(outside, identity(modo))?;
    if let Some(ajustes) = &modo.complementos {
        let complementos = Complementos::new(&parts.system(), ajustes.clone());
        parts = parts.running(complementos);
    }
    if let Some(motores) = &modo.motores {
        parts.motores = motores.clone();
    }
    if let Some(reglas) = &modo.reglas {
        parts.reglas = reglas.clone();
    }
    let guard = match modo.receptor {
        Some(one) => Guard::PublicAnd(one),
        None if modo.internos => Guard::Open,
        None => Guard::Public,
    };
    parts.salida = integraciones::Salida(Arc::new(HttpOutbound::guarded(guard)?));
    if let Some(canales) = &modo.canales {
        parts.canales = canales.clone();
    }
    Ok(parts)
}

fn identity(modo: &Modo) -> Settings {
    let mut identity = Settings::new("https://huella.example", "https://huella.example", modo.claves.join("jwt"));
    // Real argon2, cheap: what is tested is the flow, not the work.
    identity.argon2 = Cost { memoria_kib: 64, vueltas: 1, hilos: 1 };
    identity
}

impl Huella {
    pub async fn start() -> Self {
        Self::start_with(Modo::default()).await
    }

    pub async fn start_with(modo: Modo) -> Self {
        Self::on_new_database(modo).await.expect("a running server")
    }

    async fn on_new_database(modo: Modo) -> anyhow::Result<Self> {
        let template = template().await;
        let database = format!("prueba_{}", uuid::Uuid::now_v7().simple());
        let mut admin = PgConnection::connect_with(&admin_options()).await?;
        admin.execute(sqlx::AssertSqlSafe(format!("create database {database} template {template} strategy file_copy"))).await?;
        Self::on_database(database, modo).await
    }

    async fn on_database(database: String, modo: Modo) -> anyhow::Result<Self> {
        let clock = Arc::new(AtomicI64::new(NOW.parse::<Timestamp>()?.as_microsecond()));
        let options = admin_options().database(&database);
        let login = match modo.login {
            Some((role, password)) => options.clone().username(role).password(password),
            None => options.clone(),
        };
        let pool = PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect_with(login).await?;
        let sql = PgPoolOptions::new().max_connections(3).connect_lazy_with(options);
        let parts = assemble(pool, clock.clone(), &modo)?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let router = parts.router(&modo.http);
        let serving = tokio::spawn(async move { server::http::serve(listener, router, std::future::pending()).await.expect("serving") });
        let identidad = parts.identidad.clone();
        let watching = tokio::spawn(async move { identidad.watch().await });
        let eventos = parts.eventos.clone();
        let hearing = tokio::spawn(async move { eventos.watch().await });
        Ok(Self { base, parts, sql, clock, database, modo, owner: true, tasks: vec![serving, watching, hearing] })
    }

    /// A second server on the same database, as another machine would be: nothing shared but PostgreSQL.
    pub async fn otra_instancia(&self) -> Self {
        let mut other = Self::on_database(self.database.clone(), self.modo.clone()).await.expect("a second server");
        other.owner = false;
        other.clock.store(self.clock.load(Ordering::SeqCst), Ordering::SeqCst);
        other
    }

    /// How identity is set up in its servers, for one more.
    pub fn identidad(&self) -> Settings {
        identity(&self.modo)
    }
    /// Folder of the keys that its servers use.
    pub fn claves(&self) -> &std::path::Path {
        &self.modo.claves
    }
    /// Address of its database, as the superuser.
    pub fn url(&self) -> String {
        admin_options().database(&self.database).to_url_lossy().to_string()
    }
    pub fn now(&self) -> Timestamp {
        self.parts.app.now()
    }
    pub fn avanzar(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_micros() as i64, Ordering::SeqCst);
    }

    /// One more chain, from its folder in `datos/`.
    pub async fn agregar_cadena(&self, carpeta: &str) {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let (base, chain) = (here.join("../tenants/_base"), here.join("datos").join(carpeta));
        server::tenant::apply(&self.parts.system(), &self.parts.identidad, &base, &chain, Some(CLAVE)).await.expect("applied");
    }

    /// Somebody without credentials.
    pub fn nadie(&self) -> Cliente {
        Cliente::new(&self.base)
    }

    /// Signs in; the chain is the part of the address before `.example`.
    pub async fn como(&self, correo: &str) -> Cliente {
        let cadena = correo.split('@').nth(1).and_then(|domain| domain.split('.').next()).unwrap_or_default();
        let body = json!({ "cadena": cadena, "correo": correo, "contrasena": CLAVE });
        let session = self.nadie().post("/sesiones", body).await;
        let session = if session.status.is_success() { session.body } else { session.expect(200) };
        self.nadie().with_token(session["token"].as_str().expect("a token"))
    }

    /// One value behind the API's back.
    pub async fn scalar<T>(&self, query: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned())).fetch_one(&self.sql).await.expect("a row")
    }

    pub async fn execute(&self, sql: &str) {
        self.sql.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.expect("valid SQL");
    }

    /// Id of a row of the chain by some natural key: `huella.id_of("andina", "sedes", "codigo", "LIM")`.
    pub async fn id_of(&self, cadena: &str, table: &str, column: &str, value: &str) -> String {
        let query = format!(
            "select id::text from {table} where {column} = '{value}' and tenant_id = (select id from tenants where clave = '{cadena}')"
        );
        self.scalar(&query).await
    }
}

impl Drop for Huella {
    /// Ends the server and takes its database away, with every connection to it.
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
        if !self.owner {
            return;
        }
        let sql = format!("drop database if exists {} with (force)", self.database);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect_with(&admin_options()).await?;
                admin.execute(sqlx::AssertSqlSafe(sql)).await?;
                anyhow::Ok(())
            })
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("{}: {error}", self.database);
        }
    }
}

/// The id in a body.
#[track_caller]
pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("no id in {body:#}")).to_owned()
}
