//! `lint` and `deny`.
use crate::{
    job::{APART, Job},
    paths,
};
use anyhow::{Result, bail};
use std::process::ExitCode;

pub fn lint(_: &[String]) -> Result<ExitCode> {
    Job::cargo("revisando el formato").args(["fmt", "--all", "--check"]).ok()?;
    let strict = ["--all-targets", "--", "--deny", "warnings"];
    Job::workspace("revisando con clippy", "clippy").args(strict).ok()?;
    for package in APART {
        Job::apart("revisando aparte con clippy", "clippy", package).args(strict).ok()?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn deny(arguments: &[String]) -> Result<ExitCode> {
    if paths::in_path("cargo-deny").is_none() {
        bail!("falta cargo-deny; instálelo con: cargo install --locked cargo-deny");
    }
    Job::cargo("revisando las dependencias").args(["deny", "--workspace", "check"]).args(arguments).ok()?;
    Ok(ExitCode::SUCCESS)
}
