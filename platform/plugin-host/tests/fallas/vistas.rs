//! What whoever watches a host sees of a call: one span, one within it for each thing that the guest asked, measures of both,
//! and nothing of what was said.
use crate::{
    codigo::{check, data},
    mundo::Mundo,
};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex},
};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*, registry::LookupSpan};

#[derive(Debug, Default, Clone)]
struct Vista {
    name: &'static str,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Vista {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

#[derive(Default)]
struct Visto {
    /// In the order in which they began.
    spans: Vec<(u64, Vista)>,
    /// Names and labels of what was measured.
    measured: Vec<String>,
}

#[derive(Clone, Default)]
struct Testigo(Arc<Mutex<Visto>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Testigo {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent().map(|parent| parent.name()));
        let mut vista = Vista { name: attributes.metadata().name(), parent, ..Vista::default() };
        attributes.record(&mut vista);
        self.0.lock().expect("whole").spans.push((id.into_u64(), vista));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut seen = self.0.lock().expect("whole");
        let known = seen.spans.iter_mut().rev().find(|(known, _)| *known == id.into_u64());
        values.record(&mut known.expect("a span that began").1);
    }
}

impl Recorder for Testigo {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        self.0.lock().expect("whole").measured.push(format!("{} {}", key.name(), labels.join(" ")));
        Histogram::noop()
    }
}

const IMPORTS: &str = r#"
    (import "huella:plugin/state@0.1.0" "get" (func $get (param i32 i32 i32)))
    (import "huella:plugin/clock@0.1.0" "now-unix-ms" (func $now (result i64)))
    (import "huella:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;
const TEXT: &str = "algo que nadie debe ver";

#[tokio::test]
async fn one_span_for_a_call_and_one_for_each_thing_that_it_asks() {
    let body = format!(
        "(local $n i32) (call $get (i32.const 1024) (i32.const {0}) (i32.const 256))
        (call $log (i32.const 1) (i32.const 1024) (i32.const {0}) (i32.const 0) (i32.const 0))
        (loop $l (drop (call $now)) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 500))))
        (call $ok)",
        TEXT.len()
    );
    let module = check(IMPORTS, &body).replacen("(global $top", &format!("{} (global $top", data(1024, TEXT)), 1);
    let channel = Mundo::new().channel(&module, json!({}), None).await;
    let testigo = Testigo::default();
    let subscriber = tracing_subscriber::registry().with(testigo.clone());
    let (watching, measuring) = (tracing::subscriber::set_default(subscriber), metrics::set_default_local_recorder(&testigo));
    let run = channel.check().await;
    drop((watching, measuring));
    assert!(run.result.is_ok(), "{run:?}");

    let Visto { spans, measured } = std::mem::take(&mut *testigo.0.lock().expect("whole"));
    let ours: Vec<Vista> =
        spans.into_iter().map(|(_, vista)| vista).filter(|one| ["complemento", "anfitrion"].contains(&one.name)).collect();
    let [call, within @ ..] = &ours[..] else { panic!("no span") };
    assert_eq!((call.name, call.parent), ("complemento", None));
    let field = |name: &str| call.fields.get(name).map(|text| text.trim_matches('"'));
    assert_eq!((field("id"), field("version"), field("operacion")), (Some("pe.prueba.falla"), Some("1.0.0"), Some("check")));
    assert_eq!(field("resultado"), Some("ok"));
    for limit in ["reloj_pct", "cpu_pct", "memoria_pct", "llamadas_pct", "lineas_pct"] {
        let used: f64 = field(limit).expect(limit).parse().expect("a share");
        assert!((0.0..=100.0).contains(&used), "{limit} {used}");
    }
    assert_eq!(field("lineas_pct"), Some("1.0"));
    assert_eq!(within.len(), 64, "beyond so many a guest that asks in a loop is only measured");
    assert!(within.iter().all(|one| one.parent == Some("complemento")));
    let asked: Vec<_> = within.iter().take(3).map(|one| (one.fields["funcion"].as_str(), one.fields["resultado"].as_str())).collect();
    assert_eq!(asked, [("\"state.get\"", "\"quota\""), ("\"log.write\"", "\"ok\""), ("\"clock.now-unix-ms\"", "\"ok\"")]);
    assert!(within.iter().all(|one| one.fields["us"].parse::<u64>().is_ok()));
    assert!(!format!("{ours:?}").contains(TEXT));

    let count = |what: &str| measured.iter().filter(|one| *one == what).count();
    assert_eq!(count("complemento_segundos mundo=notification operacion=check resultado=ok"), 1, "{measured:?}");
    assert_eq!(count("complemento_anfitrion_segundos funcion=state.get resultado=quota"), 1, "{measured:?}");
    assert_eq!(count("complemento_anfitrion_segundos funcion=clock.now-unix-ms resultado=ok"), 500);
}
