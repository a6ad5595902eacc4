//! The comparison of the agenda says which tests show what it claims: all of them are there, and no point is without.
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Points that are compared, and one of them that is not made yet.
const PUNTOS: &[&str] =
    &["A1-16", "A1-17", "A1-18", "A1-19", "A1-20", "A1-21", "A1-22", "A1-23", "A1-24", "A1-25", "A1-26", "A1-27", "B-04"];
const SIN_HACER: &str = "A1-22";
const OTROS: &[&str] = &["| Cal.com |", "| Easy!Appointments |", "| OpenVPMS |", "| Medplum |", "| **Huella** |"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names of all functions that are tests, in the files below.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if entry.is_dir() && !["target", "node_modules"].contains(&name) {
            tests(&entry, found);
        } else if name.ends_with(".rs") {
            found.extend(of_text(&std::fs::read_to_string(&entry).expect("text")));
        }
    }
}

fn of_text(text: &str) -> Vec<String> {
    let (mut found, mut tested) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        match line.strip_prefix("async fn ").or(line.strip_prefix("fn ")) {
            Some(rest) => {
                found.extend(rest.split('(').next().filter(|_| tested).map(str::to_owned));
                tested = false;
            }
            None => tested |= ["#[test]", "#[tokio::test", "#[rstest]"].iter().any(|mark| line.starts_with(mark)),
        }
    }
    found
}

/// Names in back quotes that are no command: several words, joined.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|word| word.matches('_').count() > 1 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect()
}

#[test]
fn what_the_comparison_of_the_agenda_claims_is_tested() {
    assert_eq!(of_text("#[test]\nfn a() {\n}\nfn b() {}\n#[tokio::test(x)]\n/// Of c.\nasync fn c() {"), ["a", "c"]);
    assert_eq!(named("`a_b_c`, `cargo xtask`, `$book` y `uno_dos`"), ["a_b_c"]);
    let text = std::fs::read_to_string(root().join("docs/comparacion-agenda.md")).expect("the comparison");
    let mut known = BTreeSet::new();
    for folder in ["tests", "platform"] {
        tests(&root().join(folder), &mut known);
    }
    assert!(known.len() > 800, "{}", known.len());
    let mut points = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let point = section.split(' ').next().expect("a name");
        points.push(point);
        for other in OTROS {
            assert!(section.contains(other), "{point} says nothing of {other}");
        }
        let names = named(section);
        assert_eq!(names.is_empty(), point == SIN_HACER, "{point} is shown by {names:?}");
        for name in names {
            assert!(known.contains(name), "{point} names {name}, which is no test");
        }
    }
    assert_eq!(points, PUNTOS);
    assert!(text.split("](").skip(1).all(|link| link.starts_with("http")), "every source is a public page");
}
