//! What the platform decides: versions, keys and publishers.
use crate::{
    activos::avisar,
    model::{Editor, EstadoVersion, Motivo, Motores, Suspension, VersionVista, uuid_de},
    revisar,
    store::editores,
};
use kernel::{App, Change, Ctx, Json, Path, Problem, Versioned, ids::ClaveEditorId, permission::RevisarComplementos};
use plugin_manifest::Digest;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(aprobar_version))
        .routes(routes!(rechazar_version))
        .routes(routes!(retirar_version))
        .routes(routes!(restaurar_version))
        .routes(routes!(suspender_editor))
        .routes(routes!(retirar_clave))
}

/// Aprueba una versión y la firma en nombre de la plataforma: desde ahí la puede instalar cualquier cadena. Solo en la cadena de la plataforma.
#[utoipa::path(post, path = "/complementos/versiones/{digest}/aprobar", tag = "complementos", extensions(("x-permiso" = json!("complemento.revisar"))),
    params(("digest" = String, Path)), responses((status = 200, body = VersionVista), (status = "4XX", body = Problem)))]
async fn aprobar_version(ctx: Ctx<RevisarComplementos>, Path(digest): Path<Digest>) -> Result<Versioned<VersionVista>, Problem> {
    revisar::aprobar(&ctx, digest).await.map(Versioned)
}

/// Rechaza una versión en revisión, con un motivo para su editor.
#[utoipa::path(post, path = "/complementos/versiones/{digest}/rechazar", tag = "complementos", extensions(("x-permiso" = json!("complemento.revisar"))),
    params(("digest" = String, Path)), request_body = Motivo, responses((status = 200, body = VersionVista), (status = "4XX", body = Problem)))]
async fn rechazar_version(
    ctx: Ctx<RevisarComplementos>,
    Path(digest): Path<Digest>,
    Json(datos): Json<Motivo>,
) -> Result<Versioned<VersionVista>, Problem> {
    revisar::decidir(&ctx, digest, EstadoVersion::EnRevision, EstadoVersion::Rechazada, Some(&datos.motivo)).await.map(Versioned)
}

/// Retira una versión aprobada: deja de correr en todas las cadenas, en medio de lo que haga.
#[utoipa::path(post, path = "/complementos/versiones/{digest}/retirar", tag = "complementos", extensions(("x-permiso" = json!("complemento.revisar"))),
    params(("digest" = String, Path)), request_body = Motivo, responses((status = 200, body = VersionVista), (status = "4XX", body = Problem)))]
async fn retirar_version(
    ctx: Ctx<RevisarComplementos>,
    motores: Motores,
    Path(digest): Path<Digest>,
    Json(datos): Json<Motivo>,
) -> Result<Versioned<VersionVista>, Problem> {
    revisar::retirar(&ctx, &motores, digest, &datos.motivo).await.map(Versioned)
}

/// Devuelve una versión que se había retirado.
#[utoipa::path(post, path = "/complementos/versiones/{digest}/restaurar", tag = "complementos", extensions(("x-permiso" = json!("complemento.revisar"))),
    params(("digest" = String, Path)), responses((status = 200, body = VersionVista), (status = "4XX", body = Problem)))]
async fn restaurar_version(
    ctx: Ctx<RevisarComplementos>,
    motores: Motores,
    Path(digest): Path<Digest>,
) -> Result<Versioned<VersionVista>, Problem> {
    revisar::restaurar(&ctx, &motores, digest).await.map(Versioned)
}

/// Suspende a un editor: nada suyo se carga, en ninguna cadena. O lo devuelve.
#[utoipa::path(post, path = "/complementos/editores/{clave}/suspender", tag = "complementos", extensions(("x-permiso" = json!("complemento.revisar"))),
    params(("clave" = String, Path)), request_body = Suspension, responses((status = 200, body = Editor), (status = "4XX", body = Problem)))]
async fn suspender_editor(
    ctx: Ctx<RevisarComplementos>,
    Path(clave): Path<String>,
    Json(datos): Json<Suspension>,
) -> Result<Versioned<Editor>, Problem> {
    let mut tx = ctx.begin().await?;
    super::editores::visible(&mut tx, &clave).await?;
    organizacion::exigir_plataforma(&mut tx).await?;
    editores::suspend(&mut tx, &clave, datos.suspendido).await?;
    let told = json!({ "editor": clave, "suspendido": datos.suspendido, "motivo": datos.motivo });
    tx.audit(Change::new("suspender", "editor_complementos", uuid_de(&clave)).despues(told));
    let editor = editores::get(&mut tx, &clave).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    avisar(ctx.app(), None, None).await;
    Ok(Versioned(editor))
}

/// Revoca una clave de cualquier editor: lo que firmó deja de cargarse, en todas las cadenas.
#[utoipa::path(post, path = "/complementos/editores/{clave}/claves/{id}/retirar", tag = "complementos",
    extensions(("x-permiso" = json!("complemento.revisar"))), params(("clave" = String, Path), ("id" = ClaveEditorId, Path)),
    request_body = Motivo, responses((status = 200, body = Editor), (status = "4XX", body = Problem)))]
async fn retirar_clave(
    ctx: Ctx<RevisarComplementos>,
    Path((clave, id)): Path<(String, ClaveEditorId)>,
    Json(datos): Json<Motivo>,
) -> Result<Versioned<Editor>, Problem> {
    let mut tx = ctx.begin().await?;
    super::editores::visible(&mut tx, &clave).await?;
    organizacion::exigir_plataforma(&mut tx).await?;
    let editor = super::editores::revocar(&mut tx, &clave, id, &datos.motivo).await?;
    tx.commit().await?;
    avisar(ctx.app(), None, None).await;
    Ok(Versioned(editor))
}
