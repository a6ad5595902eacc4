//! An upload: whose it is, whether its signature holds, and on to its examination.
use crate::{
    archivos,
    examinar::EXAMINAR,
    llaves,
    model::{Editor, VersionVista, orden, uuid_de},
    problemas::{COMPLEMENTO_DE_OTRO, COMPONENTE_INVALIDO, DEMASIADAS_VERSIONES, EDITOR_AJENO, FIRMA_INVALIDA, VERSION_REPETIDA},
    store::{self, editores, versiones, versiones::Subida},
};
use bytes::Bytes;
use kernel::{App, Change, FieldError, Job, Problem, Tx};
use plugin_manifest::{Digest, Package, PublicKey, Trust, Unreadable, Untrusted, identity, sign};
use serde_json::json;

/// Of one chain, at once.
const MOST_IN_EXAMINATION: i64 = 10;
/// Tries of an examination whose engine is out of order: some hours.
const TRIES: i16 = 12;

/// A component that was read, and may be examined once its bytes are kept.
pub struct Leida {
    pub digest: Digest,
    pub paquete: Package,
    pub bytes: Bytes,
    clave_editor: Option<String>,
    orden: String,
}

/// Reads what an upload says of itself.
pub fn leer(bytes: &[u8]) -> Result<(Digest, Package), Problem> {
    let package = Package::read(bytes).map_err(unreadable)?;
    Ok((identity(bytes).map_err(unreadable)?, package))
}

fn unreadable(error: Unreadable) -> Problem {
    match error {
        Unreadable::Manifest(faults) => {
            let errors = faults.into_iter().map(|fault| FieldError::new(fault.pointer, fault.detail)).collect();
            Problem::new(COMPONENTE_INVALIDO).detail("El manifiesto no sirve.").errors(errors)
        }
        other => Problem::new(COMPONENTE_INVALIDO).detail(format!("El archivo no sirve: {other}.")),
    }
}

/// Of which publisher of this chain it is, and by which of its keys. In a sandbox it may be by nobody: then the platform
/// signs it with a key that counts in sandboxes only.
pub async fn comprobar(tx: &mut Tx, digest: Digest, paquete: Package, bytes: Bytes) -> Result<Leida, Problem> {
    let editor = editores::get(tx, &paquete.manifest.publisher).await?;
    let mine = |editor: &Editor| editor.propio && editor.activo && !editor.suspendido;
    let editor = editor.filter(mine).ok_or_else(|| Problem::new(EDITOR_AJENO))?;
    let orden = orden(&paquete.manifest.version).ok_or_else(|| Problem::new(COMPONENTE_INVALIDO).detail("La versión no sirve."))?;
    let signer = match firmante(&bytes, &editor) {
        Ok(key) => Some(key),
        Err(Untrusted::Unsigned) if store::cadena(tx).await?.sandbox => None,
        Err(error) => return Err(Problem::new(FIRMA_INVALIDA).detail(format!("La firma no sirve: {error}."))),
    };
    let bytes = match signer {
        Some(_) => bytes,
        None => sign(&bytes, llaves::de_tx(tx)?.pruebas()).map_err(unreadable)?.into(),
    };
    Ok(Leida { digest, paquete, bytes, clave_editor: signer.map(|key| key.to_string()), orden })
}

/// The key of the publisher that signed these bytes.
fn firmante(bytes: &[u8], editor: &Editor) -> Result<PublicKey, Untrusted> {
    let good = editor.claves.iter().filter(|key| key.revocada_en.is_none()).filter_map(|key| key.clave.parse().ok());
    let mut why = Trust::default().check(bytes, &editor.clave, true).err();
    for key in good {
        let trust = Trust { developers: [key].into(), ..Trust::default() };
        match trust.check(bytes, &editor.clave, true) {
            Ok(_) => return Ok(key),
            Err(error) => why = Some(error),
        }
    }
    Err(why.unwrap_or(Untrusted::Unsigned))
}

/// Keeps the bytes, before anybody is told of them.
pub async fn guardar(app: &App, leida: &Leida) -> Result<(), Problem> {
    archivos::guardar_subido(app, &leida.digest, leida.bytes.clone()).await
}

/// Notes the version and asks for its examination.
pub async fn anotar(tx: &mut Tx, leida: &Leida) -> Result<VersionVista, Problem> {
    let manifest = &leida.paquete.manifest;
    if versiones::in_examination(tx).await? >= MOST_IN_EXAMINATION {
        return Err(Problem::new(DEMASIADAS_VERSIONES).retry_after(60));
    }
    if versiones::owner_of_name(tx, &manifest.id).await?.is_some_and(|owner| owner != manifest.publisher) {
        return Err(Problem::new(COMPLEMENTO_DE_OTRO));
    }
    let repeated = || Problem::new(VERSION_REPETIDA).detail("Suba la misma con otro número.");
    if versiones::number_taken(tx, &manifest.id, &manifest.version).await? {
        return Err(repeated());
    }
    let subida = Subida {
        digest: &leida.digest,
        editor: &manifest.publisher,
        clave_editor: leida.clave_editor.clone(),
        paquete: &leida.paquete,
        orden: &leida.orden,
        bytes: i32::try_from(leida.bytes.len()).unwrap_or(i32::MAX),
    };
    if !versiones::upload(tx, &subida).await? {
        return Err(repeated());
    }
    let digest = leida.digest.to_string();
    tx.enqueue(Job::new(EXAMINAR, json!({ "digest": digest })).once(digest.clone()).tries(TRIES)).await?;
    let told = json!({ "digest": digest, "complemento": manifest.id, "version": manifest.version, "editor": manifest.publisher });
    tx.audit(Change::new("subir", "version_complemento", uuid_de(&digest)).despues(told));
    versiones::get(tx, &digest).await?.map(VersionVista::from).ok_or_else(Problem::not_found)
}
