//! `GET /problemas/{slug}`: what a problem's `type` leads to.
use axum::{
    Json, Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::{App, Kind, Problem, problem::kinds};
use serde::Serialize;

/// Every kind of problem of every crate.
pub fn all() -> Vec<Kind> {
    [kinds::ALL, organizacion::problemas::ALL, organizacion::identidad::problemas::ALL, pacientes::problemas::ALL, citas::problemas::ALL]
        .concat()
}

#[derive(Serialize)]
struct Documented {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
}

impl From<Kind> for Documented {
    fn from(kind: Kind) -> Self {
        Self { kind: format!("/problemas/{}", kind.slug), title: kind.title, status: kind.status.as_u16() }
    }
}

pub fn router() -> Router<App> {
    Router::new().route("/problemas", get(list)).route("/problemas/{slug}", get(one))
}

async fn list() -> Response {
    Json(all().into_iter().map(Documented::from).collect::<Vec<_>>()).into_response()
}

async fn one(Path(slug): Path<String>) -> Result<Response, Problem> {
    let kind = all().into_iter().find(|kind| kind.slug == slug).ok_or_else(Problem::not_found)?;
    Ok(Json(Documented::from(kind)).into_response())
}
