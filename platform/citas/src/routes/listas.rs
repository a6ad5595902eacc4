//! The agenda of a day or a week.
use crate::{
    model::CitaEnAgenda,
    store::{self, Filtro},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use kernel::{
    Ctx, Cursor, FieldError, Json, Page, Problem, Query, Tx,
    ids::{AmbienteId, CitaId, MascotaId, SedeId, UsuarioId},
    permission::VerCitas,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Qué citas.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Consulta {
    /// Al menos uno de `sede_id`, `medico_id`, `ambiente_id` o `mascota_id`.
    pub sede_id: Option<SedeId>,
    pub medico_id: Option<UsuarioId>,
    pub ambiente_id: Option<AmbienteId>,
    pub mascota_id: Option<MascotaId>,
    /// Primer día, en la zona de la sede (la de Lima si no se da una sede).
    pub fecha: Date,
    /// Cuántos días desde `fecha`: 1 un día, 7 una semana.
    #[param(minimum = 1, maximum = 31)]
    pub dias: Option<u8>,
    /// También las anuladas y las que no asistieron.
    pub con_anuladas: Option<bool>,
    pub cursor: Option<String>,
    /// Por defecto 500.
    #[param(minimum = 1, maximum = 2000)]
    pub limite: Option<i64>,
}

const DIAS_MAX: u8 = 31;
/// A week of a large sede has some 1,000 appointments, and a screen wants them in one answer.
const LIMITE_MAX: i64 = 2000;
const LIMITE: i64 = 500;

impl Consulta {
    fn check(&self) -> Result<(), Problem> {
        let mut errors = Vec::new();
        if self.sede_id.is_none() && self.medico_id.is_none() && self.ambiente_id.is_none() && self.mascota_id.is_none() {
            errors.push(FieldError::new("?sede_id", "indique sede_id, medico_id, ambiente_id o mascota_id"));
        }
        if !(1..=DIAS_MAX).contains(&self.dias.unwrap_or(1)) {
            errors.push(FieldError::new("?dias", "debe estar entre 1 y 31"));
        }
        if !(1..=LIMITE_MAX).contains(&self.limite.unwrap_or(LIMITE)) {
            errors.push(FieldError::new("?limite", "debe estar entre 1 y 2000"));
        }
        Problem::check(errors)
    }

    fn filtro(&self, zona: &TimeZone) -> Result<Filtro, Problem> {
        let despues_de: Option<(Timestamp, CitaId)> = Cursor::decode(self.cursor.as_deref())?;
        let instant = |date: Date| date.to_zoned(zona.clone()).map(|zoned| zoned.timestamp());
        let outside = |_| Problem::field("?fecha", "está fuera del calendario");
        let hasta = self.fecha.checked_add(i64::from(self.dias.unwrap_or(1)).days()).map_err(outside)?;
        Ok(Filtro {
            sede: self.sede_id,
            medico: self.medico_id,
            ambiente: self.ambiente_id,
            mascota: self.mascota_id,
            desde: instant(self.fecha).map_err(outside)?,
            hasta: instant(hasta).map_err(outside)?,
            con_anuladas: self.con_anuladas.unwrap_or_default(),
            despues_de,
            limite: self.limite.unwrap_or(LIMITE) + 1,
        })
    }
}

/// Lista citas por sede, médico, ambiente o mascota, de un día o varios, en orden de hora.
#[utoipa::path(get, path = "/citas", tag = "citas", params(Consulta), extensions(("x-permiso" = json!("cita.ver"))),
    responses((status = 200, body = Page<CitaEnAgenda>), (status = "4XX", body = Problem)))]
pub async fn listar(ctx: Ctx<VerCitas>, Query(consulta): Query<Consulta>) -> Result<Json<Page<CitaEnAgenda>>, Problem> {
    consulta.check()?;
    if let Some(sede) = consulta.sede_id {
        ctx.in_sede(sede)?;
    }
    let mut tx = ctx.begin_read().await?;
    let zona = zona(&mut tx, consulta.sede_id).await?;
    let filtro = consulta.filtro(&zona)?;
    let filas = store::listar(&mut tx, &filtro).await?;
    ctx.read_audit("cita", filas.iter().map(|fila| fila.cita.id.into()));
    Ok(Json(Page::from_rows(filas, filtro.limite as usize - 1, |fila| (fila.cita.inicio, fila.cita.id))))
}

/// The zone in which days are meant.
pub(super) async fn zona(tx: &mut Tx, sede: Option<SedeId>) -> Result<TimeZone, Problem> {
    let name = match sede {
        Some(sede) => store::zona(tx, sede).await?.ok_or_else(Problem::not_found)?,
        None => "America/Lima".to_owned(),
    };
    TimeZone::get(&name).map_err(Problem::internal)
}
