//! `sign` and `keygen`: who answers for a plugin.
use anyhow::{Context, Result, anyhow};
use plugin_manifest::{SigningKey, sign};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
pub struct Options {
    #[arg(required = true)]
    components: Vec<PathBuf>,
    /// El archivo que hizo `keygen`.
    #[arg(long)]
    key: PathBuf,
}

pub fn run(options: &Options) -> Result<()> {
    let text = fs::read_to_string(&options.key).with_context(|| options.key.display().to_string())?;
    let key: SigningKey = text.parse().map_err(|error: String| anyhow!(error)).with_context(|| options.key.display().to_string())?;
    for path in &options.components {
        let shown = || path.display().to_string();
        let signed = sign(&fs::read(path).with_context(shown)?, &key).with_context(shown)?;
        fs::write(path, signed).with_context(shown)?;
        println!("{}: firmado por {}", path.display(), key.public());
    }
    Ok(())
}

/// Never over a key that is there.
pub fn keygen(file: &Path) -> Result<()> {
    let key = SigningKey::generate().map_err(|error| anyhow!(error))?;
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(|| file.display().to_string())?;
    writeln!(out, "{}", key.expose())?;
    println!("clave pública: {}", key.public());
    Ok(())
}
