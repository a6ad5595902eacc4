//! `lint` and `deny`.
use crate::{
    job::{APART, Job},
    paths, portal,
};
use anyhow::{Result, bail};
use std::{ffi::OsString, process::ExitCode};

/// Workspaces of plugins: ours, and those that tests are made of.
const GUESTS: [&str; 2] = ["plugins/Cargo.toml", "sdk/kit/tests/mundos/Cargo.toml"];

pub fn lint(_: &[String]) -> Result<ExitCode> {
    Job::cargo("revisando el formato").args(["fmt", "--all", "--check"]).ok()?;
    let strict = ["--all-targets", "--", "--deny", "warnings"];
    Job::workspace("revisando con clippy", "clippy").args(strict).ok()?;
    for package in APART {
        Job::apart("revisando aparte con clippy", "clippy", package).args(strict).ok()?;
    }
    for manifest in GUESTS {
        let guests = ["--manifest-path", manifest];
        Job::cargo("revisando el formato de los complementos").args(["fmt", "--all", "--check"]).args(guests).ok()?;
        let clippy = Job::cargo("revisando los complementos con clippy").args(["clippy", "--workspace"]).args(guests);
        clippy.args([OsString::from("--target-dir"), paths::target().join("plugins").into()]).args(strict).ok()?;
    }
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
