//! `build`: cargo, then a component with its manifest, for every plugin of a folder.
use crate::pack::{self, Files};
use anyhow::{Context, Result, bail};
use guest::Compiler;
use serde::Deserialize;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

#[derive(clap::Args)]
pub struct Options {
    /// La carpeta de un complemento, o de un espacio de trabajo con varios.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Adónde van los componentes; si falta, a `dist` en esa carpeta.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// La carpeta de compilación de cargo: compártala entre complementos, así la biblioteca estándar se compila una vez.
    #[arg(long)]
    pub target_dir: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<()> {
    make(options).map(drop)
}

/// The components, made.
pub fn make(options: &Options) -> Result<Vec<PathBuf>> {
    let mut made = Vec::new();
    let out = options.out.clone().unwrap_or_else(|| options.folder.join("dist"));
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    for module in compile(options)? {
        let bytes = fs::read(&module.wasm).with_context(|| module.wasm.display().to_string())?;
        let component = pack::component(&bytes).and_then(|component| pack::package(&component, &Files::in_folder(&module.folder)));
        let component = component.with_context(|| module.folder.display().to_string())?;
        let path = out.join(format!("{}.wasm", module.name.replace('_', "-")));
        let fresh = fs::read(&path).is_ok_and(|before| before == component);
        if !fresh {
            fs::write(&path, &component).with_context(|| path.display().to_string())?;
        }
        println!("{} ({} KiB){}", path.display(), component.len().div_ceil(1024), if fresh { ", sin cambios" } else { "" });
        made.push(path);
    }
    Ok(made)
}

/// A plugin's code, compiled.
struct Module {
    name: String,
    folder: PathBuf,
    wasm: PathBuf,
}

/// What cargo says of a thing that it made.
#[derive(Deserialize)]
struct Artifact {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Artifact {
    /// A cdylib beside a `plugin.toml`.
    fn module(self) -> Option<Module> {
        let target = self.target.filter(|target| target.crate_types.iter().any(|kind| kind == "cdylib"))?;
        let wasm = self.filenames.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "wasm"))?;
        let folder = self.manifest_path?.parent()?.to_owned();
        folder.join(pack::MANIFEST).is_file().then_some(Module { name: target.name, folder, wasm })
    }
}

fn compile(options: &Options) -> Result<Vec<Module>> {
    let Some(compiler) = Compiler::find() else {
        bail!(
            "falta cómo compilar a {}: con rustup, «rustup target add {0}»; en Debian 12, los paquetes rustc-web, libstd-rust-web-dev y rust-web-src",
            guest::TARGET
        );
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--message-format", "json-render-diagnostics", "--manifest-path"]);
    command.arg(options.folder.join("Cargo.toml")).args(compiler.arguments()).envs(compiler.variables());
    if let Some(target_dir) = &options.target_dir {
        command.arg("--target-dir").arg(target_dir);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo")?;
    let out = child.stdout.take().context("cargo no escribe")?;
    let modules = modules(BufReader::new(out).lines().map_while(Result::ok))?;
    if !child.wait()?.success() {
        bail!("cargo no pudo compilar {}", options.folder.display());
    }
    if modules.is_empty() {
        bail!("en {} no hay ningún complemento: un cdylib con {} a su lado", shown(&options.folder), pack::MANIFEST);
    }
    Ok(modules)
}

fn shown(folder: &Path) -> String {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).display().to_string()
}

fn modules(lines: impl Iterator<Item = String>) -> Result<Vec<Module>> {
    let artifacts = lines.filter(|line| line.starts_with('{')).map(|line| serde_json::from_str::<Artifact>(&line));
    let mut found: Vec<Module> = Vec::new();
    for artifact in artifacts {
        let artifact = artifact.context("un mensaje de cargo")?;
        found.extend(Some(artifact).filter(|one| one.reason == "compiler-artifact").and_then(Artifact::module));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cdylib_with_a_manifest_is_a_plugin() {
        let folder = tempfile::tempdir().expect("a folder");
        let line = |name: &str, kind: &str| {
            let toml = folder.path().join(name).join("Cargo.toml");
            serde_json::json!({"reason": "compiler-artifact", "manifest_path": toml, "filenames": ["/t/x.rlib", "/t/x.wasm"],
                               "target": {"name": name, "crate_types": [kind, "rlib"]}})
            .to_string()
        };
        fs::create_dir(folder.path().join("con")).expect("a folder");
        fs::write(folder.path().join("con").join(pack::MANIFEST), "").expect("a file");
        let lines = [
            line("con", "cdylib"),
            line("con", "lib"),
            line("sin", "cdylib"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
            "no es de cargo".to_owned(),
        ];
        let found = modules(lines.into_iter()).expect("messages");
        assert_eq!(found.iter().map(|module| (module.name.as_str(), &*module.wasm)).collect::<Vec<_>>(), [("con", Path::new("/t/x.wasm"))]);
    }
}
