//! `conformance`: what every plugin of a world has to bear, whatever it does.
use super::{
    banco::{Ajustes, Banco, usage},
    casos::{Report, first_attempt, wanted},
    proveedor::{Falla, Proveedor, Respuesta},
    wait,
};
use anyhow::{Context, Result, bail};
use plugin_host::{
    FACTS, Outcome, Run,
    manifest::World,
    v0_1::{Alert, AlertPlugin, HttpMessage, Kv, Message, Moment, NotificationPlugin},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf, process::ExitCode, sync::Arc};

#[derive(clap::Args)]
pub struct Options {
    component: PathBuf,
    /// Configuración, secretos y claves con que se prueba, en JSON: {"config": {}, "secretos": {}, "claves": {}}.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Hechos con que se prueba una regla, si no bastan los de la herramienta.
    #[arg(long)]
    facts: Option<PathBuf>,
}

const REPEATS: usize = 1_000;

pub fn run(options: &Options) -> Result<ExitCode> {
    let read = |path: &PathBuf| fs::read_to_string(path).with_context(|| path.display().to_string());
    let ajustes: Ajustes = match &options.settings {
        Some(path) => serde_json::from_str(&read(path)?).with_context(|| path.display().to_string())?,
        None => Ajustes::default(),
    };
    let facts = options.facts.as_ref().map_or_else(|| Ok(FACTS.to_owned()), read)?;
    let facts: Value = serde_json::from_str(&facts).context("los hechos")?;
    let failed = wait(async {
        let provider = Proveedor::start().await?;
        let banco = Banco::open(&options.component, Some(provider.address)).await?;
        match banco.plugin().world() {
            World::Alerts => rule(&*banco.install(&ajustes)?.alerts()?, &facts).await,
            World::Notification => channel(&banco, &provider, &ajustes).await,
            world => bail!("todavía no hay conformidad para el mundo {world}"),
        }
    })?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A rule on facts of all kinds.
struct Rule<'a> {
    rule: &'a dyn AlertPlugin,
    trigger: String,
    wanted: Vec<String>,
}

impl Rule<'_> {
    async fn evaluate(&self, facts: &Value, today: &str) -> Run<Vec<Alert>> {
        let at = Moment { unix_ms: 0, today: today.to_owned() };
        self.rule.evaluate(&self.trigger, facts, &self.wanted, at).await
    }
}

async fn rule(rule: &dyn AlertPlugin, facts: &Value) -> Result<usize> {
    let mut report = Report::default();
    let described = rule.describe().await.result?;
    let first = described.first().context("la regla no quiere saber de nada")?;
    let wanted = wanted(rule, &first.trigger).await?;
    let rule = Rule { rule, trigger: first.trigger.clone(), wanted };
    determinism(&mut report, &rule, facts).await?;
    missing(&mut report, &rule, facts).await;
    budget(&mut report, &rule, facts).await;
    strange(&mut report, &rule, facts).await;
    Ok(report.close())
}

async fn determinism(report: &mut Report, rule: &Rule<'_>, facts: &Value) -> Result<()> {
    let first = rule.evaluate(facts, "2026-11-27").await;
    let expected = first.result?;
    let mut different = 0;
    for _ in 1..REPEATS {
        let again = rule.evaluate(facts, "2026-11-27").await;
        different += usize::from(again.result.as_ref() != Ok(&expected));
    }
    let outcome = if different == 0 { Ok(()) } else { Err(format!("{different} de {REPEATS} veces dio otra cosa")) };
    report.add(&format!("lo mismo {REPEATS} veces"), outcome, &first.corrida);
    let unexplained = expected.iter().filter(|alert| alert.detail.is_empty() || alert.evidence.is_empty() || alert.dedup_key.is_empty());
    let names: Vec<&str> = unexplained.map(|alert| &*alert.rule_id).collect();
    let outcome = if names.is_empty() { Ok(()) } else { Err(format!("no dicen por qué: {}", names.join(", "))) };
    report.add(&format!("cada una de {} alertas dice por qué", expected.len()), outcome, &first.corrida);
    let nowhere = expected.iter().flat_map(|alert| &alert.evidence).filter(|pointer| facts.pointer(pointer).is_none()).count();
    let outcome = if nowhere == 0 { Ok(()) } else { Err(format!("{nowhere} hechos citados no existen")) };
    report.add("los hechos citados existen", outcome, &first.corrida);
    Ok(())
}

/// Whatever is left out, it answers.
async fn missing(report: &mut Report, rule: &Rule<'_>, facts: &Value) {
    let names: Vec<String> =
        facts.as_object().into_iter().flatten().map(|(name, _)| name.clone()).filter(|name| name != "mascota").collect();
    for name in names {
        let mut less = facts.clone();
        less.as_object_mut().into_iter().for_each(|all| drop(all.remove(&name)));
        let run = rule.evaluate(&less, "2026-11-27").await;
        report.add(&format!("sin {name}"), works(&run), &run.corrida);
    }
    let run = rule.evaluate(&json!({"esquema": "hechos/v1", "mascota": {"especie": "otra"}}), "2026-11-27").await;
    report.add("una especie de la que no se sabe nada", works(&run), &run.corrida);
}

/// A patient with ten times the history.
async fn budget(report: &mut Report, rule: &Rule<'_>, facts: &Value) {
    let mut more = facts.clone();
    for (_, list) in more.as_object_mut().into_iter().flatten() {
        if let Some(list) = list.as_array_mut() {
            *list = list.iter().cycle().take(list.len() * 10).cloned().collect();
        }
    }
    let run = rule.evaluate(&more, "2026-11-27").await;
    let uso = &run.corrida.uso;
    let most = uso.cpu.max(uso.combustible.unwrap_or_default()).max(uso.memoria);
    let outcome = works(&run).and_then(|()| if most <= 50.0 { Ok(()) } else { Err(format!("usa {most} % de un límite")) });
    report.add("diez veces los hechos, con la mitad de sus límites", outcome, &run.corrida);
}

/// Bad facts are refused in words, and members that nobody knows yet are passed over.
async fn strange(report: &mut Report, rule: &Rule<'_>, facts: &Value) {
    let run = rule.evaluate(&json!({"mascota": 7}), "2026-11-27").await;
    let refused = run.result.as_ref().is_err_and(|failure| failure.outcome == Outcome::InvalidInput);
    report.add("hechos mal formados", if refused { Ok(()) } else { Err(format!("{:?}", run.corrida.resultado)) }, &run.corrida);
    let mut newer = facts.clone();
    newer["mascota"]["lo_que_vendra"] = json!({"algo": 1});
    let run = rule.evaluate(&newer, "2026-11-27").await;
    report.add("miembros que todavía no existen", works(&run), &run.corrida);
    let run = rule.evaluate(facts, "1990-01-01").await;
    report.add("un día antes de todo", works(&run), &run.corrida);
}

fn works<T>(run: &Run<T>) -> Result<(), String> {
    run.result.as_ref().map(|_| ()).map_err(|failure| format!("{}: {failure}", failure.outcome.name()))
}

/// What a provider may do, and what a channel may then say: never that all is well, and never that it is broken.
fn provider_faults() -> Vec<(&'static str, Vec<Respuesta>, &'static [&'static str])> {
    let says = |estado: u16, cuerpo: Value| vec![Respuesta::Dice { estado, cabeceras: BTreeMap::new(), cuerpo }];
    let unsure: &[&str] = &["indeterminate"];
    let any: &[&str] = &["rejected", "not_authorized", "invalid_input", "retry_later", "indeterminate"];
    let later: &[&str] = &["retry_later"];
    vec![
        ("no responde", vec![Respuesta::Falla { falla: Falla::SinRespuesta }], unsure),
        ("responde a medias", vec![Respuesta::Falla { falla: Falla::Cortada }], unsure),
        ("responde 200 y algo que no se entiende", says(200, json!("<html>")), unsure),
        ("responde 200 y nada", says(200, json!("")), unsure),
        ("responde 401", says(401, json!({})), &["not_authorized"]),
        ("responde 429", says(429, json!({})), later),
        ("responde 502 sin decir nada", says(502, json!("Bad gateway")), unsure),
        ("responde 302", says(302, json!("")), any),
        ("responde 400 y un mega", says(400, json!("x".repeat(1 << 20))), any),
    ]
}

async fn channel(banco: &Banco, provider: &Proveedor, ajustes: &Ajustes) -> Result<usize> {
    let mut report = Report::default();
    for (name, answers, allowed) in provider_faults() {
        let channel = banco.install(ajustes)?.notifications()?;
        provider.script(answers, None);
        let mut context = first_attempt();
        context.deadline_ms = 3_000;
        let run = channel.send(context, message()).await;
        let got = run.result.as_ref().err().map_or("ok", |failure| failure.outcome.name());
        let detail = run.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        // A provider that never answers ends the call by the host's own clock, which says the same: nobody knows.
        let fits = allowed.contains(&got) || (got == "timeout" && run.may_have_happened());
        report.add(name, if fits { Ok(()) } else { Err(format!("dio {got} {detail}")) }, &run.corrida);
    }
    once(&mut report, banco, provider, ajustes).await?;
    webhooks(&mut report, &banco.install(ajustes)?.notifications()?).await;
    Ok(report.close())
}

/// After a doubt, nothing is sent again but what the provider itself would know for the same by its key.
async fn once(report: &mut Report, banco: &Banco, provider: &Proveedor, ajustes: &Ajustes) -> Result<()> {
    let channel = banco.install(ajustes)?.notifications()?;
    provider.script(vec![Respuesta::Falla { falla: Falla::Cortada }], None);
    let mut context = first_attempt();
    channel.send(context.clone(), message()).await;
    let sent = provider.requests().len();
    context.attempt = 1;
    let again = channel.send(context.clone(), message()).await;
    let keyless = provider.requests().iter().skip(sent).filter(|request| !request.contains(&context.idempotency_key)).count();
    let outcome = if keyless == 0 { Ok(()) } else { Err("volvió a enviar sin la clave de idempotencia".to_owned()) };
    report.add("una respuesta perdida y un segundo intento", outcome, &again.corrida);
    Ok(())
}

async fn webhooks(report: &mut Report, channel: &Arc<dyn NotificationPlugin>) {
    let header = |key: &str, value: &str| Kv { key: key.into(), value: value.into() };
    let forged = vec![header("x-hub-signature-256", &format!("sha256={}", "0".repeat(64))), header("authorization", "Bearer a.b.c")];
    let bodies = [
        ("sin firma", Vec::new(), b"{}".to_vec()),
        ("con firma falsa", forged.clone(), b"{}".to_vec()),
        ("con un mega de nada", forged, vec![b'x'; 1 << 20]),
    ];
    for (name, headers, body) in bodies {
        let message = HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers, body };
        let run = channel.handle_webhook(first_attempt(), message).await;
        let refused = run.result.as_ref().is_err_and(|failure| failure.outcome.is_answer());
        let got = run.corrida.resultado.name();
        report.note(&format!("un aviso {name}"), if refused { Ok(()) } else { Err(format!("dio {got}")) }, &usage(&run.corrida));
    }
}

fn message() -> Message {
    let vars = [("nombre", "Rosa"), ("mascota", "Luna"), ("hora", "10:30")];
    let vars = vars.map(|(key, value)| Kv { key: key.into(), value: value.into() }).into();
    Message { to: "+51987654321".into(), template: "recordatorio_cita".into(), vars, text: "Mañana a las 10:30".into() }
}
