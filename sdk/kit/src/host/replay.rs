//! `replay`: a run of a rule again, from the record that a chain downloaded.
use super::{
    banco::{Ajustes, Banco, usage},
    casos::wanted,
    wait,
};
use anyhow::{Context, Result, bail};
use plugin_host::{manifest::World, v0_1::Moment};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, process::ExitCode};

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
    operacion: String,
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
        let rule = banco.install(&Ajustes { config, ..Ajustes::default() })?.alerts()?;
        let wanted = wanted(&*rule, &registro.pedido.trigger).await?;
        let run = rule.evaluate(&registro.pedido.trigger, &registro.pedido.facts, &wanted, registro.pedido.at).await;
        let answer = match &run.result {
            Ok(alerts) => json!(alerts),
            Err(failure) => bail!("{}: {failure}", failure.outcome.name()),
        };
        println!("{}\n[{}]", serde_json::to_string_pretty(&answer)?, usage(&run.corrida));
        let same = run.registro().respuesta == registro.respuesta;
        println!("{}", if same { "igual que entonces" } else { "distinto que entonces" });
        Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}
