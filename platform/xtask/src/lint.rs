//! `lint` and `deny`.
use crate::{
    job::{APART, Job},
    paths, portal,
};
use anyhow::{Result, bail};
use std::{ffi::OsString, process::ExitCode};

pub fn lint(_: &[String]) -> Result<ExitCode> {
    Job::cargo("revisando el formato").args(["fmt", "--all", "--check"]).ok()?;
    let strict = ["--all-targets", "--", "--deny", "warnings"];
    Job::workspace("revisando con clippy", "clippy").args(strict).ok()?;
    for package in APART {
        Job::apart("revisando aparte con clippy", "clippy", package).args(strict).ok()?;
    }
    let plugins = ["--manifest-path", "plugins/Cargo.toml"];
    Job::cargo("revisando el formato de los complementos").args(["fmt", "--all", "--check"]).args(plugins).ok()?;
    let clippy = Job::cargo("revisando los complementos con clippy").args(["clippy", "--workspace"]).args(plugins);
    clippy.args([OsString::from("--target-dir"), paths::target().join("plugins").into()]).args(strict).ok()?;
    portal::lint()?;
    Ok(ExitCode::SUCCESS)
}

pub fn deny(arguments: &[String]) -> Result<ExitCode> {
    if paths::in_path("cargo-deny").is_none() {
        bail!("falta cargo-deny; instálelo con: cargo install --locked cargo-deny");
    }
    Job::cargo("revisando las dependencias").args(["deny", "--workspace", "check"]).args(arguments).ok()?;
    Ok(ExitCode::SUCCESS)
}
