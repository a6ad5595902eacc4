//! Reminders of what pets are due for: settings, what is to go out, what came of it.
use crate::{
    canales::DeCanales,
    escalera::Mirada,
    model::{AjustesRecordatorios, Conversion, DatosRecordatorios, Previsto},
    store::escalera as store,
};
use axum::Extension;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use kernel::{
    Change, Ctx, FieldError, IfMatch, Json, Page, Problem, Query, Versioned,
    ids::TutorId,
    page::{self, Cursor},
    permission::{ConfigurarMensajes, VerMensajes},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Further ahead nobody knows what is true by then.
const DIAS_MAX: i64 = 60;

/// Devuelve cómo se recuerda a los tutores lo que toca a sus mascotas.
#[utoipa::path(get, path = "/ajustes/recordatorios", tag = "recordatorios", operation_id = "ver_ajustes_recordatorios",
    extensions(("x-permiso" = json!("mensaje.configurar"))), responses((status = 200, body = AjustesRecordatorios), (status = "4XX", body = Problem)))]
pub async fn ver(ctx: Ctx<ConfigurarMensajes>) -> Result<Versioned<AjustesRecordatorios>, Problem> {
    let mut tx = ctx.begin_read().await?;
    store::ajustes(&mut tx).await.map(Versioned)
}

/// Cambia cómo se recuerda a los tutores lo que toca a sus mascotas. Mientras nadie lo diga, no se recuerda nada.
#[utoipa::path(put, path = "/ajustes/recordatorios", tag = "recordatorios", operation_id = "cambiar_ajustes_recordatorios",
    params(("If-Match" = String, Header)), extensions(("x-permiso" = json!("mensaje.configurar"))), request_body = DatosRecordatorios,
    responses((status = 200, body = AjustesRecordatorios), (status = "4XX", body = Problem)))]
pub async fn cambiar(
    ctx: Ctx<ConfigurarMensajes>,
    version: IfMatch,
    Json(datos): Json<DatosRecordatorios>,
) -> Result<Versioned<AjustesRecordatorios>, Problem> {
    let datos = datos.check().map_err(Problem::invalid)?;
    let mut tx = ctx.begin().await?;
    store::hold_ajustes(&mut tx).await?;
    let antes = store::ajustes(&mut tx).await?;
    version.check(antes.version)?;
    store::put_ajustes(&mut tx, &datos).await?;
    let despues = store::ajustes(&mut tx).await?;
    tx.audit(Change::new("cambiar", "ajustes_recordatorios", ctx.tenant).antes(&antes).despues(&despues));
    tx.commit().await?;
    Ok(Versioned(despues))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroPrevistos {
    /// Hasta qué día, como mucho dentro de 60; si falta, 30.
    hasta: Option<Date>,
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// De cuántos tutores por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

/// Los recordatorios que van a salir, a quién, cuándo y por dónde, y por qué no. Es lo que pasaría si nada cambiara, con los ajustes de
/// ahora, también si todavía no están activos. Va tutor por tutor; lo de un tutor está siempre en una misma página.
#[utoipa::path(get, path = "/recordatorios/previstos", tag = "recordatorios", operation_id = "listar_recordatorios_previstos",
    params(FiltroPrevistos), extensions(("x-permiso" = json!("mensaje.ver"))),
    responses((status = 200, body = Page<Previsto>), (status = "4XX", body = Problem)))]
pub async fn previstos(
    ctx: Ctx<VerMensajes>,
    Extension(DeCanales(canales)): Extension<DeCanales>,
    Query(filtro): Query<FiltroPrevistos>,
) -> Result<Json<Page<Previsto>>, Problem> {
    let (after, limit) = page::read::<TutorId>(filtro.cursor.as_deref(), filtro.limite)?;
    let hasta = hasta(ctx.now, filtro.hasta)?;
    let activos = canales.activos(ctx.tenant).await?;
    let mut tx = ctx.begin_read().await?;
    let datos = store::ajustes(&mut tx).await?.datos;
    let mirada = Mirada::abrir(&mut tx, datos, &activos).await?;
    let until = TimeZone::UTC.to_timestamp(hasta.at(0, 0, 0, 0)).map_err(Problem::internal)?;
    let lote = mirada.leer(&mut tx, after, limit, until).await?;
    let items = mirada.prever(&mut tx, &lote, hasta).await?;
    ctx.read_audit("tutor", items.iter().map(|one| one.tutor_id.into()));
    Ok(Json(Page { items, siguiente: lote.ultimo.filter(|_| lote.hay_mas).map(|last| Cursor::encode(&last)) }))
}

fn hasta(now: jiff::Timestamp, asked: Option<Date>) -> Result<Date, Problem> {
    let hoy = now.to_zoned(TimeZone::UTC).date();
    let ahead = |days: i64| hoy.checked_add(days.days()).unwrap_or(hoy);
    match asked {
        None => Ok(ahead(30)),
        Some(day) if day >= hoy.yesterday().unwrap_or(hoy) && day <= ahead(DIAS_MAX) => Ok(day),
        Some(_) => Err(Problem::field("?hasta", "debe estar entre hoy y dentro de 60 días")),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FiltroConversion {
    desde: Date,
    /// Ese día incluido.
    hasta: Date,
}

/// Qué se logró con los recordatorios que salieron entre dos días: enviados, entregados, leídos, con cita reservada después, y atendidos.
#[utoipa::path(get, path = "/recordatorios/conversion", tag = "recordatorios", operation_id = "listar_conversion_de_recordatorios",
    params(FiltroConversion), extensions(("x-permiso" = json!("mensaje.ver"))),
    responses((status = 200, body = [Conversion]), (status = "4XX", body = Problem)))]
pub async fn conversion(ctx: Ctx<VerMensajes>, Query(filtro): Query<FiltroConversion>) -> Result<Json<Vec<Conversion>>, Problem> {
    let FiltroConversion { desde, hasta } = filtro;
    if hasta < desde {
        return Err(Problem::invalid(vec![FieldError::new("?hasta", "es antes de desde")]));
    }
    let lima = TimeZone::fixed(jiff::tz::offset(-5));
    let begins =
        |day: Date| lima.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| Problem::field("?desde", "no es un día que se pueda buscar"));
    let (from, to) = (begins(desde)?, begins(hasta.tomorrow().unwrap_or(hasta))?);
    let mut tx = ctx.begin_read().await?;
    let dias = store::ajustes(&mut tx).await?.datos.conversion_dias;
    store::conversion(&mut tx, from, to, dias).await.map(Json)
}
