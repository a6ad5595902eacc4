//! `cargo xtask demo`: from a fresh clone to a running Huella.
use crate::{
    job::{APART, Job, say},
    packages::{Need, ensure},
    paths, plugins, portal,
};
use anyhow::{Context, Result, bail};
use cluster::private::try_port;
use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitCode},
};

struct Wanted {
    port: u16,
    data: PathBuf,
    fresh: bool,
    portal: bool,
}

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let wanted = parse(arguments)?;
    if let Err(error) = try_port(wanted.port) {
        bail!("{error}; elija otro: cargo xtask demo --port {}", wanted.port.saturating_add(1));
    }
    ensure(&[Need::Compiler, Need::Certificates, Need::Postgres])?;
    // Before minutes of compiling, not after.
    plugins::compiler()?;
    say("compilando el servidor (la primera vez toma varios minutos)");
    Job::cargo("compilando").args(["build", "--package", "server", "--features", "demo", "--bin", "huella"]).ok()?;
    for package in APART {
        Job::apart("compilando aparte", "build", package).ok()?;
    }
    plugins::run(&[])?;
    if wanted.portal {
        portal::build(portal::Types::Renew)
            .context("el portal no se pudo construir; sin él, la API y lo demás: cargo xtask demo --sin-portal")?;
    }
    let program = paths::target().join("debug/huella");
    let mut demo = Command::new(&program);
    demo.current_dir(paths::root()).arg("demo").args(["--port", &wanted.port.to_string()]).arg("--data").arg(&wanted.data);
    if wanted.fresh {
        demo.arg("--fresh");
    }
    // Takes our place: Ctrl-C and the exit code are the server's own.
    let error = demo.exec();
    Err(error).with_context(|| format!("no se pudo ejecutar {}", program.display()))
}

fn parse(arguments: &[String]) -> Result<Wanted> {
    let mut wanted = Wanted { port: 8080, data: paths::root().join("datos/demo"), fresh: false, portal: true };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (name, inline) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let mut value = || inline.clone().or_else(|| rest.next().cloned()).with_context(|| format!("falta el valor de {name}"));
        match name {
            "--port" => wanted.port = value()?.parse().context("--port espera un número de puerto")?,
            "--data" => wanted.data = std::env::current_dir()?.join(value()?),
            "--fresh" => wanted.fresh = true,
            "--sin-portal" => wanted.portal = false,
            other => bail!("demo no conoce «{other}»: cargo xtask demo [--port 8080] [--data DIR] [--fresh] [--sin-portal]"),
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Wanted> {
        parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn options_come_with_a_space_or_an_equals_sign() {
        let wanted = parsed(&["--port", "9000", "--data=/tmp/x", "--fresh"]).expect("good");
        assert_eq!((wanted.port, wanted.data, wanted.fresh), (9000, PathBuf::from("/tmp/x"), true));
        let wanted = parsed(&[]).expect("good");
        assert!(wanted.port == 8080 && wanted.data.ends_with("datos/demo") && !wanted.fresh);
        assert!(parsed(&["--port"]).is_err() && parsed(&["--port", "x"]).is_err() && parsed(&["--otra"]).is_err());
    }
}
