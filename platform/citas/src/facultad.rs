//! What somebody may do with an appointment besides what let the request in.
use crate::model::Cita;
use kernel::{
    Access, Actor, Ctx, Problem,
    ids::{SedeId, UsuarioId},
    permission::{AutorizarSobrecupos, CambiarCitasAjenas, Permission, holds},
};

/// Who asks, and with which rights.
#[derive(Debug, Clone, Copy)]
pub struct Facultad<'a> {
    actor: Actor,
    access: &'a Access,
}

impl<'a, P: Permission> From<&'a Ctx<P>> for Facultad<'a> {
    fn from(ctx: &'a Ctx<P>) -> Self {
        Self { actor: ctx.actor, access: ctx.access() }
    }
}

impl Facultad<'_> {
    /// A vet's own appointments are the vet's; those of others take a permission in the sede where they are.
    pub fn cambiar(self, cita: &Cita) -> Result<(), Problem> {
        if self.actor == Actor::Usuario(cita.medico_id) || holds::<CambiarCitasAjenas>(self.access, cita.sede_id) {
            return Ok(());
        }
        Err(Problem::forbidden().detail("La cita es de otro médico: cambiarla o anularla requiere el permiso cita.ajenas en esa sede."))
    }

    /// The vet for whom a patient is taken: the caller, or whom the caller names.
    pub fn medico(self, wanted: Option<UsuarioId>, sede: SedeId) -> Result<UsuarioId, Problem> {
        match (wanted, self.actor) {
            (None, Actor::Usuario(own)) => Ok(own),
            (None, _) => Err(Problem::field("/medico_id", "es obligatorio para quien no es una persona")),
            (Some(medico), actor) if actor == Actor::Usuario(medico) => Ok(medico),
            (Some(medico), _) if holds::<CambiarCitasAjenas>(self.access, sede) => Ok(medico),
            _ => Err(Problem::forbidden().detail("Tomar un paciente para otro médico requiere el permiso cita.ajenas en esa sede.")),
        }
    }

    /// Booking above a vet's agenda.
    pub fn autorizar(self, sede: SedeId) -> Result<(), Problem> {
        if holds::<AutorizarSobrecupos>(self.access, sede) {
            return Ok(());
        }
        Err(Problem::forbidden().detail("Un sobrecupo requiere el permiso cita.sobrecupo en esa sede."))
    }
}
