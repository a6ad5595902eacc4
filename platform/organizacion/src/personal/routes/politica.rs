//! The chain's policy, to be read and asked.
use super::visible;
use crate::personal::politica::{Decision, Lineas, MODELO, Politica};
use kernel::{
    App, Ctx, Json, Problem,
    ids::{SedeId, UsuarioId},
    permission::{AdministrarRoles, VerUsuarios, index_of},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ver_politica)).routes(routes!(evaluar_politica))
}

/// La política de la cadena como la entiende casbin. Se edita con los roles y las asignaciones.
#[derive(Debug, Serialize, ToSchema)]
struct TextoPolitica {
    modelo: &'static str,
    /// Una línea por permiso de cada rol (`p`) y por asignación (`g`).
    politica: String,
}

/// Muestra el modelo y las líneas de la política de la cadena.
#[utoipa::path(get, path = "/politica", tag = "personal", extensions(("x-permiso" = json!("rol.administrar"))),
    responses((status = 200, body = TextoPolitica), (status = "4XX", body = Problem)))]
async fn ver_politica(ctx: Ctx<AdministrarRoles>) -> Result<Json<TextoPolitica>, Problem> {
    let mut tx = ctx.begin_read().await?;
    let politica = Lineas::load(&mut tx).await?.to_text();
    Ok(Json(TextoPolitica { modelo: MODELO, politica }))
}

/// Una pregunta a la política.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Pregunta {
    usuario_id: UsuarioId,
    /// Ausente: en toda la cadena.
    sede_id: Option<SedeId>,
    /// Clave de `GET /permisos`.
    #[schema(min_length = 1, max_length = 60)]
    permiso: String,
}

/// Decide si una persona puede algo en una sede, y muestra la regla que lo permite.
#[utoipa::path(post, path = "/politica/evaluar", tag = "personal", extensions(("x-permiso" = json!("usuario.ver"))),
    request_body = Pregunta,
    responses((status = 200, body = Decision), (status = "4XX", body = Problem)))]
async fn evaluar_politica(ctx: Ctx<VerUsuarios>, Json(pregunta): Json<Pregunta>) -> Result<Json<Decision>, Problem> {
    let Pregunta { usuario_id, sede_id, permiso } = pregunta;
    index_of(&permiso).ok_or_else(|| Problem::field("/permiso", "no es un permiso del catálogo"))?;
    sede_id.map_or_else(|| ctx.in_cadena(), |sede| ctx.in_sede(sede))?;
    let mut tx = ctx.begin_read().await?;
    visible(&ctx, &mut tx, usuario_id).await?;
    let lineas = Lineas::load(&mut tx).await?.about(usuario_id, &permiso);
    // casbin takes its time; the connection need not wait for it.
    drop(tx);
    let politica = Politica::new(lineas).await.map_err(Problem::internal)?;
    politica.decide(usuario_id, sede_id, &permiso).await.map(Json).map_err(Problem::internal)
}
