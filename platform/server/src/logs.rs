//! What the process says: JSON lines for machines, text for a person at a terminal, spans for OTLP.
use crate::{config::Log, http::trace};
use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Writes what is left when it is dropped: hold it until the end of `main`.
#[must_use]
pub struct Guard {
    buffer: Arc<Buffer>,
    spans: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(spans) = &self.spans {
            let _ = spans.shutdown();
        }
        self.buffer.flush();
    }
}

/// Installs the subscriber of the process. Levels were checked with the configuration.
pub fn install(log: &Log) -> Guard {
    let levels: Targets = log.nivel.parse().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO));
    let buffer = Buffer::start();
    let json = match log.formato.as_str() {
        "json" => true,
        "texto" => false,
        _ => !io::stdout().is_terminal(),
    };
    let out = buffer.clone();
    let lines = fmt::layer().with_ansi(io::stdout().is_terminal()).with_writer(move || Line(out.clone()));
    let lines = if json { lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed() } else { lines.boxed() };
    // Spans are for the collector alone: in the lines they would cost a lookup each.
    let lines = lines.with_filter(levels.clone().with_target("traza", tracing::level_filters::LevelFilter::OFF));
    let spans = log.otlp.as_deref().and_then(exporter);
    let collect = spans.as_ref().map(|provider| {
        use opentelemetry::trace::TracerProvider;
        trace::collect_spans();
        // How much is logged says nothing about traces: whoever names a collector wants them.
        let levels = levels.with_target("traza", tracing::Level::INFO);
        tracing_opentelemetry::layer().with_tracer(provider.tracer("huella")).with_filter(levels)
    });
    let _ = tracing_subscriber::registry().with(lines).with(collect).try_init();
    Guard { buffer, spans }
}

/// Lines on their way out. A request must not wait for a terminal or a full pipe, so one thread writes them in
/// bunches; when it cannot keep up, lines are dropped and counted.
struct Buffer {
    lines: Mutex<Pending>,
    wake: Condvar,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    dropped: u64,
}

const FULL: usize = 8 << 20;

impl Buffer {
    fn start() -> Arc<Self> {
        let buffer = Arc::new(Self { lines: Mutex::default(), wake: Condvar::new() });
        let mine = buffer.clone();
        let run = move || {
            loop {
                let pending = mine.lines.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = mine.wake.wait_timeout_while(pending, Duration::from_secs(3_600), |pending| pending.bytes.is_empty());
                drop(waited);
                // A moment for more lines, so that a busy server writes once for many.
                std::thread::sleep(Duration::from_millis(5));
                mine.flush();
            }
        };
        if std::thread::Builder::new().name("registro".into()).stack_size(128 << 10).spawn(run).is_err() {
            eprintln!("no se pudo iniciar el hilo del registro");
        }
        buffer
    }

    fn push(&self, line: &[u8]) {
        let mut pending = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.bytes.len() + line.len() > FULL {
            pending.dropped += 1;
            return;
        }
        let first = pending.bytes.is_empty();
        pending.bytes.extend_from_slice(line);
        drop(pending);
        if first {
            self.wake.notify_one();
        }
    }

    fn flush(&self) {
        // Standard output is taken first, so that two flushes write in the order in which they took.
        let mut out = io::stdout().lock();
        let pending = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = out.write_all(&pending.bytes);
        if pending.dropped > 0 {
            let _ = writeln!(out, "{{\"level\":\"WARN\",\"message\":\"log lines dropped\",\"lines\":{}}}", pending.dropped);
        }
        let _ = out.flush();
    }
}

/// The subscriber writes one event with one call.
struct Line(Arc<Buffer>);

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn exporter(endpoint: &str) -> Option<opentelemetry_sdk::trace::SdkTracerProvider> {
    use opentelemetry_otlp::{SpanExporter, WithExportConfig};
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(url).with_timeout(Duration::from_secs(5)).build();
    let handle = tokio::runtime::Handle::try_current();
    match (exporter, handle) {
        (Ok(exporter), Ok(handle)) => {
            let resource = opentelemetry_sdk::Resource::builder().with_service_name("huella").build();
            let exporter = OnRuntime { exporter: Arc::new(exporter), handle };
            Some(opentelemetry_sdk::trace::SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
        }
        _ => {
            eprintln!("registro.otlp: no se pueden enviar trazas");
            None
        }
    }
}

/// The batch processor exports from a thread of its own; the HTTP client wants our runtime.
#[derive(Debug)]
struct OnRuntime {
    exporter: Arc<opentelemetry_otlp::SpanExporter>,
    handle: tokio::runtime::Handle,
}

impl opentelemetry_sdk::trace::SpanExporter for OnRuntime {
    async fn export(&self, batch: Vec<opentelemetry_sdk::trace::SpanData>) -> opentelemetry_sdk::error::OTelSdkResult {
        let exporter = self.exporter.clone();
        let sent = self.handle.spawn(async move { exporter.export(batch).await });
        sent.await.unwrap_or_else(|error| Err(opentelemetry_sdk::error::OTelSdkError::InternalFailure(error.to_string())))
    }

    /// Who the spans are of. Told once, before anything is exported: nobody else holds the exporter yet.
    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}
