//! Writing a configuration with its secrets, and keys into their slots.
use crate::{
    instalar::note,
    model::{
        Configuracion, DatosConfiguracion, Instalacion, NuevaClaveDeFirma, Publicada, faltantes, faltas_config, faltas_secretos, leer_clave,
    },
    problemas::COMPLEMENTO_INCOMPLETO,
    store::{instalaciones, secretos, versiones},
    ver,
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use kernel::{IfMatch, Problem, Tx};
use serde_json::json;
use std::collections::BTreeSet;

/// An installation that may be changed, with its version.
pub async fn abrir(tx: &mut Tx, complemento: &str) -> Result<(Instalacion, Publicada), Problem> {
    let now = tx.now();
    let one = instalaciones::lock(tx, complemento).await?.ok_or_else(Problem::not_found)?;
    one.en_reposo(now)?;
    let version = versiones::get(tx, &one.digest).await?.ok_or_else(Problem::not_found)?;
    Ok((one, version))
}

/// Saves what was changed, and shows it.
async fn cerrar(tx: &mut Tx, one: &Instalacion, version: &Publicada) -> Result<Configuracion, Problem> {
    if one.habilitado {
        let kept: BTreeSet<String> = secretos::since(tx, &one.complemento).await?.into_keys().collect();
        let missing = faltantes(&version.paquete, &kept);
        if !missing.is_empty() {
            return Err(Problem::new(COMPLEMENTO_INCOMPLETO).detail("Está habilitado y lo necesita.").errors(missing));
        }
    }
    instalaciones::save(tx, one).await?;
    let saved = instalaciones::get(tx, &one.complemento).await?.ok_or_else(Problem::not_found)?;
    ver::configuracion(tx, &saved, version).await
}

pub async fn configurar(tx: &mut Tx, complemento: &str, if_match: IfMatch, datos: DatosConfiguracion) -> Result<Configuracion, Problem> {
    let (mut one, version) = abrir(tx, complemento).await?;
    if_match.check(one.revision)?;
    let mut wrong = faltas_config(&version.paquete, &datos.config);
    wrong.extend(faltas_secretos(&version.paquete, &datos.secretos));
    Problem::check(wrong)?;
    for (nombre, value) in &datos.secretos {
        match value {
            Some(text) => secretos::put(tx, complemento, nombre, None, text.as_bytes()).await?,
            None => drop(secretos::delete(tx, complemento, nombre).await?),
        }
    }
    let names: Vec<&String> = datos.secretos.keys().collect();
    note(tx, "configurar", complemento, Some(json!({ "config": one.config })), &json!({ "config": datos.config, "secretos": names }))
        .await?;
    one.config = datos.config;
    cerrar(tx, &one, &version).await
}

/// The password of a key's file, beside it.
fn contrasena(ranura: &str) -> String {
    format!("{ranura}.contrasena")
}

pub async fn poner_clave(
    tx: &mut Tx,
    complemento: &str,
    ranura: &str,
    if_match: IfMatch,
    nueva: &NuevaClaveDeFirma,
) -> Result<Configuracion, Problem> {
    let (one, version) = abrir(tx, complemento).await?;
    if_match.check(one.revision)?;
    let slots = version.paquete.key_slots();
    let clase = slots.get(ranura).ok_or_else(Problem::not_found)?;
    let bytes = leer_clave(clase, nueva)?;
    secretos::put(tx, complemento, ranura, Some(clase), B64.encode(bytes).as_bytes()).await?;
    match &nueva.contrasena {
        Some(text) => secretos::put(tx, complemento, &contrasena(ranura), None, text.as_bytes()).await?,
        None => drop(secretos::delete(tx, complemento, &contrasena(ranura)).await?),
    }
    note(tx, "poner_clave", complemento, None, &json!({ "ranura": ranura, "clase": clase })).await?;
    cerrar(tx, &one, &version).await
}

pub async fn quitar_clave(tx: &mut Tx, complemento: &str, ranura: &str) -> Result<Configuracion, Problem> {
    let (one, version) = abrir(tx, complemento).await?;
    if !secretos::delete(tx, complemento, ranura).await? || !version.paquete.key_slots().contains_key(ranura) {
        return Err(Problem::not_found());
    }
    secretos::delete(tx, complemento, &contrasena(ranura)).await?;
    note(tx, "quitar_clave", complemento, None, &json!({ "ranura": ranura })).await?;
    cerrar(tx, &one, &version).await
}
