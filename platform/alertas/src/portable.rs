//! What of the messages leaves with the chain's full export. Whether a chain writes at all does not: a copy of it is silent until
//! somebody decides otherwise.
use kernel::portable::{Pasajero, Sello, Tabla};

const fn sello(columna: &'static str, campo: &'static str) -> Sello {
    Sello { columna, persona: "tutor_id", campo, indices: &[] }
}

/// The work that would send it stays behind: there it never leaves. What was being handed over, nobody there knows the end of.
const SIN_SALIR: &[Pasajero] = &[Pasajero::new("estado", "pendiente", "omitido")];
const EN_CAMINO: &[Pasajero] = &[Pasajero::new("estado", "pendiente", "fallido"), Pasajero::new("estado", "saliendo", "incierto")];

/// In an order in which every row finds what it refers to.
pub const PORTABLE: &[Tabla] = &[
    Tabla::new("correos_plantillas", &["tipo"]),
    Tabla::new("mensajes_plantillas", &["tipo", "canal"]),
    Tabla::new("tutores_canales", &["tutor_id"]),
    Tabla { sellos: &[sello("correo_cifrado", "correo_mensaje")], pasajeros: SIN_SALIR, ..Tabla::new("mensajes", &["id"]) },
    Tabla { sellos: &[sello("destino_cifrado", "destino_mensaje")], pasajeros: EN_CAMINO, ..Tabla::new("mensajes_envios", &["id"]) },
    // What strangers wrote stays behind, sealed for this instance; so does what recognises a repetition, by its key.
    Tabla {
        sellos: &[sello("texto_cifrado", "respuesta_mensaje")],
        omite: &["sellado", "huella"],
        ..Tabla::new("mensajes_respuestas", &["id"])
    },
    Tabla::new("recordatorios", &["id"]),
    Tabla::new("citas_avisadas", &["cita_id"]),
    Tabla::new("citas_solicitudes", &["id"]),
    Tabla { omite: &["vigente", "orden"], ..Tabla::new("alertas_medicas", &["id"]) },
];
