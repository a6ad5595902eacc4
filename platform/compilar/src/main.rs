//! `huella-compilar io|pure`: a component on standard input, code for this machine on standard output.
//!
//! A program of its own, because compilers have faults and components come from strangers: it has no key, no network
//! and no database, looks at every byte before it compiles, and has a minute of computing and two GiB. All of that is settled
//! before the first byte is read.
use anyhow::{Context, Result, anyhow};
use plugin_host::{
    Profile, compile,
    manifest::{MAX_COMPONENT, Package, audit},
};
use rustix::{
    process::{Resource, Rlimit, getrlimit, nice, setrlimit},
    thread::{UnshareFlags, unshare_unsafe},
};
use std::{
    io::{Read, Write},
    process::ExitCode,
};

const SECONDS: u64 = 60;
const BYTES: u64 = 2 << 30;
/// Addresses: the program and its libraries are in them too.
const ADDRESSES: u64 = 4 << 30;
/// Open files: three are given, and nothing has to be opened.
const FILES: u64 = 16;

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
    let all =
        [(Resource::Cpu, SECONDS), (Resource::Data, BYTES), (Resource::As, ADDRESSES), (Resource::Nofile, FILES), (Resource::Core, 0)];
    for (resource, most) in all {
        let given = getrlimit(resource).maximum.map_or(most, |given| given.min(most));
        setrlimit(resource, Rlimit { current: Some(given), maximum: Some(given) })?;
    }
    nice(10)?;
    leave_the_network();
    Ok(())
}

/// To one that has nothing in it. Where a user may not make that, as in some containers, the program still calls nobody: this is
/// for what a component might make of it.
#[expect(unsafe_code, reason = "shares no files and no memory less than before; there is one thread")]
fn leave_the_network() {
    // SAFETY: neither flag takes open files or memory away from anybody.
    let _ = unsafe { unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWNET) };
}
