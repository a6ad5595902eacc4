//! How a table leaves with the full export of a chain, and how it comes into another instance. Who owns a table declares
//! it; a test knows of every table that nobody declared.
use serde_json::{Map, Value};

/// A row as the export has it: columns by name, without the tenant, what is personal in clear.
pub type Row = Map<String, Value>;

/// A table of a chain.
#[derive(Debug, Clone, Copy)]
pub struct Tabla {
    pub nombre: &'static str,
    /// Its primary key behind the tenant: the order of its rows.
    pub clave: &'static [&'static str],
    /// Each row is a person with a key of their own, unless this column says that they were forgotten.
    pub persona: Option<Persona>,
    /// Columns that are encrypted under a person's key.
    pub sellos: &'static [Sello],
    /// Columns that stay behind: secrets, and what follows from other columns.
    pub omite: &'static [&'static str],
    /// Columns that are written when all rows are in: they would meet rules that were kept when they were written.
    pub luego: &'static [&'static str],
    /// States that mean something only within an instance, and as what they leave.
    pub pasajeros: &'static [Pasajero],
    /// Which of its rows leave.
    pub donde: Option<&'static str>,
    /// Columns that name a file in the store.
    pub archivos: &'static [&'static str],
    /// Its JSON holds values under persons' keys, as the audit's does.
    pub sellado_en_json: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Persona {
    pub columna: &'static str,
    pub olvidada: Option<&'static str>,
}

/// A state that ends by itself, or by what stays behind: a time that is offered, a message on its way.
#[derive(Debug, Clone, Copy)]
pub struct Pasajero {
    pub columna: &'static str,
    pub aqui: &'static str,
    pub fuera: &'static str,
}

/// A column under the key of the person that another column names.
#[derive(Debug, Clone, Copy)]
pub struct Sello {
    pub columna: &'static str,
    pub persona: &'static str,
    /// The field for which it is sealed, and its name in the export.
    pub campo: &'static str,
    pub indices: &'static [Indice],
}

/// A blind index beside a sealed column. The export says whether there was one; it is made anew from the value.
#[derive(Debug, Clone, Copy)]
pub struct Indice {
    pub columna: &'static str,
    pub clase: &'static str,
    pub normal: fn(&Row) -> Option<String>,
}

impl Tabla {
    pub const fn new(nombre: &'static str, clave: &'static [&'static str]) -> Self {
        Self {
            nombre,
            clave,
            persona: None,
            sellos: &[],
            omite: &[],
            luego: &[],
            pasajeros: &[],
            donde: None,
            archivos: &[],
            sellado_en_json: false,
        }
    }

    /// A row in states that hold anywhere.
    pub fn asentada(&self, mut row: Row) -> Row {
        for pasajero in self.pasajeros {
            if let Some(state) = row.get_mut(pasajero.columna).filter(|state| **state == *pasajero.aqui) {
                *state = Value::from(pasajero.fuera);
            }
        }
        row
    }
}

impl Pasajero {
    pub const fn new(columna: &'static str, aqui: &'static str, fuera: &'static str) -> Self {
        Self { columna, aqui, fuera }
    }
}

/// A field of a row that is a text.
pub fn text<'a>(row: &'a Row, campo: &str) -> Option<&'a str> {
    row.get(campo).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_of_minutes_leaves_as_the_one_it_goes_back_to() {
        const OFRECIDA: &[Pasajero] = &[Pasajero::new("estado", "ofrecida", "activa")];
        let tabla = Tabla { pasajeros: OFRECIDA, ..Tabla::new("esperas", &["id"]) };
        let state = |estado: Value| {
            let row = tabla.asentada(Row::from_iter([("estado".to_owned(), estado), ("nota".to_owned(), json!("ofrecida"))]));
            (row["estado"].clone(), row["nota"].clone())
        };
        assert_eq!(state(json!("ofrecida")), (json!("activa"), json!("ofrecida")));
        assert_eq!(state(json!("cumplida")).0, "cumplida");
        assert_eq!(state(Value::Null).0, Value::Null);
    }
}
