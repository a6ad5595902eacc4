//! What the platform decides about a version: signs it, refuses it, withdraws it, brings it back.
use crate::{
    activos::{Cambio, anunciar, confianza},
    archivos, llaves,
    model::{EstadoVersion, Motores, Publicada, VersionVista, uuid_de},
    problemas::{COMPLEMENTO_DE_OTRO, FIRMA_INVALIDA},
    store::versiones,
};
use kernel::{App, Change, Ctx, Problem, Tx, permission::RevisarComplementos};
use organizacion::exigir_plataforma;
use plugin_manifest::{Digest, Trust, counter_sign};
use serde_json::json;

/// A version that this chain may see, and 403 unless this is the platform's chain.
async fn de_la_plataforma(tx: &mut Tx, digest: &str) -> Result<Publicada, Problem> {
    let version = versiones::lock(tx, digest).await?.ok_or_else(Problem::not_found)?;
    exigir_plataforma(tx).await?;
    Ok(version)
}

/// Signs what its publisher signed. The bytes are signed and kept first: nothing is held meanwhile, and nobody is told
/// of a version whose bytes are not there.
pub async fn aprobar(ctx: &Ctx<RevisarComplementos>, digest: Digest) -> Result<VersionVista, Problem> {
    let name = digest.to_string();
    let mut tx = ctx.begin().await?;
    let version = de_la_plataforma(&mut tx, &name).await?;
    version.exigir(EstadoVersion::EnRevision)?;
    if versiones::owner_of_name(&mut tx, &version.complemento).await?.is_some_and(|owner| owner != version.editor) {
        return Err(Problem::new(COMPLEMENTO_DE_OTRO));
    }
    let trust = confianza(&mut tx).await?;
    drop(tx);
    firmar(ctx.app(), digest, &version, &trust).await?;
    decidir(ctx, digest, EstadoVersion::EnRevision, EstadoVersion::Aprobada, None).await
}

/// Signs the uploaded bytes, and keeps them signed.
pub async fn firmar(app: &App, digest: Digest, version: &Publicada, trust: &Trust) -> Result<(), Problem> {
    let bytes = archivos::subido(app, &digest).await?.ok_or_else(Problem::not_found)?;
    let bad = |why: String| Problem::new(FIRMA_INVALIDA).detail(format!("No se puede aprobar: {why}."));
    let signed = counter_sign(&bytes, llaves::de_app(app)?.revision()).map_err(|error| bad(error.to_string()))?;
    // Its publisher's key may have been revoked since, and what a sandbox signed is nobody's.
    let checked = trust.check(&signed, &version.editor, false).map_err(|error| bad(error.to_string()))?;
    if checked != digest {
        return Err(bad("el archivo guardado es otro".into()));
    }
    archivos::guardar_firmado(app, &digest, signed.into()).await
}

/// Moves a version on, notes who and why, and tells every instance.
pub async fn decidir(
    ctx: &Ctx<RevisarComplementos>,
    digest: Digest,
    desde: EstadoVersion,
    a: EstadoVersion,
    motivo: Option<&str>,
) -> Result<VersionVista, Problem> {
    let mut tx = ctx.begin().await?;
    let version = pasar(&mut tx, digest, (desde, a), motivo).await?;
    tx.commit().await?;
    let retirado = [desde, a].contains(&EstadoVersion::Retirada).then_some(a == EstadoVersion::Retirada);
    anunciar(ctx.app(), &Cambio { tenant: None, digest: Some(digest), retirado, cuarentena: None }).await;
    Ok(version.into())
}

/// The same within a transaction.
pub async fn pasar(
    tx: &mut Tx,
    digest: Digest,
    (desde, a): (EstadoVersion, EstadoVersion),
    motivo: Option<&str>,
) -> Result<Publicada, Problem> {
    let name = digest.to_string();
    let antes = de_la_plataforma(tx, &name).await?;
    antes.exigir(desde)?;
    versiones::decide(tx, &name, a, motivo).await?;
    let version = versiones::get(tx, &name).await?.ok_or_else(Problem::not_found)?;
    let told = |one: &Publicada| json!({ "digest": name, "complemento": one.complemento, "version": one.version, "estado": one.estado, "motivo": one.motivo });
    tx.audit(Change::new("revisar", "version_complemento", uuid_de(&name)).antes(told(&antes)).despues(told(&version)));
    Ok(version)
}

/// The kill switch: no chain runs it any more, from now on.
pub async fn retirar(ctx: &Ctx<RevisarComplementos>, motores: &Motores, digest: Digest, motivo: &str) -> Result<VersionVista, Problem> {
    let version = decidir(ctx, digest, EstadoVersion::Aprobada, EstadoVersion::Retirada, Some(motivo)).await?;
    motores.0.retirar(digest).await;
    Ok(version)
}

pub async fn restaurar(ctx: &Ctx<RevisarComplementos>, motores: &Motores, digest: Digest) -> Result<VersionVista, Problem> {
    let version = decidir(ctx, digest, EstadoVersion::Retirada, EstadoVersion::Aprobada, None).await?;
    motores.0.restaurar(digest).await;
    Ok(version)
}
