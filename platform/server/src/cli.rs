//! The command line.
use crate::{
    Assembled, assemble, auditoria, claves,
    config::{Config, Log},
    http::{self, Server, Tls},
    importar, logs, memoria, migrate, tenant, trabajos,
};
use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, Subcommand};
use organizacion::identidad::segundo_factor::retirar_por_operador;
use std::{
    future::Future,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

/// Plataforma para cadenas de clínicas veterinarias.
#[derive(Debug, Parser)]
#[command(name = "huella", version, propagate_version = true)]
struct Cli {
    /// Archivo de configuración (ver huella.ejemplo.toml).
    #[arg(long, global = true, env = "HUELLA_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sirve la API (y los trabajos de fondo, salvo trabajos.en_serve = false).
    Serve,
    /// Hace solo los trabajos de fondo: eventos, sello de la auditoría, limpieza.
    Work,
    /// Pone la base de datos al día.
    Migrate,
    /// Cadenas a partir de sus carpetas.
    Tenant {
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Importa un archivo de otro sistema, o hace una cadena nueva de una exportación completa.
    Import(Box<importar::Arguments>),
    /// Escribe todos los datos de una cadena en un ZIP de formato abierto (ver docs/exportacion.md).
    Export(importar::ExportArguments),
    /// Imprime el documento OpenAPI 3.1.
    Openapi,
    /// Integridad de la auditoría.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Clave maestra de los datos personales.
    Claves {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Claves de firma de los tokens de acceso.
    Jwt {
        #[command(subcommand)]
        command: JwtCommand,
    },
    /// Cuentas de personas, cuando nadie de su cadena puede ayudarlas.
    Usuario {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Muestra la configuración en vigor y de dónde viene, sin secretos.
    Config,
    /// Todo en esta máquina, con datos ficticios.
    #[cfg(feature = "demo")]
    Demo(crate::demo::Arguments),
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Aplica una o más carpetas; aplicar dos veces no cambia nada.
    Apply {
        #[arg(required = true)]
        carpetas: Vec<PathBuf>,
        /// Carpeta de lo que es igual para todas.
        #[arg(long, default_value = "tenants/_base")]
        base: PathBuf,
        /// Contraseña de todo el personal, en vez de invitaciones. Solo para demostraciones.
        #[arg(long)]
        clave_demo: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Recorre las cadenas de sellos y nombra el primer eslabón roto.
    ///
    /// Termina con 1 si una está rota y con 2 si no se pudo comparar con ninguna ancla. Con --archivo no hace falta base de datos ni
    /// configuración (ver docs/auditoria.md).
    Verify {
        /// Solo esta cadena.
        #[arg(long)]
        cadena: Option<String>,
        /// En vez de la base de datos, una exportación completa, o el sellos.ndjson que trae.
        #[arg(long, value_name = "ARCHIVO", conflicts_with = "cadena")]
        archivo: Option<PathBuf>,
        /// Un ancla como llegó por correo. Se puede repetir.
        #[arg(long, value_name = "HEX@N", requires = "archivo")]
        ancla: Vec<auditoria::Ancla>,
        /// Un archivo de texto con anclas, como el de los correos guardados.
        #[arg(long, value_name = "ARCHIVO", requires = "archivo")]
        anclas: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Agrega una versión y vuelve a envolver las claves de las personas. Si se interrumpe, repítalo con --continuar.
    Rotar {
        /// No agrega otra versión: termina una rotación interrumpida.
        #[arg(long)]
        continuar: bool,
    },
    /// Borra del archivo una versión anterior, si ya nada la necesita.
    Retirar {
        /// Número de la versión.
        #[arg(value_name = "VERSION")]
        numero: i32,
    },
}

#[derive(Debug, Subcommand)]
enum JwtCommand {
    /// Publica una clave nueva, que firma diez minutos después; la anterior verifica hasta que venzan sus tokens.
    Rotar {
        /// Firma con la nueva y borra todas las demás ahora mismo: la clave dejó de ser secreta.
        #[arg(long)]
        ya: bool,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Retira el segundo factor de quien perdió su teléfono y sus códigos, y se lo avisa por correo. Antes,
    /// compruebe por otro medio que es esa persona quien lo pide.
    RetirarSegundoFactor {
        /// Dirección corta de la cadena.
        #[arg(long)]
        cadena: String,
        #[arg(long)]
        correo: String,
    },
}

pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.context("no se pudo iniciar").and_then(|runtime| {
        let result = runtime.block_on(run(cli));
        // A blocked worker must not keep the process alive.
        runtime.shutdown_timeout(std::time::Duration::from_secs(1));
        result
    });
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    http::install_provider();
    match cli.command {
        Command::Openapi => print(&format!("{:#}", http::document())),
        Command::Audit { command: AuditCommand::Verify { archivo: Some(archivo), ancla, anclas, .. } } => {
            return verify_file(&archivo, ancla, anclas.as_deref());
        }
        #[cfg(feature = "demo")]
        Command::Demo(arguments) => return crate::demo::run(arguments).await.map(|()| ExitCode::SUCCESS),
        command => return with_config(command, Config::load(cli.config.as_deref())?).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn with_config(command: Command, config: Config) -> Result<ExitCode> {
    match command {
        Command::Config => show(&config),
        Command::Serve => {
            let _log = logs::install(&config.registro);
            let listener = bind(&config).await?;
            serve(&config, assemble(&config)?, listener, terminated()?).await?;
        }
        Command::Work => {
            let _log = logs::install(&config.registro);
            work(&config, assemble(&config)?).await?;
        }
        Command::Migrate => {
            let url = config.base.administrador.as_ref().unwrap_or(&config.base.url);
            println!("La base está en la versión {}.", migrate(&url.expose().parse()?).await?);
        }
        Command::Tenant { command: TenantCommand::Apply { carpetas, base, clave_demo } } => {
            let _log = quiet();
            let parts = assemble(&config)?;
            for folder in carpetas {
                println!(
                    "{}\n{}",
                    folder.display(),
                    tenant::apply(&parts.system(), &parts.identidad, &base, &folder, clave_demo.as_deref()).await?
                );
            }
        }
        Command::Audit { command: AuditCommand::Verify { cadena, .. } } => return verify(&config, cadena.as_deref()).await,
        Command::Claves { command: KeyCommand::Rotar { continuar } } => rotate_master(&config, continuar).await?,
        Command::Claves { command: KeyCommand::Retirar { numero } } => retire_master(&config, numero).await?,
        Command::Jwt { command: JwtCommand::Rotar { ya } } => rotate_jwt(&config, ya)?,
        Command::Usuario { command: UserCommand::RetirarSegundoFactor { cadena, correo } } => {
            let _log = quiet();
            retirar_por_operador(&assemble(&config)?.system(), &cadena, &correo).await.map_err(tenant::said)?;
            println!("{correo} entra desde ahora solo con su contraseña; sus sesiones se cerraron.");
        }
        Command::Import(arguments) => {
            let _log = quiet();
            importar::run(&assemble(&config)?.system(), *arguments).await?;
        }
        Command::Export(arguments) => {
            let _log = quiet();
            importar::export(&assemble(&config)?.system(), arguments).await?;
        }
        Command::Openapi => {}
        #[cfg(feature = "demo")]
        Command::Demo(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// For output that may be cut short by `| head`, where `println!` would panic.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Commands speak on standard output; only trouble is logged.
fn quiet() -> logs::Guard {
    logs::install(&Log { nivel: "error".into(), formato: "texto".into(), otlp: None })
}

fn show(config: &Config) {
    for shown in &config.shown {
        let value = shown.value.as_deref().unwrap_or("(sin valor)");
        print(&format!("{:<34} {:<40} {} [{}]", shown.key, value, shown.source, shown.env));
    }
}

async fn bind(config: &Config) -> Result<TcpListener> {
    TcpListener::bind(config.escucha).await.with_context(|| format!("no se puede escuchar en {}", config.escucha))
}

/// Serves until `shutdown`, with or without the background jobs.
pub async fn serve(config: &Config, parts: Assembled, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> Result<()> {
    let tls = config.tls.as_ref().map(|files| Tls::load(&files.certificado, &files.clave)).transpose()?;
    let stop = CancellationToken::new();
    let jobs = tokio::spawn(trabajos::run(parts.clone(), config.con_trabajos, stop.clone()));
    tokio::spawn(memoria::give_back(stop.clone()));
    let system = parts.system();
    tokio::spawn(async move { system.connect().await });
    if let Some(tls) = tls.clone() {
        tokio::spawn(reload_on_hangup(tls));
    }
    if let Some(address) = config.metricas {
        let listener = TcpListener::bind(address).await.with_context(|| format!("no se puede escuchar en {address}"))?;
        let stop = stop.clone();
        tokio::spawn(async move { http::serve(listener, http::figures(), stop.cancelled_owned()).await });
    }
    tracing::info!(direccion = %listener.local_addr()?, tls = tls.is_some(), "listening");
    let server = Server { router: parts.router(&config.http), settings: config.serve.clone(), tls };
    server.run(listener, shutdown).await?;
    stop.cancel();
    jobs.await.context("trabajos de fondo")?;
    tracing::info!("stopped");
    Ok(())
}

async fn reload_on_hangup(tls: Tls) {
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    while hangup.recv().await.is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("certificate reloaded"),
            Err(error) => tracing::error!(%error, "the old certificate stays"),
        }
    }
}

async fn work(config: &Config, parts: Assembled) -> Result<()> {
    let stop = CancellationToken::new();
    if let Some(address) = config.metricas {
        let listener = TcpListener::bind(address).await.with_context(|| format!("no se puede escuchar en {address}"))?;
        http::metrics::install();
        tokio::spawn(http::serve(listener, http::figures(), stop.clone().cancelled_owned()));
    }
    let jobs = tokio::spawn(trabajos::run(parts, true, stop.clone()));
    tokio::spawn(memoria::give_back(stop.clone()));
    terminated()?.await;
    stop.cancel();
    jobs.await.context("trabajos de fondo")
}

/// SIGTERM or Ctrl-C.
pub fn terminated() -> Result<impl Future<Output = ()> + Send> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

async fn verify(config: &Config, cadena: Option<&str>) -> Result<ExitCode> {
    let _log = quiet();
    let parts = assemble(config)?;
    let found = auditoria::verify(&parts.system(), cadena).await.map_err(tenant::said)?;
    if found.is_empty() {
        bail!("no hay ninguna cadena con esa clave");
    }
    found.iter().for_each(|verified| print(&verified.to_string()));
    Ok(if found.iter().any(|verified| verified.roto.is_some()) {
        ExitCode::FAILURE
    } else if found.iter().any(|verified| verified.anclas.is_none()) {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

/// Without a database, a key or a setting.
fn verify_file(archivo: &Path, mut anclas: Vec<auditoria::Ancla>, de: Option<&Path>) -> Result<ExitCode> {
    if let Some(path) = de {
        let text = std::fs::read(path).with_context(|| format!("no se puede leer {}", path.display()))?;
        let found = auditoria::anclas(&String::from_utf8_lossy(&text));
        ensure!(!found.is_empty(), "no hay ninguna ancla en {}", path.display());
        anclas.extend(found);
    }
    let found = auditoria::verificar(archivo, anclas)?;
    print(&format!("{}: {found}", archivo.display()));
    Ok(if found.roto.is_some() {
        ExitCode::FAILURE
    } else if found.anclas == 0 {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    })
}

async fn rotate_master(config: &Config, resume: bool) -> Result<()> {
    let _log = quiet();
    let parts = assemble(config)?;
    if !resume {
        println!("Versión nueva de la clave maestra: {}.", claves::add_version(&parts.system())?);
    }
    let progress = |done: i64, all: i64| println!("  {done} de {all}");
    let done = claves::rewrap(&parts.system(), progress).await.map_err(tenant::said)?;
    println!("{done} claves de personas envueltas de nuevo.");
    Ok(())
}

async fn retire_master(config: &Config, version: i32) -> Result<()> {
    let _log = quiet();
    claves::retire(&assemble(config)?.system(), version).await?;
    println!("La versión {version} de la clave maestra ya no existe. Bórrela también de sus copias de respaldo.");
    Ok(())
}

fn rotate_jwt(config: &Config, at_once: bool) -> Result<()> {
    let parts = assemble(config)?;
    let (keys, now) = (parts.identidad.keys(), parts.app.now());
    if at_once {
        println!("Firma desde ahora la clave {}; ninguna otra vale.", keys.rotate_at_once(now)?);
    } else {
        let (kid, from) = keys.rotate(now)?;
        println!("La clave {kid} está publicada y firma desde {}.", from.strftime("%Y-%m-%d %H:%M:%S UTC"));
    }
    Ok(())
}
