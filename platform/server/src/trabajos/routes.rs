//! Work of the chain that waits or that failed for good, and beginning it anew.
use crate::store::trabajos as store;
use jiff::Timestamp;
use kernel::{App, Change, Ctx, Json, Page, Path, Problem, Query, page, permission::AdministrarTrabajos};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

/// Problems of work.
pub mod problemas {
    kernel::problems! {
        NO_MUERTO = CONFLICT, "trabajo-no-fallido", "El trabajo no falló definitivamente";
    }
}

/// En qué está un trabajo. Lo que se hizo bien ya no está.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EstadoTrabajo)]
pub enum Estado {
    /// Espera su turno o su siguiente intento.
    Pendiente,
    /// Agotó sus intentos.
    Muerto,
}

impl Estado {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Pendiente => "pendiente",
            Self::Muerto => "muerto",
        }
    }
    pub fn read(text: &str) -> Self {
        if text == "muerto" { Self::Muerto } else { Self::Pendiente }
    }
}

/// Un trabajo de fondo, como un correo o un aviso a otro sistema.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trabajo {
    pub id: Uuid,
    /// Qué se hace, como `webhook.entregar`.
    pub tipo: String,
    /// El evento que lo pidió, si fue uno.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tema: Option<String>,
    /// Mientras espera, no hay otro igual con esta clave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clave: Option<String>,
    pub estado: Estado,
    pub intentos: i16,
    pub max_intentos: i16,
    pub proximo_en: Timestamp,
    /// Cómo terminó el último intento.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub creado_en: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muerto_en: Option<Timestamp>,
}

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listar_trabajos)).routes(routes!(reintentar_trabajo))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FiltroTrabajos {
    #[param(inline)]
    estado: Option<Estado>,
    /// Qué se hace, como `webhook.entregar`.
    tipo: Option<String>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántos por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Trabajos de fondo de la cadena que esperan o que fallaron definitivamente, del más reciente al más antiguo.
#[utoipa::path(get, path = "/trabajos", tag = "plataforma", extensions(("x-permiso" = json!("trabajo.administrar"))),
    params(FiltroTrabajos), responses((status = 200, body = Page<Trabajo>), (status = "4XX", body = Problem)))]
async fn listar_trabajos(ctx: Ctx<AdministrarTrabajos>, Query(filtro): Query<FiltroTrabajos>) -> Result<Json<Page<Trabajo>>, Problem> {
    let (after, limit) = page::read(filtro.cursor.as_deref(), filtro.limite)?;
    let mut tx = ctx.begin_read().await?;
    let filter = store::Filter { estado: filtro.estado, tipo: filtro.tipo.as_deref(), after, ..store::Filter::default() };
    let rows = store::list(&mut tx, filter, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit as usize, |trabajo| (trabajo.creado_en, trabajo.id))))
}

/// Vuelve a empezar un trabajo que falló definitivamente, con todos sus intentos.
#[utoipa::path(post, path = "/trabajos/{id}/reintentar", tag = "plataforma", extensions(("x-permiso" = json!("trabajo.administrar"))),
    params(("id" = Uuid, Path)), responses((status = 200, body = Trabajo), (status = "4XX", body = Problem)))]
async fn reintentar_trabajo(ctx: Ctx<AdministrarTrabajos>, Path(id): Path<Uuid>) -> Result<Json<Trabajo>, Problem> {
    let mut tx = ctx.begin().await?;
    let filter = || store::Filter { id: Some(id), ..store::Filter::default() };
    let antes = store::list(&mut tx, filter(), 1).await?.pop().ok_or_else(Problem::not_found)?;
    if !store::revive(&mut tx, id).await? {
        return Err(Problem::new(problemas::NO_MUERTO));
    }
    let trabajo = store::list(&mut tx, filter(), 1).await?.pop().ok_or_else(Problem::not_found)?;
    tx.audit(Change::new("reintentar", "trabajo", id).antes(&antes).despues(&trabajo));
    tx.commit().await?;
    ctx.app().work().notify_one();
    Ok(Json(trabajo))
}
