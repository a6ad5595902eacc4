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
use std::{fs, path::Path, process::ExitCode};

/// Commands, and the lines that they print.
#[derive(Debug, PartialEq, Eq)]
pub struct Paso {
    pub script: String,
    pub prints: Vec<String>,
}

/// What stands before what a step prints, with its number and the seconds since the beginning.
const MARK: &str = "-- paso ";
/// Whoever liked it walks it again, in the same demonstration.
const TIMES: [&str; 2] = ["la primera vez", "la segunda vez"];

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let [other, ..] = arguments {
        bail!("recorrido no conoce «{other}»: cargo xtask recorrido");
    }
    ensure(&[Need::Compiler, Need::Tour])?;
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
    let mut tally = Tally::default();
    for time in TIMES {
        once(&pasos, time, &folder, &mut tally)?;
    }
    say(&format!("recorrido del README: {} pasos, {} veces", pasos.len(), TIMES.len()));
    Ok(tally)
}

/// From its first step to its last.
fn once(pasos: &[Paso], time: &str, folder: &Path, tally: &mut Tally) -> Result<()> {
    let script = script(pasos);
    let done = Job::new("siguiendo el recorrido del README", "bash").dir(folder).args(["-euo", "pipefail", "-c", &script]).quiet().run()?;
    for (number, (paso, printed)) in pasos.iter().zip(printed(&done.text, pasos.len())).enumerate() {
        let differences = differences(&paso.prints, &printed, without_days);
        tally.note(&format!("README, paso {} del recorrido, {time}", number + 1), differences.is_empty());
        if !differences.is_empty() {
            println!("\nPaso {} del recorrido, {time}:\n{}\n{}", number + 1, paso.script.trim_end(), differences.join("\n"));
        }
    }
    if !done.status.success() {
        tally.note(&format!("README, el recorrido hasta su final, {time}"), false);
    }
    Ok(())
}

/// The blocks of the section, each with the indented lines that follow it.
fn pasos(readme: &str) -> Result<Vec<Paso>> {
    let section = readme.split_once("\n## A tour\n").context("README.md no tiene la sección «A tour»")?.1;
    let section = section.split("\n## ").next().unwrap_or_default();
    let pasos = bloques(section)?;
    if pasos.len() < 3 || pasos.iter().any(|paso| paso.prints.is_empty()) {
        bail!("cada paso del recorrido de README.md debe mostrar lo que imprime");
    }
    Ok(pasos)
}

/// Languages of blocks that are typed.
const SHELL: [&str; 2] = ["sh", "bash"];

/// The blocks of commands of a text, each with the indented lines that follow it; blocks in other languages are none.
pub fn bloques(text: &str) -> Result<Vec<Paso>> {
    let mut pasos: Vec<Paso> = Vec::new();
    let mut inside: Option<&str> = None;
    for line in text.lines() {
        match (inside, line.strip_prefix("```")) {
            (Some(_), Some(_)) => inside = None,
            (None, Some(language)) => {
                inside = Some(language);
                if SHELL.contains(&language) {
                    pasos.push(Paso { script: String::new(), prints: Vec::new() });
                }
            }
            (Some(language), None) if SHELL.contains(&language) => {
                pasos.last_mut().into_iter().for_each(|paso| paso.script.extend([line, "\n"]))
            }
            (Some(_), None) => {}
            (None, None) => {
                if let Some(printed) = line.strip_prefix("    ") {
                    pasos.last_mut().context("empieza con lo que se imprime")?.prints.push(printed.to_owned());
                }
            }
        }
    }
    Ok(pasos)
}

/// All of it in one shell, as a person has one. The last mark says that it came to its end.
pub fn script(pasos: &[Paso]) -> String {
    let mark = |number: usize| format!("echo \"{MARK}{number} $SECONDS\"\n");
    let all: String = pasos.iter().enumerate().map(|(number, paso)| mark(number) + &paso.script).collect();
    all + &mark(pasos.len())
}

/// A mark: the number of the step, and when it began.
fn mark(line: &str) -> Option<(usize, u64)> {
    let (number, seconds) = line.strip_prefix(MARK)?.split_once(' ')?;
    Some((number.parse().ok()?, seconds.parse().ok()?))
}

/// When each step began that was come to, and the end, in seconds.
pub fn began(text: &str) -> Vec<u64> {
    text.lines().filter_map(mark).map(|(_, seconds)| seconds).collect()
}

/// The lines of each step.
pub fn printed(text: &str, steps: usize) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new(); steps];
    let mut current = None;
    for line in text.lines() {
        if let Some((number, _)) = mark(line) {
            current = Some(number);
        } else if let Some(lines) = current.and_then(|number| all.get_mut(number)) {
            lines.push(line.to_owned());
        }
    }
    all
}

/// One line for each that is missing or not expected, but for what `same` takes out of both.
pub fn differences(expected: &[String], found: &[String], same: fn(&str) -> String) -> Vec<String> {
    let (wanted, got): (Vec<String>, Vec<String>) =
        (expected.iter().map(|line| same(line)).collect(), found.iter().map(|line| same(line)).collect());
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
        let readme = "# X\n\n## A tour\n\ntext\n\n```bash\na \\\n  b\n```\n\n    1\n    2\n\nMore:\n\n```bash\nc\n```\n\n    3\n\n```bash\nd\n```\n\n    4\n\n## More\n\n```sh\nno\n```\n";
        let paso =
            |script: &str, prints: &[&str]| Paso { script: script.into(), prints: prints.iter().map(|line| (*line).into()).collect() };
        assert_eq!(pasos(readme).expect("good"), [paso("a \\\n  b\n", &["1", "2"]), paso("c\n", &["3"]), paso("d\n", &["4"])]);
        assert!(pasos("# X\n").is_err() && pasos(&readme.replace("    3\n", "")).is_err());
        let other = "```sh\na\n```\n\n```rust\nlet b = c\n    .d();\n```\n\n    1\n";
        assert_eq!(bloques(other).expect("good"), [paso("a\n", &["1"])]);
        assert!(bloques("    1\n").is_err());
    }

    #[test]
    fn what_a_step_prints_is_its_own() {
        let text = "before\n-- paso 0 0\na\nb\n-- paso 2 4\nc\n-- paso 3 9\n";
        assert_eq!(printed(text, 3), [vec!["a", "b"], vec![], vec!["c"]]);
        assert_eq!(began(text), [0, 4, 9]);
    }

    #[test]
    fn only_days_and_hours_may_differ() {
        let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        let expected = lines(&["[\"programada\",\"2026-11-25T17:00:00Z\"]", "[\"ñ\",\"2025-09-24\",\"+51987654321\"]"]);
        let other = lines(&["[\"programada\",\"2027-01-02T08:30:00Z\"]", "[\"ñ\",\"2026-01-31\",\"+51987654321\"]"]);
        assert!(differences(&expected, &other, without_days).is_empty());
        let wrong = lines(&["[\"anulada\",\"2027-01-02T08:30:00Z\"]", "[\"ñ\",\"2026-01-31\",\"+51987654321\"]"]);
        assert_eq!(
            differences(&expected, &wrong, without_days),
            ["  falta:  [\"programada\",\"día y hora\"]", "  sobra:  [\"anulada\",\"día y hora\"]"]
        );
        assert_eq!(differences(&lines(&["1", "2"]), &lines(&["2", "1"]), without_days).len(), 1);
        assert_eq!(differences(&expected, &[], without_days).len(), 2);
    }
}
