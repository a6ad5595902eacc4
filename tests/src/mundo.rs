//! One running server with its own database.
use crate::{CLAVE, Cliente};
use jiff::{SignedDuration, Timestamp};
use kernel::{App, Outside, SystemCtx, crypto::Keyring};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::{PgConnectOptions, PgPoolOptions}};
use std::{
    path::PathBuf,
    str::FromStr,
    sync::{Arc, atomic::{AtomicI64, Ordering}},
};
use tokio::sync::OnceCell;

/// A Monday, 8:00 in Lima: when every test begins.
pub const NOW: &str = "2026-03-02T13:00:00Z";

/// A server, its database, and the clock that both believe.
pub struct Huella {
    pub base: String,
    pub app: App,
    /// A superuser's pool on the same database: for looking behind the API's back.
    pub sql: PgPool,
    pub identidad: organizacion::identidad::Identidad,
    clock: Arc<AtomicI64>,
    database: String,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

fn admin_options() -> PgConnectOptions {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL: run `cargo xtask test`");
    PgConnectOptions::from_str(&url).expect("DATABASE_URL is an address of PostgreSQL").options([("search_path", "huella,public")])
}

/// Keys of this run: the template's encrypted values must open in every copy of it.
fn key_folder() -> PathBuf {
    std::env::temp_dir().join(format!("huella-pruebas-{}", std::process::id()))
}

fn template_name() -> String {
    format!("plantilla_{}", std::process::id())
}

/// Makes the template once per process.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE.get_or_init(|| async { make_template().await.expect("a template database") }).await
}

async fn make_template() -> anyhow::Result<String> {
    let name = template_name();
    std::fs::create_dir_all(key_folder())?;
    let mut admin = PgConnection::connect_with(&admin_options()).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await?;
    let options = admin_options().database(&name);
    server::migrate(&options).await?;
    let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await?;
    let clock = Arc::new(AtomicI64::new(NOW.parse::<Timestamp>()?.as_microsecond()));
    let app = make_app(pool.clone(), clock)?;
    let identidad = start_identity(&app)?;
    let datos = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("datos");
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tenants/_base");
    for chain in ["andina", "costera"] {
        server::tenant::apply(&SystemCtx::new(&app), &identidad, &base, &datos.join(chain), Some(CLAVE)).await?;
    }
    drop((app, identidad));
    pool.close().await;
    Ok(name)
}

fn make_app(pool: PgPool, clock: Arc<AtomicI64>) -> anyhow::Result<App> {
    Ok(App::new(Outside {
        pool,
        replica: None,
        clock: Arc::new(move || Timestamp::from_microsecond(clock.load(Ordering::SeqCst)).unwrap_or_default()),
        keyring: Arc::new(Keyring::open_or_create(&key_folder().join("claves.json"))?),
        cache: Arc::new(adapters::MemoryCache::new(16 << 20)),
        bus: Arc::new(adapters::MemoryBus::default()),
        files: Arc::new(crate::afuera::files()?),
        mailer: Arc::new(crate::afuera::mailer()?),
    }))
}

fn start_identity(app: &App) -> anyhow::Result<organizacion::identidad::Identidad> {
    let mut settings = organizacion::identidad::Settings::new("https://huella.example", "https://huella.example", key_folder().join("jwt"));
    // Real argon2, cheap: what is tested is the flow, not the work.
    settings.argon2 = organizacion::identidad::Cost { memoria_kib: 64, vueltas: 1, ..Default::default() };
    let identidad = organizacion::identidad::Identidad::start(app, settings)?;
    app.set_gate(identidad.gate());
    Ok(identidad)
}

impl Huella {
    pub async fn start() -> Self {
        Self::on_new_database().await.expect("a running server")
    }

    async fn on_new_database() -> anyhow::Result<Self> {
        let template = template().await;
        let database = format!("prueba_{}", uuid::Uuid::now_v7().simple());
        let mut admin = PgConnection::connect_with(&admin_options()).await?;
        admin.execute(sqlx::AssertSqlSafe(format!("create database {database} template {template} strategy file_copy"))).await?;
        Self::on_database(database).await
    }

    async fn on_database(database: String) -> anyhow::Result<Self> {
        let clock = Arc::new(AtomicI64::new(NOW.parse::<Timestamp>()?.as_microsecond()));
        let options = admin_options().database(&database);
        let pool = PgPoolOptions::new().max_connections(24).test_before_acquire(false).connect_with(options.clone()).await?;
        let sql = PgPoolOptions::new().max_connections(3).connect_lazy_with(options);
        let app = make_app(pool, clock.clone())?;
        let identidad = start_identity(&app)?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", listener.local_addr()?);
        let router = server::http::router(&app, &server::http::HttpSettings::default()).layer(identidad.layer());
        let serving = tokio::spawn(async move { server::http::serve(listener, router, std::future::pending()).await.expect("serving") });
        let watching = tokio::spawn({
            let identidad = identidad.clone();
            async move { identidad.watch().await }
        });
        Ok(Self { base, app, sql, identidad, clock, database, tasks: vec![serving, watching] })
    }

    /// A second server on the same database, as another machine would be: nothing shared but PostgreSQL.
    pub async fn otra_instancia(&self) -> Self {
        let other = Self::on_database(self.database.clone()).await.expect("a second server");
        other.clock.store(self.clock.load(Ordering::SeqCst), Ordering::SeqCst);
        other
    }

    pub fn now(&self) -> Timestamp {
        self.app.now()
    }
    pub fn avanzar(&self, time: SignedDuration) {
        self.clock.fetch_add(time.as_micros() as i64, Ordering::SeqCst);
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
        let query = format!("select id::text from {table} where {column} = '{value}' and tenant_id = (select id from tenants where clave = '{cadena}')");
        self.scalar(&query).await
    }
}

impl Drop for Huella {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// The id in a body.
#[track_caller]
pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("no id in {body:#}")).to_owned()
}
