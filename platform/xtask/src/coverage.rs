//! `cargo xtask coverage`: which lines of platform/ the tests run.
use crate::{
    job::Job,
    packages::{Need, ensure},
    paths, plugins,
    test::{Servers, Tally},
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, ExitCode},
};

/// The LLVM that this rustc was built with: profiles are readable only by the same major.
pub fn llvm_major() -> Result<String> {
    let out = Command::new("rustc").arg("-vV").output().context("rustc")?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let version = text.lines().find_map(|line| line.strip_prefix("LLVM version: ")).context("rustc no dice su LLVM")?;
    Ok(version.split('.').next().unwrap_or(version).to_owned())
}

/// From the system's package of that major, or from rustup's component llvm-tools.
pub fn tool(name: &str) -> Result<PathBuf> {
    if let Some(path) = paths::in_path(&format!("{name}-{}", llvm_major()?)) {
        return Ok(path);
    }
    let out = Command::new("rustc").args(["--print", "target-libdir"]).output().context("rustc")?;
    let beside = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()).parent().map(|folder| folder.join("bin").join(name));
    beside.filter(|path| path.is_file()).with_context(|| format!("falta {name}"))
}

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    ensure(&[Need::Coverage])?;
    plugins::run(&[])?;
    let folder = paths::target().join("cobertura");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    // Only our own crates are instrumented: cargo hands just those to this wrapper and reuses the rest.
    let wrapper = folder.join("rustc.sh");
    fs::write(&wrapper, "#!/bin/sh\nexec \"$@\" -Cinstrument-coverage\n")?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let servers = Servers::start()?;
    let instrumented = |job: Job| {
        let profiles = folder.join("perfil-%p-%m.profraw");
        servers.lend(job).env("RUSTC_WORKSPACE_WRAPPER", &wrapper).env("LLVM_PROFILE_FILE", profiles)
    };
    instrumented(Job::workspace("compilando", "build").args(["--bins"])).ok()?;
    let listed = Job::workspace("compilando", "test").args(["--no-run", "--message-format", "json"]).quiet();
    let programs = executables(&instrumented(listed).ok()?.text);
    let done = instrumented(Job::workspace("probando", "test").args(["--no-fail-fast"]).args(arguments)).run()?;
    drop(servers);
    Tally::of(&done.text).print();
    report(&folder, &programs)?;
    Ok(if done.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The test programs, from cargo's messages.
fn executables(messages: &str) -> Vec<String> {
    let after = messages.split("\"executable\":\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

fn report(folder: &std::path::Path, programs: &[String]) -> Result<()> {
    let mut profiles: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    profiles.retain(|path| path.extension().is_some_and(|extension| extension == "profraw"));
    if profiles.is_empty() {
        bail!("las pruebas no dejaron ningún perfil");
    }
    let list = folder.join("perfiles.txt");
    fs::write(&list, profiles.iter().map(|path| format!("{}\n", path.display())).collect::<String>())?;
    let merged = folder.join("todo.profdata");
    let merge = Job::new("juntando perfiles", tool("llvm-profdata")?).args(["merge", "--sparse", "--output"]);
    merge.args([merged.as_os_str().to_owned(), format!("--input-files={}", list.display()).into()]).ok()?;
    let mut report = Job::new("contando líneas", tool("llvm-cov")?).args(["report", "--instr-profile"]);
    report = report.args([merged.into_os_string()]);
    report = report.args(["--ignore-filename-regex=/(\\.cargo|rustc|target)/|/tests/|/platform/xtask/"]);
    let server = paths::target().join("debug/huella");
    let server = server.is_file().then(|| server.to_string_lossy().into_owned());
    let mut objects = programs.iter().chain(server.as_ref());
    if let Some(first) = objects.next() {
        report = report.args([first]);
    }
    for object in objects {
        report = report.args(["--object", object]);
    }
    let text = report.ok()?.text;
    let (covered, lines) = total(&text).context("llvm-cov no dio un total")?;
    #[expect(clippy::cast_precision_loss, reason = "numbers of lines are small")]
    let share = 100.0 * covered as f64 / lines.max(1) as f64;
    println!("\nplatform/: {share:.1} % de {lines} líneas");
    Ok(())
}

/// Columns: name; regions, missed, cover; functions, missed, executed; lines, missed, cover; …
fn total(report: &str) -> Option<(u64, u64)> {
    let words: Vec<&str> = report.lines().find(|line| line.starts_with("TOTAL"))?.split_whitespace().collect();
    let (lines, missed): (u64, u64) = (words.get(7)?.parse().ok()?, words.get(8)?.parse().ok()?);
    Some((lines.checked_sub(missed)?, lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_from_the_total() {
        let text = "Filename Regions\n---\nTOTAL   100  25  75.00%  10  2  80.00%  400  100  75.00%  0  0  -\n";
        assert_eq!(total(text), Some((300, 400)));
        assert_eq!(total("nada"), None);
    }

    #[test]
    fn programs_are_read_from_cargos_messages() {
        let text = "{\"reason\":\"x\",\"executable\":null}\n{\"executable\":\"/t/a-1\",\"fresh\":true}\n{\"executable\":\"/t/b-2\"}";
        assert_eq!(executables(text), ["/t/a-1", "/t/b-2"]);
    }
}
