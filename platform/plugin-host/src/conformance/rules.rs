use super::{Bench, Report, Settings, Untried, works};
use crate::{
    Outcome, Run,
    v0_1::{Alert, AlertPlugin, Moment},
};
use serde_json::{Value, json};
use std::sync::Arc;

const TODAY: &str = "2026-11-27";

/// A rule on facts of all kinds.
struct Rule {
    rule: Arc<dyn AlertPlugin>,
    trigger: String,
    wanted: Vec<String>,
}

impl Rule {
    async fn evaluate(&self, facts: &Value, today: &str) -> Run<Vec<Alert>> {
        let at = Moment { unix_ms: 0, today: today.to_owned() };
        self.rule.evaluate(&self.trigger, facts, &self.wanted, at).await
    }
}

pub(super) async fn run(report: &mut Report, bench: &Bench, settings: &Settings, facts: &Value) -> Result<(), Untried> {
    let rule = bench.install(settings)?.alerts().map_err(|error| Untried::World(error.0))?;
    let described = rule.describe().await.result.map_err(|failure| Untried::Silent(failure.to_string()))?;
    let first = described.into_iter().next().ok_or_else(|| Untried::Silent("no pide nada".into()))?;
    let rule = Rule { rule, trigger: first.trigger, wanted: first.facts };
    // Nothing comes back once enough failed.
    let _ = all(report, &rule, facts).await;
    Ok(())
}

async fn all(report: &mut Report, rule: &Rule, facts: &Value) -> Option<()> {
    determinism(report, rule, facts).await?;
    missing(report, rule, facts).await?;
    budget(report, rule, facts).await?;
    strange(report, rule, facts).await
}

fn unless(none: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if none { Ok(()) } else { Err(why()) }
}

async fn determinism(report: &mut Report, rule: &Rule, facts: &Value) -> Option<()> {
    let repeats = report.effort.repeats;
    let first = rule.evaluate(facts, TODAY).await;
    let Ok(expected) = &first.result else { return report.add(format!("lo mismo {repeats} veces"), works(&first), &first.corrida) };
    let mut different = 0;
    for _ in 1..repeats {
        different += usize::from(rule.evaluate(facts, TODAY).await.result.as_ref() != Ok(expected));
    }
    let outcome = unless(different == 0, || format!("{different} de {repeats} veces dio otra cosa"));
    report.add(format!("lo mismo {repeats} veces"), outcome, &first.corrida)?;
    let unexplained = expected.iter().filter(|alert| alert.detail.is_empty() || alert.evidence.is_empty() || alert.dedup_key.is_empty());
    let names: Vec<&str> = unexplained.map(|alert| &*alert.rule_id).collect();
    let outcome = unless(names.is_empty(), || format!("no dicen por qué: {}", names.join(", ")));
    report.add(format!("cada una de {} alertas dice por qué", expected.len()), outcome, &first.corrida)?;
    let nowhere = expected.iter().flat_map(|alert| &alert.evidence).filter(|pointer| facts.pointer(pointer).is_none()).count();
    let outcome = unless(nowhere == 0, || format!("{nowhere} hechos citados no existen"));
    report.add("los hechos citados existen", outcome, &first.corrida)
}

/// Whatever is left out, it answers.
async fn missing(report: &mut Report, rule: &Rule, facts: &Value) -> Option<()> {
    let all = facts.as_object()?;
    for name in all.keys().filter(|name| *name != "mascota") {
        let mut less = all.clone();
        less.remove(name);
        let run = rule.evaluate(&less.into(), TODAY).await;
        report.add(format!("sin {name}"), works(&run), &run.corrida)?;
    }
    let run = rule.evaluate(&json!({"esquema": "hechos/v1", "mascota": {"especie": "otra"}}), TODAY).await;
    report.add("una especie de la que no se sabe nada", works(&run), &run.corrida)
}

/// A patient with ten times the history.
async fn budget(report: &mut Report, rule: &Rule, facts: &Value) -> Option<()> {
    let mut more = facts.clone();
    for (_, list) in more.as_object_mut().into_iter().flatten() {
        if let Some(list) = list.as_array_mut() {
            *list = list.iter().cycle().take(list.len() * 10).cloned().collect();
        }
    }
    let run = rule.evaluate(&more, TODAY).await;
    let uso = &run.corrida.uso;
    let most = uso.cpu.max(uso.combustible.unwrap_or_default()).max(uso.memoria);
    let outcome = works(&run).and_then(|()| unless(most <= 50.0, || format!("usa {most} % de un límite")));
    report.add("diez veces los hechos, con la mitad de sus límites", outcome, &run.corrida)
}

/// Bad facts are refused in words, and members that nobody knows yet are passed over.
async fn strange(report: &mut Report, rule: &Rule, facts: &Value) -> Option<()> {
    let run = rule.evaluate(&json!({"mascota": 7}), TODAY).await;
    let refused = run.result.as_ref().is_err_and(|failure| failure.outcome == Outcome::InvalidInput);
    report.add("hechos mal formados", unless(refused, || format!("dio {}", run.corrida.resultado.name())), &run.corrida)?;
    let mut newer = facts.clone();
    newer["mascota"]["lo_que_vendra"] = json!({"algo": 1});
    let run = rule.evaluate(&newer, TODAY).await;
    report.add("miembros que todavía no existen", works(&run), &run.corrida)?;
    let run = rule.evaluate(facts, "1990-01-01").await;
    report.add("un día antes de todo", works(&run), &run.corrida)
}
