use super::{Answer, Bench, Report, Settings, Untried, first_attempt, named, providers::forged};
use crate::v0_1::{Kv, Message, NotificationPlugin};
use std::sync::Arc;

/// What a provider may do, and what a channel may then say: never that all is well, and never that it is broken.
fn provider_faults() -> Vec<(&'static str, Answer, &'static [&'static str])> {
    let says = |status: u16, body: &str| Answer::Says { status, body: body.into() };
    let unsure: &[&str] = &["indeterminate"];
    let any: &[&str] = &["rejected", "not_authorized", "invalid_input", "retry_later", "indeterminate"];
    vec![
        ("no responde", Answer::Silent, unsure),
        ("responde a medias", Answer::Cut, unsure),
        ("responde 200 y algo que no se entiende", says(200, "<html>"), unsure),
        ("responde 200 y nada", says(200, ""), unsure),
        ("responde 401", says(401, "{}"), &["not_authorized"]),
        ("responde 429", says(429, "{}"), &["retry_later"]),
        ("responde 502 sin decir nada", says(502, "Bad gateway"), unsure),
        ("responde 302", says(302, ""), any),
        ("responde 400 y un mega", says(400, &"x".repeat(1 << 20)), any),
    ]
}

pub(super) async fn run(report: &mut Report, bench: &Bench, settings: &Settings) -> Result<(), Untried> {
    let fresh = || bench.install(settings).and_then(|installed| installed.notifications().map_err(|error| Untried::World(error.0)));
    let first = fresh()?;
    for (name, answer, allowed) in provider_faults() {
        let channel = fresh()?;
        if faulty(report, bench, &channel, (name, answer, allowed)).await.is_none() {
            return Ok(());
        }
    }
    if once(report, bench, &fresh()?).await.is_some() {
        let _ = webhooks(report, &first).await;
    }
    Ok(())
}

async fn faulty(
    report: &mut Report,
    bench: &Bench,
    channel: &Arc<dyn NotificationPlugin>,
    (name, answer, allowed): (&str, Answer, &[&str]),
) -> Option<()> {
    bench.provider.set(vec![answer]);
    let run = channel.send(first_attempt(report.effort.patience_ms), message()).await;
    let got = named(&run.result);
    let detail = run.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    // A provider that never answers ends the call by the host's own clock, which says the same: nobody knows.
    let fits = allowed.contains(&got) || (got == "timeout" && run.may_have_happened());
    report.add(name, if fits { Ok(()) } else { Err(format!("dio {got} {detail}")) }, &run.corrida)
}

/// After a doubt, nothing is sent again but what the provider itself would know for the same by its key.
async fn once(report: &mut Report, bench: &Bench, channel: &Arc<dyn NotificationPlugin>) -> Option<()> {
    bench.provider.set(vec![Answer::Cut]);
    let mut context = first_attempt(15_000);
    channel.send(context.clone(), message()).await;
    let sent = bench.provider.asked().len();
    context.attempt = 1;
    let again = channel.send(context.clone(), message()).await;
    let keyless = bench.provider.asked().iter().skip(sent).filter(|request| !request.contains(&context.idempotency_key)).count();
    let outcome = if keyless == 0 { Ok(()) } else { Err("volvió a enviar sin la clave de idempotencia".to_owned()) };
    report.add("una respuesta perdida y un segundo intento", outcome, &again.corrida)
}

async fn webhooks(report: &mut Report, channel: &Arc<dyn NotificationPlugin>) -> Option<()> {
    for (name, message) in forged() {
        let run = channel.handle_webhook(first_attempt(15_000), message).await;
        let refused = run.result.as_ref().is_err_and(|failure| failure.outcome.is_answer());
        let got = run.corrida.resultado.name();
        report.add(format!("un aviso {name}"), if refused { Ok(()) } else { Err(format!("dio {got}")) }, &run.corrida)?;
    }
    Some(())
}

fn message() -> Message {
    let vars = [("nombre", "Rosa"), ("mascota", "Luna"), ("hora", "10:30")];
    let vars = vars.map(|(key, value)| Kv { key: key.into(), value: value.into() }).into();
    Message { to: "+51987654321".into(), template: "recordatorio_cita".into(), vars, text: "Mañana a las 10:30".into() }
}
