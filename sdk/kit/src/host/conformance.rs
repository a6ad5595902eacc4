//! `conformance`: what every plugin of a world has to bear, whatever it does.
use super::{
    banco::{Ajustes, Banco},
    casos::Report,
    wait,
};
use anyhow::{Context, Result};
use plugin_host::conformance::{Effort, Settings};
use serde_json::Value;
use std::{fs, path::PathBuf, process::ExitCode};

#[derive(clap::Args)]
pub struct Options {
    component: PathBuf,
    /// Configuración, secretos y claves con que se prueba, en JSON: {"config": {}, "secretos": {}, "claves": {}}. Si falta, lo que
    /// da el esquema con sus `default` y `examples`, como cuando se sube.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Hechos con que se prueba una regla, o documento con que se prueba un emisor, si no bastan los de la herramienta.
    #[arg(long)]
    facts: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let read = |path: &PathBuf| fs::read_to_string(path).with_context(|| path.display().to_string());
    let facts = options.facts.as_ref().map(read).transpose()?;
    let facts: Option<Value> = facts.map(|text| serde_json::from_str(&text)).transpose().context("los hechos o el documento")?;
    let ajustes: Option<Ajustes> = match &options.settings {
        Some(path) => Some(serde_json::from_str(&read(path)?).with_context(|| path.display().to_string())?),
        None => None,
    };
    let failed = wait(async {
        let bench = Banco::bench(&options.component).await?;
        let settings = ajustes.unwrap_or_else(|| Settings::of(&bench.plugin().package));
        let mut report = Report::default();
        for case in bench.conformance(&settings, facts.as_ref(), Effort::WHOLE).await? {
            report.add(&case.name, case.outcome, &case.corrida);
        }
        anyhow::Ok(report.close())
    })?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
