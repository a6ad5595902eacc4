//! `cargo xtask portal`: the staff portal, from its sources to `web/dist`.
use crate::{
    job::{Job, say},
    node::Node,
    packages::{Need, ensure},
    paths,
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::SystemTime,
};

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let check = match arguments {
        [] => false,
        [one] if one == "--check" => true,
        _ => bail!("uso: cargo xtask portal [--check]"),
    };
    ensure(&[Need::Compiler])?;
    let server = ["build", "--package", "server", "--features", "demo", "--bin", "huella"];
    Job::cargo("compilando el servidor, que describe su API").args(server).ok()?;
    build(if check { Types::Check } else { Types::Renew })?;
    say(&format!("portal construido en {}", web().join("dist").display()));
    Ok(ExitCode::SUCCESS)
}

/// What to do with the types of the API that the portal is written against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Types {
    Renew,
    /// Fail if they are not those of this server.
    Check,
}

fn web() -> PathBuf {
    paths::root().join("platform/portal/web")
}

/// With the server as it was last built.
pub fn build(types: Types) -> Result<()> {
    let web = web();
    let node = Node::find()?;
    node.install(&web)?;
    generate(&node, &web, types)?;
    if up_to_date(&web)? {
        return Ok(());
    }
    node.job("construyendo el portal", "npm", &web).args(["run", "build"]).ok()?;
    Ok(())
}

/// What the portal's own tools say of it, where it has such (`npm run types`).
pub fn lint() -> Result<()> {
    let (web, node) = (web(), Node::find()?);
    node.install(&web)?;
    node.job("revisando el portal", "npm", &web).args(["run", "types", "--if-present"]).ok()?;
    Ok(())
}

/// `src/api/esquema.d.ts`, from what the server says of itself.
fn generate(node: &Node, web: &Path, types: Types) -> Result<()> {
    let work = paths::target().join("portal");
    fs::create_dir_all(&work)?;
    let (document, fresh) = (work.join("openapi.json"), work.join("esquema.d.ts"));
    let program = paths::target().join("debug/huella");
    let described = Job::new("describiendo la API", program).args(["openapi"]).quiet().ok()?;
    fs::write(&document, described.text)?;
    let tool = web.join("node_modules/.bin/openapi-typescript");
    node.job("generando los tipos de la API", &tool.to_string_lossy(), web)
        .args([&document])
        .args(["--output"])
        .args([&fresh])
        .quiet()
        .ok()?;
    let (new, kept) = (fs::read(&fresh)?, web.join("src/api/esquema.d.ts"));
    if fs::read(&kept).is_ok_and(|old| old == new) {
        return Ok(());
    }
    if types == Types::Check {
        bail!("{} no corresponde a la API de este servidor; ejecute: cargo xtask portal", kept.display());
    }
    fs::write(&kept, new).with_context(|| kept.display().to_string())?;
    say("tipos de la API renovados: platform/portal/web/src/api/esquema.d.ts");
    Ok(())
}

/// Whether nothing changed since the last build.
fn up_to_date(web: &Path) -> Result<bool> {
    let Ok(built) = fs::metadata(web.join("dist/index.html")).and_then(|found| found.modified()) else { return Ok(false) };
    let sources = ["src", "public", "index.html", "vite.config.ts", "package.json", "package-lock.json", "tsconfig.json"];
    let mut newest = SystemTime::UNIX_EPOCH;
    for name in sources {
        let path = web.join(name);
        if path.exists() {
            newest = newest.max(last_change(&path)?);
        }
    }
    Ok(newest < built)
}

fn last_change(path: &Path) -> Result<SystemTime> {
    let found = fs::metadata(path)?;
    let mut newest = found.modified()?;
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(last_change(&entry?.path())?);
        }
    }
    Ok(newest)
}
