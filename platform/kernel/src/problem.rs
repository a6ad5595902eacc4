//! The one error an HTTP client can see (RFC 9457).
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::borrow::Cow;

/// A kind of problem: a stable name that clients branch on, its status and its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub slug: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
}

/// Declares the kinds of problem of one crate, and the list of them for the documentation and its snapshot.
#[macro_export]
macro_rules! problems {
    ($($name:ident = $status:ident, $slug:literal, $title:literal;)*) => {
        $(pub const $name: $crate::Kind = $crate::Kind { slug: $slug, status: axum::http::StatusCode::$status, title: $title };)*
        pub const ALL: &[$crate::Kind] = &[$($name),*];
    };
}

/// Problems that any endpoint can have.
pub mod kinds {
    problems! {
        MALFORMED = BAD_REQUEST, "solicitud-malformada", "La solicitud no se puede leer";
        INVALID = UNPROCESSABLE_ENTITY, "datos-invalidos", "Hay datos por corregir";
        UNAUTHENTICATED = UNAUTHORIZED, "sin-sesion", "Falta iniciar sesión";
        TWO_CREDENTIALS = BAD_REQUEST, "dos-credenciales", "Solo se admite una credencial por solicitud";
        FORBIDDEN = FORBIDDEN, "sin-permiso", "Sin permiso";
        LOCKED = LOCKED, "sesion-bloqueada", "La sesión está bloqueada: escriba su PIN";
        ENROL_FIRST = FORBIDDEN, "falta-segundo-factor", "Primero active el segundo factor";
        MODULE_OFF = FORBIDDEN, "modulo-desactivado", "La cadena no usa este módulo";
        NOT_FOUND = NOT_FOUND, "no-encontrado", "No encontrado";
        METHOD = METHOD_NOT_ALLOWED, "metodo-no-permitido", "Método no permitido";
        STALE = PRECONDITION_FAILED, "version-cambiada", "Alguien lo cambió antes";
        IF_MATCH = PRECONDITION_REQUIRED, "falta-if-match", "Falta la versión que se quiere cambiar";
        TOO_LARGE = PAYLOAD_TOO_LARGE, "solicitud-muy-grande", "La solicitud es muy grande";
        MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "tipo-de-contenido", "Tipo de contenido no admitido";
        TOO_MANY = TOO_MANY_REQUESTS, "demasiados-intentos", "Demasiados intentos";
        TOO_FAST = TOO_MANY_REQUESTS, "demasiadas-solicitudes", "Demasiadas solicitudes";
        IN_PROGRESS = CONFLICT, "solicitud-en-curso", "La misma solicitud está en curso";
        KEY_REUSED = UNPROCESSABLE_ENTITY, "clave-reutilizada", "La clave de idempotencia ya se usó con otros datos";
        DUPLICATE = CONFLICT, "ya-existe", "Ya existe";
        REFERENCED = UNPROCESSABLE_ENTITY, "referencia-inexistente", "Algo a lo que se refiere no existe";
        TIMEOUT = REQUEST_TIMEOUT, "tiempo-agotado", "La solicitud tardó demasiado";
        UNAVAILABLE = SERVICE_UNAVAILABLE, "no-disponible", "Servicio no disponible por el momento";
        INTERNAL = INTERNAL_SERVER_ERROR, "interno", "Error interno";
    }
}

/// One wrong field. `pointer` is a JSON pointer into the body (`/tutor/telefono`), `?name` for a query
/// parameter, `{name}` for a part of the path, or a header's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    pub pointer: Cow<'static, str>,
    pub detail: Cow<'static, str>,
}

impl FieldError {
    pub fn new(pointer: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Respuesta de error según RFC 9457 (`application/problem+json`).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem(#[schema(inline)] Box<Inner>);

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Inner {
    /// Nombre estable del problema: los clientes deciden según este valor.
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    #[serde(serialize_with = "status_code")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// Explicación para personas.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Cow<'static, str>>,
    /// Todos los campos por corregir.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// Identificador de traza, para pedir ayuda.
    #[serde(skip_serializing_if = "Option::is_none")]
    traza: Option<String>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    extra: serde_json::Map<String, serde_json::Value>,
    #[serde(skip)]
    retry_after: Option<u64>,
    #[serde(skip)]
    lost_race: bool,
}

fn status_code<S: serde::Serializer>(status: &StatusCode, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_u16(status.as_u16())
}

tokio::task_local! {
    /// Trace id of the request being served; set by the server's outermost layer.
    pub static TRACE: std::sync::Arc<str>;
}

/// The trace id that the client is told, so that a line can be found by it; empty outside a request.
pub fn trace() -> std::sync::Arc<str> {
    TRACE.try_with(Clone::clone).unwrap_or_default()
}

impl Problem {
    pub fn new(kind: Kind) -> Self {
        Self(Box::new(Inner {
            kind: format!("/problemas/{}", kind.slug),
            title: kind.title,
            status: kind.status,
            detail: None,
            errors: Vec::new(),
            traza: None,
            extra: serde_json::Map::new(),
            retry_after: None,
            lost_race: false,
        }))
    }
    pub fn detail(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(text.into());
        self
    }
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }
    /// An extension member, beside the standard ones.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.extra.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }
    /// Seconds after which trying again makes sense.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }
    /// A deadlock or serialization failure: the same again may well succeed.
    pub fn is_lost_race(&self) -> bool {
        self.0.lost_race
    }
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn not_found() -> Self {
        Self::new(kinds::NOT_FOUND)
    }
    pub fn forbidden() -> Self {
        Self::new(kinds::FORBIDDEN)
    }
    pub fn unauthenticated() -> Self {
        Self::new(kinds::UNAUTHENTICATED)
    }
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(kinds::INVALID).errors(errors)
    }
    pub fn field(pointer: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, detail)])
    }
    /// A fault of ours: the cause goes to the log, never to the client.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, traza = %trace(), "internal error");
        Self::new(kinds::INTERNAL)
    }
    /// `Ok` if there are no errors, else the 422 that names them all.
    pub fn check(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::invalid(errors)) }
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        self.0.traza = TRACE.try_with(|trace| trace.to_string()).ok();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.0.status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The cause goes to the log, never to the client: PostgreSQL's texts carry values of rows.
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::PoolTimedOut | E::PoolClosed | E::Io(_) | E::WorkerCrashed | E::BeginFailed => {
                tracing::error!(%error, traza = %trace(), "database unavailable");
                Self::new(kinds::UNAVAILABLE).retry_after(2)
            }
            E::Database(db) => from_database(db.as_ref()),
            _ => Self::internal(error),
        }
    }
}

fn from_database(db: &dyn sqlx::error::DatabaseError) -> Problem {
    let code = db.code().unwrap_or_default();
    match code.as_ref() {
        // statement or lock timeout, cannot connect, shutting down, read-only after a fail-over, lost races
        "57014" | "55P03" | "53300" | "57P01" | "57P02" | "57P03" | "25006" | "40001" | "40P01" => {
            tracing::error!(code = %code, traza = %trace(), "database unavailable");
            let mut problem = Problem::new(kinds::UNAVAILABLE).retry_after(2);
            problem.0.lost_race = matches!(code.as_ref(), "40001" | "40P01");
            problem
        }
        // A value beyond what a column holds: checks before should have named its field.
        "22003" | "22007" | "22008" | "22021" | "22023" | "22P05" => {
            tracing::warn!(code = %code, table = db.table(), traza = %trace(), "database refused a value");
            Problem::new(kinds::INVALID).detail("Un valor está fuera de lo que se puede guardar.")
        }
        "23503" => Problem::new(kinds::REFERENCED),
        "23505" => Problem::new(kinds::DUPLICATE),
        // row-level security said no to a write: that row is of another chain or sede
        "42501" => {
            tracing::warn!(code = %code, traza = %trace(), "row-level security refused a write");
            Problem::forbidden()
        }
        _ => {
            tracing::error!(code = %code, constraint = db.constraint(), table = db.table(), message = db.message(), traza = %trace(), "database error");
            Problem::new(kinds::INTERNAL)
        }
    }
}

/// Turns a named database constraint into the domain's own problem.
pub trait OnConstraint<T> {
    fn on_constraint(self, name: &str, problem: impl FnOnce() -> Problem) -> Result<T, Problem>;
}
impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, problem: impl FnOnce() -> Problem) -> Result<T, Problem> {
        self.map_err(|error| match error.as_database_error() {
            Some(db) if db.constraint() == Some(name) => problem(),
            _ => error.into(),
        })
    }
}
