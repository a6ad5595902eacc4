//! Changing one's own password.
use super::{enlaces::exigir_buena, model::CambioContrasena, store};
use crate::identidad::{
    Identidad,
    hasher::Lane,
    sesiones,
    throttle::{Bucket, Wait},
};
use crate::personal::store::usuarios;
use kernel::{Change, Ctx, Event, Problem, permission::Propio, problem::kinds};
use serde_json::json;

pub async fn cambiar(ctx: &Ctx<Propio>, identidad: &Identidad, cambio: CambioContrasena) -> Result<(), Problem> {
    let usuario = ctx.usuario()?;
    // Whoever holds a stolen token must not guess here what the sign-in does not let them guess.
    let bucket = Bucket::address(ctx.app().keyring(), ctx.tenant, &format!("contrasena:{usuario}"), ctx.origin.ip);
    let demasiados = |wait: Wait| Problem::new(kinds::TOO_MANY).retry_after(wait.seconds);
    let taken = identidad.throttle().take(&bucket, ctx.now).await.map_err(demasiados)?;
    let mut tx = ctx.begin().await?;
    let credencial = store::por_id(&mut tx, usuario).await?.ok_or_else(Problem::not_found)?;
    let buena = exigir_buena(&mut tx, &credencial, "/nueva", &cambio.nueva).await;
    drop(tx);
    if !identidad.hasher().verify(Lane::Reserved, credencial.contrasena.as_deref(), cambio.actual).await? {
        return Err(Problem::field("/actual", "no es su contraseña"));
    }
    identidad.throttle().refund(taken).await;
    buena?;
    let phc = identidad.hasher().hash(Lane::Reserved, cambio.nueva).await?;
    let mut tx = ctx.begin().await?;
    if store::lock(&mut tx, usuario).await?.is_none_or(|now| now.contrasena != credencial.contrasena) {
        return Err(Problem::new(kinds::STALE).detail("La contraseña cambió mientras tanto."));
    }
    usuarios::set_contrasena(&mut tx, usuario, &phc).await?;
    sesiones::revocar_otras(&mut tx, usuario, ctx.identity.sesion).await?;
    tx.audit(Change::new("cambiar_contrasena", "usuario", usuario));
    tx.publish(Event::new("cuenta.contrasena_cambiada", json!({ "usuario_id": usuario })));
    tx.commit().await
}
