//! `cargo xtask plugins`: all of plugins/ as components, made by the tool that everybody else uses.
use crate::{
    job::{Job, say},
    packages::{self, Need, ensure},
    paths,
};
use anyhow::{Result, bail};
use guest::{Compiler, TARGET};
use std::process::ExitCode;

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let Some(other) = arguments.first() {
        bail!("plugins no conoce «{other}»: cargo xtask plugins");
    }
    ensure(&[Need::Compiler])?;
    // Only what packing takes; a machine that runs components is another few minutes.
    Job::cargo("compilando huella-plugin").args(["build", "--package", "kit", "--no-default-features"]).ok()?;
    build()?;
    Ok(ExitCode::SUCCESS)
}

/// With the tool as it was last built. Cargo knows what changed; a component that did not is not written again.
pub fn build() -> Result<()> {
    compiler()?;
    let tool = paths::target().join("debug/huella-plugin");
    let target_dir = paths::target().join("plugins");
    Job::new("compilando los complementos", tool).args(["build", "plugins", "--target-dir"]).args([target_dir]).ok()?;
    Ok(())
}

/// The rules of the plugins, on this machine: they need no WebAssembly.
pub fn test(arguments: &[String]) -> Job {
    let job =
        Job::cargo("probando los complementos").args(["test", "--no-fail-fast", "--manifest-path", "plugins/Cargo.toml", "--target-dir"]);
    job.args([paths::target().join("plugins")]).args(arguments)
}

/// Debian 12 has a compiler for it among its packages; elsewhere rustup brings the library.
fn compiler() -> Result<()> {
    if Compiler::find().is_some() {
        return Ok(());
    }
    if packages::is_debian_12() {
        return ensure(&[Need::Guests]);
    }
    if paths::in_path("rustup").is_some() {
        say(&format!("falta {TARGET}; lo agrega rustup"));
        Job::new("agregando el destino", "rustup").args(["target", "add", TARGET]).ok()?;
    }
    // Says what to do, if that was not enough.
    ensure(&[Need::Guests])
}
