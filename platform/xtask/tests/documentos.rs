//! Pages that list something of the code list all of it.
use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between `before` and the next quote, wherever `before` is found.
fn after(text: &str, before: &str) -> Vec<String> {
    text.split(before).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

fn all_in(page: &str, names: &[String], at_least: usize) {
    let text = read(page);
    assert!(names.len() >= at_least, "only {} names were found for {page}", names.len());
    let missing: Vec<&String> = names.iter().filter(|name| !text.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{page} does not name {missing:?}");
}

#[test]
fn every_event_of_the_catalogue_shows_what_it_carries() {
    let code = read("platform/kernel/src/eventos.rs");
    let lines = code.split("\nevents! {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("the catalogue");
    let names: Vec<String> = lines.lines().filter_map(|line| line.trim().strip_prefix('"')?.split('"').next()).map(str::to_owned).collect();
    all_in("docs/webhooks.md", &names, 70);
    for row in read("docs/webhooks.md").lines().filter(|line| line.starts_with("| `") && line.contains('.')) {
        let parts: Vec<&str> = row.split(" | ").collect();
        if parts.len() == 4 {
            assert!(parts[3].starts_with("`{") && parts[3].ends_with("}` |"), "no example in {row}");
        }
    }
}

#[test]
fn every_table_of_the_full_export_is_listed() {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("platform")).expect("a folder").flatten() {
        for file in ["src/portable.rs", "src/portable/mod.rs"] {
            let path = entry.path().join(file);
            // The kernel only says what a table is.
            if path.is_file() && entry.file_name() != "kernel" {
                names.extend(after(&fs::read_to_string(path).expect("text"), "Tabla::new(\""));
            }
        }
    }
    all_in("docs/exportacion.md", &names, 50);
}

#[test]
fn every_column_of_an_import_is_listed() {
    let code = read("platform/importacion/src/campos/tablas.rs");
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let joined: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut names = after(&joined, "campo( \"");
    names.extend(after(&joined, "campo(\""));
    all_in("docs/importacion.md", &names, 30);
    let arguments = read("platform/server/src/importar.rs");
    for option in ["columna", "sistema", "completar", "mes_dia", "probar", "errores", "deshacer", "completo"] {
        assert!(arguments.contains(&format!("    {option}: ")), "import has no --{option}");
    }
}
