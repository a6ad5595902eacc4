//! Types and rules of the clinical record; pure.
mod anotar;
mod clinico;
mod filtro;
mod hechos;
mod historial;
mod vacuna;

pub use anotar::{
    Asiento, Comunes, Dicho, NuevaAlergia, NuevaDesparasitacion, NuevaVacunacion, NuevoProblema, NuevoTratamiento, Referencias,
};
pub use clinico::{
    Alcance, Anulado, DetalleAlergia, DetalleClinico, DetalleDesparasitacion, DetalleProblema, DetalleTratamiento, DetalleVacuna, Gravedad,
    HechoClinico, HechoTipo, Sustancia, Termino, Via,
};
pub use filtro::Filtro;
pub use hechos::{ESQUEMA, Hechos, LineaClinica, MascotaDeHechos, PesoDeHechos, esquema};
pub use historial::{Contenido, EntradaHistorial, merge};
pub use vacuna::{Antigeno, Catalogo, DatosAntigeno, DatosVacuna, Nombres, Vacuna};

use jiff::{Timestamp, civil::Date, tz};

fn lima() -> tz::TimeZone {
    tz::TimeZone::fixed(tz::offset(-5))
}

/// The day in Peru: one zone, UTC−5, no summer time.
pub fn hoy(now: Timestamp) -> Date {
    now.to_zoned(lima()).date()
}

/// Noon in Peru of a day: its place in a timeline when nobody knows the hour.
pub fn mediodia(fecha: Date) -> Timestamp {
    lima().to_timestamp(fecha.at(12, 0, 0, 0)).unwrap_or_default()
}

pub mod problemas {
    kernel::problems! {
        HECHO_ANULADO = CONFLICT, "hecho-anulado", "Eso ya se anuló";
        HECHO_TERMINADO = CONFLICT, "hecho-terminado", "Eso ya terminó";
    }
}
