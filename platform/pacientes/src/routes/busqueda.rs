//! The search box.
use crate::{
    listar,
    model::{Buscado, Encontrado},
    ubigeo::{self, Ubigeo},
};
use kernel::{
    Ctx, FieldError, Json, Page, Problem, Query,
    ids::MascotaId,
    page::{self, Cursor},
    permission::{Propio, VerPacientes},
};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Caja {
    /// Lo que se busca, de 2 a 100 caracteres.
    #[param(min_length = 2, max_length = 100)]
    buscar: String,
    /// De 1 a 200; 20 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

impl Caja {
    fn check(&self) -> Result<i64, Problem> {
        let long = (2..=100).contains(&self.buscar.trim().chars().count());
        let wrong = || FieldError::new("?buscar", "debe tener de 2 a 100 caracteres");
        let limit = page::limit(Some(self.limite.unwrap_or(20)));
        match (long, limit) {
            (true, limit) => limit,
            (false, Ok(_)) => Err(Problem::invalid(vec![wrong()])),
            (false, Err(_)) => Err(Problem::invalid(vec![wrong(), FieldError::new("?limite", "debe estar entre 1 y 200")])),
        }
    }
}

/// What a text in a search box is, if it can be looked for.
pub(super) fn typed(buscar: &str) -> Result<Buscado, FieldError> {
    let long = (2..=100).contains(&buscar.trim().chars().count());
    if long { Ok(Buscado::read(buscar)) } else { Err(FieldError::new("?buscar", "debe tener de 2 a 100 caracteres")) }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Pacientes {
    /// Lo que se busca, de 2 a 100 caracteres. Ausente: todas las mascotas.
    #[param(min_length = 2, max_length = 100)]
    buscar: Option<String>,
    /// El valor `siguiente` de la página anterior; lo que se halla buscando no tiene páginas.
    cursor: Option<String>,
    /// De 1 a 200; 20 si falta.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

impl Pacientes {
    fn check(&self) -> Result<(Option<Buscado>, i64), Problem> {
        let mut errors = Vec::new();
        let buscado = self.buscar.as_deref().and_then(|buscar| typed(buscar).map_err(|error| errors.push(error)).ok());
        if self.buscar.is_some() && self.cursor.is_some() {
            errors.push(FieldError::new("?cursor", "lo que se halla buscando no tiene páginas"));
        }
        let limite = self.limite.unwrap_or(20);
        if !(1..=page::MAX).contains(&limite) {
            errors.push(FieldError::new("?limite", "debe estar entre 1 y 200"));
        }
        Problem::check(errors)?;
        Ok((buscado, limite))
    }
}

/// Busca mascotas y tutores, lo más parecido primero; sin `buscar`, todas las mascotas, las últimas registradas primero.
///
/// Por palabras de los nombres de la mascota y de sus tutores, sin importar tildes y tolerando errores al escribir;
/// todas las palabras deben coincidir y la última puede estar incompleta. Por documento, correo, microchip u otro
/// identificador, exactos; y por teléfono, completo o sus seis últimos dígitos.
#[utoipa::path(
    get, path = "/pacientes", tag = "pacientes", extensions(("x-permiso" = json!("paciente.ver"))), params(Pacientes),
    responses((status = 200, body = Page<Encontrado>), (status = "4XX", body = Problem))
)]
pub async fn buscar(ctx: Ctx<VerPacientes>, Query(pedido): Query<Pacientes>) -> Result<Json<Page<Encontrado>>, Problem> {
    let (buscado, limit) = pedido.check()?;
    let cursor = Cursor::decode::<MascotaId>(pedido.cursor.as_deref())?;
    let mut tx = ctx.begin_read().await?;
    let page = match buscado {
        Some(buscado) => Page { items: crate::buscar(&mut tx, &buscado, limit).await?, siguiente: None },
        None => {
            let rows = listar::mascotas(&mut tx, cursor, limit + 1).await?;
            Page::from_rows(rows, limit as usize, |row| row.mascota.as_ref().map(|mascota| mascota.id))
        }
    };
    ctx.read_audit("mascota", page.items.iter().filter_map(|item| item.mascota.as_ref()).map(|mascota| mascota.id.into()));
    ctx.read_audit("tutor", page.items.iter().filter_map(|item| item.tutor.as_ref()).map(|tutor| tutor.id.into()));
    Ok(Json(page))
}

/// Busca distritos del Perú por nombre o por el comienzo de su código UBIGEO (INEI).
#[utoipa::path(
    get, path = "/ubigeos", tag = "pacientes", extensions(("x-permiso" = json!("propio"))), params(Caja),
    responses((status = 200, body = Page<Ubigeo>), (status = "4XX", body = Problem))
)]
pub async fn ubigeos(_: Ctx<Propio>, Query(caja): Query<Caja>) -> Result<Json<Page<Ubigeo>>, Problem> {
    let limit = caja.check()?;
    Ok(Json(Page { items: ubigeo::search(&caja.buscar, limit as usize), siguiente: None }))
}
