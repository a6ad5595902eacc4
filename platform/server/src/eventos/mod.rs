//! What screens listen to: events of one sede as they happen, over server-sent events.
//!
//! The relay numbers events per chain after their commit, writes them to a feed of the last minutes and tells the bus.
//! Each instance has one ear on the bus ([`hub`]) and fans out to its listeners ([`oyente`]) without asking the
//! database for each. Numbers have no gaps, so the hub sees when it missed something and reads it from the feed; a
//! listener that comes back says the last number it saw and gets the rest from the feed.
mod hub;
mod oyente;

pub use hub::{Evento, Eventos, Lote};

use crate::store::eventos as store;
use axum::response::{IntoResponse, Response};
use kernel::{App, Ctx, Problem, Query, ids::SedeId, permission::VerCitas};
use oyente::Oyente;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Bus topic of what the relay wrote to the feed: a [`hub::Lote`] as JSON.
pub const TOPIC: &str = "eventos";
/// The most that a listener which comes back is told one by one.
const MOST_MISSED: i64 = 1_000;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(escuchar))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filtro {
    /// Sede que se escucha.
    sede_id: SedeId,
}

/// Escucha en vivo lo que cambia en una sede (server-sent events).
///
/// Cada evento trae `id`, `event` (como `cita.reservada`; la lista está en `GET /api/v1/webhooks/eventos`) y `data` con `sede_id`, `en` y `cuerpo`.
/// Llegan los de la sede y los de toda la cadena, cada uno solo a quien tiene su permiso. El primero es `listo`. Un comentario cada 15 segundos
/// mantiene abierta la conexión.
///
/// Si se corta, vuelva con `Last-Event-ID`: recibirá lo que faltó, hasta diez minutos atrás o mil eventos. Si no se puede, llega `reiniciar`:
/// vuelva a leer lo que muestra. La respuesta termina cuando vence o se retira el permiso con que empezó.
#[utoipa::path(get, path = "/eventos", tag = "citas", extensions(("x-permiso" = json!("cita.ver"))),
    params(Filtro, ("Last-Event-ID" = Option<String>, Header, description = "El último `id` que llegó")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = Problem)))]
async fn escuchar(ctx: Ctx<VerCitas>, oyente: Oyente, Query(filtro): Query<Filtro>) -> Result<Response, Problem> {
    ctx.in_sede(filtro.sede_id)?;
    let mut tx = ctx.begin().await?;
    let feed = store::position(&mut tx, filtro.sede_id).await?.ok_or_else(Problem::not_found)?;
    let mut escucha = oyente.subscribe(ctx.tenant, filtro.sede_id, feed.ultimo, ctx.identity.access.clone())?;
    match escucha.missing() {
        Some((after, until)) => {
            let missed = store::missed(&mut tx, filtro.sede_id, after, until, MOST_MISSED + 1).await?;
            // Once more: what was deleted while we read would be missing unseen.
            let feed = store::position(&mut tx, filtro.sede_id).await?.ok_or_else(Problem::not_found)?;
            escucha.resume(after, feed, &missed);
        }
        None => escucha.begin(),
    }
    Ok(escucha.into_response())
}
