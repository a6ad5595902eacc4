//! What of requests, incidents and rules leaves with the chain's full export.
use kernel::portable::{Persona, Sello, Tabla};

const fn sello(columna: &'static str, campo: &'static str) -> Sello {
    Sello { columna, persona: "id", campo, indices: &[] }
}

/// A request has a key of its own, as a person has.
pub const PORTABLE: &[Tabla] = &[
    Tabla {
        persona: Some(Persona { columna: "id", olvidada: None }),
        sellos: &[sello("reserva_cifrada", "reserva"), sello("expediente_cifrado", "expediente")],
        ..Tabla::new("solicitudes_datos", &["id"])
    },
    Tabla::new("incidentes_datos", &["id"]),
    Tabla::new("reglas_conservacion", &["clase"]),
];
