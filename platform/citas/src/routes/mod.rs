//! `/citas`, `/disponibilidad` and the hours of sedes and vets over HTTP.
mod autoreservas;
mod bloqueos;
mod calendario;
mod citas;
mod disponibilidad;
mod esperas;
mod faltas;
mod feriados;
mod listas;
mod ofertas;
mod paleta;
mod plan;
mod publico;
mod reservas;
mod retenciones;
mod sala;
mod series;
mod traslados;
mod turnos;

use kernel::{App, Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

/// How often a change that lost a race (a deadlock, a serialization failure) is tried again.
struct Reintentos(u8);

impl Default for Reintentos {
    fn default() -> Self {
        Self(2)
    }
}

impl Reintentos {
    fn otro(&mut self, problem: &Problem) -> bool {
        let again = problem.is_lost_race() && self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        again
    }
}

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(citas::reservar))
        .routes(routes!(retenciones::retener))
        .routes(routes!(retenciones::listar))
        .routes(routes!(retenciones::ver, retenciones::soltar))
        .routes(routes!(retenciones::confirmar))
        .routes(routes!(esperas::listar, esperas::anotar))
        .routes(routes!(esperas::ver, esperas::cambiar, esperas::retirar))
        .routes(routes!(esperas::aceptar_oferta))
        .routes(routes!(esperas::rechazar_oferta))
        .routes(routes!(esperas::ver_ajustes_espera, esperas::cambiar_ajustes_espera))
        .routes(routes!(ofertas::ver))
        .routes(routes!(ofertas::aceptar_hora))
        .routes(routes!(ofertas::rechazar_hora))
        .routes(routes!(publico::ver))
        .routes(routes!(publico::disponibilidad))
        .routes(routes!(publico::pedir_codigo))
        .routes(routes!(publico::verificar_codigo))
        .routes(routes!(publico::ver_sesion))
        .routes(routes!(publico::retener_hora))
        .routes(routes!(publico::confirmar))
        .routes(routes!(reservas::ver))
        .routes(routes!(reservas::anular_reserva))
        .routes(routes!(reservas::ver_horas, reservas::mover_reserva))
        .routes(routes!(autoreservas::ver, autoreservas::configurar))
        .routes(routes!(autoreservas::listar))
        .routes(routes!(autoreservas::aprobar))
        .routes(routes!(autoreservas::rechazar))
        .routes(routes!(series::simular))
        .routes(routes!(series::reservar))
        .routes(routes!(citas::ver, citas::cambiar, citas::anular))
        .routes(routes!(citas::cambiar_estado))
        .routes(routes!(listas::listar))
        .routes(routes!(paleta::buscar))
        .routes(routes!(sala::ver))
        .routes(routes!(sala::llegar))
        .routes(routes!(sala::visita, sala::clasificar, sala::retirar))
        .routes(routes!(sala::tomar))
        .routes(routes!(sala::siguiente))
        .routes(routes!(sala::tiempos))
        .routes(routes!(faltas::listar))
        .routes(routes!(faltas::ver_ajustes, faltas::cambiar_ajustes))
        .routes(routes!(disponibilidad::buscar))
        .routes(routes!(plan::ver_horarios, plan::cambiar_horarios))
        .routes(routes!(plan::ver_planes))
        .routes(routes!(plan::ver_plan, plan::cambiar_plan))
        .routes(routes!(plan::ver_excepciones, plan::crear_excepcion))
        .routes(routes!(plan::quitar_excepcion))
        .routes(routes!(feriados::listar, feriados::crear))
        .routes(routes!(feriados::quitar))
        .routes(routes!(bloqueos::listar, bloqueos::crear))
        .routes(routes!(bloqueos::ver, bloqueos::quitar))
        .routes(routes!(turnos::listar, turnos::crear))
        .routes(routes!(turnos::cambiar, turnos::borrar))
        .routes(routes!(turnos::asignados, turnos::asignar))
        .routes(routes!(turnos::quitar))
        .routes(routes!(turnos::rol))
        .routes(routes!(turnos::de_turno))
        .routes(routes!(calendario::listar, calendario::crear))
        .routes(routes!(calendario::revocar))
        .routes(routes!(calendario::leer))
        .routes(routes!(traslados::listar))
        .routes(routes!(traslados::cambiar))
}
