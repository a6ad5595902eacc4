//! `huella-compilar io|pure`: a component on standard input, code for this machine on standard output.
//!
//! A program of its own, because compilers have faults and components come from strangers: it has no key, no network
//! and no database, looks at every byte before it compiles, and has a minute of computing and two GiB.
use anyhow::{Context, Result, anyhow};
use plugin_host::{
    Profile, compile,
    manifest::{MAX_COMPONENT, Package, audit},
};
use rustix::process::{Resource, Rlimit, getrlimit, nice, setrlimit};
use std::{
    io::{Read, Write},
    process::ExitCode,
};

const SECONDS: u64 = 60;
const BYTES: u64 = 2 << 30;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let profile = std::env::args().nth(1).and_then(|name| Profile::of_name(&name)).context("uso: huella-compilar io|pure")?;
    restrain()?;
    let mut component = Vec::new();
    std::io::stdin().take(MAX_COMPONENT as u64 + 1).read_to_end(&mut component)?;
    let package = Package::read(&component)?;
    let world = package.manifest.world.world;
    audit(&component, world).map_err(|faults| anyhow!(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    if Profile::from(world) != profile {
        anyhow::bail!("el mundo {world} se compila como {}", Profile::from(world).name());
    }
    let code = compile(&component, profile).map_err(anyhow::Error::msg)?;
    std::io::stdout().write_all(&code).context("no se puede escribir el resultado")
}

/// Never more than it was given.
fn restrain() -> Result<()> {
    for (resource, most) in [(Resource::Cpu, SECONDS), (Resource::Data, BYTES), (Resource::Core, 0)] {
        let given = getrlimit(resource).maximum.map_or(most, |given| given.min(most));
        setrlimit(resource, Rlimit { current: Some(given), maximum: Some(given) })?;
    }
    nice(10)?;
    Ok(())
}
