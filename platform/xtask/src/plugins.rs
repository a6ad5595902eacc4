//! `cargo xtask plugins`: all of plugins/ as components, made by the tool that everybody else uses.
use crate::{
    job::{APART, Job, say},
    node::Node,
    packages::{self, Need, ensure},
    paths,
};
use anyhow::{Result, bail};
use guest::{Compiler, TARGET};
use std::{path::PathBuf, process::ExitCode};

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    match arguments {
        [] => {}
        [only] if only == "ejemplos" => return examples(),
        [other, ..] => bail!("plugins no conoce «{other}»: cargo xtask plugins [ejemplos]"),
    }
    ensure(&[Need::Compiler])?;
    compiler()?;
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

/// The plugins in other languages, made by their own tools and put through what everybody's are. Those tools come from the
/// registries of their languages, which is why no test of every day needs them.
fn examples() -> Result<ExitCode> {
    ensure(&[Need::Compiler, Need::Python])?;
    let node = Node::find()?;
    Job::cargo("compilando huella-plugin").args(["build", "--package", "kit"]).ok()?;
    for package in APART {
        Job::apart("compilando aparte", "build", package).ok()?;
    }
    for language in ["python", "javascript"] {
        let (folder, tool) = (example(language), paths::target().join("debug/huella-plugin"));
        node.job("construyendo el ejemplo", "sh", &folder).args(["construir.sh"]).env("HUELLA_PLUGIN", &tool).ok()?;
        let orders: [&[&str]; 3] =
            [&["check", "canal.wasm"], &["test", "canal.wasm"], &["conformance", "canal.wasm", "--settings", "ajustes.json"]];
        for order in orders {
            Job::new(&format!("{language}: {}", order[0]), &tool).dir(&folder).args(order).ok()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn example(language: &str) -> PathBuf {
    paths::root().join("sdk/ejemplos").join(language)
}

/// The one in Python, with the tool as it was last built; what is there already is not made again.
pub fn python() -> Result<PathBuf> {
    let folder = example("python");
    let made = folder.join("canal.wasm");
    if !made.is_file() {
        ensure(&[Need::Python])?;
        let tool = paths::target().join("debug/huella-plugin");
        Job::new("construyendo el ejemplo en Python", "sh").dir(&folder).args(["construir.sh"]).env("HUELLA_PLUGIN", &tool).ok()?;
    }
    Ok(made)
}

/// The rules of the plugins, on this machine: they need no WebAssembly.
pub fn test(arguments: &[String]) -> Job {
    let job =
        Job::cargo("probando los complementos").args(["test", "--no-fail-fast", "--manifest-path", "plugins/Cargo.toml", "--target-dir"]);
    job.args([paths::target().join("plugins")]).args(arguments)
}

/// Debian 12 has a compiler for it among its packages; elsewhere rustup brings the library.
pub fn compiler() -> Result<()> {
    if Compiler::find().is_some() {
        return Ok(());
    }
    if packages::is_debian_12() {
        return ensure(&[Need::Guests]);
    }
    let rustup = paths::in_path("rustup").is_some();
    if rustup {
        say(&format!("falta {TARGET}; lo agrega rustup"));
        Job::new("agregando el destino", "rustup").args(["target", "add", TARGET]).ok()?;
        if Compiler::find().is_some() {
            return Ok(());
        }
    }
    bail!(by_hand(rustup));
}

/// What to type where no package has it.
fn by_hand(rustup: bool) -> String {
    let missing = format!("los complementos se compilan a WebAssembly y este Rust no tiene {TARGET}");
    if rustup {
        return format!(
            "{missing}, ni con rustup: el rustc que se usa es otro que el suyo; ponga el de rustup primero en el PATH (. \"$HOME/.cargo/env\")"
        );
    }
    format!(
        "{missing}; ningún paquete de este sistema lo trae. Instale Rust con rustup (https://rustup.rs) y agréguelo:\n  \
         curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh\n  . \"$HOME/.cargo/env\"\n  rustup target add {TARGET}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_compiler_it_says_what_to_type() {
        let text = by_hand(false);
        for words in ["https://rustup.rs", "rustup target add wasm32-unknown-unknown", "ningún paquete"] {
            assert!(text.contains(words), "«{words}» is missing in\n{text}");
        }
        assert!(by_hand(true).contains("PATH") && !by_hand(true).contains("sh.rustup.rs"));
    }
}
