//! W3C trace context: the id under which a request is found in log, answer, audit and trace.
use axum::{
    extract::MatchedPath,
    http::{HeaderMap, Method},
};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Whether anybody collects spans. Off, a request makes none.
static SPANS: AtomicBool = AtomicBool::new(false);

pub fn collect_spans() {
    SPANS.store(true, Ordering::Relaxed);
}

/// Trace of one request.
#[derive(Debug, Clone)]
pub struct Trace {
    /// 32 hex digits.
    pub id: Arc<str>,
    /// The caller's span, if it sent one.
    caller: Option<(TraceId, SpanId, u8)>,
    span: u64,
}

impl Trace {
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get("traceparent").and_then(|value| value.to_str().ok()).and_then(parse);
        // One draw of random bits serves trace and span: they only have to differ from those of others.
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        let span = high.rotate_left(32) ^ low | 1;
        let id: Arc<str> = match &given {
            Some((trace, ..)) => trace.to_string().into(),
            None => format!("{high:016x}{low:016x}").into(),
        };
        Self { id, caller: given, span }
    }

    /// `traceparent` of the answer.
    pub fn parent(&self) -> String {
        format!("00-{}-{:016x}-{:02x}", self.id, self.span, self.caller.map_or(0, |(_, _, flags)| flags))
    }

    /// A span to collect, child of the caller's.
    pub fn span(&self, method: &Method, route: Option<&MatchedPath>) -> Option<tracing::Span> {
        if !SPANS.load(Ordering::Relaxed) {
            return None;
        }
        let ruta = route.map_or("-", MatchedPath::as_str);
        let span = tracing::info_span!(target: "traza", "solicitud", otel.name = format!("{method} {ruta}"), otel.kind = "server", traza = &*self.id);
        // Without a caller the trace takes our id, so that log and trace are found by the same one.
        let parent = match self.caller {
            Some((trace, span, flags)) => SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::NONE),
            None => {
                let trace = TraceId::from_hex(&self.id).unwrap_or(TraceId::INVALID);
                SpanContext::new(trace, SpanId::from_bytes(self.span.to_be_bytes()), TraceFlags::SAMPLED, true, TraceState::NONE)
            }
        };
        let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
        Some(span)
    }
}

/// `00-<trace>-<span>-<flags>`, all lower-case hex, neither id all zeros.
fn parse(text: &str) -> Option<(TraceId, SpanId, u8)> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if !hex(version, 2) || version == "ff" || !hex(trace, 32) || !hex(span, 16) || !hex(flags, 2) {
        return None;
    }
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    (trace != TraceId::INVALID && span != SpanId::INVALID).then_some((trace, span, u8::from_str_radix(flags, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(text: &'static str) -> Trace {
        Trace::of(&HeaderMap::from_iter([(axum::http::HeaderName::from_static("traceparent"), HeaderValue::from_static(text))]))
    }

    #[test]
    fn a_valid_trace_is_continued_and_anything_else_starts_a_new_one() {
        assert_eq!(&*of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").id, "4bf92f3577b34da6a3ce929d0e0e4736");
        for broken in [
            "",
            "00-x-y-z",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        ] {
            let trace = of(broken);
            assert!(trace.id.len() == 32 && &*trace.id != "4bf92f3577b34da6a3ce929d0e0e4736", "{broken}");
            assert!(parse(&trace.parent()).is_some(), "{}", trace.parent());
        }
    }
}
