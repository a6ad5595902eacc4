//! Plugins of every version of the contract, frozen: what was made for one keeps running on every later host.
use anyhow::{Context, Result, bail};
use plugin_host::{
    Admission, Compiler, Host, Options, Profile, SealKey,
    manifest::{Package, World, identity},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{ManglingAndAbi, Resolve};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contratos")
}

/// Each file of each version's folder; none of them may be empty.
fn frozen(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for version in fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let files = fs::read_dir(&version)?.flatten().map(|entry| entry.path());
        let before = all.len();
        all.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "wasm")));
        if all.len() == before {
            bail!("{} está vacía", version.display());
        }
    }
    all.sort();
    if all.is_empty() {
        bail!("en {} no hay ninguna versión", folder.display());
    }
    Ok(all)
}

/// Loads it as the server does: compiled apart, each import found, each export of its world there.
async fn load(component: &[u8]) -> Result<World> {
    let world = Package::read(component)?.manifest.world.world;
    let profile = Profile::from(world);
    let compiler = Path::new(env!("CARGO_BIN_EXE_huella-plugin")).with_file_name("huella-compilar");
    let code = Compiler::at(compiler).compile(component, profile).await?;
    let host = Host::new(Options { at_once: 4, ..Options::new(SealKey::new(&[7; 32])) })?;
    host.load(component, &host.seal(&identity(component)?, profile, &code), &Admission::Anyone)?;
    Ok(world)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_made_for_a_version_still_loads() {
    let mut worlds = BTreeSet::new();
    for path in frozen(&folder()).expect("frozen plugins") {
        let component = fs::read(&path).expect("a file");
        assert!(component.len() < 320 << 10, "{} is {} bytes", path.display(), component.len());
        let world = load(&component).await.unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        let version = path.parent().and_then(Path::file_name).expect("a version").to_string_lossy().into_owned();
        worlds.insert((version, world.to_string()));
    }
    let versions: BTreeSet<&String> = worlds.iter().map(|(version, _)| version).collect();
    for version in versions {
        for world in ["alerts", "delivery", "fiscal", "notification", "payment"] {
            assert!(worlds.contains(&(version.clone(), world.to_owned())), "{version} has no {world}");
        }
    }
}

#[test]
fn what_was_made_for_a_version_still_bears_what_all_have_to_bear() {
    let mut run = 0;
    for path in frozen(&folder()).expect("frozen plugins") {
        let world = Package::read(&fs::read(&path).expect("a file")).expect("a plugin").manifest.world.world;
        // The others are the world with nothing behind it.
        if !matches!(world, World::Alerts | World::Notification) {
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_huella-plugin"));
        command.arg("conformance").arg(&path);
        let settings = path.with_extension("json");
        if settings.is_file() {
            command.arg("--settings").arg(settings);
        }
        let out = command.output().expect("huella-plugin");
        let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{}: {said}", path.display());
        run += 1;
    }
    assert!(run >= 2, "a rule and a channel at least");
}

#[test]
fn a_version_without_plugins_is_no_proof() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(frozen(folder.path()).is_err());
    fs::create_dir(folder.path().join("0.1.0")).expect("a folder");
    assert!(frozen(folder.path()).is_err());
    fs::write(folder.path().join("0.1.0/uno.wasm"), "").expect("a file");
    assert_eq!(frozen(folder.path()).expect("one").len(), 1);
}

/// The contract with one import under another name: what a plugin of before would meet if a host dropped it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_that_lost_an_import_is_seen() {
    let good = empty("payment", |text| text.to_owned()).expect("a component");
    assert_eq!(load(&good).await.expect("loaded"), World::Payment);
    let changed = |text: &str| text.replace("now-unix-ms", "now-unix-us");
    let bad = empty("payment", changed).expect("a component");
    let why = format!("{:#}", load(&bad).await.expect_err("refused"));
    assert!(why.contains("clock") || why.contains("now-unix-us"), "{why}");
}

/// The world with nothing but `unreachable` behind it, and a manifest.
fn empty(world: &str, change: impl Fn(&str) -> String) -> Result<Vec<u8>> {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let copy = tempfile::tempdir()?;
    for entry in fs::read_dir(&contract)?.flatten().filter(|entry| entry.path().extension().is_some_and(|extension| extension == "wit")) {
        fs::write(copy.path().join(entry.file_name()), change(&fs::read_to_string(entry.path())?))?;
    }
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(copy.path())?;
    let version = resolve.packages[package].name.version.clone().context("a version")?;
    let chosen = resolve.select_world(&[package], Some(world))?;
    let mut module = wit_component::dummy_module(&resolve, chosen, ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(&mut module, &resolve, chosen, StringEncoding::UTF8)?;
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module)?;
    let component = encoder.encode()?;
    let manifest = serde_json::json!({
        "manifest": 1, "id": format!("pe.huella.congelado-{world}"), "version": "1.0.0", "name": {"es": "Congelado"},
        "world": format!("huella:plugin/{world}@{version}"), "publisher": "huella", "license": "MIT",
    });
    let package: Package = serde_json::from_value(serde_json::json!({"manifest": manifest, "config-schema": null}))?;
    Ok(package.write(&component)?)
}

/// Once for each new version of the contract; see the folder's README.
#[test]
#[ignore = "writes files"]
fn freeze_the_worlds_with_nothing_behind_them() {
    let version = std::env::var("CONTRATO").expect("CONTRATO=0.2.0");
    for world in ["payment", "fiscal", "delivery"] {
        let path = folder().join(&version).join(format!("{world}.wasm"));
        assert!(!path.exists(), "{} is frozen", path.display());
        fs::write(path, empty(world, |text| text.to_owned()).expect("a component")).expect("written");
    }
}
