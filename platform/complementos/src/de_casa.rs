//! What the platform itself publishes, and what a chain is set up with: by command and not by request.
use crate::{
    activos::{avisar, confianza},
    configurar::abrir,
    examinar::examinar,
    instalar::{instalar, note},
    llaves,
    model::{EstadoVersion, Instalar, Motor, NuevaClaveEditor, NuevoEditor, faltas_config, pedidos},
    publicar::{anotar, comprobar, guardar, leer},
    revisar::{firmar, pasar},
    store::{editores, ganchos, instalaciones, secretos, versiones},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::{
    Problem, SystemCtx, Tx,
    ids::TenantId,
    job::{Fallo, Intento},
};
use organizacion::exigir_plataforma;
use plugin_manifest::{Digest, sign};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CONTACTO: &str = "complementos@huella.example";

/// What came of one component.
#[derive(Debug)]
pub struct DeCasa {
    pub complemento: String,
    pub version: String,
    pub digest: Digest,
    /// It was published just now.
    pub nueva: bool,
}

/// Uploads, examines and signs a component of the platform's own. Doing it twice changes nothing.
pub async fn publicar_de_casa(system: &SystemCtx, motor: &dyn Motor, plataforma: TenantId, bytes: &[u8]) -> Result<DeCasa, Problem> {
    let (digest, paquete) = leer(bytes)?;
    let done = |nueva| DeCasa { complemento: paquete.manifest.id.clone(), version: paquete.manifest.version.clone(), digest, nueva };
    let mut tx = system.begin(plataforma).await?;
    exigir_plataforma(&mut tx).await?;
    let known = versiones::get(&mut tx, &digest.to_string()).await?.map(|version| version.estado);
    if matches!(known, Some(EstadoVersion::Aprobada | EstadoVersion::Retirada)) {
        return Ok(done(false));
    }
    editor(&mut tx, &paquete.manifest.publisher).await?;
    let signed = sign(bytes, llaves::de_tx(&tx)?.editor()).map_err(Problem::internal)?;
    let leida = comprobar(&mut tx, digest, paquete.clone(), signed.into()).await?;
    guardar(system.app(), &leida).await?;
    if known.is_none_or(|estado| estado == EstadoVersion::Rechazada) {
        anotar(&mut tx, &leida).await?;
    }
    tx.commit().await?;
    let once = Intento { numero: 1, de: 1 };
    let examined = examinar(system, motor, plataforma, &json!({ "digest": digest }), once).await;
    examined.map_err(|(Fallo::Luego(why) | Fallo::Tras(_, why) | Fallo::Nunca(why))| Problem::internal(why))?;
    aprobar(system, plataforma, digest).await?;
    Ok(done(true))
}

async fn aprobar(system: &SystemCtx, plataforma: TenantId, digest: Digest) -> Result<(), Problem> {
    let mut tx = system.begin(plataforma).await?;
    let version = versiones::get(&mut tx, &digest.to_string()).await?.ok_or_else(Problem::not_found)?;
    if version.estado == EstadoVersion::Rechazada {
        let why: Vec<String> = version.faltas.iter().map(|falta| format!("{} {}", falta.pointer, falta.detail)).collect();
        return Err(Problem::new(crate::problemas::COMPONENTE_INVALIDO).detail(why.join("; ")));
    }
    let trust = confianza(&mut tx).await?;
    drop(tx);
    firmar(system.app(), digest, &version, &trust).await?;
    let mut tx = system.begin(plataforma).await?;
    pasar(&mut tx, digest, (EstadoVersion::EnRevision, EstadoVersion::Aprobada), None).await?;
    tx.commit().await?;
    avisar(system.app(), None, Some(digest)).await;
    Ok(())
}

/// The publisher with the platform's key, made when it is first needed.
async fn editor(tx: &mut Tx, clave: &str) -> Result<(), Problem> {
    if editores::get(tx, clave).await?.is_none() {
        let nuevo = NuevoEditor { clave: clave.to_owned(), nombre: "Huella".to_owned(), contacto: CONTACTO.to_owned() };
        editores::insert(tx, &nuevo).await?;
    }
    let key = llaves::de_tx(tx)?.editor().public().to_string();
    let has = editores::get(tx, clave).await?.is_some_and(|editor| editor.claves.iter().any(|one| one.clave == key));
    if !has {
        editores::insert_key(tx, clave, &NuevaClaveEditor { clave: key, nota: Some("De la plataforma".to_owned()) }).await?;
    }
    Ok(())
}

/// The addresses at which providers write to an installed plugin.
pub async fn direcciones(tx: &mut Tx, complemento: &str, base: &str) -> Result<Vec<String>, Problem> {
    let known = ganchos::list(tx, complemento).await?;
    Ok(known.into_iter().map(|(nombre, token)| format!("{base}/hooks/{token}/{nombre}")).collect())
}

/// How a chain starts out with a plugin.
#[derive(Debug, Default)]
pub struct DeEntrada {
    pub config: Value,
    pub secretos: BTreeMap<String, String>,
    /// The bytes of keys for HMAC, by slot.
    pub claves: BTreeMap<String, String>,
}

/// Installs the newest approved version for the whole chain and switches it on, with everything that it asks for agreed
/// to. `false`: the chain has it already, however it has it.
pub async fn habilitar_de_entrada(tx: &mut Tx, complemento: &str, entrada: &DeEntrada) -> Result<bool, Problem> {
    if instalaciones::get(tx, complemento).await?.is_some() {
        return Ok(false);
    }
    let newest = versiones::newest(tx, false, None, Some(complemento)).await?.pop().ok_or_else(Problem::not_found)?;
    let consiente = pedidos(&newest.paquete).into_iter().map(|permiso| permiso.clave).collect();
    instalar(tx, complemento, &Instalar { version: newest.version, digest: newest.digest, consiente }).await?;
    let (mut one, version) = abrir(tx, complemento).await?;
    Problem::check(faltas_config(&version.paquete, &entrada.config))?;
    for (name, value) in &entrada.secretos {
        secretos::put(tx, complemento, name, None, value.as_bytes()).await?;
    }
    for (slot, key) in &entrada.claves {
        secretos::put(tx, complemento, slot, Some("hmac"), B64.encode(key).as_bytes()).await?;
    }
    one.config = entrada.config.clone();
    let kept: BTreeSet<String> = secretos::since(tx, complemento).await?.into_keys().collect();
    one.habilitable(&version, &kept, false)?;
    one.habilitado = true;
    instalaciones::save(tx, &one).await?;
    note(tx, "habilitar", complemento, None, &json!({ "sedes": null, "config": one.config })).await?;
    Ok(true)
}
