//! Changing one's own password, and showing that one knows it.
use super::{
    enlaces::exigir_buena,
    model::{CambioContrasena, Credencial},
    store,
};
use crate::identidad::{
    Identidad,
    hasher::Lane,
    sesiones,
    throttle::{Bucket, Taken},
};
use crate::personal::store::usuarios;
use kernel::{Change, Ctx, Event, Problem, permission::Propio, problem::kinds};
use serde_json::json;

pub async fn cambiar(ctx: &Ctx<Propio>, identidad: &Identidad, cambio: CambioContrasena) -> Result<(), Problem> {
    let credencial = exigir_contrasena(ctx, identidad, "/actual", cambio.actual).await?;
    let usuario = credencial.id;
    let mut tx = ctx.begin().await?;
    exigir_buena(&mut tx, &credencial, "/nueva", &cambio.nueva).await?;
    drop(tx);
    let phc = identidad.hasher().hash(Lane::Reserved, cambio.nueva).await?;
    let mut tx = ctx.begin().await?;
    if store::lock(&mut tx, usuario).await?.is_none_or(|now| now.contrasena != credencial.contrasena) {
        return Err(Problem::new(kinds::STALE).detail("La contraseña cambió mientras tanto."));
    }
    usuarios::set_contrasena(&mut tx, usuario, &phc).await?;
    store::gastar_enlaces(&mut tx, usuario).await?;
    sesiones::revocar_otras(&mut tx, usuario, ctx.identity.sesion).await?;
    tx.audit(Change::new("cambiar_contrasena", "usuario", usuario));
    tx.publish(Event::new("cuenta.contrasena_cambiada", json!({ "usuario_id": usuario })));
    tx.commit().await
}

/// The account of whoever asks, if this is its password: a stolen session alone is not enough.
pub async fn exigir_contrasena(
    ctx: &Ctx<Propio>,
    identidad: &Identidad,
    pointer: &'static str,
    contrasena: String,
) -> Result<Credencial, Problem> {
    let mut taken = contar(ctx, identidad, &[]).await?;
    let mut tx = ctx.begin().await?;
    let credencial = store::por_id(&mut tx, ctx.usuario()?).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let turn = identidad.hasher().turn(Lane::Reserved).await?;
    taken.made();
    if !turn.verify(credencial.contrasena.as_deref(), contrasena).await? {
        return Err(Problem::field(pointer, "no es su contraseña"));
    }
    taken.refund().await;
    Ok(credencial)
}

/// One try on the own account, and in these buckets too. Whoever holds a stolen session has no more of them than at the
/// sign-in.
pub async fn contar(ctx: &Ctx<Propio>, identidad: &Identidad, also: &[Bucket]) -> Result<Taken, Problem> {
    let mut tx = ctx.begin().await?;
    let cuenta = store::cuenta(&mut tx, ctx.usuario()?).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let own = Bucket::account(ctx.app().keyring(), ctx.tenant, &cuenta, ctx.origin.ip);
    let buckets: Vec<&Bucket> = also.iter().chain([&own]).collect();
    Ok(identidad.throttle().take(&buckets, ctx.now).await?)
}
