//! `new`: a plugin from a template, which compiles and passes its own tests.
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(clap::Args)]
pub struct Options {
    /// La carpeta nueva; su nombre es el del complemento.
    folder: PathBuf,
    #[arg(long)]
    world: World,
    #[arg(long, default_value = "rust")]
    lang: Lang,
    /// Quién lo publica.
    #[arg(long, default_value = "mi-empresa")]
    publisher: String,
    /// Dónde está el SDK; si falta, `sdk/rust` en una carpeta de más arriba.
    #[arg(long)]
    sdk: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum World {
    Alerts,
    Notification,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Rust,
}

impl World {
    /// Name and text of what only this world has.
    fn files(self) -> [(&'static str, &'static str); 3] {
        match self {
            Self::Alerts => [
                ("plugin.toml", include_str!("../plantillas/alerts/plugin.toml")),
                ("config.schema.json", include_str!("../plantillas/alerts/config.schema.json")),
                ("src/lib.rs", include_str!("../plantillas/alerts/lib.rs")),
            ],
            Self::Notification => [
                ("plugin.toml", include_str!("../plantillas/notification/plugin.toml")),
                ("config.schema.json", include_str!("../plantillas/notification/config.schema.json")),
                ("src/lib.rs", include_str!("../plantillas/notification/lib.rs")),
            ],
        }
    }
}

/// What a plugin that stands alone has to say, and one of a workspace does not.
const ALONE: &str = include_str!("../plantillas/alone.toml");

pub fn run(options: &Options) -> Result<()> {
    let Lang::Rust = options.lang;
    let name = options.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let fits = |name: &str| name.starts_with(|first: char| first.is_ascii_lowercase()) && !name.ends_with('-');
    if !fits(name) || !name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-') {
        bail!("«{name}» no sirve de nombre: letras minúsculas, cifras y guiones");
    }
    if options.folder.exists() {
        bail!("{} ya existe", options.folder.display());
    }
    let sdk = sdk(options)?;
    let fill = |text: &str| {
        let kind = name.split('-').map(capitalized).collect::<String>();
        let text = text.replace("{{nombre}}", name).replace("{{Tipo}}", &kind);
        text.replace("{{modulo}}", &name.replace('-', "_")).replace("{{publica}}", &options.publisher).replace("{{sdk}}", &sdk)
    };
    let mut cargo = include_str!("../plantillas/Cargo.toml.txt").to_owned();
    if !in_workspace(&options.folder) {
        cargo.push_str(ALONE);
    }
    fs::create_dir_all(options.folder.join("src")).with_context(|| options.folder.display().to_string())?;
    let files = [("Cargo.toml", cargo.as_str()), (".gitignore", "/target\n/dist\n")];
    for (path, text) in files.into_iter().chain(options.world.files()) {
        let path = options.folder.join(path);
        fs::write(&path, fill(text)).with_context(|| path.display().to_string())?;
    }
    let folder = options.folder.display();
    println!(
        "{folder} está listo:\n  (cd {folder} && cargo test)\n  huella-plugin build {folder}\n  huella-plugin check {folder}/dist/{name}.wasm"
    );
    Ok(())
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The SDK's folder, as the new plugin's Cargo.toml names it.
fn sdk(options: &Options) -> Result<String> {
    let path = match &options.sdk {
        Some(path) => path.clone(),
        None => {
            let here = std::env::current_dir()?.join(&options.folder);
            let above = here.ancestors().map(|folder| folder.join("sdk/rust")).find(|sdk| sdk.join("Cargo.toml").is_file());
            above.context("no se encuentra el SDK en ninguna carpeta de más arriba; diga dónde está con --sdk")?
        }
    };
    let path = path.canonicalize().with_context(|| path.display().to_string())?;
    if !path.join("Cargo.toml").is_file() {
        bail!("{} no es el SDK", path.display());
    }
    Ok(path.display().to_string())
}

fn in_workspace(folder: &Path) -> bool {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::read_to_string(parent.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
}
