//! `cargo xtask tutorial`: what an integrator does from an empty folder to the alert of a pet, as the guide has it, against a
//! demonstration of its own; and how long it takes.
//!
//! The clock starts when the demonstration is up, as in the guide. Numbers and dates that a step prints are another
//! demonstration's; all else has to be the same.
use crate::{
    e2e::Demo,
    job::{Job, say},
    packages::{Need, ensure},
    paths,
    recorrido::{Paso, began, bloques, differences, printed, script},
    test::Tally,
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

/// What is promised.
const PLAZO: Duration = Duration::from_secs(600);
/// A step may wait for something that never comes.
const LONGEST: &str = "2400";
/// Begun by this command instead.
const DEMO: &str = "cargo xtask demo";
const MESES: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];

/// The guide in a language, and its sections that are the tutorial, in order.
struct Guia {
    archivo: &'static str,
    secciones: [&'static str; 3],
}

const ES: Guia = Guia {
    archivo: "docs/complementos.md",
    secciones: ["Una regla, de principio a fin", "Firmar", "En una demo, hasta la alerta de una mascota"],
};
const EN: Guia =
    Guia { archivo: "docs/complementos.en.md", secciones: ["A rule, from end to end", "Sign", "In a demo, up to the alert of a pet"] };

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let guia = match arguments {
        [] => ES,
        [only] if only == "en" => EN,
        [other, ..] => bail!("tutorial no conoce «{other}»: cargo xtask tutorial [en]"),
    };
    ensure(&[Need::Tour])?;
    let pasos = pasos(&fs::read_to_string(paths::root().join(guia.archivo))?, &guia)?;
    crate::test::compile_demo()?;
    let demo = Demo::start("tutorial")?;
    let casa = Casa::make(&demo)?;
    let start = Instant::now();
    let text = casa.follow(&script(&pasos))?;
    let took = start.elapsed();
    drop(demo);
    let mut tally = noted(&pasos, &text);
    tally.note(&format!("{}, en diez minutos", guia.archivo), took <= PLAZO);
    let (took, limit) = (took.as_secs(), PLAZO.as_secs());
    say(&format!("tutorial de {}: {} pasos en {took} s de {limit}", guia.archivo, pasos.len()));
    tally.print();
    Ok(if tally.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A folder where nothing was done before, from which the guide's paths lead to what they name.
struct Casa {
    folder: PathBuf,
    programs: PathBuf,
}

impl Casa {
    fn make(demo: &Demo) -> Result<Self> {
        let (folder, programs) = (demo.folder().join("casa"), demo.folder().join("programas"));
        for old in [&folder, &programs] {
            let _ = fs::remove_dir_all(old);
        }
        fs::create_dir_all(folder.join("datos"))?;
        let (root, data) = (paths::root(), demo.data());
        let links = [("datos/demo", data), ("target", paths::target()), ("plugins", root.join("plugins")), ("sdk", root.join("sdk"))];
        for (name, there) in links {
            symlink(&there, folder.join(name)).with_context(|| format!("no se pudo enlazar {}", there.display()))?;
        }
        fs::create_dir_all(&programs)?;
        let cargo = programs.join("cargo");
        fs::write(&cargo, CARGO)?;
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755))?;
        Ok(Self { folder, programs })
    }

    /// What it printed, up to where it came.
    fn follow(&self, script: &str) -> Result<String> {
        let path = std::env::join_paths([self.programs.clone()].into_iter().chain(std::env::split_paths(&paths::path())))?;
        let bash = ["bash", "-euo", "pipefail", "-c", script];
        let job = match paths::in_path("timeout") {
            Some(timeout) => Job::new("siguiendo el tutorial", timeout).args(["--foreground", LONGEST]).args(bash),
            None => Job::new("siguiendo el tutorial", bash[0]).args(bash.into_iter().skip(1)),
        };
        let job = job.dir(&self.folder).env("PATH", path).env("TUTORIAL_CARGO", real(&paths::cargo())?).env("TUTORIAL_RAIZ", paths::root());
        Ok(job.quiet().run()?.text)
    }
}

/// What builds Huella is built where Huella is, from what is built already; all else is the plugin's own.
const CARGO: &str = r#"#!/bin/sh
case "$1 $2" in "xtask "* | "build --package") cd "$TUTORIAL_RAIZ" ;; esac
exec "$TUTORIAL_CARGO" "$@"
"#;

/// The program itself, whatever stands before it in the path.
fn real(cargo: &str) -> Result<PathBuf> {
    let path = Path::new(cargo);
    if path.is_absolute() { Ok(path.to_owned()) } else { paths::in_path(cargo).context("no se encuentra cargo") }
}

/// The blocks of the sections, without what the guide shows aside (`###`) and without the demonstration's own start.
fn pasos(text: &str, guia: &Guia) -> Result<Vec<Paso>> {
    let mut pasos = Vec::new();
    for title in guia.secciones {
        let section = text.split_once(&format!("\n## {title}\n")).with_context(|| format!("{} no tiene «{title}»", guia.archivo))?.1;
        let section = section.split("\n## ").next().unwrap_or_default();
        let found = bloques(section.split("\n### ").next().unwrap_or_default())?;
        if found.is_empty() {
            bail!("«{title}» de {} no tiene órdenes", guia.archivo);
        }
        pasos.extend(found);
    }
    for paso in &mut pasos {
        paso.script = paso.script.lines().filter(|line| !line.starts_with(DEMO)).flat_map(|line| [line, "\n"]).collect();
    }
    Ok(pasos)
}

/// Which steps came to their end and printed what they should, and how long each took.
fn noted(pasos: &[Paso], text: &str) -> Tally {
    let (began, mut tally) = (began(text), Tally::default());
    for (number, (paso, printed)) in pasos.iter().zip(printed(text, pasos.len())).enumerate() {
        let ended = began.get(number).zip(began.get(number + 1)).map(|(from, to)| to - from);
        let what = paso.script.lines().next().unwrap_or_default();
        let differences = if paso.prints.is_empty() { Vec::new() } else { differences(&paso.prints, &printed, without_numbers) };
        match ended {
            Some(seconds) => say(&format!("paso {}: {seconds} s, {what}", number + 1)),
            None => say(&format!("paso {}: no llegó a su final, {what}", number + 1)),
        }
        if !differences.is_empty() {
            println!("\nPaso {} del tutorial:\n{}\n{}", number + 1, paso.script.trim_end(), differences.join("\n"));
        }
        tally.note(&format!("tutorial, paso {}", number + 1), ended.is_some() && differences.is_empty());
    }
    tally
}

/// Numbers, also several in a row, become `0`, and months «mes».
fn without_numbers(line: &str) -> String {
    let mut out = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let within = out.ends_with('0') && matches!(letter, '.' | ',') && letters.peek().is_some_and(char::is_ascii_digit);
        if !letter.is_ascii_digit() && !within {
            out.push(letter);
        } else if !out.ends_with('0') {
            out.push('0');
        }
    }
    MESES.iter().fold(out, |line, mes| line.replace(*mes, "mes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT_ES: &str = include_str!("../../../docs/complementos.md");
    const TEXT_EN: &str = include_str!("../../../docs/complementos.en.md");

    /// Without remarks, which are in each language.
    fn orders(pasos: &[Paso]) -> Vec<(Vec<&str>, &[String])> {
        fn bare(line: &str) -> &str {
            line.split("  #").next().unwrap_or_default().trim_end()
        }
        pasos.iter().map(|paso| (paso.script.lines().map(bare).collect(), paso.prints.as_slice())).collect()
    }

    #[test]
    fn the_guide_goes_from_an_empty_folder_to_the_alert_of_a_pet() {
        let pasos = pasos(TEXT_ES, &ES).expect("a tutorial");
        let all = script(&pasos);
        let order = [
            "cargo build --package kit",
            "huella-plugin new datos/pesos",
            "huella-plugin build datos/pesos",
            "huella-plugin conformance datos/pesos/dist/pesos.wasm",
            "huella-plugin keygen datos/clave-de-andes",
            ". datos/demo/conexion.env",
            "$API/complementos/versiones ",
            "/aprobar",
            "/instalar",
            "/habilitar",
            "$API/pacientes/$MASCOTA/alertas",
            "huella-plugin replay",
        ];
        let at: Vec<usize> = order.iter().map(|part| all.find(part).unwrap_or_else(|| panic!("«{part}» is in no step"))).collect();
        assert!(at.is_sorted(), "{at:?}");
        // What would never end, and what is about something else.
        for aside in [DEMO, "huella-plugin dev", "simuladores", "huella-plugin record", "componente.wasm"] {
            assert!(!all.contains(aside), "{aside}");
        }
        assert!(pasos.iter().filter(|paso| !paso.prints.is_empty()).count() >= 4);
    }

    #[test]
    fn both_languages_have_the_same_steps() {
        let (es, en) = (pasos(TEXT_ES, &ES).expect("a tutorial"), pasos(TEXT_EN, &EN).expect("a tutorial"));
        assert_eq!(orders(&es), orders(&en));
    }

    #[test]
    fn a_section_that_is_gone_or_has_no_orders_is_named() {
        let gone = TEXT_ES.replace("\n## Firmar\n", "\n## Otra\n");
        assert!(pasos(&gone, &ES).expect_err("gone").to_string().contains("no tiene «Firmar»"));
        let none = "\n## Una regla, de principio a fin\n\n### Aparte\n\n```sh\na\n```\n";
        assert!(pasos(none, &ES).expect_err("none").to_string().contains("no tiene órdenes"));
    }

    #[test]
    fn steps_are_right_that_ended_and_printed_what_they_should() {
        let paso =
            |script: &str, prints: &[&str]| Paso { script: script.into(), prints: prints.iter().map(|line| (*line).into()).collect() };
        let pasos = [paso("a\n", &[]), paso("b\n", &["[8000,17001]"]), paso("c\n", &[])];
        let tally = noted(&pasos, "-- paso 0 0\nalgo\n-- paso 1 7\n[600,12]\n-- paso 2 9\n-- paso 3 9\n");
        assert!(tally.passed == 3 && !tally.failed());
        let wrong = noted(&pasos, "-- paso 0 0\n-- paso 1 7\nerror\n-- paso 2 9\n");
        assert!(wrong.passed == 1 && wrong.failed(), "another answer, and one that never ended");
    }

    #[test]
    fn numbers_and_months_may_differ_and_nothing_else() {
        let line = without_numbers(r#"["Toca pesar","Se pesó el 2021-11-28: 24.95 kg.","28 de noviembre de 2021"]"#);
        assert_eq!(line, r#"["Toca pesar","Se pesó el 0-0-0: 0 kg.","0 de mes de 0"]"#);
        assert_eq!(without_numbers("[8000,17001,7144]"), without_numbers("[1,20,3]"));
        assert_ne!(without_numbers("[true,\"ok\"]"), without_numbers("[false,\"ok\"]"));
    }

    #[test]
    fn cargo_is_found_by_its_whole_path() {
        assert_eq!(real("/usr/bin/cargo").expect("a path"), Path::new("/usr/bin/cargo"));
        assert!(real("no-hay-tal-programa").is_err());
    }
}
