//! What whoever runs plugins reads and writes here: what is switched on, whose signature counts, what plugins keep, secrets and keys,
//! and the record of every call.
use crate::{
    archivos, llaves, model,
    store::{
        self,
        instalaciones::{self, Corriente},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use bytes::Bytes;
use jiff::Timestamp;
use kernel::{
    App, Change, Event, Job, Problem, Tx,
    ids::{SedeId, TenantId},
    ports::Message,
};
use plugin_manifest::{Digest, Package, PublicKey, Trust, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Bus topic: something changed, ask again. The body is a [`Cambio`] as JSON.
pub const CAMBIO: &str = "complementos";

/// A plugin as a chain has it.
#[derive(Debug, Clone)]
pub struct Activo {
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    pub mundo: World,
    pub sandbox: bool,
    pub config: Value,
    /// Of the installation: goes up with every change.
    pub revision: i32,
    /// `None`: the whole chain.
    pub sedes: Option<Vec<SedeId>>,
}

/// A version as it was uploaded.
#[derive(Debug, Clone)]
pub struct VersionPublicada {
    pub digest: Digest,
    pub complemento: String,
    pub version: String,
    pub mundo: World,
    pub editor: String,
    pub estado: String,
    pub paquete: Package,
}

/// A run, to be kept.
#[derive(Debug, Clone)]
pub struct CorridaNueva {
    pub id: Uuid,
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    pub mundo: World,
    pub operacion: String,
    pub intento: u32,
    pub sandbox: bool,
    pub inicio: Timestamp,
    pub resultado: String,
    pub detalle: Option<String>,
    /// This one put the code away.
    pub cuarentena: bool,
    /// The whole record, redacted by the host.
    pub documento: Value,
}

/// Enabled, not quarantined, not withdrawn, its module on.
pub async fn activos(tx: &mut Tx, mundo: World) -> Result<Vec<Activo>, Problem> {
    if store::modulos::get(tx).await?.0.contains(modulo_de(mundo)) {
        return Ok(Vec::new());
    }
    let now = tx.now();
    instalaciones::running(tx, mundo.name(), now).await?.into_iter().map(Activo::try_from).collect()
}

/// Switched on, and for some reason not among [`activos`]: what it would have said is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detenido {
    pub complemento: String,
    pub nombre: String,
    pub motivo: String,
}

pub async fn detenidos(tx: &mut Tx, mundo: World) -> Result<Vec<Detenido>, Problem> {
    if store::modulos::get(tx).await?.0.contains(modulo_de(mundo)) {
        return Ok(Vec::new());
    }
    let now = tx.now();
    let rows = instalaciones::stopped(tx, mundo.name(), now).await?;
    Ok(rows.into_iter().map(|row| Detenido { complemento: row.complemento, nombre: row.nombre, motivo: row.motivo }).collect())
}

/// A code that is switched on somewhere.
#[derive(Debug, Clone)]
pub struct EnUso {
    /// One of the chains that have it.
    pub tenant: TenantId,
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    /// How many have it.
    pub cadenas: i64,
}

/// All codes that are switched on in any chain, each once, what most chains have first. Role `huella_jobs`.
pub async fn en_uso(db: &mut PgConnection) -> Result<Vec<EnUso>, Problem> {
    let read = |row: instalaciones::EnUso| {
        let digest = row.digest.parse().map_err(Problem::internal)?;
        Ok(EnUso { tenant: TenantId(row.tenant_id), complemento: row.complemento, version: row.version, digest, cadenas: row.cadenas })
    };
    instalaciones::in_use(db).await?.into_iter().map(read).collect()
}

/// The module that plugins of a world serve.
fn modulo_de(mundo: World) -> &'static str {
    match mundo {
        World::Payment | World::Fiscal => "facturacion",
        World::Delivery => "farmacia",
        World::Notification | World::Alerts => "alertas",
    }
}

/// Whatever its state: for a check and a dry run.
pub async fn instalado(tx: &mut Tx, complemento: &str) -> Result<Option<Activo>, Problem> {
    instalaciones::installed(tx, complemento).await?.map(Activo::try_from).transpose()
}

impl TryFrom<Corriente> for Activo {
    type Error = Problem;
    fn try_from(row: Corriente) -> Result<Self, Problem> {
        Ok(Self {
            digest: row.digest.parse().map_err(Problem::internal)?,
            mundo: model::mundo(&row.mundo).ok_or_else(|| Problem::internal("a world that is none"))?,
            complemento: row.complemento,
            version: row.version,
            sandbox: row.sandbox,
            config: row.config,
            revision: row.revision,
            sedes: row.sedes.map(|sedes| sedes.into_iter().map(SedeId).collect()),
        })
    }
}

/// `None` if it is not there, or not for this chain to see.
pub async fn version(tx: &mut Tx, digest: &Digest) -> Result<Option<VersionPublicada>, Problem> {
    let found = store::versiones::get(tx, &digest.to_string()).await?;
    Ok(found.map(|one| VersionPublicada {
        digest: *digest,
        complemento: one.complemento,
        version: one.version,
        mundo: one.mundo,
        editor: one.editor,
        estado: one.estado.clave().to_owned(),
        paquete: one.paquete,
    }))
}

/// The signed bytes.
pub async fn componente(app: &App, digest: &Digest) -> Result<Bytes, Problem> {
    archivos::componente(app, digest).await
}

/// Sealed code, if it was compiled for that target.
pub async fn compilado(app: &App, digest: &Digest, objetivo: &str) -> Result<Option<Bytes>, Problem> {
    archivos::compilado(app, digest, objetivo).await
}

pub async fn guardar_compilado(app: &App, digest: &Digest, objetivo: &str, sellado: Bytes) -> Result<(), Problem> {
    archivos::guardar_compilado(app, digest, objetivo, sellado).await
}

/// Whether the chain does without this module, as `alertas`.
pub async fn modulo_apagado(tx: &mut Tx, clave: &str) -> Result<bool, Problem> {
    let (apagados, _) = store::modulos::get(tx).await?;
    Ok(apagados.contains(clave))
}

/// Publishers, platform keys, revoked, withdrawn; in a sandbox the keys of its own publishers, and the one with which
/// the platform signs there what nobody signed.
pub async fn confianza(tx: &mut Tx) -> Result<Trust, Problem> {
    let keys = llaves::de_tx(tx)?;
    let sandbox = store::cadena(tx).await?.sandbox;
    let mut trust = Trust { platform: keys.de_la_plataforma(), ..Trust::default() };
    if sandbox {
        trust.developers.insert(keys.pruebas().public());
    }
    let (mut revoked, mut good) = (BTreeSet::new(), BTreeSet::new());
    for one in store::editores::all_keys(tx).await? {
        let key: PublicKey = one.clave.parse().map_err(Problem::internal)?;
        if one.revocada {
            revoked.insert(key);
        } else if one.activo {
            good.insert(key);
            trust.publishers.entry(one.editor).or_default().insert(key);
            if sandbox && one.propio {
                trust.developers.insert(key);
            }
        }
    }
    // A key that somebody else registered as theirs and revoked is not taken from whom it belongs to.
    trust.revoked = &revoked - &good;
    let withdrawn = store::versiones::withdrawn(tx).await?;
    trust.withdrawn = withdrawn.iter().map(|digest| digest.parse().map_err(Problem::internal)).collect::<Result<_, _>>()?;
    Ok(trust)
}

/// A secret of the configuration.
pub async fn secreto(tx: &mut Tx, complemento: &str, nombre: &str) -> Result<Option<String>, Problem> {
    let found = store::secretos::open(tx, complemento, nombre).await?;
    Ok(found.and_then(|(clase, text)| clase.is_none().then_some(text)))
}

/// A key slot: its kind (`rsa`, `hmac`…) and its bytes (PKCS#12, PEM or raw).
pub async fn clave_de_firma(tx: &mut Tx, complemento: &str, ranura: &str) -> Result<Option<(String, Vec<u8>)>, Problem> {
    let Some((Some(clase), text)) = store::secretos::open(tx, complemento, ranura).await? else { return Ok(None) };
    Ok(Some((clase, B64.decode(text).map_err(Problem::internal)?)))
}

/// Also writes quarantine rows, and tells of them.
pub async fn anotar_corridas(tx: &mut Tx, corridas: &[CorridaNueva]) -> Result<(), Problem> {
    if corridas.is_empty() {
        return Ok(());
    }
    store::corridas::insert(tx, corridas).await?;
    for one in corridas.iter().filter(|one| one.cuarentena) {
        if instalaciones::quarantine(tx, &one.complemento, &one.digest, one.id).await? {
            let told = json!({ "complemento": one.complemento, "version": one.version, "digest": one.digest, "corrida": one.id });
            tx.audit(Change::new("poner_en_cuarentena", "complemento", model::uuid_de(&one.complemento)).despues(&told));
            tx.publish(Event::new("complemento.en_cuarentena", told));
        }
    }
    Ok(())
}

/// Small values that a plugin keeps, up to its quota.
pub mod estado {
    use crate::store::estado as store;
    use jiff::Timestamp;
    use kernel::{Problem, Tx};

    pub async fn get(tx: &mut Tx, complemento: &str, clave: &str) -> Result<Option<Vec<u8>>, Problem> {
        store::get(tx, complemento, clave).await
    }

    /// Whether it fits. `quota`: bytes of all keys and values together.
    pub async fn set(
        tx: &mut Tx,
        complemento: &str,
        clave: &str,
        valor: &[u8],
        vence: Option<Timestamp>,
        quota: u64,
    ) -> Result<bool, Problem> {
        store::hold(tx, complemento).await?;
        store::put(tx, complemento, clave, valor, vence, i64::try_from(quota).unwrap_or(i64::MAX)).await
    }

    pub async fn delete(tx: &mut Tx, complemento: &str, clave: &str) -> Result<(), Problem> {
        store::delete(tx, complemento, clave).await
    }

    /// What a swap came to.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Cambiado {
        Si,
        /// It was something else.
        No,
        SinEspacio,
    }

    /// Puts `nuevo` in the place of `antes` (`None`: of nothing). It has no end, like what [`set`] writes without one.
    pub async fn swap(
        tx: &mut Tx,
        complemento: &str,
        clave: &str,
        antes: Option<&[u8]>,
        nuevo: &[u8],
        quota: u64,
    ) -> Result<Cambiado, Problem> {
        store::hold(tx, complemento).await?;
        if store::get(tx, complemento, clave).await?.as_deref() != antes {
            return Ok(Cambiado::No);
        }
        let fits = store::put(tx, complemento, clave, nuevo, None, i64::try_from(quota).unwrap_or(i64::MAX)).await?;
        Ok(if fits { Cambiado::Si } else { Cambiado::SinEspacio })
    }
}

/// The body of [`CAMBIO`]: whose, and which code; absent, of everybody and any.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cambio {
    pub tenant: Option<TenantId>,
    pub digest: Option<Digest>,
    /// That digest was withdrawn just now, or brought back: what runs of it stops, in the middle of what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retirado: Option<bool>,
    /// That digest was put away in that chain just now, or let out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuarentena: Option<bool>,
}

/// Tells every instance, this one included. Best effort: whoever listens also looks from time to time.
pub async fn avisar(app: &App, tenant: Option<TenantId>, digest: Option<Digest>) {
    anunciar(app, &Cambio { tenant, digest, retirado: None, cuarentena: None }).await;
}

/// That code was put away in a chain, or let out: whoever runs it counts for itself.
pub async fn avisar_cuarentena(app: &App, tenant: TenantId, digest: Digest, puesta: bool) {
    anunciar(app, &Cambio { tenant: Some(tenant), digest: Some(digest), retirado: None, cuarentena: Some(puesta) }).await;
}

/// What a withdrawal, or its end, is told with.
pub(crate) async fn anunciar(app: &App, cambio: &Cambio) {
    let body = serde_json::to_vec(cambio).unwrap_or_default();
    if let Err(error) = app.bus().publish(Message { topic: CAMBIO.into(), body: body.into() }).await {
        tracing::warn!(%error, "a change of plugins was not announced");
    }
}

/// A message that came to a plugin's webhook, as it came.
#[derive(Debug, Clone)]
pub struct MensajeGancho {
    pub complemento: String,
    pub nombre: String,
    pub cabeceras: Vec<(String, String)>,
    pub cuerpo: Vec<u8>,
    pub recibido_en: Timestamp,
}

/// What is sealed of a message.
#[derive(Serialize, Deserialize)]
struct Sobre {
    cabeceras: Vec<(String, String)>,
    cuerpo: String,
}

fn sobre_de(id: Uuid) -> String {
    format!("mensaje de gancho {id}")
}

/// Keeps a message as it came, and asks for somebody to look at it.
pub(crate) async fn guardar_mensaje(
    tx: &mut Tx,
    complemento: &str,
    nombre: &str,
    cabeceras: Vec<(String, String)>,
    cuerpo: &[u8],
) -> Result<(), Problem> {
    let id = Uuid::now_v7();
    let sobre = serde_json::to_vec(&Sobre { cabeceras, cuerpo: B64.encode(cuerpo) }).map_err(Problem::internal)?;
    let sealed = tx.seal_secret(&sobre_de(id), sobre)?;
    store::ganchos::insert_message(tx, id, complemento, nombre, &sealed).await?;
    tx.enqueue(Job::new(GANCHO, json!({ "id": id }))).await?;
    Ok(())
}

/// For the job [`GANCHO`]; `None` once it was attended to.
pub async fn mensaje_de_gancho(tx: &mut Tx, id: Uuid) -> Result<Option<MensajeGancho>, Problem> {
    let Some(row) = store::ganchos::message(tx, id).await? else { return Ok(None) };
    let sobre: Sobre = serde_json::from_str(&tx.open_secret(&sobre_de(id), &row.sellado)?).map_err(Problem::internal)?;
    Ok(Some(MensajeGancho {
        complemento: row.complemento,
        nombre: row.nombre,
        cabeceras: sobre.cabeceras,
        cuerpo: B64.decode(sobre.cuerpo).map_err(Problem::internal)?,
        recibido_en: row.recibido_en.to_jiff(),
    }))
}

/// It was dealt with: its words go.
pub async fn gancho_atendido(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    store::ganchos::delete_message(tx, id).await
}

/// The kind of work that a webhook's message is: body `{"id": …}`.
pub const GANCHO: &str = "gancho.atender";
