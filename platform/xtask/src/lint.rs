//! `lint` and `deny`.
use crate::{job::Job, paths};
use anyhow::{Result, bail};
use std::{ffi::OsString, process::ExitCode};

pub fn lint(_: &[String]) -> Result<ExitCode> {
    Job::cargo("revisando el formato").args(["fmt", "--all", "--check"]).ok()?;
    Job::cargo("revisando con clippy").args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]).ok()?;
    let plugins = ["--manifest-path", "plugins/Cargo.toml"];
    Job::cargo("revisando el formato de los complementos").args(["fmt", "--all", "--check"]).args(plugins).ok()?;
    let clippy = Job::cargo("revisando los complementos con clippy").args(["clippy", "--workspace", "--all-targets"]).args(plugins);
    clippy.args([OsString::from("--target-dir"), paths::target().join("plugins").into()]).args(["--", "--deny", "warnings"]).ok()?;
    Ok(ExitCode::SUCCESS)
}

pub fn deny(arguments: &[String]) -> Result<ExitCode> {
    if paths::in_path("cargo-deny").is_none() {
        bail!("falta cargo-deny; instálelo con: cargo install --locked cargo-deny");
    }
    Job::cargo("revisando las dependencias").args(["deny", "--workspace", "check"]).args(arguments).ok()?;
    Ok(ExitCode::SUCCESS)
}
