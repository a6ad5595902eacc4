//! The next gaps of a service.
use crate::{
    model::{Agenda, Busqueda, Hueco, Ocupacion, Oferta, huecos},
    store::{self, Alcance, Recinto},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::{
    Ctx, FieldError, Json, Problem, Query, Sedes, Tx,
    ids::{SedeId, ServicioId, UsuarioId},
    permission::VerCitas,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

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
#[utoipa::path(get, path = "/disponibilidad", tag = "citas", params(Consulta), extensions(("x-permiso" = json!("cita.ver"))),
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
    let primero = desde.to_zoned(jiff::tz::TimeZone::UTC).date().yesterday().map_err(Problem::internal)?;
    let ultimo = primero.saturating_add(HORIZONTE_DIAS.days());
    let recintos = store::recintos(&mut tx, sedes.as_deref(), consulta.servicio_id, consulta.medico_id, primero, ultimo).await?;
    let huecos = proximos(&mut tx, &recintos, &oferta, desde, limite).await?;
    Ok(Json(Disponibilidad { huecos }))
}

/// Looks day by day, reading what is taken in steps that grow: mostly the first days have gaps enough.
async fn proximos(tx: &mut Tx, recintos: &[Recinto], oferta: &Oferta, desde: Timestamp, limite: usize) -> Result<Vec<Hueco>, Problem> {
    let mut found: Vec<Hueco> = Vec::new();
    let (mut start, mut days) = (0, 1);
    while start < HORIZONTE_DIAS && found.len() < limite {
        let until = (start + days).min(HORIZONTE_DIAS);
        let ocupacion = ocupacion(tx, recintos, desde, start, until).await?;
        for day in start..until {
            for recinto in recintos {
                let fecha = recinto.agenda.fecha(desde).saturating_add(day.days());
                found.extend(recinto.huecos(oferta, &ocupacion, fecha, desde));
            }
            if found.len() >= limite {
                break;
            }
        }
        (start, days) = (until, days * 2);
    }
    found.sort_by_key(|hueco| (hueco.inicio, hueco.sede_id, hueco.medico_id));
    found.truncate(limite);
    Ok(found)
}

async fn ocupacion(tx: &mut Tx, recintos: &[Recinto], desde: Timestamp, start: i64, until: i64) -> Result<Ocupacion, Problem> {
    let edge = |day: i64| -> Result<Timestamp, Problem> { desde.checked_add((24 * day).hours()).map_err(Problem::internal) };
    let mut medicos: Vec<UsuarioId> = recintos.iter().flat_map(|r| r.medicos.iter().copied()).collect();
    medicos.sort_unstable();
    medicos.dedup();
    let sedes: Vec<SedeId> = recintos.iter().map(|r| r.agenda.sede_id).collect();
    let alcance = Alcance { medicos: &medicos, sedes: &sedes, desde: edge(start - 1)?, hasta: edge(until + 1)? };
    let mut ocupacion = Ocupacion::default();
    store::ambitos_de_ocupacion(tx, &alcance, &mut ocupacion).await?;
    Ok(ocupacion)
}

impl Recinto {
    fn huecos(&self, oferta: &Oferta, ocupacion: &Ocupacion, fecha: Date, desde: Timestamp) -> Vec<Hueco> {
        let equipos: Vec<Vec<Uuid>> =
            oferta.equipos_tipos.iter().map(|tipo| self.equipos.iter().filter(|e| e.tipo == *tipo).map(|e| e.id.0).collect()).collect();
        let agenda: &Agenda = &self.agenda;
        let ambientes = oferta.ambiente_tipo.is_some().then_some(self.ambientes.as_slice());
        huecos(&Busqueda { agenda, oferta, medicos: &self.medicos, ambientes, equipos: &equipos }, ocupacion, fecha, desde)
    }
}
