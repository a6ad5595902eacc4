//! `dev`: builds and loads a plugin whenever something in its folder changes, and a page to try it out on.
mod pagina;
mod probar;

use super::{
    banco::Banco,
    proveedor::{Proveedor, Respuesta},
    wait,
};
use crate::build;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

// Two of this name, one within the other.
#[derive(clap::Args)]
#[group(skip)]
pub struct Options {
    #[command(flatten)]
    build: build::Options,
    /// El puerto de la página, en 127.0.0.1; 0 es uno libre.
    #[arg(long, default_value_t = 9200)]
    puerto: u16,
    /// Quién responde a un canal, como http://127.0.0.1:9101; si falta, lo que se escriba en la página.
    #[arg(long)]
    proveedor: Option<String>,
}

const PAUSE: Duration = Duration::from_millis(300);

/// What runs now, and what is to be told of it.
struct Taller {
    provider: Proveedor,
    proveedor: Option<String>,
    /// One try at a time: the provider has one journal.
    turno: tokio::sync::Mutex<()>,
    puesto: RwLock<Puesto>,
}

#[derive(Default)]
struct Puesto {
    banco: Option<Arc<Banco>>,
    estado: Estado,
}

/// As the page shows it.
#[derive(Debug, Clone, Default, Serialize)]
struct Estado {
    /// How often it was built, in vain or not.
    vuelta: u64,
    complemento: Option<String>,
    mundo: Option<String>,
    /// What is wrong with what is in the folder; until then what was loaded before stays.
    error: Option<String>,
    /// From the change to what can be tried.
    ms: u128,
    /// Of that, what is not cargo's: making code of the component and loading it.
    carga_ms: u128,
    esquema: Option<Value>,
    /// What a rule wants to hear of, and which facts.
    descrito: Value,
    proveedor: Option<String>,
}

/// What a change came to.
struct Hecho {
    banco: Banco,
    descrito: Value,
    carga: Duration,
}

pub fn run(options: Options) -> Result<ExitCode> {
    let Options { build, puerto, proveedor } = options;
    if !build.folder.join(crate::pack::MANIFEST).is_file() {
        bail!("en {} no hay {}: «dev» es de un complemento", build.folder.display(), crate::pack::MANIFEST);
    }
    wait(async move {
        let taller = Arc::new(Taller {
            provider: Proveedor::start().await?,
            proveedor,
            turno: tokio::sync::Mutex::default(),
            puesto: RwLock::default(),
        });
        let listener = TcpListener::bind(("127.0.0.1", puerto)).await.with_context(|| format!("el puerto {puerto}"))?;
        println!("página en http://{}/ (Ctrl-C termina)", listener.local_addr()?);
        let app = pagina::router(taller.clone(), listener.local_addr()?);
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        tokio::select! {
            done = serving => done?.context("la página")?,
            never = watch(&taller, Arc::new(build)) => never?,
            stop = tokio::signal::ctrl_c() => stop?,
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Looks every so often: a folder of a few files, and the same on every system.
async fn watch(taller: &Taller, options: Arc<build::Options>) -> Result<()> {
    let mut before = None;
    loop {
        let now = seen(&options.folder)?;
        if before != Some(now) {
            // What changes while it is built is built next.
            before = Some(now);
            taller.reload(options.clone()).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A number that is another one when a file is.
fn seen(folder: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&next).with_context(|| next.display().to_string())?.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let made = ["target", "dist", "Cargo.lock"].iter().any(|made| name == *made) || name.to_string_lossy().starts_with('.');
            let Ok(data) = entry.metadata() else { continue };
            if made {
                continue;
            }
            if data.is_dir() {
                folders.push(entry.path());
            } else {
                (entry.path(), data.len(), data.modified().ok()).hash(&mut hasher);
            }
        }
    }
    Ok(hasher.finish())
}

impl Taller {
    async fn reload(&self, options: Arc<build::Options>) {
        let start = Instant::now();
        let made = self.made(options).await;
        let mut puesto = self.puesto.write().unwrap_or_else(PoisonError::into_inner);
        let vuelta = puesto.estado.vuelta + 1;
        match made {
            Ok(Hecho { banco, descrito, carga }) => {
                let package = &banco.plugin().package;
                let name = format!("{} {}", package.manifest.id, package.manifest.version);
                puesto.estado = Estado {
                    vuelta,
                    complemento: Some(name),
                    mundo: Some(banco.plugin().world().to_string()),
                    error: None,
                    ms: start.elapsed().as_millis(),
                    carga_ms: carga.as_millis(),
                    esquema: package.config_schema.clone(),
                    descrito,
                    proveedor: self.proveedor.clone(),
                };
                puesto.banco = Some(Arc::new(banco));
                let Estado { complemento, ms, carga_ms, .. } = &puesto.estado;
                println!("cargado {} en {ms} ms, de ellos {carga_ms} ms después de cargo", complemento.as_deref().unwrap_or_default());
            }
            Err(error) => {
                eprintln!("error: {error:#}");
                puesto.estado =
                    Estado { vuelta, error: Some(format!("{error:#}")), ms: start.elapsed().as_millis(), ..puesto.estado.clone() };
            }
        }
    }

    async fn made(&self, options: Arc<build::Options>) -> Result<Hecho> {
        let made: Vec<PathBuf> = tokio::task::spawn_blocking(move || build::make(&options)).await??;
        let start = Instant::now();
        let [component] = &made[..] else { bail!("«dev» es de un complemento, y aquí hay {}", made.len()) };
        let banco = Banco::open(component, Some(self.provider.address)).await?;
        let descrito = probar::described(&banco).await?;
        Ok(Hecho { banco, descrito, carga: start.elapsed() })
    }

    fn banco(&self) -> Option<Arc<Banco>> {
        self.puesto.read().unwrap_or_else(PoisonError::into_inner).banco.clone()
    }

    fn estado(&self) -> Value {
        json!(self.puesto.read().unwrap_or_else(PoisonError::into_inner).estado)
    }

    /// Who answers what follows.
    fn answers(&self, respuestas: Vec<Respuesta>) {
        match &self.proveedor {
            Some(url) => self.provider.forward(url),
            None => self.provider.script(respuestas, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_seen_and_what_is_made_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("src/lib.rs", "uno");
        let first = seen(folder.path()).expect("a number");
        for made in ["target/x", "dist/x.wasm", ".git/HEAD", "Cargo.lock"] {
            write(made, "algo");
        }
        assert_eq!(seen(folder.path()).expect("a number"), first);
        write("src/lib.rs", "otro");
        assert_ne!(seen(folder.path()).expect("a number"), first);
    }
}
