//! Owners and pets over HTTP.
mod ajustes;
mod anonimizacion;
mod aperturas;
mod busqueda;
mod consentimientos;
mod especies;
mod expediente;
mod fallecimiento;
mod fotos;
mod fusiones;
mod identificadores;
mod mascotas;
mod pesos;
mod registro;
mod tutores;
mod vinculos;

pub(crate) use registro::save;

use crate::model::{self, Candidato};
use axum::Extension;
use kernel::{
    Ctx, Problem,
    permission::{self, RegistrarPacientes, VerPacientes},
    ports::AgendaDeMascotas,
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// `agenda`: who keeps the appointments of pets.
pub fn router(agenda: Arc<dyn AgendaDeMascotas>) -> OpenApiRouter<kernel::App> {
    OpenApiRouter::new()
        .routes(routes!(fallecimiento::ver, fallecimiento::registrar, fallecimiento::corregir))
        .routes(routes!(fusiones::prever_mascota))
        .routes(routes!(fusiones::fusionar_mascota))
        .routes(routes!(fusiones::ver, fusiones::deshacer))
        .routes(routes!(anonimizacion::anonimizar))
        .routes(routes!(expediente::exportar))
        .routes(routes!(tutores::ver, tutores::cambiar))
        .routes(routes!(mascotas::ver, mascotas::cambiar))
        .layer(Extension(agenda))
        .routes(routes!(consentimientos::ver, consentimientos::anotar))
        .routes(routes!(fusiones::prever_tutor))
        .routes(routes!(fusiones::fusionar_tutor))
        .routes(routes!(ajustes::ver, ajustes::cambiar))
        .routes(routes!(ajustes::ver_visibilidad, ajustes::cambiar_visibilidad))
        .routes(routes!(aperturas::abrir))
        .routes(routes!(aperturas::listar))
        .routes(routes!(aperturas::ver))
        .routes(routes!(aperturas::revisar))
        .routes(routes!(registro::registrar))
        .routes(routes!(busqueda::buscar))
        .routes(routes!(busqueda::ubigeos))
        .routes(routes!(fotos::ver, fotos::poner))
        .routes(routes!(identificadores::agregar))
        .routes(routes!(identificadores::retirar))
        .routes(routes!(pesos::listar, pesos::anotar))
        .routes(routes!(pesos::curva))
        .routes(routes!(pesos::anular))
        .routes(routes!(vinculos::listar, vinculos::agregar))
        .routes(routes!(vinculos::terminar))
        .routes(routes!(vinculos::transferir))
        .routes(routes!(tutores::listar, tutores::crear))
        .routes(routes!(tutores::mascotas))
        .routes(routes!(especies::listar, especies::crear))
        .routes(routes!(especies::cambiar))
        .routes(routes!(especies::razas, especies::crear_raza))
        .routes(routes!(especies::cambiar_raza))
}

pub use anonimizacion::olvidar;
pub use aperturas::missing;
pub use expediente::collect;

/// Lo que se registra puede parecerse a lo que ya hay.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Confirmacion {
    /// Lo registra aunque se parezca a otro. Sin esto, la respuesta es 409 `posible-duplicado` con los `candidatos`.
    #[serde(default)]
    confirmar_duplicado: bool,
}

/// 409 with whom this may already be, unless the caller has seen that and knows better.
fn unless_alike(ctx: &Ctx<RegistrarPacientes>, confirmacion: &Confirmacion, candidatos: Vec<Candidato>) -> Result<(), Problem> {
    if confirmacion.confirmar_duplicado {
        return Ok(());
    }
    let nombrar = permission::holds_somewhere::<VerPacientes>(ctx.access());
    if nombrar {
        ctx.read_audit("tutor", candidatos.iter().filter_map(|candidato| candidato.tutor_id).map(Into::into));
        ctx.read_audit("mascota", candidatos.iter().filter_map(|candidato| candidato.mascota_id).map(Into::into));
    }
    model::refuse(candidatos, nombrar)
}
