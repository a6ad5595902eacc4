//! The fields of each kind of file, and the titles under which other programs write them.
use crate::model::{Mapeo, Tipo};
use kernel::text;
use serde::Serialize;
use utoipa::ToSchema;

/// Un campo que puede traer un archivo.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Campo {
    pub clave: &'static str,
    pub nombre: &'static str,
    /// Títulos con los que se reconoce su columna.
    pub titulos: &'static [&'static str],
}

const fn campo(clave: &'static str, nombre: &'static str, titulos: &'static [&'static str]) -> Campo {
    Campo { clave, nombre, titulos }
}

// Titles as `text::words` makes them: no accents, no case, one blank.
const TUTOR_CLAVE: Campo = campo(
    "tutor_clave",
    "Clave del tutor en el otro sistema",
    &[
        "id cliente",
        "codigo cliente",
        "cod cliente",
        "idcliente",
        "codcliente",
        "id propietario",
        "codigo propietario",
        "cod propietario",
        "id tutor",
        "codigo tutor",
        "client id",
        "owner id",
        "customer id",
        "cliente id",
        "propietario id",
    ],
);
const TUTOR_DOCUMENTO: Campo = campo(
    "tutor_documento",
    "Documento del tutor",
    &[
        "dni propietario",
        "dni cliente",
        "dni tutor",
        "documento propietario",
        "documento cliente",
        "documento tutor",
        "dni",
        "documento",
        "dni ruc",
        "ruc",
        "owner document",
        "doc propietario",
        "doc cliente",
        "no documento",
        "nro documento",
    ],
);
const TUTOR_TELEFONO: Campo = campo(
    "tutor_telefono",
    "Teléfono del tutor",
    &[
        "telefono propietario",
        "telefono cliente",
        "telefono tutor",
        "celular propietario",
        "celular cliente",
        "celular",
        "telefono",
        "phone",
        "owner phone",
        "movil",
    ],
);
const TUTOR_CORREO: Campo = campo(
    "tutor_correo",
    "Correo del tutor",
    &[
        "correo propietario",
        "correo cliente",
        "correo tutor",
        "email propietario",
        "email cliente",
        "correo",
        "email",
        "e mail",
        "owner email",
        "correo electronico",
    ],
);

const TUTORES: &[Campo] = &[
    campo(
        "clave",
        "Clave en el otro sistema",
        &[
            "id",
            "codigo",
            "cod",
            "clave",
            "id cliente",
            "codigo cliente",
            "cod cliente",
            "idcliente",
            "nro cliente",
            "id propietario",
            "client id",
            "owner id",
            "customer id",
            "code",
        ],
    ),
    campo(
        "nombre_completo",
        "Nombres y apellidos en una columna",
        &[
            "nombre completo",
            "nombres y apellidos",
            "apellidos y nombres",
            "cliente",
            "propietario",
            "tutor",
            "dueno",
            "nombre y apellidos",
            "nombre del cliente",
            "nombre del propietario",
            "nombre cliente",
            "nombre propietario",
            "full name",
            "owner",
            "client",
            "client name",
            "owner name",
            "razon social",
        ],
    ),
    campo("nombres", "Nombres", &["nombres", "nombre", "first name", "firstname", "given name", "name", "primer nombre"]),
    campo("apellidos", "Apellidos", &["apellidos", "apellido", "last name", "lastname", "surname", "family name"]),
    campo(
        "documento_tipo",
        "Tipo de documento",
        &["tipo documento", "tipo de documento", "tipo doc", "document type", "tipo doc identidad"],
    ),
    campo(
        "documento",
        "Número de documento",
        &[
            "dni",
            "d n i",
            "documento",
            "no documento",
            "nro documento",
            "numero documento",
            "numero de documento",
            "n documento",
            "doc",
            "doc identidad",
            "documento de identidad",
            "ruc",
            "dni ruc",
            "document",
            "document number",
            "id number",
            "num documento",
        ],
    ),
    campo(
        "telefono",
        "Teléfono",
        &[
            "telefono",
            "celular",
            "movil",
            "telefono movil",
            "telefono celular",
            "tel",
            "fono",
            "phone",
            "mobile",
            "phone number",
            "cell",
            "whatsapp",
            "telefono 1",
            "celular 1",
        ],
    ),
    campo("correo", "Correo", &["correo", "email", "e mail", "mail", "correo electronico", "email address"]),
    campo("direccion", "Dirección", &["direccion", "domicilio", "address", "direccion domicilio"]),
    campo("ubigeo", "UBIGEO del distrito", &["ubigeo", "codigo ubigeo"]),
    campo(
        "notas",
        "Notas",
        &["notas", "nota", "observaciones", "observacion", "comentarios", "comentario", "notes", "remarks", "comments"],
    ),
];

const MASCOTAS: &[Campo] = &[
    campo(
        "clave",
        "Clave en el otro sistema",
        &[
            "id",
            "codigo",
            "cod",
            "clave",
            "id mascota",
            "codigo mascota",
            "cod mascota",
            "idmascota",
            "id paciente",
            "codigo paciente",
            "historia",
            "nro historia",
            "historia clinica",
            "nro historia clinica",
            "hc",
            "no hc",
            "patient id",
            "pet id",
            "code",
        ],
    ),
    TUTOR_CLAVE,
    TUTOR_DOCUMENTO,
    TUTOR_TELEFONO,
    TUTOR_CORREO,
    campo(
        "nombre",
        "Nombre",
        &[
            "nombre",
            "mascota",
            "paciente",
            "nombre mascota",
            "nombre de la mascota",
            "nombre paciente",
            "nombre del paciente",
            "name",
            "pet",
            "pet name",
            "patient",
            "patient name",
        ],
    ),
    campo("especie", "Especie", &["especie", "tipo", "tipo de mascota", "species", "animal"]),
    campo("raza", "Raza", &["raza", "breed"]),
    campo("sexo", "Sexo", &["sexo", "genero", "sex", "gender"]),
    campo("esterilizado", "Esterilizado", &["esterilizado", "esterilizada", "castrado", "castrada", "neutered", "spayed", "sterilized"]),
    campo(
        "nacimiento",
        "Fecha de nacimiento",
        &[
            "nacimiento",
            "fecha nacimiento",
            "fecha de nacimiento",
            "fec nacimiento",
            "f nacimiento",
            "fecha nac",
            "fec nac",
            "birth date",
            "birthdate",
            "date of birth",
            "dob",
            "birthday",
        ],
    ),
    campo("edad", "Edad", &["edad", "age", "edad aproximada"]),
    campo("color", "Color", &["color", "pelaje", "capa", "colour"]),
    campo("microchip", "Microchip", &["microchip", "chip", "nro microchip", "numero de microchip", "nro chip", "microchip number"]),
    campo("peso_kg", "Peso (kg)", &["peso", "peso kg", "peso actual", "ultimo peso", "kg", "weight", "weight kg"]),
    campo("notas", "Notas", &["notas", "nota", "observaciones", "observacion", "comentarios", "alergias", "notes", "comments"]),
];

const MASCOTA_CLAVE: Campo = campo(
    "mascota_clave",
    "Clave de la mascota en el otro sistema",
    &[
        "id mascota",
        "codigo mascota",
        "cod mascota",
        "idmascota",
        "id paciente",
        "codigo paciente",
        "historia",
        "nro historia",
        "historia clinica",
        "nro historia clinica",
        "hc",
        "no hc",
        "patient id",
        "pet id",
    ],
);
const MICROCHIP: Campo =
    campo("microchip", "Microchip", &["microchip", "chip", "nro microchip", "numero de microchip", "nro chip", "microchip number"]);
const MASCOTA: Campo = campo(
    "mascota",
    "Nombre de la mascota",
    &[
        "mascota",
        "paciente",
        "nombre mascota",
        "nombre de la mascota",
        "nombre paciente",
        "nombre del paciente",
        "pet",
        "pet name",
        "patient",
        "patient name",
        "nombre",
    ],
);
const CLAVE: Campo = campo("clave", "Clave en el otro sistema", &["id", "codigo", "cod", "clave", "code"]);
const FECHA: Campo = campo(
    "fecha",
    "Fecha",
    &[
        "fecha",
        "fecha atencion",
        "fecha de atencion",
        "fecha visita",
        "fecha aplicacion",
        "fecha de aplicacion",
        "fecha peso",
        "fecha cita",
        "fecha hora",
        "fecha y hora",
        "dia",
        "date",
        "visit date",
        "start",
    ],
);
const PROFESIONAL: Campo =
    campo("profesional", "Quién atendió", &["profesional", "medico", "veterinario", "doctor", "atendido por", "vet", "veterinarian"]);

/// What every row about a pet that is there already may say: its own key, and which pet it means.
const DE_MASCOTA: &[Campo] = &[CLAVE, MASCOTA_CLAVE, MICROCHIP, MASCOTA, TUTOR_CLAVE, TUTOR_DOCUMENTO, TUTOR_TELEFONO, TUTOR_CORREO];

const PESOS: &[Campo] = &[FECHA, campo("kg", "Peso (kg)", &["kg", "peso", "peso kg", "weight", "weight kg"])];

const VACUNAS: &[Campo] = &[
    FECHA,
    campo("vacuna", "Vacuna", &["vacuna", "biologico", "producto", "nombre vacuna", "nombre de la vacuna", "vaccine", "vaccine name"]),
    campo("lote", "Lote", &["lote", "nro lote", "numero de lote", "batch", "lot"]),
    campo(
        "proxima",
        "Próxima dosis",
        &["proxima", "proxima dosis", "proxima fecha", "proxima vacuna", "revacunacion", "refuerzo", "next", "next due", "due date"],
    ),
    PROFESIONAL,
    campo("notas", "Notas", &["notas", "nota", "observaciones", "observacion", "comentarios", "notes", "comments"]),
];

const VISITAS: &[Campo] = &[
    FECHA,
    campo("motivo", "Motivo", &["motivo", "motivo consulta", "motivo de consulta", "asunto", "servicio", "reason", "title"]),
    campo(
        "texto",
        "Texto de la visita",
        &[
            "texto",
            "historia",
            "anamnesis",
            "diagnostico",
            "descripcion",
            "detalle",
            "evolucion",
            "notas",
            "observaciones",
            "notes",
            "description",
            "soap",
        ],
    ),
    PROFESIONAL,
];

const CITAS: &[Campo] = &[
    campo("sede", "Sede (código o nombre)", &["sede", "local", "clinica", "sucursal", "branch", "location", "clinic"]),
    campo("servicio", "Servicio (código o nombre)", &["servicio", "tipo cita", "tipo de cita", "service", "appointment type"]),
    campo("medico", "Médico (CMVP o nombre)", &["medico", "veterinario", "doctor", "profesional", "cmvp", "vet", "provider"]),
    FECHA,
    campo("hora", "Hora", &["hora", "hora cita", "hora inicio", "hora de inicio", "time", "start time"]),
    campo("motivo", "Motivo", &["motivo", "notas", "observaciones", "comentario", "reason", "notes"]),
];

/// One of these says which pet a row means.
const UNA_MASCOTA: &[&str] = &["mascota_clave", "microchip", "mascota"];

/// All fields of a kind of file.
pub fn de(tipo: Tipo) -> impl Iterator<Item = &'static Campo> + Clone {
    let (common, own) = match tipo {
        Tipo::Tutores => (&[][..], TUTORES),
        Tipo::Mascotas => (&[][..], MASCOTAS),
        Tipo::Pesos => (DE_MASCOTA, PESOS),
        Tipo::Vacunas => (DE_MASCOTA, VACUNAS),
        Tipo::Visitas => (DE_MASCOTA, VISITAS),
        Tipo::Citas => (DE_MASCOTA, CITAS),
    };
    common.iter().chain(own)
}

/// What has to have a column: of each line, one.
pub fn minimos(tipo: Tipo) -> &'static [&'static [&'static str]] {
    match tipo {
        Tipo::Tutores => &[&["nombres", "nombre_completo"]],
        Tipo::Mascotas => &[&["nombre"], &["especie"], &["tutor_clave", "tutor_documento", "tutor_telefono", "tutor_correo"]],
        Tipo::Pesos => &[UNA_MASCOTA, &["fecha"], &["kg"]],
        Tipo::Vacunas => &[UNA_MASCOTA, &["fecha"], &["vacuna"]],
        Tipo::Visitas => &[UNA_MASCOTA, &["fecha"], &["texto", "motivo"]],
        Tipo::Citas => &[UNA_MASCOTA, &["fecha"], &["servicio"]],
    }
}

/// Finds the columns by their titles: a field takes the column whose title is highest on its list, and none twice.
pub fn adivinar(tipo: Tipo, columnas: &[String]) -> Mapeo {
    // N° and Nº are written as letters.
    let plain: Vec<String> = columnas.iter().map(|columna| text::words(&columna.replace(['°', 'º'], "o")).join(" ")).collect();
    let mut found: Vec<(usize, usize, &Campo)> = Vec::new();
    for campo in de(tipo) {
        for (column, title) in plain.iter().enumerate() {
            found.extend(campo.titulos.iter().position(|known| known == title).map(|rank| (rank, column, campo)));
        }
    }
    found.sort_by_key(|(rank, column, _)| (*rank, *column));
    let mut mapeo = Mapeo::default();
    let mut taken = vec![false; columnas.len()];
    for (_, column, campo) in found {
        if !taken[column] && !mapeo.columnas.contains_key(campo.clave) {
            taken[column] = true;
            mapeo.columnas.insert(campo.clave.to_owned(), columnas[column].clone());
        }
    }
    mapeo
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::spanish(Tipo::Tutores, &["Código", "Apellidos y Nombres", "D.N.I.", "Celular", "E-mail"],
        &[("clave", "Código"), ("correo", "E-mail"), ("documento", "D.N.I."), ("nombre_completo", "Apellidos y Nombres"), ("telefono", "Celular")])]
    #[case::english(Tipo::Tutores, &["Client ID", "First Name", "Last Name", "Phone", "Zodiac"],
        &[("apellidos", "Last Name"), ("clave", "Client ID"), ("nombres", "First Name"), ("telefono", "Phone")])]
    #[case::pets(Tipo::Mascotas, &["N° HC", "Mascota", "Especie", "Fec. Nac.", "DNI Propietario"],
        &[("clave", "N° HC"), ("especie", "Especie"), ("nacimiento", "Fec. Nac."), ("nombre", "Mascota"), ("tutor_documento", "DNI Propietario")])]
    fn columns_are_found_by_their_titles(#[case] tipo: Tipo, #[case] titles: &[&str], #[case] expected: &[(&str, &str)]) {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        let mapeo = adivinar(tipo, &titles);
        let found: Vec<(&str, &str)> = mapeo.columnas.iter().map(|(campo, columna)| (campo.as_str(), columna.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn titles_are_written_as_they_are_compared() {
        for tipo in Tipo::ALL.iter().copied() {
            for campo in de(tipo) {
                for titulo in campo.titulos {
                    assert_eq!(text::words(titulo).join(" "), *titulo, "{}", campo.clave);
                }
            }
            let known = |clave: &&str| de(tipo).any(|campo| campo.clave == *clave);
            assert!(minimos(tipo).iter().all(|line| line.iter().all(known)));
        }
    }
}
