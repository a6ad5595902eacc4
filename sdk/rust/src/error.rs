//! From what went wrong to what the host does about it.
use crate::{PluginError, Rejection, bindings::host};

impl PluginError {
    /// The other side said no, in its own code and words.
    pub fn rejected(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Rejected(Rejection { code: code.into(), message: message.into(), field: None })
    }
}

/// Whether the request may have arrived decides: only what surely did not is tried again.
impl From<host::http::Error> for PluginError {
    fn from(error: host::http::Error) -> Self {
        use host::http::Error;
        match error {
            Error::Dns | Error::Connect | Error::Tls => Self::RetryLater(None),
            Error::Timeout => Self::Indeterminate("sin respuesta a tiempo".into()),
            Error::TooLarge => Self::Indeterminate("la respuesta es demasiado grande".into()),
            Error::Indeterminate(detail) => Self::Indeterminate(detail),
            Error::Denied(detail) => Self::Internal(detail),
            Error::BudgetExhausted => Self::Internal("demasiadas llamadas HTTP en una invocación".into()),
        }
    }
}

impl From<host::state::Error> for PluginError {
    fn from(error: host::state::Error) -> Self {
        use host::state::Error;
        match error {
            Error::Unavailable | Error::Conflict => Self::RetryLater(None),
            Error::Quota => Self::Internal("no queda espacio para el estado".into()),
        }
    }
}

impl From<host::crypto::Error> for PluginError {
    fn from(error: host::crypto::Error) -> Self {
        use host::crypto::Error;
        match error {
            Error::NoSuchKey => Self::NotAuthorized("falta configurar una clave".into()),
            Error::NotAllowed => Self::Internal("el manifiesto no pide esa clave o ese algoritmo".into()),
            Error::Invalid => Self::InvalidInput("firma o clave mal formada".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::http::Error;

    #[test]
    fn only_what_surely_never_arrived_is_tried_again() {
        for error in [Error::Dns, Error::Connect, Error::Tls] {
            assert_eq!(PluginError::from(error), PluginError::RetryLater(None));
        }
        for error in [Error::Timeout, Error::TooLarge, Error::Indeterminate("x".into())] {
            assert!(matches!(PluginError::from(error), PluginError::Indeterminate(_)));
        }
    }
}
