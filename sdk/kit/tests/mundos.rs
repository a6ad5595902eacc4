//! The worlds that no plugin of the house is of yet: the least of each, written with the public SDK, bears what all have to bear;
//! and what it does wrong is named.
use rstest::rstest;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

fn tool() -> Command {
    Command::new(env!("CARGO_BIN_EXE_huella-plugin"))
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

/// All three, built by the tool as anybody builds theirs.
static MADE: LazyLock<PathBuf> = LazyLock::new(|| {
    let (here, out) = (Path::new(env!("CARGO_MANIFEST_DIR")), PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mundos"));
    let target = here.join("../../target/plugins");
    let mut build = tool();
    build.arg("build").arg(here.join("tests/mundos")).arg("--target-dir").arg(target).arg("--out").arg(&out);
    let done = build.output().expect("huella-plugin");
    assert!(done.status.success(), "{}", said(&done));
    out
});

fn component(name: &str) -> PathBuf {
    MADE.join(format!("{name}.wasm"))
}

/// Whether it passes, and each case.
fn conformance(name: &str, modo: &str) -> (bool, String) {
    let settings = json!({ "config": { "modo": modo }, "secretos": { "token": "t" }, "claves": if name == "comprobante" { json!({}) } else { json!({ "avisos": "k" }) } });
    let path = MADE.join(format!("{name}-{modo}.json"));
    std::fs::write(&path, settings.to_string()).expect("written");
    let out = tool().arg("conformance").arg(component(name)).arg("--settings").arg(&path).output().expect("huella-plugin");
    (out.status.success(), said(&out))
}

#[rstest]
#[case("cobro", "payment", 50)]
#[case("comprobante", "fiscal", 30)]
#[case("envio", "delivery", 35)]
fn the_least_of_each_world_bears_what_all_have_to_bear(#[case] name: &str, #[case] world: &str, #[case] at_least: usize) {
    let checked = tool().arg("check").arg(component(name)).output().expect("huella-plugin");
    assert!(checked.status.success() && said(&checked).contains(world), "{}", said(&checked));
    // As when it is uploaded: with what its schema gives.
    let out = tool().arg("conformance").arg(component(name)).output().expect("huella-plugin");
    let text = said(&out);
    assert!(out.status.success(), "{text}");
    let passed: usize = text.lines().last().and_then(|line| line.split(' ').next()?.parse().ok()).expect("a count");
    assert!(passed >= at_least, "{text}");
}

/// Which case fails, and why.
#[rstest]
#[case("cobro", "optimista", "cobrar: el proveedor no responde", "se esperaba indeterminate, y dio ok")]
#[case("cobro", "reintenta", "cobrar: el proveedor responde a medias", "se esperaba indeterminate, y dio retry_later")]
#[case("cobro", "sin_clave", "cobrar: una respuesta perdida y un segundo intento", "sin la clave de idempotencia")]
#[case("cobro", "cree_avisos", "un aviso cuando falta la clave", "debe rechazarse, y dio ok")]
#[case("cobro", "cobra_cero", "cobrar cero", "debe rechazarse sin llamar al proveedor")]
#[case("cobro", "calla", "comprobar con credenciales que no sirven", "se esperaba not_authorized, y dio ok")]
#[case("comprobante", "optimista", "emitir una factura: el proveedor no responde", "y dio ok")]
#[case("comprobante", "todo_vale", "validar un documento vacío", "debe decir qué está mal, y dio ok")]
#[case("comprobante", "cualquier_tipo", "emitir lo que no existe", "sin llamar al proveedor")]
#[case("comprobante", "cae", "emitir boleta, y el proveedor no la acepta", "y dio trap")]
#[case("envio", "optimista", "cotizar: el proveedor responde 502 sin decir nada", "y dio ok")]
#[case("envio", "reintenta", "pedir: el proveedor no responde", "se esperaba indeterminate, y dio retry_later")]
#[case("envio", "sin_clave", "pedir: una respuesta perdida y un segundo intento", "sin la clave de idempotencia")]
#[case("envio", "cree_avisos", "un aviso sin firma", "debe rechazarse, y dio ok")]
fn what_it_does_wrong_is_named_with_its_reason(#[case] name: &str, #[case] modo: &str, #[case] caso: &str, #[case] why: &str) {
    let (passed, text) = conformance(name, modo);
    let line = text.lines().find(|line| line.starts_with(&format!("FALLÓ  {caso}: ")));
    assert!(!passed && line.is_some_and(|line| line.contains(why)), "{name} {modo}: {text}");
}
