//! Configuration: environment, then file, then default. Checked whole at start: all mistakes at once, naming key
//! and source; secrets never show. Every key is in `huella.ejemplo.toml`.
mod complementos;
mod read;
mod secret;

pub use self::complementos::{Plugins, StandIns};
pub use read::Shown;
pub use secret::Secret;

use crate::{
    http::{HttpSettings, ServeSettings, Tls},
    limites::Ritmo,
};
use adapters::{RedisConfig, SmtpConfig};
use read::Reader;
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

#[derive(Debug, Clone)]
pub struct Config {
    pub base: Database,
    pub redis: Option<Secret>,
    pub s3: Option<S3>,
    pub correo: Option<Mail>,
    pub escucha: SocketAddr,
    pub http: HttpSettings,
    pub serve: ServeSettings,
    pub tls: Option<TlsFiles>,
    /// An address of its own for `/metrics`.
    pub metricas: Option<SocketAddr>,
    pub registro: Log,
    /// Whether `serve` does the background jobs too.
    pub con_trabajos: bool,
    /// Whether webhooks may lead into our own network and go without TLS: for demonstrations and tests.
    pub webhooks_internos: bool,
    pub complementos: Plugins,
    /// Folder of the master key and the signing keys, made on first start with mode 0600.
    pub claves: PathBuf,
    /// What is in force and where it came from, fit to be shown.
    pub shown: Vec<Shown>,
}

#[derive(Debug, Clone)]
pub struct Database {
    pub url: Secret,
    pub replica: Option<Secret>,
    pub administrador: Option<Secret>,
    pub conexiones: u32,
    pub espera: Duration,
    pub sentencia: Duration,
    pub bloqueo: Duration,
    pub inactiva: Duration,
}

#[derive(Debug, Clone)]
pub struct S3 {
    /// Empty: the provider's own address for the region.
    pub endpoint: Option<String>,
    pub bucket: String,
    pub region: String,
    pub access_key: String,
    pub secret_key: Secret,
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub url: Secret,
    pub remitente: String,
    /// Who signed the mail server's certificate, beside those that the system trusts.
    pub autoridad: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct TlsFiles {
    pub certificado: PathBuf,
    pub clave: PathBuf,
}

#[derive(Debug, Clone)]
pub struct Log {
    pub nivel: String,
    pub formato: String,
    pub otlp: Option<String>,
}

/// Everything wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[error("La configuración tiene {} error(es):\n{}", .0.len(), .0.iter().map(|e| format!("  - {e}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigErrors(pub Vec<String>);

/// The process' variables. A value that is no text becomes one that every check refuses, not one that goes unseen;
/// a name that is no text is none of ours.
pub fn environment() -> HashMap<String, String> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))).collect()
}

impl Config {
    /// From the file, if one is given, and the process' environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigErrors> {
        let text = match file {
            None => String::new(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| ConfigErrors(vec![format!("archivo {}: no se puede leer ({})", path.display(), error.kind())]))?,
        };
        Self::parse(&text, &environment())
    }

    pub fn parse(text: &str, env: &HashMap<String, String>) -> Result<Self, ConfigErrors> {
        let mut from = Reader::new(text, env);
        let base = database(&mut from);
        let s3 = s3(&mut from);
        let tls = tls(&mut from);
        let partial = (http(&mut from), serve(&mut from));
        let config = Self {
            redis: redis(&mut from),
            correo: mail(&mut from),
            escucha: from.or("http.escucha", "HUELLA_ESCUCHA", SocketAddr::from(([127, 0, 0, 1], 8080))),
            metricas: from.find("metricas.escucha", "HUELLA_METRICAS_ESCUCHA"),
            registro: log(&mut from),
            con_trabajos: from.or("trabajos.en_serve", "HUELLA_TRABAJOS", true),
            webhooks_internos: from.or("webhooks.internos", "HUELLA_WEBHOOKS_INTERNOS", false),
            complementos: self::complementos::plugins(&mut from, partial.0.publica.as_deref()),
            claves: from.or("claves.carpeta", "HUELLA_CLAVES", PathBuf::from("claves")),
            http: partial.0,
            serve: partial.1,
            base: base.clone().unwrap_or_else(Database::none),
            s3,
            tls,
            shown: std::mem::take(&mut from.shown),
        };
        from.reject_unknown();
        if from.errors.is_empty() { Ok(config) } else { Err(ConfigErrors(from.errors)) }
    }
}

impl Config {
    /// The address in e-mails, tokens and the document.
    pub fn public_url(&self) -> String {
        self.http.publica.clone().unwrap_or_else(|| format!("http://{}", self.escucha))
    }
}

impl Database {
    /// Stands in while the other mistakes are collected.
    fn none() -> Self {
        let zero = Duration::ZERO;
        Self {
            url: Secret::new(""),
            replica: None,
            administrador: None,
            conexiones: 0,
            espera: zero,
            sentencia: zero,
            bloqueo: zero,
            inactiva: zero,
        }
    }
}

fn database(from: &mut Reader<'_>) -> Option<Database> {
    let url = from.find::<Secret>("base_de_datos.url", "DATABASE_URL");
    let replica = from.find::<Secret>("base_de_datos.url_replica", "DATABASE_REPLICA_URL");
    let administrador = from.find::<Secret>("base_de_datos.url_administrador", "DATABASE_ADMIN_URL");
    let named = [
        ("base_de_datos.url (DATABASE_URL)", &url),
        ("base_de_datos.url_replica (DATABASE_REPLICA_URL)", &replica),
        ("base_de_datos.url_administrador (DATABASE_ADMIN_URL)", &administrador),
    ];
    let wrong = named.into_iter().filter_map(|(name, url)| url.as_ref().map(|url| (name, url)));
    let wrong: Vec<String> = wrong
        .filter(|(_, url)| url.expose().parse::<sqlx::postgres::PgConnectOptions>().is_err())
        .map(|(name, _)| format!("{name}: debe ser una dirección postgres://usuario:clave@servidor:5432/base"))
        .collect();
    from.errors.extend(wrong);
    let ms = Duration::from_millis;
    let rest = Database {
        url: url.clone().unwrap_or_else(|| Secret::new("")),
        replica,
        administrador,
        conexiones: from.or("base_de_datos.conexiones", "HUELLA_DB_CONEXIONES", usual_connections()),
        espera: from.or("base_de_datos.espera_ms", "HUELLA_DB_ESPERA_MS", ms(3_000)),
        sentencia: from.or("base_de_datos.sentencia_ms", "HUELLA_DB_SENTENCIA_MS", ms(8_000)),
        bloqueo: from.or("base_de_datos.bloqueo_ms", "HUELLA_DB_BLOQUEO_MS", ms(3_000)),
        inactiva: from.or("base_de_datos.inactiva_ms", "HUELLA_DB_INACTIVA_MS", ms(10_000)),
    };
    if !(1..=500).contains(&rest.conexiones) {
        from.error("base_de_datos.conexiones: debe estar entre 1 y 500".into());
    }
    if url.is_none() {
        from.error("base_de_datos.url: falta (variable DATABASE_URL o archivo)".into());
    }
    url.map(|_| rest)
}

fn s3(from: &mut Reader<'_>) -> Option<S3> {
    let endpoint = from.find::<String>("s3.endpoint", "S3_ENDPOINT");
    let bucket = from.find::<String>("s3.bucket", "S3_BUCKET");
    let region = from.or("s3.region", "S3_REGION", "us-east-1".to_owned());
    let access_key = from.find::<String>("s3.access_key", "S3_ACCESS_KEY");
    let secret_key = from.find::<Secret>("s3.secret_key", "S3_SECRET_KEY");
    if endpoint.is_none() && bucket.is_none() && access_key.is_none() && secret_key.is_none() {
        return None;
    }
    for (key, env, missing) in [
        ("s3.bucket", "S3_BUCKET", bucket.is_none()),
        ("s3.access_key", "S3_ACCESS_KEY", access_key.is_none()),
        ("s3.secret_key", "S3_SECRET_KEY", secret_key.is_none()),
    ] {
        if missing {
            from.error(format!("{key}: falta (variable {env} o archivo); los datos de s3 van juntos"));
        }
    }
    if endpoint.as_ref().is_some_and(|url| !is_http(url)) {
        from.error("s3.endpoint (S3_ENDPOINT): debe empezar con http:// o https://".into());
    }
    Some(S3 { endpoint, bucket: bucket?, region, access_key: access_key?, secret_key: secret_key? })
}

fn redis(from: &mut Reader<'_>) -> Option<Secret> {
    let url = from.find::<Secret>("redis.url", "REDIS_URL");
    if let Some(Err(error)) = url.as_ref().map(|url| RedisConfig::from_url(url.expose())) {
        from.error(format!("redis.url (REDIS_URL): {error}"));
    }
    url
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn mail(from: &mut Reader<'_>) -> Option<Mail> {
    let url = from.find::<Secret>("correo.url", "SMTP_URL");
    let remitente = from.or("correo.remitente", "HUELLA_CORREO_REMITENTE", "Huella <no-responder@localhost>".to_owned());
    if url.as_ref().is_some_and(|url| !(url.expose().starts_with("smtp://") || url.expose().starts_with("smtps://"))) {
        from.error("correo.url (SMTP_URL): debe empezar con smtp:// o smtps://".into());
    } else if let Some(Err(error)) = url.as_ref().map(|url| SmtpConfig::from_url(url.expose(), &remitente)) {
        from.error(format!("correo.url o correo.remitente (SMTP_URL, HUELLA_CORREO_REMITENTE): {error}"));
    }
    let autoridad = from.find::<PathBuf>("correo.autoridad", "HUELLA_CORREO_AUTORIDAD");
    if let Some(path) = autoridad.as_ref().filter(|path| !path.is_file()) {
        from.error(format!("correo.autoridad (HUELLA_CORREO_AUTORIDAD): no existe el archivo {}", path.display()));
    }
    url.map(|url| Mail { url, remitente, autoridad })
}

fn http(from: &mut Reader<'_>) -> HttpSettings {
    let usual = HttpSettings::default();
    let publica = from.find::<String>("http.publica", "HUELLA_URL_PUBLICA");
    if publica.as_ref().is_some_and(|url| !is_http(url)) {
        from.error("http.publica (HUELLA_URL_PUBLICA): debe empezar con http:// o https://".into());
    }
    let settings = HttpSettings {
        portal: None,
        publica,
        proxies: from.or("http.proxies", "HUELLA_PROXIES", usual.proxies),
        cuerpo_max: from.or("http.cuerpo_max", "HUELLA_CUERPO_MAX", usual.cuerpo_max),
        foto_max: from.or("http.foto_max", "HUELLA_FOTO_MAX", usual.foto_max),
        archivo_max: from.or("http.archivo_max", "HUELLA_ARCHIVO_MAX", usual.archivo_max),
        plazo_archivo: from.or("http.plazo_archivo_ms", "HUELLA_PLAZO_ARCHIVO_MS", usual.plazo_archivo),
        plazo: from.or("http.plazo_ms", "HUELLA_PLAZO_MS", usual.plazo),
        limites: Ritmo {
            direccion: from.or("limites.direccion", "HUELLA_LIMITE_DIRECCION", usual.limites.direccion),
            usuario: from.or("limites.usuario", "HUELLA_LIMITE_USUARIO", usual.limites.usuario),
            cadena: from.or("limites.cadena", "HUELLA_LIMITE_CADENA", usual.limites.cadena),
        },
        oyentes_max: from.or("http.oyentes_max", "HUELLA_OYENTES_MAX", usual.oyentes_max),
        token_metricas: from.find("metricas.token", "HUELLA_METRICAS_TOKEN"),
    };
    positive(from, "http.cuerpo_max", settings.cuerpo_max > 0);
    positive(from, "http.foto_max", settings.foto_max > 0);
    positive(from, "http.archivo_max", settings.archivo_max > 0);
    positive(from, "http.plazo_archivo_ms", !settings.plazo_archivo.is_zero());
    positive(from, "http.plazo_ms", !settings.plazo.is_zero());
    settings
}

/// What is open to this machine is for demonstrations and tests: a server that the public reaches over TLS refuses it.
fn positive(from: &mut Reader<'_>, key: &str, holds: bool) {
    if !holds {
        from.error(format!("{key}: debe ser mayor que cero"));
    }
}

fn serve(from: &mut Reader<'_>) -> ServeSettings {
    let usual = ServeSettings::default();
    let settings = ServeSettings {
        conexiones: from.or("http.conexiones_max", "HUELLA_CONEXIONES_MAX", usual.conexiones),
        encabezado: from.or("http.encabezado_ms", "HUELLA_ENCABEZADO_MS", usual.encabezado),
        demora: from.or("http.demora_cierre_ms", "HUELLA_DEMORA_CIERRE_MS", usual.demora),
        gracia: from.or("http.gracia_ms", "HUELLA_GRACIA_MS", usual.gracia),
    };
    positive(from, "http.conexiones_max", settings.conexiones > 0);
    positive(from, "http.encabezado_ms", !settings.encabezado.is_zero());
    settings
}

fn tls(from: &mut Reader<'_>) -> Option<TlsFiles> {
    let certificado = from.find::<PathBuf>("tls.certificado", "HUELLA_TLS_CERTIFICADO");
    let clave = from.find::<PathBuf>("tls.clave", "HUELLA_TLS_CLAVE");
    match (certificado, clave) {
        (Some(certificado), Some(clave)) => {
            for (key, path) in [("tls.certificado", &certificado), ("tls.clave", &clave)] {
                if !path.is_file() {
                    from.error(format!("{key}: no existe el archivo {}", path.display()));
                }
            }
            if certificado.is_file()
                && clave.is_file()
                && let Err(error) = Tls::load(&certificado, &clave)
            {
                from.error(format!("tls: {error}"));
            }
            Some(TlsFiles { certificado, clave })
        }
        (None, None) => None,
        _ => {
            from.error("tls: certificado y clave van juntos (HUELLA_TLS_CERTIFICADO, HUELLA_TLS_CLAVE)".into());
            None
        }
    }
}

fn log(from: &mut Reader<'_>) -> Log {
    let nivel = from.or("registro.nivel", "HUELLA_LOG", "info".to_owned());
    let formato = from.or("registro.formato", "HUELLA_LOG_FORMATO", "auto".to_owned());
    let otlp = from.find::<String>("registro.otlp", "OTEL_EXPORTER_OTLP_ENDPOINT");
    if nivel.parse::<tracing_subscriber::filter::Targets>().is_err() {
        from.error("registro.nivel (HUELLA_LOG): debe ser un nivel (info) o niveles por módulo (info,sqlx=warn)".into());
    }
    if !["auto", "json", "texto"].contains(&formato.as_str()) {
        from.error("registro.formato (HUELLA_LOG_FORMATO): debe ser auto, json o texto".into());
    }
    if otlp.as_ref().is_some_and(|url| !is_http(url)) {
        from.error("registro.otlp (OTEL_EXPORTER_OTLP_ENDPOINT): debe empezar con http:// o https://".into());
    }
    Log { nivel, formato, otlp }
}

/// Connections of a process that is told nothing: four for each of its cores, and eight at least. More of them answer nobody
/// sooner; of two hundred requests at once on two cores the slowest waits a fifth longer with sixteen than with eight.
fn usual_connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get() as u32);
    (4 * cores).clamp(8, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn all_mistakes_are_named_at_once_with_their_source() {
        let file = "[http]\nescucha = \"aqui\"\nplazo = 3\n[tls]\ncertificado = \"/no/existe.pem\"";
        let vars = env(&[("HUELLA_DB_CONEXIONES", "muchas"), ("S3_BUCKET", "fotos"), ("SMTP_URL", "http://x:clave-secreta@y")]);
        let text = Config::parse(file, &vars).expect_err("full of mistakes").to_string();
        for part in [
            "http.escucha (archivo)",
            "http.plazo (archivo): no es una clave conocida",
            "tls: certificado y clave van juntos",
            "base_de_datos.conexiones (variable HUELLA_DB_CONEXIONES)",
            "base_de_datos.url: falta",
            "s3.access_key: falta",
            "s3.secret_key: falta",
            "correo.url (SMTP_URL)",
        ] {
            assert!(text.contains(part), "missing {part} in:\n{text}");
        }
        assert!(!text.contains("clave-secreta"), "{text}");
    }

    #[test]
    fn environment_wins_over_file_and_file_over_default() {
        let file = "[base_de_datos]\nurl = \"postgres://a:b@archivo/h\"\nconexiones = 7\n[http]\nproxies = [\"10.0.0.1\", \"10.0.0.2\"]";
        let config = Config::parse(file, &env(&[("DATABASE_URL", "postgres://a:b@entorno/h"), ("HUELLA_LOG", "")])).expect("valid");
        assert_eq!(config.base.url.expose(), "postgres://a:b@entorno/h");
        assert_eq!((config.base.conexiones, config.http.proxies.len(), config.registro.nivel.as_str()), (7, 2, "info"));
    }

    #[test]
    fn secrets_do_not_show() {
        let vars = env(&[
            ("DATABASE_URL", "postgres://a:clave-secreta@b/h"),
            ("REDIS_URL", "redis://:clave-secreta@b"),
            ("HUELLA_METRICAS_TOKEN", "clave-secreta"),
        ]);
        let config = Config::parse("", &vars).expect("valid");
        assert!(!format!("{config:?}").contains("clave-secreta"));
    }

    #[test]
    fn plugins_reach_this_machine_only_where_the_public_does_not() {
        let errors = |pairs: &[(&str, &str)]| {
            let vars =
                env(&[&[("DATABASE_URL", "postgres://a:b@c/h"), ("HUELLA_COMPLEMENTOS_SUSTITUTOS", "a.pe=127.0.0.1:9")], pairs].concat());
            Config::parse("", &vars).map(|config| config.complementos).map_err(|errors| errors.to_string())
        };
        let on = ("HUELLA_COMPLEMENTOS_INTERNOS", "true");
        let local = errors(&[on, ("HUELLA_URL_PUBLICA", "http://localhost:8080")]).expect("a demonstration");
        assert_eq!(local.sustitutos.0["a.pe"].port(), 9);
        let public = errors(&[on, ("HUELLA_URL_PUBLICA", "https://huella.pe")]).expect_err("production");
        assert!(public.contains("complementos.internos"), "{public}");
        assert!(errors(&[]).expect_err("nobody asked").contains("complementos.sustitutos"));
    }

    #[test]
    fn a_broken_file_does_not_show_its_lines() {
        let error = Config::parse("\n[redis\nurl = \"clave-secreta\"", &env(&[])).expect_err("broken").to_string();
        assert!(error.contains("línea 2") && !error.contains("clave-secreta"), "{error}");
    }

    #[test]
    fn the_example_has_every_key_and_is_valid() {
        let example = include_str!("../../../../huella.ejemplo.toml");
        let config = Config::parse(example, &env(&[])).expect("the example is valid");
        for shown in &config.shown {
            let name = shown.key.rsplit('.').next().unwrap_or_default();
            let there = example.lines().any(|line| line.trim_start_matches(['#', ' ']).starts_with(&format!("{name} =")));
            assert!(there && example.contains(shown.env), "{} ({}) is not in the example", shown.key, shown.env);
        }
    }
}
