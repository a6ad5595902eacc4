//! `pack`: a module becomes a component, and a component carries its manifest.
use anyhow::{Context, Result, anyhow};
use plugin_manifest::{Fault, Manifest, Package, audit};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use wit_component::ComponentEncoder;

pub const MANIFEST: &str = "plugin.toml";

#[derive(clap::Args)]
pub struct Options {
    /// Un módulo con la descripción de su mundo, o un componente.
    wasm: PathBuf,
    /// El manifiesto; los archivos que nombra están a su lado.
    #[arg(long, default_value = MANIFEST)]
    manifest: PathBuf,
    #[arg(long)]
    out: PathBuf,
}

pub fn run(options: &Options) -> Result<()> {
    let bytes = fs::read(&options.wasm).with_context(|| options.wasm.display().to_string())?;
    let packed = package(&component(&bytes)?, &Files { manifest: options.manifest.clone() })?;
    fs::write(&options.out, packed).with_context(|| options.out.display().to_string())
}

/// Where a plugin's description lies.
pub struct Files {
    manifest: PathBuf,
}

impl Files {
    pub fn in_folder(folder: &Path) -> Self {
        Self { manifest: folder.join(MANIFEST) }
    }

    fn read(&self) -> Result<Package> {
        let text = fs::read_to_string(&self.manifest).with_context(|| self.manifest.display().to_string())?;
        let manifest = Manifest::from_toml(&text).map_err(|faults| listed(MANIFEST, &faults))?;
        let (schema, ui) = match &manifest.config {
            Some(files) => (Some(self.beside(&files.schema)?), files.ui.as_deref().map(|name| self.beside(name)).transpose()?),
            None => (None, None),
        };
        Ok(Package { manifest, config_schema: schema, config_ui: ui })
    }

    fn beside(&self, name: &str) -> Result<Value> {
        let path = self.manifest.with_file_name(name);
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        serde_json::from_str(&text).with_context(|| path.display().to_string())
    }
}

/// A module is wrapped; what is a component already stays as it is.
pub fn component(bytes: &[u8]) -> Result<Vec<u8>> {
    // After the magic number: version 1 in layer 0 is a module.
    if bytes.get(4..8) != Some(&[1, 0, 0, 0]) {
        return Ok(bytes.to_vec());
    }
    let encoded = ComponentEncoder::default().validate(true).module(bytes).and_then(|encoder| encoder.encode());
    encoded.map_err(|error| anyhow!("{error:#}")).context("no se pudo hacer un componente; ¿falta export_…!(Tipo) en lib.rs?")
}

/// The component with its manifest, once both fit each other.
pub fn package(component: &[u8], files: &Files) -> Result<Vec<u8>> {
    let package = files.read()?;
    let packed = package.write(component)?;
    audit(&packed, package.manifest.world.world).map_err(|faults| listed("el componente no cumple su mundo", &faults))?;
    Package::read(&packed)?;
    Ok(packed)
}

pub fn listed(what: &str, faults: &[Fault]) -> anyhow::Error {
    anyhow!("{what}:{}", faults.iter().map(|fault| format!("\n  - {fault}")).collect::<String>())
}
