//! Lists by cursor: opaque to the client, a key of the last row to us.
use crate::{FieldError, Problem};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Una página de una lista.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pase este valor en `cursor` para la página siguiente; ausente en la última.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub siguiente: Option<String>,
}

impl<T> Page<T> {
    /// From at most `limit + 1` rows: the extra one only says that there is more.
    pub fn from_rows<K: Serialize>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let siguiente = if rows.len() > limit {
            rows.truncate(limit);
            rows.last().map(|last| Cursor::encode(&key(last)))
        } else {
            None
        };
        Self { items: rows, siguiente }
    }
}

/// The position after which a page starts.
pub struct Cursor;

impl Cursor {
    pub fn encode<K: Serialize>(key: &K) -> String {
        B64.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// A cursor that this API did not make is the client's mistake: 422.
    pub fn decode<K: DeserializeOwned>(text: Option<&str>) -> Result<Option<K>, Problem> {
        let Some(text) = text else { return Ok(None) };
        // PostgreSQL's text cannot hold U+0000, which no list of ours ends with.
        let bytes = B64.decode(text).ok().filter(|bytes| !bytes.windows(6).any(|six| six == br"\u0000"));
        let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        key.map(Some).ok_or_else(|| Problem::invalid(vec![FieldError::new("?cursor", "no es un cursor de esta lista")]))
    }
}

/// Which page of a list without filters of its own.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Pagina {
    /// El valor `siguiente` de la página anterior.
    pub cursor: Option<String>,
    /// De 1 a 200; 50 si falta.
    #[param(minimum = 1, maximum = 200)]
    pub limite: Option<i64>,
}

impl Pagina {
    /// Where it starts and how long it is.
    pub fn read<K: DeserializeOwned>(&self) -> Result<(Option<K>, i64), Problem> {
        read(self.cursor.as_deref(), self.limite)
    }
}

/// Where a page starts and how long it is, of a list that has filters beside.
pub fn read<K: DeserializeOwned>(cursor: Option<&str>, limite: Option<i64>) -> Result<(Option<K>, i64), Problem> {
    Ok((Cursor::decode(cursor)?, limit(limite)?))
}

/// Largest page of any list.
pub const MAX: i64 = 200;
/// Page size when the client does not say.
pub const DEFAULT: i64 = 50;

/// The page size that a client asked for; 422 outside 1 to [`MAX`].
pub fn limit(limite: Option<i64>) -> Result<i64, Problem> {
    match limite {
        None => Ok(DEFAULT),
        Some(limit) if (1..=MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::invalid(vec![FieldError::new("?limite", "debe estar entre 1 y 200")])),
    }
}
