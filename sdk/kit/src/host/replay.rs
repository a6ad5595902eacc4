//! `replay`: a run of a rule again, from the record that a chain downloaded.
use super::{
    banco::{Ajustes, Banco, usage},
    casos::wanted,
    wait,
};
use anyhow::{Context, Result, bail};
use plugin_host::{manifest::World, v0_1::Moment};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf, process::ExitCode};

#[derive(clap::Args)]
pub struct Options {
    component: PathBuf,
    /// El registro de una corrida, como lo da la plataforma.
    run: PathBuf,
    /// La configuración que tenía la cadena, en JSON.
    #[arg(long)]
    config: Option<PathBuf>,
}

/// The part of a record that a rule can be asked again with.
#[derive(Deserialize)]
struct Registro {
    digest: String,
    /// Older records have none.
    configuracion: Option<String>,
    operacion: String,
    /// How it ended; text, or the limit that it met.
    resultado: Value,
    pedido: Pedido,
    respuesta: Value,
}

#[derive(Deserialize)]
struct Pedido {
    trigger: String,
    facts: Value,
    at: Moment,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let text = |path: &PathBuf| fs::read_to_string(path).with_context(|| path.display().to_string());
    let registro: Registro = serde_json::from_str(&text(&options.run)?).context("no es el registro de una corrida de una regla")?;
    let config = options.config.as_ref().map_or_else(|| Ok("{}".to_owned()), text)?;
    let config: Value = serde_json::from_str(&config).context("la configuración")?;
    wait(async {
        let banco = Banco::open(&options.component, None).await?;
        if banco.plugin().world() != World::Alerts || registro.operacion != "evaluate" {
            bail!("por ahora solo se repiten las corridas de reglas: de las demás no se guarda lo que el proveedor respondió");
        }
        if banco.plugin().digest.to_string() != registro.digest {
            println!("aviso: la corrida fue de otro código, {}", registro.digest);
        }
        let installed = banco.install(&Ajustes { config, ..Ajustes::default() })?;
        if registro.configuracion.as_ref().is_some_and(|then| *then != installed.configuracion().to_string()) {
            println!("aviso: la cadena tenía otra configuración");
        }
        let rule = installed.alerts()?;
        let wanted = wanted(&*rule, &registro.pedido.trigger).await?;
        let run = rule.evaluate(&registro.pedido.trigger, &registro.pedido.facts, &wanted, registro.pedido.at).await;
        // As the platform kept the other one: without what is personal.
        let ahora = run.registro();
        match &run.result {
            Ok(_) => println!("{}", serde_json::to_string_pretty(&ahora.respuesta)?),
            Err(failure) => println!("{}: {failure}", failure.outcome.name()),
        }
        println!("[{}]", usage(&run.corrida));
        let mut distintos = Vec::new();
        let (antes, despues) = (ended(&registro.resultado), ended(&serde_json::to_value(ahora.corrida.resultado)?));
        compare(&mut distintos, "/resultado", &antes, &despues);
        compare(&mut distintos, "/respuesta", &registro.respuesta, &ahora.respuesta);
        distintos.iter().for_each(|line| println!("{line}"));
        println!("{}", if distintos.is_empty() { "igual que entonces" } else { "distinto que entonces" });
        Ok(if distintos.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// The name alone: which of two limits a loop meets first is the machine's affair.
fn ended(resultado: &Value) -> Value {
    resultado.as_object().and_then(|limit| limit.keys().next()).map_or_else(|| resultado.clone(), |name| name.as_str().into())
}

/// A line for each place where two documents are not the same.
fn compare(found: &mut Vec<String>, at: &str, before: &Value, now: &Value) {
    match (before, now) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                compare(found, &format!("{at}/{name}"), &before[name], &now[name]);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                let of = |list: &[Value]| list.get(index).cloned().unwrap_or_default();
                compare(found, &format!("{at}/{index}"), &of(one), &of(other));
            }
        }
        _ if before == now => {}
        _ => found.push(format!("{at}: era {before} y ahora es {now}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_difference_is_named_by_its_place() {
        let lines = |before: &Value, now: &Value| {
            let mut found = Vec::new();
            compare(&mut found, "", before, now);
            found
        };
        let before = json!([{ "title": "Rabia", "vence": "2026-03-02" }]);
        assert!(lines(&before, &before).is_empty());
        let now = json!([{ "title": "Rabia", "vence": "2026-03-09", "nota": 1 }, { "title": "Otra" }]);
        let found = lines(&before, &now);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[0], "/0/nota: era null y ahora es 1");
        assert_eq!(found[1], "/0/vence: era \"2026-03-02\" y ahora es \"2026-03-09\"");
        assert!(found[2].starts_with("/1: era null y ahora es"));
        assert_eq!(lines(&json!("trap"), &json!("ok")), [": era \"trap\" y ahora es \"ok\""]);
    }
}
