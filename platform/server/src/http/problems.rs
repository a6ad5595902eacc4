//! `GET /problemas/{slug}`: what a problem's `type` leads to.
use kernel::{App, Json, Kind, Path, Problem, problem::kinds};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every kind of problem of every crate.
pub fn all() -> Vec<Kind> {
    [
        kinds::ALL,
        organizacion::problemas::ALL,
        organizacion::identidad::problemas::ALL,
        pacientes::problemas::ALL,
        historias::problemas::ALL,
        citas::problemas::ALL,
        crate::portable::problemas::ALL,
        importacion::problemas::ALL,
        privacidad::problemas::ALL,
        reclamos::problemas::ALL,
        integraciones::problemas::ALL,
        alertas::problemas::ALL,
        complementos::problemas::ALL,
        crate::trabajos::routes::problemas::ALL,
    ]
    .concat()
}

/// Un tipo de problema.
#[derive(Serialize, ToSchema)]
struct TipoDeProblema {
    /// Valor de `type` en las respuestas.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
}

impl From<Kind> for TipoDeProblema {
    fn from(kind: Kind) -> Self {
        Self { kind: format!("/problemas/{}", kind.slug), title: kind.title, status: kind.status.as_u16() }
    }
}

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one))
}

/// Todos los tipos de problema.
#[utoipa::path(get, path = "/problemas", tag = "plataforma", security(()), responses((status = 200, body = Vec<TipoDeProblema>)))]
async fn list() -> Json<Vec<TipoDeProblema>> {
    Json(all().into_iter().map(TipoDeProblema::from).collect())
}

/// Un tipo de problema.
#[utoipa::path(
    get,
    path = "/problemas/{slug}",
    tag = "plataforma",
    security(()),
    params(("slug" = String, Path, description = "Última parte de `type`")),
    responses((status = 200, body = TipoDeProblema), (status = "4XX", body = Problem))
)]
async fn one(Path(slug): Path<String>) -> Result<Json<TipoDeProblema>, Problem> {
    let kind = all().into_iter().find(|kind| kind.slug == slug).ok_or_else(Problem::not_found)?;
    Ok(Json(kind.into()))
}
