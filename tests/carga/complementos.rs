//! `bench plugins`, the part that needs a server: the night of a large chain while others book, and two hundred hostile calls at
//! once beside another chain's.
use crate::{
    almacen::Almacen,
    chains::{self, Cadena, Shape},
    hostil, noche,
    place::{Place, ran},
    server::Server,
};
use adapters::{S3Config, S3Files};
use anyhow::{Context, Result, bail};
use complementos::{DeEntrada, habilitar_de_entrada, publicar_de_casa};
use jiff::Timestamp;
use kernel::{Outside, Problem, crypto::Keyring, ids::TenantId};
use organizacion::identidad::Settings;
use serde::Serialize;
use serde_json::{Value, json};
use server::{Assembled, complementos::Ajustes};
use sqlx::PgPool;
use std::{
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};
use uuid::Uuid;

const DATABASE: &str = "noche";
/// The chain whose pets are looked at.
const GRANDE: &str = "noche1";
/// Rules of the house, all of them asked about every pet.
const REGLAS: [&str; 3] = ["vacunas", "desparasitacion", "cronicos"];

/// A database with two chains in it, where plugins can be published and installed before there is a server.
pub struct Sala<'a> {
    pub place: &'a Place,
    pub db: PgPool,
    pub chains: Vec<Rc<Cadena>>,
    parts: Assembled,
    plataforma: TenantId,
    env: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    llamadas: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    night: Option<noche::Noche>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hostile_ratio: Option<f64>,
}

/// `only`: `noche` or `hostil`. What was measured without a server comes as text, to stand in the same report.
pub async fn run(mascotas: usize, as_json: bool, only: Option<&str>) -> Result<()> {
    let (night, hostile) = match only {
        None => (true, true),
        Some("noche") => (true, false),
        Some("hostil") => (false, true),
        Some(other) => bail!("no hay una parte {other}: llamadas, noche u hostil"),
    };
    let place = Place::from_env()?;
    let sala = Sala::new(&place, if night { mascotas } else { 0 }).await?;
    let hostiles = if hostile { Some(hostil::install(&sala).await?) } else { None };
    let server = sala.serve().await?;
    let hostile_ratio = match hostiles {
        Some(hostiles) => Some(hostil::run(&sala, &server, &hostiles).await?),
        None => None,
    };
    let night = if night { Some(noche::run(&sala, &server).await?) } else { None };
    let llamadas = std::env::var("HUELLA_LLAMADAS").ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| json!({}));
    let report = Report { llamadas, night, hostile_ratio };
    println!("{}", if as_json { serde_json::to_string(&report)? } else { serde_json::to_string_pretty(&report)? });
    Ok(())
}

impl<'a> Sala<'a> {
    async fn new(place: &'a Place, mascotas: usize) -> Result<Self> {
        println!("Preparando una cadena de {mascotas} mascotas y otra a su lado…");
        let shapes = [
            Shape { clave: GRANDE.into(), sedes: 10, medicos: 8, mascotas: 8_000 },
            Shape { clave: "noche2".into(), sedes: 2, medicos: 8, mascotas: 2_000 },
        ];
        let (db, chains) = chains::make(place, DATABASE, &shapes).await?;
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut apply = place.huella(DATABASE);
        apply.args(["tenant", "apply"]).arg(here.join("../datos/plataforma")).arg("--base").arg(here.join("../../tenants/_base"));
        ran(apply.args(["--clave-demo", chains::CLAVE]))?;
        let plataforma: Uuid = sqlx::query_scalar("select id from tenants where clave = 'plataforma'").fetch_one(&db).await?;
        // What made the chains is of no interest to a server that starts now.
        sqlx::raw_sql("delete from outbox; delete from trabajos").execute(&db).await?;
        let almacen = Almacen::start(place.folder.join("s3"))?;
        let parts = parts(place, &db, almacen.config()).await?;
        let mut env = almacen.env();
        env.push(("HUELLA_COMPILADOR", compiler()?.display().to_string()));
        let sala = Self { place, db, chains, parts, plataforma: TenantId(plataforma), env };
        if mascotas > 0 {
            noche::fill(&sala.db, sala.chains[0].tenant, mascotas.saturating_sub(8_000)).await?;
            for rule in REGLAS {
                let bytes = std::fs::read(dist()?.join(format!("{rule}.wasm"))).context("cargo xtask plugins")?;
                let complemento = sala.publish(&bytes).await?;
                sala.install(&sala.chains[0], &complemento).await?;
            }
        }
        Ok(sala)
    }

    /// Examined, signed by the platform. Says its name.
    pub async fn publish(&self, bytes: &[u8]) -> Result<String> {
        let done = publicar_de_casa(&self.parts.system(), &*self.parts.motores.0, self.plataforma, bytes).await.map_err(said)?;
        Ok(done.complemento)
    }

    /// For the whole chain, and on.
    pub async fn install(&self, cadena: &Cadena, complemento: &str) -> Result<()> {
        let mut tx = self.parts.system().begin(TenantId(cadena.tenant)).await.map_err(said)?;
        let entrada = DeEntrada { config: json!({}), ..DeEntrada::default() };
        habilitar_de_entrada(&mut tx, complemento, &entrada).await.map_err(said)?;
        tx.commit().await.map_err(said)
    }

    async fn serve(&self) -> Result<Server> {
        Server::start_with(self.place, DATABASE, &self.env).await
    }
}

fn said(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{}", serde_json::to_string(&problem).unwrap_or_default())
}

fn var(name: &str) -> Result<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).with_context(|| format!("falta {name}: use `cargo xtask bench plugins`"))
}

fn compiler() -> Result<PathBuf> {
    var("HUELLA_COMPILADOR")
}

fn dist() -> Result<PathBuf> {
    var("HUELLA_DIST")
}

/// The product in this process, to publish and install; with the seal that the server will have too.
async fn parts(place: &Place, db: &PgPool, store: &S3Config) -> Result<Assembled> {
    let claves = place.folder.join("claves");
    let sello = kernel::crypto::random32();
    std::fs::write(claves.join("complementos.sello"), sello)?;
    #[expect(clippy::disallowed_methods, reason = "the clock of a measurement is the wall's")]
    let clock = Arc::new(Timestamp::now);
    let outside = Outside {
        pool: db.clone(),
        replica: None,
        clock,
        keyring: Arc::new(Keyring::open_or_create(&claves.join("maestra.json"))?),
        cache: Arc::new(adapters::MemoryCache::new(1 << 20)),
        bus: Arc::new(adapters::MemoryBus::default()),
        files: Arc::new(S3Files::new(store)),
        mailer: Arc::new(crate::idle::Idle),
    };
    let parts = server::assemble_with(outside, Settings::new("https://carga.example", "https://carga.example", claves.join("jwt")))?;
    let ajustes = Ajustes { sello: sello.into(), compilador: Some(compiler()?), ..Ajustes::ephemeral() };
    let running = server::complementos::Complementos::new(&parts.system(), ajustes);
    Ok(parts.running(running))
}
