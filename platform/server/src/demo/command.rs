//! `huella demo`: everything on this machine, with invented data.
use crate::{
    assemble, cli,
    config::Config,
    demo::{DemoParts, datos},
    logs, migrate, tenant,
};
use anyhow::{Context, Result};
use clap::Args;
use std::{collections::HashMap, path::PathBuf, time::Instant};
use tokio::net::TcpListener;

/// Everybody's password in the demonstration.
const CLAVE: &str = "huella-demo-2026";

#[derive(Debug, Args)]
pub struct Arguments {
    /// Puerto de la API.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Carpeta de los datos.
    #[arg(long, default_value = "datos/demo")]
    data: PathBuf,
    /// Borra los datos anteriores.
    #[arg(long)]
    fresh: bool,
    /// Carpeta de las cadenas.
    #[arg(long, default_value = "tenants")]
    tenants: PathBuf,
}

/// Services that somebody already has, by the variable that names them and the ones that go with it.
const GIVEN: [(&str, &str); 4] = [("DATABASE_URL", "DATABASE_"), ("REDIS_URL", "REDIS_"), ("S3_ENDPOINT", "S3_"), ("SMTP_URL", "SMTP_")];

pub async fn run(arguments: Arguments) -> Result<()> {
    let start = Instant::now();
    let end = cli::terminated()?;
    let say = |text: &str| println!("  {text}…");
    let listener = TcpListener::bind(("127.0.0.1", arguments.port))
        .await
        .with_context(|| format!("el puerto {} está en uso; elija otro con --port", arguments.port))?;
    println!("Huella, demostración en {}", arguments.data.display());
    let parts = DemoParts::start(&arguments.data, arguments.fresh, say).await?;
    let result = tokio::select! {
        result = prepare(&arguments, &parts, listener.local_addr()?) => Some(result),
        () = stopped() => None,
    };
    let served = match result {
        Some(Ok((config, assembled))) => {
            welcome(&arguments, &parts, &config, start)?;
            let _log = logs::install(&config.registro);
            cli::serve(&config, assembled, listener, end).await
        }
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    parts.stop().await?;
    served
}

/// Ctrl-C while things are still starting.
async fn stopped() {
    match cli::terminated() {
        Ok(end) => end.await,
        Err(_) => std::future::pending().await,
    }
}

async fn prepare(arguments: &Arguments, parts: &DemoParts, address: std::net::SocketAddr) -> Result<(Config, crate::Assembled)> {
    let say = |text: &str| println!("  {text}…");
    let mut env = environment(parts);
    env.insert("HUELLA_ESCUCHA".into(), address.to_string());
    env.entry("HUELLA_LOG".into()).or_insert_with(|| "warn".into());
    let config = Config::parse("", &env)?;
    say("poniendo la base al día");
    let admin = config.base.administrador.as_ref().unwrap_or(&config.base.url);
    migrate(&admin.expose().parse()?).await?;
    parts.open_logins().await?;
    let assembled = assemble(&config)?;
    let system = assembled.system();
    for chain in chains(arguments) {
        say(&format!("aplicando {}", chain.display()));
        let base = arguments.tenants.join("_base");
        tenant::apply(&system, &assembled.identidad, &base, &chain, Some(CLAVE)).await?;
    }
    say("cargando datos de muestra");
    let resumen = datos::cargar(&system, |text| println!("  {text}")).await?;
    resumen.to_string().lines().for_each(|line| println!("  {line}"));
    Ok((config, assembled))
}

fn chains(arguments: &Arguments) -> Vec<PathBuf> {
    ["andes", "costa"].map(|name| arguments.tenants.join(name)).into()
}

/// The parts' variables, except where the environment names a service of its own.
fn environment(parts: &DemoParts) -> HashMap<String, String> {
    let mut env = parts.environment();
    for (name, prefix) in GIVEN {
        if std::env::var(name).is_ok_and(|value| !value.is_empty()) {
            println!("  se usa {name} del entorno");
            env.retain(|known, _| !known.starts_with(prefix));
        }
    }
    env.extend(std::env::vars());
    env
}

fn welcome(arguments: &Arguments, parts: &DemoParts, config: &Config, start: Instant) -> Result<()> {
    let url = config.public_url();
    let path = parts.write_conexion_env(&[("HUELLA_URL", url.clone())])?;
    println!("\nLista en {:.1} s.\n", start.elapsed().as_secs_f64());
    println!("  API            {url}/api/v1");
    println!("  Documentación  {url}/api/docs");
    println!("  Correo         {}", parts.mail_page());
    println!("  Conexiones     {}\n", path.display());
    println!("  Contraseña de todos: {CLAVE}");
    for chain in chains(arguments) {
        let (clave, logins) = tenant::logins(&chain)?;
        println!("\n  Cadena {clave}");
        for login in logins {
            println!("    {:<22} {}", login.rol, login.correo);
        }
    }
    println!("\nCtrl-C para terminar; los datos se conservan.");
    Ok(())
}
