//! `cargo xtask recorrido`: the README's tour as a newcomer types it, against a demonstration of its own.
//!
//! Each block of commands is followed by what it prints. Days and hours change from one demonstration to the next; all
//! else has to be the same.
use crate::{
    e2e::Demo,
    job::{Job, say},
    packages::{Need, ensure},
    paths,
    test::Tally,
};
use anyhow::{Context, Result, bail};
use std::{fs, process::ExitCode};

/// Commands, and the lines that they print.
#[derive(Debug, PartialEq, Eq)]
struct Paso {
    script: String,
    prints: Vec<String>,
}

/// What stands before what a step prints.
const MARK: &str = "-- paso ";

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let [other, ..] = arguments {
        bail!("recorrido no conoce «{other}»: cargo xtask recorrido");
    }
    crate::test::compile_demo()?;
    let tally = walk()?;
    tally.print();
    Ok(if tally.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// With the program as it was last built.
pub fn walk() -> Result<Tally> {
    ensure(&[Need::Tour])?;
    let pasos = pasos(&fs::read_to_string(paths::root().join("README.md"))?)?;
    let demo = Demo::start("recorrido")?;
    // The README's own path to the demonstration's folder, from a folder that has nothing else.
    let folder = demo.folder().join("casa");
    let data = folder.join("datos");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&data)?;
    std::os::unix::fs::symlink(demo.data(), data.join("demo")).context("no se pudo enlazar la demostración")?;
    let script = script(&pasos);
    let done =
        Job::new("siguiendo el recorrido del README", "bash").dir(&folder).args(["-euo", "pipefail", "-c", &script]).quiet().run()?;
    let mut tally = Tally::default();
    for (number, (paso, printed)) in pasos.iter().zip(printed(&done.text, pasos.len())).enumerate() {
        let differences = differences(&paso.prints, &printed);
        tally.note(&format!("README, paso {} del recorrido", number + 1), differences.is_empty());
        if !differences.is_empty() {
            println!("\nPaso {} del recorrido:\n{}\n{}", number + 1, paso.script.trim_end(), differences.join("\n"));
        }
    }
    if !done.status.success() {
        tally.note("README, el recorrido hasta su final", false);
    }
    say(&format!("recorrido del README: {} pasos", pasos.len()));
    Ok(tally)
}

/// The blocks of the section, each with the indented lines that follow it.
fn pasos(readme: &str) -> Result<Vec<Paso>> {
    let section = readme.split_once("\n## A tour\n").context("README.md no tiene la sección «A tour»")?.1;
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut pasos: Vec<Paso> = Vec::new();
    let mut inside = false;
    for line in section.lines() {
        match (inside, line.strip_prefix("    ")) {
            (false, _) if line == "```sh" => {
                pasos.push(Paso { script: String::new(), prints: Vec::new() });
                inside = true;
            }
            (true, _) if line == "```" => inside = false,
            (true, _) => pasos.last_mut().into_iter().for_each(|paso| paso.script.extend([line, "\n"])),
            (false, Some(printed)) => {
                pasos.last_mut().context("el recorrido empieza con lo que se imprime")?.prints.push(printed.to_owned())
            }
            (false, None) => {}
        }
    }
    if pasos.len() < 3 || pasos.iter().any(|paso| paso.prints.is_empty()) {
        bail!("cada paso del recorrido de README.md debe mostrar lo que imprime");
    }
    Ok(pasos)
}

/// All of it in one shell, as a person has one.
fn script(pasos: &[Paso]) -> String {
    pasos.iter().enumerate().map(|(number, paso)| format!("echo '{MARK}{number}'\n{}", paso.script)).collect()
}

/// The lines of each step.
fn printed(text: &str, steps: usize) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new(); steps];
    let mut current = None;
    for line in text.lines() {
        if let Some(number) = line.strip_prefix(MARK) {
            current = number.parse::<usize>().ok();
        } else if let Some(lines) = current.and_then(|number| all.get_mut(number)) {
            lines.push(line.to_owned());
        }
    }
    all
}

/// One line for each that is missing or not expected.
fn differences(expected: &[String], found: &[String]) -> Vec<String> {
    let (wanted, got): (Vec<String>, Vec<String>) =
        (expected.iter().map(|line| without_days(line)).collect(), found.iter().map(|line| without_days(line)).collect());
    let missing = wanted.iter().filter(|line| !got.contains(line)).map(|line| format!("  falta:  {line}"));
    let extra = got.iter().filter(|line| !wanted.contains(line)).map(|line| format!("  sobra:  {line}"));
    let mut all: Vec<String> = missing.chain(extra).collect();
    if all.is_empty() && wanted != got {
        all.push(format!("  en otro orden: {}", got.join(" · ")));
    }
    all
}

/// Days become «día», and the hour of one «hora».
fn without_days(line: &str) -> String {
    const DAY: &str = "0000-00-00";
    const HOUR: &str = "T00:00:00Z";
    let is = |text: &str, shape: &str| {
        text.len() >= shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, like)| if like == b'0' { byte.is_ascii_digit() } else { byte == like })
    };
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let after = if is(rest, DAY) {
            out.push_str("día");
            let after = &rest[DAY.len()..];
            if is(after, HOUR) {
                out.push_str(" y hora");
                &after[HOUR.len()..]
            } else {
                after
            }
        } else {
            out.push(first);
            &rest[first.len_utf8()..]
        };
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_steps_that_say_what_they_print() {
        let pasos = pasos(include_str!("../../../README.md")).expect("a tour");
        assert!(pasos.len() >= 6, "{}", pasos.len());
        assert!(pasos[0].script.starts_with(". datos/demo/conexion.env\n"), "{}", pasos[0].script);
        // Each operation that a newcomer is told of.
        let all = script(&pasos);
        for operation in [
            "$API/sesiones",
            "$API/pacientes/registro",
            "$API/citas/reservar",
            "-X DELETE",
            "/historial",
            "idempotency-key",
            "/disponibilidad",
        ] {
            assert!(all.contains(operation), "{operation} is in no step");
        }
    }

    #[test]
    fn blocks_and_what_follows_them_belong_together() {
        let readme = "# X\n\n## A tour\n\ntext\n\n```sh\na \\\n  b\n```\n\n    1\n    2\n\nMore:\n\n```sh\nc\n```\n\n    3\n\n```sh\nd\n```\n\n    4\n\n## More\n\n```sh\nno\n```\n";
        let paso =
            |script: &str, prints: &[&str]| Paso { script: script.into(), prints: prints.iter().map(|line| (*line).into()).collect() };
        assert_eq!(pasos(readme).expect("good"), [paso("a \\\n  b\n", &["1", "2"]), paso("c\n", &["3"]), paso("d\n", &["4"])]);
        assert!(pasos("# X\n").is_err() && pasos(&readme.replace("    3\n", "")).is_err());
    }

    #[test]
    fn what_a_step_prints_is_its_own() {
        assert_eq!(printed("before\n-- paso 0\na\nb\n-- paso 2\nc\n", 3), [vec!["a", "b"], vec![], vec!["c"]]);
    }

    #[test]
    fn only_days_and_hours_may_differ() {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let expected = lines(&["[\"programada\",\"2026-11-25T17:00:00Z\"]", "[\"ñ\",\"2025-09-24\",\"+51987654321\"]"]);
        let other = lines(&["[\"programada\",\"2027-01-02T08:30:00Z\"]", "[\"ñ\",\"2026-01-31\",\"+51987654321\"]"]);
        assert!(differences(&expected, &other).is_empty());
        let wrong = lines(&["[\"anulada\",\"2027-01-02T08:30:00Z\"]", "[\"ñ\",\"2026-01-31\",\"+51987654321\"]"]);
        assert_eq!(differences(&expected, &wrong), ["  falta:  [\"programada\",\"día y hora\"]", "  sobra:  [\"anulada\",\"día y hora\"]"]);
        assert_eq!(differences(&lines(&["1", "2"]), &lines(&["2", "1"])).len(), 1);
        assert_eq!(differences(&expected, &[]).len(), 2);
    }
}
