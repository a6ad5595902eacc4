//! The next gaps of a service.
use crate::{buscar::proximos, model::Hueco, store};
use jiff::Timestamp;
use kernel::{
    Ctx, FieldError, Json, Problem, Query, Sedes,
    ids::{SedeId, ServicioId, UsuarioId},
    permission::VerCitas,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Qué se busca.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Consulta {
    pub servicio_id: ServicioId,
    /// Una o varias, separadas por comas; ausente: todas las que puede ver.
    pub sedes: Option<String>,
    /// Ausente: cualquiera.
    pub medico_id: Option<UsuarioId>,
    /// Ausente: ahora.
    pub desde: Option<Timestamp>,
    /// Cuántos huecos; por defecto 10.
    #[param(minimum = 1, maximum = 200)]
    pub limite: Option<usize>,
}

/// Los próximos huecos, en orden de hora.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Disponibilidad {
    pub huecos: Vec<Hueco>,
}

/// How far a search goes.
const HORIZONTE_DIAS: i64 = 60;

impl Consulta {
    fn sedes(&self) -> Result<Option<Vec<SedeId>>, Problem> {
        let Some(text) = &self.sedes else { return Ok(None) };
        let ids: Result<Vec<SedeId>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        ids.map(Some).map_err(|_| Problem::field("?sedes", "deben ser identificadores separados por comas"))
    }

    fn check(&self, now: Timestamp) -> Result<(Timestamp, usize), Problem> {
        let limite = self.limite.unwrap_or(10);
        let desde = self.desde.unwrap_or(now).max(now);
        let mut errors = Vec::new();
        if !(1..=200).contains(&limite) {
            errors.push(FieldError::new("?limite", "debe estar entre 1 y 200"));
        }
        if desde.duration_since(now).as_hours() > 24 * 366 * 2 {
            errors.push(FieldError::new("?desde", "la agenda se abre con dos años de anticipación"));
        }
        Problem::check(errors).map(|()| (desde, limite))
    }
}

/// Busca las próximas horas libres de un servicio, con un médico o con cualquiera, en una o varias sedes.
#[utoipa::path(get, path = "/disponibilidad", tag = "citas", params(Consulta), extensions(("x-permiso" = json!("cita.ver")), ("x-lista" = json!("/huecos"))),
    responses((status = 200, body = Disponibilidad), (status = "4XX", body = Problem)))]
pub async fn buscar(ctx: Ctx<VerCitas>, Query(consulta): Query<Consulta>) -> Result<Json<Disponibilidad>, Problem> {
    let (desde, limite) = consulta.check(ctx.now)?;
    let sedes = consulta.sedes()?;
    if let (Some(sedes), Sedes::Lista(_)) = (&sedes, &ctx.sedes) {
        sedes.iter().try_for_each(|sede| ctx.in_sede(*sede))?;
    }
    let mut tx = ctx.begin_read().await?;
    let oferta =
        store::oferta(&mut tx, consulta.servicio_id).await?.ok_or_else(|| Problem::field("?servicio_id", "no existe o no está activo"))?;
    let primero = desde.to_zoned(jiff::tz::TimeZone::UTC).date();
    let recintos = store::recintos(&mut tx, sedes.as_deref(), consulta.servicio_id, consulta.medico_id, primero).await?;
    let huecos = proximos(&mut tx, &recintos, &oferta, desde, HORIZONTE_DIAS, limite).await?;
    Ok(Json(Disponibilidad { huecos }))
}
