//! `check`: what a component is and wants, from its bytes.
use crate::pack::listed;
use anyhow::{Context, Result, anyhow};
use plugin_manifest::{Audit, Limits, Manifest, Package, SecretUse, audit};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

pub fn run(components: &[PathBuf]) -> Result<ExitCode> {
    let mut good = true;
    for path in components {
        match report(path) {
            Ok(text) => println!("{text}"),
            Err(error) => {
                good = false;
                eprintln!("{}: {error:#}", path.display());
            }
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(path: &Path) -> Result<String> {
    let bytes = fs::read(path).context("no se puede leer")?;
    let package = Package::read(&bytes)?;
    let world = package.manifest.world.world;
    let audit = audit(&bytes, world).map_err(|faults| listed("no cumple su mundo", &faults))?;
    let mut text = String::new();
    describe(&mut text, &package, &audit, bytes.len()).map_err(|error| anyhow!(error))?;
    Ok(text)
}

fn describe(out: &mut String, package: &Package, audit: &Audit, size: usize) -> std::fmt::Result {
    let manifest = &package.manifest;
    writeln!(out, "{} {}: {} ({} KiB)", manifest.id, manifest.version, manifest.name.es, size.div_ceil(1024))?;
    writeln!(out, "  mundo    {}", String::from(manifest.world.clone()))?;
    writeln!(out, "  importa  {}", short(audit))?;
    wants(out, manifest)?;
    for (name, usage) in package.secrets() {
        let seen = if usage == SecretUse::Guest { "lo lee el complemento" } else { "solo lo usa el anfitrión" };
        writeln!(out, "  secreto  {name}: {seen}")?;
    }
    for (slot, kind) in package.key_slots() {
        writeln!(out, "  clave    {slot}: {kind}")?;
    }
    limits(out, &manifest.limits())
}

fn short(audit: &Audit) -> String {
    let names: Vec<&str> = audit.imports.iter().filter_map(|name| name.split(['/', '@']).nth(1)).filter(|name| *name != "types").collect();
    if names.is_empty() { "nada".into() } else { names.join(" ") }
}

fn wants(out: &mut String, manifest: &Manifest) -> std::fmt::Result {
    for rule in &manifest.http {
        let methods = if rule.methods.is_empty() { "todo".to_owned() } else { rule.methods.join(" ") };
        let port = rule.port.map(|port| format!(":{port}")).unwrap_or_default();
        writeln!(out, "  llama a  {}{port} ({methods}): {}", rule.host, rule.reason.es)?;
    }
    if let Some(state) = &manifest.permissions.state {
        writeln!(out, "  guarda   {}: {}", state.quota, state.reason.es)?;
    }
    if let Some(crypto) = &manifest.permissions.crypto {
        writeln!(out, "  firma    {} con {}: {}", crypto.algs.join(" "), crypto.keys.join(" "), crypto.reason.es)?;
    }
    if let Some(events) = &manifest.permissions.events {
        writeln!(out, "  avisa    {}: {}", events.topics.join(" "), events.reason.es)?;
    }
    Ok(())
}

fn limits(out: &mut String, limits: &Limits) -> std::fmt::Result {
    let Limits { wall, cpu, memory, http_calls, .. } = limits;
    write!(out, "  límites  {wall} en total, {cpu} de CPU, {memory} de memoria, {http_calls} llamadas HTTP")
}
