//! `test`: cases as files, run on the compiled plugin.
//!
//! A file holds a list. A case of a rule has facts and the alerts that follow from them; a case of a channel has a message,
//! what the provider answers and what follows from that, or a webhook and what it says.
use super::{
    banco::{Ajustes, Banco, usage},
    proveedor::{Proveedor, Respuesta},
    wait,
};
use anyhow::{Context, Result, bail};
use plugin_host::{
    Corrida, Failure,
    manifest::World,
    v0_1::{Alert, AlertPlugin, CallContext, HttpMessage, Kv, Message, Moment, NotificationPlugin, Severity, Update},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};
use uuid::Uuid;

#[derive(clap::Args)]
pub struct Options {
    component: PathBuf,
    /// Carpeta con los casos, en archivos JSON.
    #[arg(long, default_value = "casos")]
    cases: PathBuf,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let failed = wait(async {
        let provider = Proveedor::start().await?;
        let banco = Banco::open(&options.component, Some(provider.address)).await?;
        match banco.plugin().world() {
            World::Alerts => rules(&banco, &cases(&options.cases)?).await,
            World::Notification => messages(&banco, &provider, &cases(&options.cases)?).await,
            world => bail!("todavía no hay casos para el mundo {world}"),
        }
    })?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasoDeRegla {
    caso: String,
    trigger: String,
    hoy: String,
    #[serde(default = "empty")]
    config: Value,
    hechos: Value,
    alertas: Vec<Esperada>,
}

fn empty() -> Value {
    json!({})
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Esperada {
    regla: String,
    vence: Option<String>,
    /// `info`, `warning` or `critical`.
    gravedad: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct CasoDeCanal {
    pub caso: String,
    #[serde(default)]
    pub ajustes: Ajustes,
    #[serde(flatten)]
    pub pasa: Pasa,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum Pasa {
    Envio { mensaje: Mensaje, proveedor: Vec<Respuesta>, resultado: Resultado },
    Aviso { aviso: Aviso, novedades: Vec<Value> },
}

/// A webhook as it comes in; signatures are over these bytes.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aviso {
    cabeceras: BTreeMap<String, String>,
    cuerpo: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mensaje {
    pub to: String,
    #[serde(default)]
    pub template: String,
    #[serde(default)]
    /// In their order.
    pub vars: Vec<(String, String)>,
    #[serde(default)]
    pub text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resultado {
    /// The provider's reference.
    Ok(String),
    /// By its name, as `retry_later`.
    Error(String),
}

/// All files of a folder, in order.
fn cases<T: DeserializeOwned>(folder: &Path) -> Result<Vec<T>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        found.extend(serde_json::from_str::<Vec<T>>(&text).with_context(|| path.display().to_string())?);
    }
    if found.is_empty() {
        bail!("en {} no hay casos", folder.display());
    }
    Ok(found)
}

async fn rules(banco: &Banco, cases: &[CasoDeRegla]) -> Result<usize> {
    let mut report = Report::default();
    for case in cases {
        let rule = banco.install(&Ajustes { config: case.config.clone(), ..Ajustes::default() })?.alerts()?;
        let at = Moment { unix_ms: 0, today: case.hoy.clone() };
        let wanted = wanted(&*rule, &case.trigger).await?;
        let run = rule.evaluate(&case.trigger, &case.hechos, &wanted, at).await;
        let outcome = run.result.map_err(shown).and_then(|alerts| case.compare(&alerts));
        report.add(&case.caso, outcome, &run.corrida);
    }
    Ok(report.close())
}

/// What the rule reads when this happens.
pub async fn wanted(rule: &dyn AlertPlugin, trigger: &str) -> Result<Vec<String>> {
    let described = rule.describe().await.result?;
    let facts = described.into_iter().find(|one| one.trigger == trigger).map(|one| one.facts);
    facts.with_context(|| format!("la regla no quiere saber de «{trigger}»"))
}

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

impl CasoDeRegla {
    fn compare(&self, alerts: &[Alert]) -> Result<(), String> {
        let same = |(alert, expected): (&Alert, &Esperada)| {
            alert.rule_id == expected.regla
                && (expected.vence.is_none() || alert.due_date == expected.vence)
                && expected.gravedad.as_deref().is_none_or(|severity| name(alert.severity) == severity)
        };
        if alerts.len() == self.alertas.len() && alerts.iter().zip(&self.alertas).all(same) {
            return Ok(());
        }
        let got: Vec<String> =
            alerts.iter().map(|alert| format!("{} {:?} {:?}", alert.rule_id, alert.due_date, name(alert.severity))).collect();
        Err(format!("se esperaba {:?} y dio {got:?}", self.alertas))
    }
}

async fn messages(banco: &Banco, provider: &Proveedor, cases: &[CasoDeCanal]) -> Result<usize> {
    let mut report = Report::default();
    for case in cases {
        let channel = banco.install(&case.ajustes)?.notifications()?;
        let (outcome, corrida) = match &case.pasa {
            Pasa::Envio { mensaje, proveedor, resultado } => {
                provider.script(proveedor.clone(), None);
                sends(&channel, mensaje, resultado).await
            }
            Pasa::Aviso { aviso, novedades } => hears(&channel, aviso, novedades).await,
        };
        report.add(&case.caso, outcome, &corrida);
    }
    Ok(report.close())
}

pub fn result_of(result: &Result<String, Failure>) -> Resultado {
    match result {
        Ok(reference) => Resultado::Ok(reference.clone()),
        Err(failure) => Resultado::Error(failure.outcome.name().to_owned()),
    }
}

pub async fn sends(channel: &Arc<dyn NotificationPlugin>, mensaje: &Mensaje, expected: &Resultado) -> (Result<(), String>, Corrida) {
    let run = channel.send(first_attempt(), mensaje.message()).await;
    let result = result_of(&run.result);
    let detail = run.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let outcome = if result == *expected { Ok(()) } else { Err(format!("se esperaba {expected:?} y dio {result:?} {detail}")) };
    (outcome, run.corrida)
}

async fn hears(channel: &Arc<dyn NotificationPlugin>, aviso: &Aviso, expected: &[Value]) -> (Result<(), String>, Corrida) {
    let run = channel.handle_webhook(first_attempt(), aviso.message()).await;
    let outcome = match run.result {
        Ok(updates) => {
            let got: Vec<Value> = updates.iter().map(novedad).collect();
            if got == expected { Ok(()) } else { Err(format!("se esperaba {expected:?} y dio {got:?}")) }
        }
        Err(failure) => Err(shown(failure)),
    };
    (outcome, run.corrida)
}

/// As a case names it.
fn novedad(update: &Update) -> Value {
    match update {
        Update::Delivery(delivery) => json!({
            "referencia": delivery.provider_ref, "estado": delivery.status, "codigo": delivery.code,
            "clave": delivery.idempotency_key, "en": delivery.at_unix_ms,
        }),
        Update::Reply(reply) => json!({
            "de": reply.sender, "texto": reply.text, "boton": reply.payload, "responde_a": reply.provider_ref, "en": reply.at_unix_ms,
        }),
    }
}

impl Aviso {
    fn message(&self) -> HttpMessage {
        let headers = self.cabeceras.iter().map(|(key, value)| Kv { key: key.clone(), value: value.clone() }).collect();
        HttpMessage { method: "POST".into(), path_and_query: "/".into(), headers, body: self.cuerpo.clone().into_bytes() }
    }
}

impl Mensaje {
    pub fn message(&self) -> Message {
        let vars = self.vars.iter().map(|(key, value)| Kv { key: key.clone(), value: value.clone() }).collect();
        Message { to: self.to.clone(), template: self.template.clone(), vars, text: self.text.clone() }
    }
}

pub fn first_attempt() -> CallContext {
    CallContext {
        idempotency_key: Uuid::now_v7().to_string(),
        attempt: 0,
        previous_ref: None,
        deadline_ms: 15_000,
        sandbox: true,
        locale: "es-PE".into(),
        time_zone: "America/Lima".into(),
    }
}

fn shown(failure: Failure) -> String {
    format!("{}: {failure}", failure.outcome.name())
}

/// Lines for people, and a last one as test programs have it.
#[derive(Default)]
pub struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    pub fn add(&mut self, name: &str, outcome: Result<(), String>, corrida: &Corrida) {
        self.note(name, outcome, &usage(corrida));
    }

    pub fn note(&mut self, name: &str, outcome: Result<(), String>, detail: &str) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("bien   {name}  [{detail}]");
            }
            Err(why) => {
                self.failed += 1;
                println!("FALLÓ  {name}: {why}  [{detail}]");
            }
        }
    }

    /// How many failed.
    pub fn close(self) -> usize {
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed
    }
}
