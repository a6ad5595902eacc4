//! The house: who imports whom, what is linked into the server, and which events there are.
use super::{
    set,
    textos::{root, sources},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

/// Crates, and what each imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The list in ARCHITECTURE.md: `crate: what it may import`, in a fenced block called `imports`.
fn drawn(text: &str) -> Imports {
    let block = text.split("```imports\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block `imports`");
    let line = |line: &str| -> Option<(String, BTreeSet<String>)> {
        let (name, imports) = line.split_once(':')?;
        Some((name.trim().to_owned(), imports.split_whitespace().map(str::to_owned).collect()))
    };
    block.lines().filter_map(line).collect()
}

/// What each of our crates is built with, tests and measurements apart, as `cargo metadata` says.
fn built(metadata: &Value) -> Imports {
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let imports = |package: &Value| -> BTreeSet<String> {
        let normal = |d: &&Value| d["kind"].is_null();
        let named = package["dependencies"].as_array().into_iter().flatten().filter(normal).filter_map(|d| d["name"].as_str());
        named.filter(|name| ours.contains(name)).map(str::to_owned).collect()
    };
    packages
        .iter()
        .filter(|p| p["name"] != "huella-tests" && p["name"] != "carga")
        .map(|p| (p["name"].as_str().unwrap_or_default().to_owned(), imports(p)))
        .collect()
}

/// Crates and imports that are on one side only.
fn astray(real: &Imports, drawn: &Imports) -> BTreeSet<String> {
    let all = |imports: &Imports| -> BTreeSet<String> {
        let pairs = imports.iter().flat_map(|(one, others)| others.iter().map(move |other| format!("{one} imports {other}")));
        imports.keys().cloned().chain(pairs).collect()
    };
    &all(real) ^ &all(drawn)
}

#[test]
fn imports_match_the_picture() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let real = built(&serde_json::from_slice(&output.stdout).expect("JSON"));
    let picture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    assert_eq!(astray(&real, &drawn(&picture)), set(&[]), "change the design first, then the code");
    assert!(real["kernel"].is_empty(), "kernel imports none of ours");
}

#[test]
fn an_import_that_is_not_drawn_is_found() {
    let picture = drawn("# House\n```imports\nkernel:\ncitas: kernel pacientes\npacientes: kernel\nmapa:\n```\nkernel: nothing\n");
    let packages = json!([
        { "name": "kernel", "dependencies": [{ "name": "citas", "kind": null }, { "name": "serde", "kind": null }] },
        { "name": "citas", "dependencies": [{ "name": "kernel", "kind": null }, { "name": "carga", "kind": "dev" }] },
        { "name": "pacientes", "dependencies": [{ "name": "kernel", "kind": null }] },
        { "name": "nueva", "dependencies": [] },
        { "name": "carga", "dependencies": [{ "name": "citas", "kind": null }] },
    ]);
    let found = astray(&built(&json!({ "packages": packages })), &picture);
    assert_eq!(found, set(&["citas imports pacientes", "kernel imports citas", "mapa", "nueva"]));
}

/// The packages that are linked into one of ours with these features, as cargo resolves it when it is built by itself.
fn linked(package: &str, features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--features", features])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline"])
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
    assert!(linked("huella-compilar", "").contains(compiler), "the one that has it");
    let host = linked("plugin-host", "");
    assert!(host.contains("wasmtime") && !host.contains(compiler));
    assert!(!linked("server", "").contains(compiler));
}

/// What stands in for the outside world in the demonstration is in no server that serves.
#[test]
fn the_server_without_the_demonstration_links_none_of_its_parts() {
    let parts = set(&["cluster", "mail-parser", "s3s", "s3s-fs", "simuladores", "smtp-proto"]);
    assert!(linked("server", "demo").is_superset(&parts), "the one that has them");
    assert_eq!(&linked("server", "") & &parts, set(&[]));
}

/// Names of events that a text says: those that are known, and those that only look like one.
fn events<'a>(text: &'a str, known: &BTreeSet<&'a str>, others: &BTreeSet<&'a str>) -> (BTreeSet<&'a str>, BTreeSet<&'a str>) {
    let families: BTreeSet<&str> = known.iter().filter_map(|clave| clave.split('.').next()).collect();
    let literals = text.split(['(', '{', ' ']).filter_map(|part| part.strip_prefix('"')?.split('"').next());
    let (published, rest): (BTreeSet<&'a str>, BTreeSet<&'a str>) = literals.partition(|literal| known.contains(literal));
    let looks = |literal: &&str| {
        literal.split_once('.').is_some_and(|(family, what)| {
            let plain = !what.is_empty() && what.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            plain && families.contains(family) && !others.contains(*literal)
        })
    };
    (published, rest.into_iter().filter(looks).collect())
}

/// Every event that a domain publishes is in the catalogue that integrations and screens go by.
#[test]
fn every_event_is_in_the_catalogue() {
    let mut files = Vec::new();
    sources(&root().join("platform"), &mut files);
    let known: BTreeSet<&str> = kernel::eventos::CATALOGUE.iter().map(|tema| tema.clave).collect();
    let permissions: BTreeSet<&str> = kernel::permission::CATALOGUE.iter().map(|entry| entry.clave).collect();
    let (mut published, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for file in files.iter().filter(|file| !file.ends_with("kernel/src/eventos.rs")) {
        let text = std::fs::read_to_string(file).expect("text");
        let (here, wrong) = events(&text, &known, &permissions);
        published.extend(here.into_iter().map(str::to_owned));
        unknown.extend(wrong.into_iter().map(|event| format!("{event} in {}", file.display())));
    }
    assert!(unknown.is_empty(), "not in kernel::eventos: {unknown:#?}");
    let idle: Vec<&&str> = known.iter().filter(|clave| !published.contains(**clave)).collect();
    assert!(idle.is_empty(), "nobody publishes {idle:?}");
}

#[test]
fn an_event_that_is_in_no_catalogue_is_found() {
    let text =
        "tx.publish(\"cita.reservada\", x); tx.publish(\"cita.reservadas\", y); may(\"cita.ver\"); file(\"otra.cosa\"); as(\"cita.PDF\")";
    let found = events(text, &BTreeSet::from(["cita.reservada", "cita.anulada"]), &BTreeSet::from(["cita.ver"]));
    assert_eq!(found, (BTreeSet::from(["cita.reservada"]), BTreeSet::from(["cita.reservadas"])));
}
