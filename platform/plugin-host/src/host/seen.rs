//! What a guest asked of its host, for whoever watches: which function, for how long, how it ended. Never what was said.
use crate::{
    bindings::io::huella::plugin::{crypto, state},
    guest::Guest,
};
use std::time::Instant;
use tracing::{Span, field::Empty};

/// Spans within one call. A guest may ask for the time in a loop: beyond these only the measures go on.
const MOST_SPANS: u32 = 64;

/// One call of the host, while it goes on.
pub(crate) struct Seen {
    function: &'static str,
    span: Span,
    began: Instant,
}

/// How a host call ended, in a word that a metric can carry.
pub(crate) trait Ending {
    fn ending(&self) -> &'static str;
}

impl Guest {
    pub fn see(&mut self, function: &'static str) -> Seen {
        self.seen += 1;
        let shown = self.seen <= MOST_SPANS;
        let span = if shown { tracing::info_span!("anfitrion", funcion = function, resultado = Empty, us = Empty) } else { Span::none() };
        Seen { function, span, began: Instant::now() }
    }
}

impl Seen {
    pub fn end(self, ending: &'static str) {
        let took = self.began.elapsed();
        self.span.record("resultado", ending).record("us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        metrics::histogram!("complemento_anfitrion_segundos", "funcion" => self.function, "resultado" => ending).record(took.as_secs_f64());
    }

    /// Passes on what the guest gets.
    pub fn with<T, E: Ending>(self, answer: Result<T, E>) -> wasmtime::Result<Result<T, E>> {
        self.end(answer.as_ref().map_or_else(Ending::ending, |_| "ok"));
        Ok(answer)
    }
}

impl Ending for state::Error {
    fn ending(&self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Quota => "quota",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Ending for crypto::Error {
    fn ending(&self) -> &'static str {
        match self {
            Self::NoSuchKey => "no-such-key",
            Self::NotAllowed => "not-allowed",
            Self::Invalid => "invalid",
        }
    }
}

/// In words for people: of topics that were not asked for, and the like.
impl Ending for String {
    fn ending(&self) -> &'static str {
        "refused"
    }
}
