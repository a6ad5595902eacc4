//! The examination of an upload: bytes from the store, the engine's judgement, and what came of it.
use crate::{
    activos::avisar,
    archivos,
    model::{EstadoVersion, Motor, Rechazo, uuid_de},
    store::versiones,
};
use kernel::{
    Change, Problem, SystemCtx,
    ids::TenantId,
    job::{Fallo, Intento},
};
use plugin_manifest::{Digest, Fault};
use serde::Deserialize;
use serde_json::{Value, json};

/// The kind of work that an examination is: body `{"digest": …}`.
pub const EXAMINAR: &str = "version.examinar";

#[derive(Deserialize)]
struct Trabajo {
    digest: Digest,
}

/// Examines one upload of a publisher's chain. Nothing is held while the engine is at it.
pub async fn examinar(system: &SystemCtx, motor: &dyn Motor, tenant: TenantId, cuerpo: &Value, intento: Intento) -> Result<(), Fallo> {
    let Trabajo { digest } = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    let mut tx = system.begin(tenant).await?;
    let version = versiones::get(&mut tx, &digest.to_string()).await?;
    drop(tx);
    if version.is_none_or(|version| version.estado != EstadoVersion::EnExamen) {
        return Ok(());
    }
    let found = match archivos::subido(system.app(), &digest).await? {
        Some(bytes) => motor.examinar(bytes).await,
        None => Err(Rechazo::Faltas(vec![Fault::new("", "el archivo ya no está: súbalo otra vez")])),
    };
    let found = match found {
        // Another identity than the one that was uploaded: nothing that follows would be about these bytes.
        Ok(examen) if examen.digest != digest => Err(vec![Fault::new("", "el examen no es de este archivo")]),
        Ok(examen) => Ok(examen),
        Err(Rechazo::Faltas(faltas)) => Err(faltas),
        Err(Rechazo::Luego(why)) if intento.es_el_ultimo() => Err(vec![Fault::new("", format!("no se pudo examinar: {why}"))]),
        Err(Rechazo::Luego(why)) => return Err(Fallo::Luego(why)),
    };
    note(system, tenant, digest, found).await?;
    Ok(())
}

async fn note(system: &SystemCtx, tenant: TenantId, digest: Digest, found: Result<crate::Examen, Vec<Fault>>) -> Result<(), Problem> {
    let name = digest.to_string();
    let mut tx = system.begin(tenant).await?;
    let change = Change::new("examinar", "version_complemento", uuid_de(&name));
    match found {
        Ok(examen) => {
            versiones::examined(&mut tx, &name, &examen).await?;
            tx.audit(change.despues(json!({ "digest": name, "estado": EstadoVersion::EnRevision, "ms": examen.ms })));
        }
        Err(faltas) => {
            let faltas: Vec<_> = faltas.into_iter().map(crate::model::FaltaExamen::from).collect();
            versiones::refused(&mut tx, &name, &faltas).await?;
            tx.audit(change.despues(json!({ "digest": name, "estado": EstadoVersion::Rechazada, "faltas": faltas })));
        }
    }
    tx.commit().await?;
    avisar(system.app(), Some(tenant), Some(digest)).await;
    Ok(())
}
