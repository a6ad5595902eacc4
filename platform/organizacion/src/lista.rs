//! How a list is asked for.
use kernel::{Cursor, Problem, page};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

/// A list without filters of its own.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Lista {
    /// El valor `siguiente` de la página anterior.
    cursor: Option<String>,
    /// Cuántas por página.
    #[param(minimum = 1, maximum = 200)]
    limite: Option<i64>,
}

impl Lista {
    pub fn read<K: DeserializeOwned>(&self) -> Result<(Option<K>, i64), Problem> {
        read_list(self.cursor.as_deref(), self.limite)
    }
}

/// Where the page starts and how long it is.
pub fn read_list<K: DeserializeOwned>(cursor: Option<&str>, limite: Option<i64>) -> Result<(Option<K>, i64), Problem> {
    Ok((Cursor::decode(cursor)?, page::limit(limite)?))
}
