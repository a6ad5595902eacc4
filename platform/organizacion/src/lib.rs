//! Organizacion: the chain itself — legal entities, sedes and what they are made of —, its staff with their
//! roles, who they prove to be, and what everybody did.
//!
//! What a role allows where is casbin's policy, kept in the chain's own tables and compiled to bit sets per
//! person. Nobody gives, takes or administers more than they hold in that sede, and a chain always keeps
//! somebody who can administer it.
mod aplicar;
mod auditoria;
mod estructura;
pub mod identidad;
mod personal;
mod portable;
pub mod problemas;

pub use aplicar::{
    AmbienteSeccion, AreaSeccion, AsignacionSeccion, CadenaSeccion, EntidadLegalSeccion, EquipoSeccion, Opciones, PersonaSeccion,
    RolSeccion, Seccion, SedeSeccion, aplicar, registrar, revisar,
};
pub use estructura::{exigir_plataforma, model::AmbienteTipo};
pub use personal::store::usuarios::{con_permiso as usuarios_con_permiso, correos as usuarios_por_correo};
pub use portable::PORTABLE;

use kernel::{App, ports::Reasignables};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// Paths relative to `/api/v1`. `reasignables` knows what somebody who leaves leaves behind.
pub fn router(reasignables: Arc<dyn Reasignables>) -> OpenApiRouter<App> {
    estructura::routes::router().merge(personal::routes::router(reasignables)).merge(auditoria::routes::router()).merge(identidad::router())
}
