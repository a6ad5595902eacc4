//! The plugins as they are shipped, by the tool that everybody uses. `cargo xtask plugins` makes what is run here.
use rstest::rstest;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins")
}

fn component(name: &str) -> PathBuf {
    let path = plugins().join(format!("dist/{name}.wasm"));
    assert!(path.is_file(), "{} is missing: cargo xtask plugins", path.display());
    path
}

fn tool(arguments: &[&std::ffi::OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_huella-plugin")).args(arguments).output().expect("huella-plugin")
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

#[rstest]
fn its_cases_hold(#[values("vacunas", "desparasitacion", "cronicos", "whatsapp", "sms")] name: &str) {
    let (component, cases) = (component(name), plugins().join(name).join("casos"));
    let out = tool(&["test".as_ref(), component.as_ref(), "--cases".as_ref(), cases.as_ref()]);
    assert!(out.status.success(), "{}", said(&out));
}

#[rstest]
fn it_bears_what_all_have_to_bear(#[values("vacunas", "desparasitacion", "cronicos", "whatsapp", "sms")] name: &str) {
    let component = component(name);
    let settings = plugins().join(name).join("casos/ajustes/prueba.json");
    let mut arguments = vec!["conformance".as_ref(), component.as_os_str()];
    if settings.is_file() {
        arguments.extend(["--settings".as_ref(), settings.as_os_str()]);
    }
    let out = tool(&arguments);
    assert!(out.status.success(), "{}", said(&out));
}

/// A rule sees nothing of the outside; a channel nothing but what its manifest says.
#[test]
fn what_each_imports_is_as_little_as_its_world_allows() {
    for name in ["vacunas", "desparasitacion", "cronicos"] {
        let text = said(&tool(&["check".as_ref(), component(name).as_ref()]));
        let imports = text.lines().find_map(|line| line.trim().strip_prefix("importa")).expect("a line").trim().to_owned();
        assert_eq!(imports, "log", "{name}");
    }
    let text = said(&tool(&["check".as_ref(), component("whatsapp").as_ref()]));
    for part in
        ["pe.huella.whatsapp", "llama a  graph.facebook.com (GET POST)", "secreto  token: solo lo usa el anfitrión", "clave    app: hmac"]
    {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn a_case_that_does_not_hold_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let case =
        r#"[{"caso": "al revés", "trigger": "diario", "hoy": "2026-11-27", "hechos": {"mascota": {"especie": "perro"}}, "alertas": []}]"#;
    std::fs::write(folder.path().join("uno.json"), case).expect("a file");
    let out = tool(&["test".as_ref(), component("vacunas").as_ref(), "--cases".as_ref(), folder.path().as_ref()]);
    assert!(!out.status.success() && said(&out).contains("FALLÓ  al revés"), "{}", said(&out));
}

#[test]
fn a_signed_plugin_is_signed_by_its_key_and_a_key_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let (key, copy) = (folder.path().join("clave"), folder.path().join("vacunas.wasm"));
    std::fs::copy(component("vacunas"), &copy).expect("a copy");
    let made = said(&tool(&["keygen".as_ref(), key.as_ref()]));
    let public = made.trim().strip_prefix("clave pública: ").expect("a key").to_owned();
    let signed = tool(&["sign".as_ref(), copy.as_ref(), "--key".as_ref(), key.as_ref()]);
    assert!(said(&signed).contains(&format!("firmado por {public}")), "{}", said(&signed));
    assert!(!tool(&["keygen".as_ref(), key.as_ref()]).status.success());
    assert!(tool(&["check".as_ref(), copy.as_ref()]).status.success(), "a signature changes nothing else");
}

#[rstest]
fn a_new_plugin_is_whole(#[values("alerts", "notification")] world: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let new = folder.path().join("mi-regla");
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust");
    let arguments = ["new".as_ref(), new.as_os_str(), "--world".as_ref(), world.as_ref(), "--sdk".as_ref(), sdk.as_os_str()];
    let out = tool(&arguments);
    assert!(out.status.success(), "{}", said(&out));
    for file in ["Cargo.toml", "plugin.toml", "config.schema.json", "src/lib.rs"] {
        let text = std::fs::read_to_string(new.join(file)).expect(file);
        assert!(!text.is_empty() && !text.contains("{{"), "{file}: {text}");
    }
    assert!(std::fs::read_to_string(new.join("src/lib.rs")).expect("code").contains("MiRegla"));
    assert!(!tool(&arguments).status.success(), "never over a folder that is there");
}

/// Its first day: built, looked at, tried by a case of its own and by what all have to bear.
#[test]
fn a_new_rule_runs_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = folder.path().join("pesos");
    let root = plugins().join("..").canonicalize().expect("the checkout");
    let (sdk, target) = (root.join("sdk/rust"), root.join("target/plugins"));
    let good = |arguments: &[&std::ffi::OsStr]| {
        let out = tool(arguments);
        assert!(out.status.success(), "{arguments:?}: {}", said(&out));
    };
    good(&["new".as_ref(), new.as_ref(), "--world".as_ref(), "alerts".as_ref(), "--sdk".as_ref(), sdk.as_ref()]);
    // The versions that are here already.
    std::fs::copy(plugins().join("Cargo.lock"), new.join("Cargo.lock")).expect("a copy");
    good(&["build".as_ref(), new.as_ref(), "--target-dir".as_ref(), target.as_ref()]);
    let component = new.join("dist/pesos.wasm");
    good(&["check".as_ref(), component.as_ref()]);
    let cases = folder.path().join("casos");
    std::fs::create_dir(&cases).expect("a folder");
    let case = serde_json::json!([{
        "caso": "medio año sin pesar", "trigger": "diario", "hoy": "2026-07-10", "config": {"meses": 6},
        "hechos": {"esquema": "hechos/v1", "mascota": {"especie": "perro"}, "pesos": [{"en": "2026-01-10T15:00:00Z", "kg": 7.4}]},
        "alertas": [{"regla": "pesos.peso", "vence": "2026-07-10", "gravedad": "info"}],
    }]);
    std::fs::write(cases.join("uno.json"), case.to_string()).expect("a file");
    good(&["test".as_ref(), component.as_ref(), "--cases".as_ref(), cases.as_ref()]);
    good(&["conformance".as_ref(), component.as_ref()]);
}

/// A chain writes its own schedule: each field of one is admitted, and what is no antigen is named.
#[test]
fn a_chains_own_vaccine_schedule_fits_the_configurations_schema() {
    let text = std::fs::read_to_string(plugins().join("vacunas/config.schema.json")).expect("a schema");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let own = serde_json::json!({"pautas": [{
        "antigeno": "leptospira", "nombre": "Leptospirosis", "especie": "perro", "ley": false,
        "valida_desde_semanas": 6, "primera_semanas": 10, "dosis": 2, "ultima_desde_semanas": 12,
        "intervalo_dias": 21, "intervalo_minimo_dias": 14, "intervalo_maximo_dias": 56,
        "adulto_desde_semanas": 16, "adulto_dosis": 2, "refuerzo_meses": 12, "revacunacion_meses": 12, "caduca_meses": 18,
        "origen": "Pauta propia",
    }]});
    assert_eq!(plugin_manifest::faults(&schema, &own), []);
    let wrong = serde_json::json!({"pautas": [{"antigeno": "Rabia"}]});
    assert!(plugin_manifest::faults(&schema, &wrong).iter().any(|fault| fault.pointer == "/pautas/0/antigeno"));
}
