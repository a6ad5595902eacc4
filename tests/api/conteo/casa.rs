//! The house: who imports whom, and where SQL and the system's context may stand.
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The list in ARCHITECTURE.md: `crate: what it may import`, in a fenced block called `imports`.
fn drawn() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let block = text.split("```imports\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block `imports`");
    let line = |line: &str| -> Option<(String, BTreeSet<String>)> {
        let (name, imports) = line.split_once(':')?;
        Some((name.trim().to_owned(), imports.split_whitespace().map(str::to_owned).collect()))
    };
    block.lines().filter_map(line).collect()
}

#[test]
fn imports_match_the_picture() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let imports = |package: &serde_json::Value| -> BTreeSet<String> {
        let normal = |d: &&serde_json::Value| d["kind"].is_null();
        package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(normal)
            .filter_map(|d| d["name"].as_str())
            .filter(|name| ours.contains(name))
            .map(str::to_owned)
            .collect()
    };
    let real: BTreeMap<String, BTreeSet<String>> = packages
        .iter()
        .filter(|p| p["name"] != "huella-tests" && p["name"] != "carga")
        .map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), imports(p)))
        .collect();
    assert_eq!(real, drawn(), "change the design first, then the code");
    assert!(real["kernel"].is_empty(), "kernel imports none of ours");
}

/// The packages that are linked into one of ours, as cargo resolves it when it is built by itself.
fn linked(package: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Plugins are compiled by a program of their own: what reads the bytes of strangers is not in the server.
#[test]
fn the_server_runs_plugins_and_links_no_compiler() {
    let compiler = "cranelift-codegen";
    assert!(linked("huella-compilar").contains(compiler), "the one that has it");
    let host = linked("plugin-host");
    assert!(host.contains("wasmtime") && !host.contains(compiler));
    assert!(!linked("server").contains(compiler));
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// SQL lives in `store.rs` or `store/`, `SystemCtx` in `server`, the background work of identity, integrations, letters,
/// imports and examinations, the list of chains, and the kernel.
#[test]
fn sql_lives_in_stores_and_the_system_context_in_few_places() {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join("platform")).expect("platform").flatten() {
        let source = entry.path().join("src");
        if source.is_dir() {
            sources(&source, &mut files);
        }
    }
    assert!(files.len() > 60);
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.to_string_lossy().split("platform/").nth(1).unwrap_or_default().to_owned();
        let text = std::fs::read_to_string(file).expect("text");
        let sql = ["sqlx::query", "query!(", "query_as!(", "query_scalar!("].iter().any(|call| text.contains(call));
        let may = name.contains("/store")
            || ["cluster/", "xtask/"].iter().any(|place| name.starts_with(place))
            || name.starts_with("server/src/demo/");
        if sql && !may {
            wrong.push(format!("{name}: SQL outside a store"));
        }
        let system = text.contains("SystemCtx");
        let may = [
            "kernel/",
            "server/",
            "organizacion/src/identidad/",
            "organizacion/src/estructura/routes/cadenas",
            "integraciones/src/entregar",
            "importacion/src/",
            "alertas/src/",
            "complementos/src/de_casa",
            "complementos/src/examinar",
        ]
        .iter()
        .any(|place| name.starts_with(place));
        if system && !may {
            wrong.push(format!("{name}: SystemCtx"));
        }
        if text.contains("where tenant_id") && !name.starts_with("server/") && !name.contains("kernel/src/store") {
            wrong.push(format!("{name}: asks for the tenant by hand"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every event that a domain publishes is in the catalogue that integrations and screens go by.
#[test]
fn every_event_is_in_the_catalogue() {
    let mut files = Vec::new();
    sources(&root().join("platform"), &mut files);
    let families: BTreeSet<&str> = kernel::eventos::CATALOGUE.iter().filter_map(|tema| tema.clave.split('.').next()).collect();
    let known: BTreeSet<&str> = kernel::eventos::CATALOGUE.iter().map(|tema| tema.clave).collect();
    let permissions: BTreeSet<&str> = kernel::permission::CATALOGUE.iter().map(|entry| entry.clave).collect();
    let (mut published, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for file in files.iter().filter(|file| !file.ends_with("kernel/src/eventos.rs")) {
        let text = std::fs::read_to_string(file).expect("text");
        for call in text.split(['(', '{', ' ']).filter(|part| part.starts_with('"')) {
            let Some(literal) = call[1..].split('"').next() else { continue };
            let Some((family, what)) = literal.split_once('.') else { continue };
            let plain = !what.is_empty() && what.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if known.contains(literal) {
                published.insert(literal.to_owned());
            } else if plain && families.contains(family) && !permissions.contains(literal) {
                unknown.insert(format!("{literal} in {}", file.display()));
            }
        }
    }
    assert!(unknown.is_empty(), "not in kernel::eventos: {unknown:#?}");
    let idle: Vec<&&str> = known.iter().filter(|clave| !published.contains(**clave)).collect();
    assert!(idle.is_empty(), "nobody publishes {idle:?}");
}
