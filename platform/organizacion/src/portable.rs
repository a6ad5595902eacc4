//! What of the organisation leaves with the chain's full export: structure and people, never what opens a door.
use kernel::{
    portable::{Indice, Persona, Row, Sello, Tabla, text},
    text::email,
};

fn correo(row: &Row) -> Option<String> {
    text(row, "correo").map(email)
}

const fn sello(columna: &'static str, campo: &'static str, indices: &'static [Indice]) -> Sello {
    Sello { columna, persona: "id", campo, indices }
}

/// In an order in which every row finds what it refers to.
pub const PORTABLE: &[Tabla] = &[
    Tabla::new("entidades_legales", &["id"]),
    Tabla::new("sedes", &["id"]),
    Tabla::new("areas", &["id"]),
    Tabla::new("ambientes", &["id"]),
    Tabla::new("equipos", &["id"]),
    Tabla {
        persona: Some(Persona { columna: "id", olvidada: None }),
        sellos: &[
            sello("correo_cifrado", "correo", &[Indice { columna: "correo_indice", clase: "correo", normal: correo }]),
            sello("telefono_cifrado", "telefono", &[]),
            sello("documento_cifrado", "documento", &[]),
        ],
        omite: &["contrasena", "contrasena_en", "totp_cifrado", "totp_desde", "totp_ultimo", "pin"],
        ..Tabla::new("usuarios", &["id"])
    },
    Tabla::new("roles", &["id"]),
    Tabla::new("roles_permisos", &["rol_id", "permiso"]),
    Tabla::new("asignaciones", &["id"]),
    Tabla::new("accesos", &["id"]),
];
