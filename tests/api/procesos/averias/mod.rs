//! What fails around the program while it works. Each fault says what was lost, what was done twice, and how long it took.
mod base;
mod clientes;
mod partes;
mod puerta;
mod trabajador;

use super::{Programa, number, serve::Servicio};
use puerta::{Paso, Puerta};

/// Bookings, their lines of audit and their events, those that are still to be carried away among them.
async fn kept(servicio: &Servicio) -> (i64, i64, i64) {
    let audited = "select count(*) from auditoria where entidad = 'cita' and accion = 'reservar'";
    let told =
        "select (select count(*) from outbox where tema = 'cita.reservada') + (select count(*) from eventos where tema = 'cita.reservada')";
    (servicio.number("select count(*) from citas").await, servicio.number(audited).await, servicio.number(told).await)
}

/// Pairs of appointments of a vet that lie on top of each other.
async fn doubled(servicio: &Servicio) -> i64 {
    let query = "select count(*) from citas a join citas b on a.id < b.id and a.medico_id = b.medico_id
        and a.ocupado_desde < b.ocupado_hasta and b.ocupado_desde < a.ocupado_hasta";
    servicio.number(query).await
}
