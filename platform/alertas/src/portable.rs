//! What of the letters leaves with the chain's full export. Whether a chain writes at all does not: a copy of it is silent until
//! somebody decides otherwise.
use kernel::portable::{Sello, Tabla};

/// In an order in which every row finds what it refers to.
pub const PORTABLE: &[Tabla] = &[
    Tabla::new("correos_plantillas", &["tipo"]),
    Tabla {
        sellos: &[Sello { columna: "correo_cifrado", persona: "tutor_id", campo: "correo_mensaje", indices: &[] }],
        ..Tabla::new("mensajes", &["id"])
    },
    Tabla::new("citas_avisadas", &["cita_id"]),
    Tabla::new("citas_solicitudes", &["id"]),
    Tabla { omite: &["vigente", "orden"], ..Tabla::new("alertas_medicas", &["id"]) },
];
