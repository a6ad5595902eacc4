//! Requests about staff and roles, one file per resource.
mod asignaciones;
mod politica;
mod roles;
mod usuarios;
mod yo;

use super::{acceso, model::*, store};
use crate::{estructura, problemas::ULTIMO_ADMINISTRADOR};
use kernel::{
    App, Ctx, Problem, Tx,
    ids::{RolId, UsuarioId},
    permission::{AdministrarUsuarios, Permission},
    ports::Reasignables,
};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// `reasignables`: who knows what a person leaves behind.
pub fn router(reasignables: Arc<dyn Reasignables>) -> OpenApiRouter<App> {
    usuarios::router(reasignables).merge(asignaciones::router()).merge(roles::router()).merge(politica::router()).merge(yo::router())
}

/// The person, locked, if the one who asks may see and administer them.
pub async fn administrable(ctx: &Ctx<AdministrarUsuarios>, tx: &mut Tx, id: UsuarioId) -> Result<Usuario, Problem> {
    let usuario = store::usuarios::lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    let asignaciones = store::asignaciones::own(tx, id).await?;
    let ajeno = acceso::load_dormant(tx, id).await?;
    exigir_dominio(&ctx.sedes, ctx.access(), &asignaciones, &ajeno)?;
    Ok(usuario)
}

/// Gives a role in an active sede or in the whole chain, never more than the giver has there.
async fn asignar(ctx: &Ctx<AdministrarUsuarios>, tx: &mut Tx, usuario: UsuarioId, nueva: &NuevaAsignacion) -> Result<Asignacion, Problem> {
    let rol = rol(tx, nueva.rol_id).await?;
    match nueva.sede_id {
        Some(sede) => {
            ctx.in_sede(sede)?;
            let known = estructura::store::sedes::get(tx, sede).await?;
            known.ok_or_else(|| Problem::field("/sede_id", "no existe"))?.exigir_activa()?;
        }
        None => ctx.in_cadena()?,
    }
    exigir_tenerlos(permission_set(&rol.permisos), nueva.sede_id, ctx.access())?;
    let id = store::asignaciones::insert(tx, usuario, rol.id, nueva.sede_id).await?;
    Ok(Asignacion { id, usuario_id: usuario, rol_id: rol.id, rol: rol.clave, sede_id: nueva.sede_id })
}

async fn rol(tx: &mut Tx, id: RolId) -> Result<Rol, Problem> {
    store::roles::get(tx, id).await?.ok_or_else(|| Problem::field("/rol_id", "no existe"))
}

/// 409 if the change just made would leave the chain without anybody who can administer it now: an invitation that is
/// never accepted administers nothing.
async fn exigir_administrador(tx: &mut Tx) -> Result<(), Problem> {
    if store::roles::somebody_holds(tx, ADMINISTRADOR, true).await? { Ok(()) } else { Err(Problem::new(ULTIMO_ADMINISTRADOR)) }
}

/// The person, if the one who asks may see them.
async fn visible<P: Permission>(ctx: &Ctx<P>, tx: &mut Tx, id: UsuarioId) -> Result<Usuario, Problem> {
    let usuario = store::usuarios::get(tx, id).await?.ok_or_else(Problem::not_found)?;
    ctx.read_audit("usuario", [id.into()]);
    Ok(usuario)
}
