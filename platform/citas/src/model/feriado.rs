//! Holidays: the platform's, and those of a region that a chain adds.
use jiff::civil::Date;
use kernel::{ids::FeriadoId, version::HasVersion};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Un feriado de todas las sedes (`ambito` vacío) o de las de una región (`ambito` = comienzo del UBIGEO).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Feriado {
    /// Solo de los que agregó la cadena; los demás los fija la ley.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<FeriadoId>,
    pub fecha: Date,
    pub ambito: String,
    pub nombre: String,
    pub fuente: String,
}

/// Un feriado que la cadena agrega a los de la plataforma. Las sedes que están en su ámbito cierran ese día, salvo las que
/// atienden feriados y las que tengan una excepción.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoFeriado {
    #[schema(value_type = String, format = "date")]
    pub fecha: Date,
    /// Comienzo del UBIGEO: departamento, provincia o distrito. Vacío: todas las sedes.
    #[schema(pattern = "^([0-9]{2}){0,3}$", example = "04")]
    pub ambito: String,
    #[schema(min_length = 1, max_length = 120, format = "texto")]
    pub nombre: String,
    /// La norma que lo declara, o quién lo decidió.
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub fuente: String,
}

impl NuevoFeriado {
    pub fn con(self, id: FeriadoId) -> Feriado {
        let Self { fecha, ambito, nombre, fuente } = self;
        Feriado { id: Some(id), fecha, ambito, nombre, fuente }
    }
}

impl Feriado {
    /// What a day is already, for whoever would make it one.
    pub fn descrito(&self) -> String {
        let donde =
            if self.ambito.is_empty() { "en todo el país".to_owned() } else { format!("donde el UBIGEO empieza con {}", self.ambito) };
        format!("feriado {donde}: «{}» ({})", self.nombre, self.fuente)
    }
}

impl HasVersion for Feriado {
    fn version(&self) -> i32 {
        1
    }
}
