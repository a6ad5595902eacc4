//! `huella demo`: everything on this machine, with invented data.
use super::{
    complementos::{self, Puertos},
    datos::{self, PLATAFORMA},
    environment::{self, Given},
    folder::Folder,
    listen,
    parts::DemoParts,
    password,
    progress::{Progress, print},
    signals,
};
use crate::{
    Assembled, assemble, cli,
    config::{self, Config},
    logs, migrate, tenant,
};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use cluster::private;
use kernel::ids::TenantId;
use simuladores::Simulador;
use std::{fmt::Write, net::SocketAddr, path::PathBuf, time::Instant};

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
    /// Carpeta con los complementos compilados.
    #[arg(long, default_value = "plugins/dist")]
    complementos: PathBuf,
    /// Mascotas de todas las cadenas juntas; menos, para las pruebas.
    #[arg(long, hide = true, default_value_t = datos::MASCOTAS)]
    mascotas: usize,
}

/// A demonstration that is ready to serve.
struct Ready {
    config: Config,
    assembled: Assembled,
    password: String,
    /// Providers that plugins call, as long as the demonstration runs.
    simulados: Vec<Simulador>,
}

pub async fn run(arguments: Arguments) -> Result<()> {
    let start = Instant::now();
    let stop = signals::stop_on_signal()?;
    let listener = listen(arguments.port).await.map_err(|error| anyhow!("{error}; elija otro con --port"))?;
    print(&format!("Huella, demostración en {}", arguments.data.display()));
    let progress = Progress::start();
    let folder = Folder::open(&arguments.data)?;
    let given = Given::of(config::environment(), folder.path());
    given.names().into_iter().for_each(|name| progress.say(&format!("se usa {name} del entorno")));
    let Some(parts) = stop.run_until_cancelled(parts(&arguments, folder, &given, &progress)).await else { return Ok(()) };
    let parts = parts?;
    let address = listener.local_addr()?;
    let served = match stop.run_until_cancelled(prepare(&arguments, &parts, &given, address, &progress)).await {
        Some(Ok(ready)) => {
            drop(progress);
            print(&welcome(&arguments, &parts, &ready, start)?);
            let _log = logs::install(&ready.config.registro);
            cli::serve(&ready.config, ready.assembled, listener, stop.cancelled_owned()).await
        }
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    parts.stop().await?;
    served
}

async fn parts(arguments: &Arguments, folder: Folder, given: &Given, progress: &Progress) -> Result<DemoParts> {
    if arguments.fresh {
        progress.say("borrando los datos anteriores");
        folder.clear().await?;
    }
    DemoParts::start(folder, given, |text| progress.say(text)).await
}

async fn prepare(arguments: &Arguments, parts: &DemoParts, given: &Given, address: SocketAddr, progress: &Progress) -> Result<Ready> {
    let mut env = given.merged(parts);
    env.insert("HUELLA_ESCUCHA".into(), address.to_string());
    let puertos = Puertos::libres()?;
    puertos.anotar(&mut env);
    env.entry("HUELLA_LOG".into()).or_insert_with(|| "warn".into());
    let config = Config::parse("", &env)?;
    progress.say("poniendo la base al día");
    let admin = config.base.administrador.as_ref().unwrap_or(&config.base.url).expose().parse()?;
    migrate(&admin).await?;
    parts.open_logins().await?;
    // The master key is made with the password: data of another folder could not be read with this one's.
    let first = !password::file(parts.folder()).exists();
    let assembled = assemble(&config)?;
    let system = assembled.system();
    for clave in datos::limpiar(&system, &admin, arguments.fresh).await? {
        let why = if arguments.fresh { "se pidió empezar de nuevo" } else { "su carga quedó a medias" };
        progress.say(&format!("cadena {clave}: {why}; se borró y se carga otra vez"));
    }
    if first && datos::hay(&system).await? {
        bail!(
            "la base ya tiene las cadenas de una demostración hecha desde otra carpeta o con otra versión: use esa carpeta, u otra base, o --fresh"
        );
    }
    let password = password::of(parts.folder())?;
    for chain in chains(arguments).into_iter().chain([arguments.tenants.join(PLATAFORMA)]) {
        progress.say(&format!("aplicando {}", chain.display()));
        let base = arguments.tenants.join("_base");
        tenant::apply(&system, &assembled.identidad, &base, &chain, Some(&password)).await?;
    }
    progress.say("revisando los datos de muestra");
    let resumen = datos::cargar(&system, arguments.mascotas, |text| progress.say(text)).await?;
    if resumen.segundos > 0.0 {
        datos::analizar(&admin).await?;
        progress.say(&format!("datos cargados en {:.0} s", resumen.segundos));
    }
    resumen.to_string().lines().for_each(|line| progress.say(line));
    let simulados = plugins(arguments, &assembled, puertos, progress).await?;
    let ready = Ready { config, assembled, password, simulados };
    let more = logins(arguments, parts, &ready)?;
    private::write(&environment::file(parts.folder().path()), &environment::conexion(parts, &ready.config, &env, &more))?;
    Ok(ready)
}

/// What the chains run, once they have their data.
async fn plugins(arguments: &Arguments, assembled: &Assembled, puertos: Puertos, progress: &Progress) -> Result<Vec<Simulador>> {
    progress.say("preparando los complementos");
    let all = datos::cadenas(&assembled.system()).await?;
    let of = |name: &str| all.iter().find(|(clave, _)| clave == name).map(|(_, tenant)| *tenant);
    let chains: Vec<TenantId> = datos::CADENAS.into_iter().filter_map(of).collect();
    let plataforma = of(PLATAFORMA).context("falta la cadena de la plataforma")?;
    datos::anotar(&assembled.system(), plataforma).await?;
    complementos::preparar(assembled, &arguments.complementos, &chains, plataforma, puertos, |text| progress.say(text)).await
}

/// Those with clinics.
fn chains(arguments: &Arguments) -> Vec<PathBuf> {
    datos::CADENAS.map(|name| arguments.tenants.join(name)).into()
}

/// Where the product is and who signs in: the first chain, and an address of each of its roles.
fn logins(arguments: &Arguments, parts: &DemoParts, ready: &Ready) -> Result<Vec<(String, String)>> {
    let mut more = vec![
        (environment::FOLDER.to_owned(), parts.folder().path().display().to_string()),
        ("HUELLA_URL".to_owned(), ready.config.public_url()),
        ("HUELLA_DEMO_CLAVE".to_owned(), ready.password.clone()),
    ];
    if let Some(chain) = chains(arguments).first() {
        let (clave, logins) = tenant::logins(chain)?;
        more.push(("HUELLA_DEMO_CADENA".to_owned(), clave));
        more.extend(logins.into_iter().map(|login| (format!("HUELLA_DEMO_{}", login.rol.to_uppercase()), login.correo)));
    }
    Ok(more)
}

/// The portal of a chain: its name before the installation's. An address in figures has no names, but this machine has one.
fn portal_of(url: &str, clave: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let host = kernel::host::of_url(url);
    let named = if host.parse::<std::net::IpAddr>().is_ok() { rest.replacen(host, "localhost", 1) } else { rest.to_owned() };
    format!("{scheme}://{clave}.{named}")
}

fn welcome(arguments: &Arguments, parts: &DemoParts, ready: &Ready, start: Instant) -> Result<String> {
    let url = ready.config.public_url();
    let correo = parts.mail_page().unwrap_or_else(|| "el del servidor dado en SMTP_URL".to_owned());
    let conexion = environment::file(parts.folder().path());
    let mut text = format!("\nLista en {:.1} s.\n\n", start.elapsed().as_secs_f64());
    let lines = [
        ("API", format!("{url}/api/v1")),
        ("Documentación", format!("{url}/api/docs")),
        ("Correo", correo),
        ("Proveedores", ready.simulados.iter().map(Simulador::url).collect::<Vec<_>>().join(" ")),
        ("Conexiones", conexion.display().to_string()),
    ];
    for (name, value) in lines {
        writeln!(text, "  {name:<14} {value}")?;
    }
    writeln!(text, "\n  Contraseña de todos: {}", ready.password)?;
    for chain in chains(arguments).into_iter().chain([arguments.tenants.join(PLATAFORMA)]) {
        let (clave, logins) = tenant::logins(&chain)?;
        writeln!(text, "\n  Cadena {clave:<16}{}", portal_of(&url, &clave))?;
        for login in logins {
            writeln!(text, "    {:<22} {}", login.rol, login.correo)?;
        }
    }
    text.push_str("\nCtrl-C para terminar; los datos se conservan.");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chain_has_an_address() {
        assert_eq!(portal_of("http://127.0.0.1:8080", "andes"), "http://andes.localhost:8080");
        assert_eq!(portal_of("https://huella.pe", "andes"), "https://andes.huella.pe");
    }
}
