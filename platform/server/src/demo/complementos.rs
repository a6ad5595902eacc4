//! The plugins of a demonstration: published, installed and switched on, with providers that are simulated in this process.
use crate::{Assembled, tenant::said};
use ::complementos::{DeEntrada, direcciones, habilitar_de_entrada, publicar_de_casa};
use anyhow::{Context, Result};
use kernel::{SystemCtx, ids::TenantId};
use serde_json::json;
use simuladores::{Simulador, vonage, whatsapp};
use std::{
    collections::HashMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

const WHATSAPP: &str = "pe.huella.whatsapp";
const SMS: &str = "pe.huella.sms";

/// Where the providers will be, which is decided before there is anybody who would call them.
#[derive(Debug, Clone, Copy)]
pub struct Puertos {
    whatsapp: u16,
    vonage: u16,
}

impl Puertos {
    pub fn libres() -> Result<Self> {
        let free = || TcpListener::bind(("127.0.0.1", 0)).and_then(|one| Ok((one.local_addr()?.port(), one)));
        let ((whatsapp, _one), (vonage, _other)) = (free()?, free()?);
        Ok(Self { whatsapp, vonage })
    }

    /// Settings with which plugins reach them, unless somebody set others.
    pub fn anotar(self, env: &mut HashMap<String, String>) {
        if env.contains_key("HUELLA_COMPLEMENTOS_INTERNOS") {
            return;
        }
        let stand_ins = format!("graph.facebook.com=127.0.0.1:{},api.nexmo.com=127.0.0.1:{}", self.whatsapp, self.vonage);
        env.insert("HUELLA_COMPLEMENTOS_INTERNOS".into(), "true".into());
        env.insert("HUELLA_COMPLEMENTOS_SUSTITUTOS".into(), stand_ins);
    }
}

/// Publishes what is in `dist`, and switches it on in the chains; the first one has channels too. Tells where the simulated
/// providers are. Without `dist` there are no plugins.
pub async fn preparar(
    parts: &Assembled,
    dist: &Path,
    chains: &[TenantId],
    plataforma: TenantId,
    puertos: Puertos,
    say: impl Fn(&str),
) -> Result<Vec<Simulador>> {
    let files = components(dist);
    if files.is_empty() {
        say(&format!("sin complementos: no hay ninguno en {} (cargo xtask plugins)", dist.display()));
        return Ok(Vec::new());
    }
    let system = parts.system();
    let mut known = Vec::new();
    for path in files {
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let done = publicar_de_casa(&system, &*parts.motores.0, plataforma, &bytes).await.map_err(said);
        let done = done.with_context(|| path.display().to_string())?;
        if done.nueva {
            say(&format!("complemento {} {}: examinado y firmado", done.complemento, done.version));
        }
        known.push(done.complemento);
    }
    let (channels, rules): (Vec<String>, Vec<String>) = known.into_iter().partition(|name| [WHATSAPP, SMS].contains(&name.as_str()));
    for chain in chains {
        for rule in &rules {
            switch_on(&system, *chain, rule, &DeEntrada { config: json!({}), ..DeEntrada::default() }).await?;
        }
    }
    let Some(first) = chains.first() else { return Ok(Vec::new()) };
    let mut simulated = Vec::new();
    for channel in &channels {
        switch_on(&system, *first, channel, &settings(channel)).await?;
        simulated.push(provider(&system, *first, channel, parts.identidad.base_url(), puertos).await?);
    }
    Ok(simulated)
}

fn components(dist: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dist).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    files
}

async fn switch_on(system: &SystemCtx, chain: TenantId, complemento: &str, entrada: &DeEntrada) -> Result<()> {
    let mut tx = system.begin(chain).await.map_err(said)?;
    habilitar_de_entrada(&mut tx, complemento, entrada).await.map_err(said).with_context(|| complemento.to_owned())?;
    tx.commit().await.map_err(said)
}

/// What the chain had approved at WhatsApp: the templates that the platform's own words name, with their variables and buttons.
const APROBADAS: [(&str, usize, usize); 11] = [
    ("cita_anulada", 4, 0),
    ("cita_movida", 4, 2),
    ("cita_recordatorio", 4, 2),
    ("cita_reservada", 4, 2),
    ("espera_oferta", 6, 0),
    ("recordatorio", 3, 0),
    ("reserva_anulada", 4, 0),
    ("reserva_hecha", 5, 0),
    ("reserva_movida", 5, 0),
    ("reserva_pendiente", 5, 0),
    ("reserva_rechazada", 4, 0),
];

fn cuenta_whatsapp(webhook: Option<String>) -> whatsapp::Cuenta {
    let mut cuenta = whatsapp::Cuenta { webhook, ..Default::default() };
    for (name, variables, botones) in APROBADAS {
        cuenta.plantillas.insert((name.to_owned(), "es".to_owned()), whatsapp::Aprobada { variables, botones });
    }
    cuenta
}

/// As the simulated accounts are.
fn settings(channel: &str) -> DeEntrada {
    let one = |name: &str, value: String| [(name.to_owned(), value)].into();
    if channel == WHATSAPP {
        let cuenta = whatsapp::Cuenta::default();
        let config = json!({ "numero_id": cuenta.numero_id });
        return DeEntrada { config, secretos: one("token", cuenta.token), claves: one("app", cuenta.secreto) };
    }
    let cuenta = vonage::Cuenta::default();
    let config = json!({ "clave": cuenta.clave, "remitente": "AndesVet" });
    DeEntrada { config, secretos: one("secreto", cuenta.secreto), claves: one("firma", cuenta.secreto_firma) }
}

/// A provider that tells this chain's plugin what becomes of its messages.
async fn provider(system: &SystemCtx, chain: TenantId, channel: &str, base: &str, puertos: Puertos) -> Result<Simulador> {
    let mut tx = system.begin(chain).await.map_err(said)?;
    let webhook = direcciones(&mut tx, channel, base).await.map_err(said)?.into_iter().next();
    drop(tx);
    Ok(if channel == WHATSAPP {
        whatsapp::servir(puertos.whatsapp, cuenta_whatsapp(webhook)).await?
    } else {
        vonage::servir(puertos.vonage, vonage::Cuenta { webhook, ..Default::default() }).await?
    })
}
