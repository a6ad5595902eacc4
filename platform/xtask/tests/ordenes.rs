//! `cargo xtask` as it is typed, by a person or a workflow: what it says when something is in the way, and that whoever
//! names one of its commands names one that exists.
use std::{
    collections::BTreeSet,
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments);
    command
}

fn said(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().expect("run");
    (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

#[test]
fn a_port_in_use_is_told_before_anything_is_built() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    // Nothing could be built here.
    let mut command = xtask(&["demo", "--port", &port.to_string()]);
    command.env("PATH", "/nada");
    let (code, text) = said(command);
    let advice = format!("cargo xtask demo --port {}", port.saturating_add(1));
    assert!(code == Some(1) && text.contains(&format!("el puerto {port} está en uso")) && text.contains(&advice), "{code:?} {text}");
}

/// A machine without a C linker, as far as this one can be made to look like it.
#[test]
fn without_a_linker_it_says_exactly_what_to_install() {
    for order in [&["demo", "--port", "0"][..], &["plugins"], &["portal"]] {
        let mut command = xtask(order);
        command.env("PATH", "/nada");
        let (code, text) = said(command);
        assert_eq!(code, Some(1), "{order:?}: {text}");
        for words in ["un compilador de C (cc)", "Debian y Ubuntu: gcc libc6-dev", "Fedora: gcc", "macOS: xcode-select --install"] {
            assert!(text.contains(words), "{order:?} does not say «{words}»:\n{text}");
        }
        assert!(!text.contains("panicked"), "{text}");
    }
}

/// Until it is so, for half a minute at most.
fn soon<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{what}: not within 30 s");
        thread::sleep(Duration::from_millis(20));
    }
}

fn ended(child: &mut Child) -> ExitStatus {
    soon("the end", || child.try_wait().expect("a child"))
}

/// One that ended may be left for its parent to take notice of.
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Ctrl-C in the middle of compiling: the compiler and what it started end too.
#[test]
fn an_interrupted_demo_leaves_no_compiler_behind() {
    let folder = std::env::temp_dir().join(format!("huella-interrumpida-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (cargo, pids) = (folder.join("cargo"), folder.join("pids"));
    fs::write(&cargo, "#!/bin/sh\nsleep 300 &\necho \"$$ $!\" >\"$PIDS.nuevo\"\nmv \"$PIDS.nuevo\" \"$PIDS\"\nwait\n").expect("written");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("made a program");
    let mut command = xtask(&["demo", "--port", "0"]);
    command.env("CARGO", &cargo).env("PIDS", &pids).stdout(Stdio::null()).stderr(Stdio::null());
    let mut demo = command.spawn().expect("run");
    let found = soon("a compiler", || fs::read_to_string(&pids).ok());
    let all: Vec<&str> = found.split_whitespace().collect();
    assert!(all.len() == 2 && all.iter().all(|pid| runs(pid)), "{found}");
    let told = Command::new("kill").args(["-s", "INT", &demo.id().to_string()]).status().expect("kill");
    assert!(told.success());
    assert_eq!(ended(&mut demo).code(), Some(130));
    for pid in all {
        soon("a compiler that ends", || (!runs(pid)).then_some(()));
    }
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn an_order_that_does_not_exist_is_named_with_those_that_do() {
    let (code, text) = said(xtask(&["prueba"]));
    assert!(code == Some(1) && text.contains("no existe la orden «prueba»") && text.contains("cargo xtask ORDEN"), "{text}");
    let (code, text) = said(xtask(&["demo", "--puerto", "1"]));
    assert!(code == Some(1) && text.contains("demo no conoce «--puerto»"), "{text}");
    assert_eq!(said(xtask(&[])).0, Some(0));
}

// --- Who names its commands --------------------------------------------------------------------------------

/// As its own help lists them.
fn orders() -> BTreeSet<String> {
    let (_, text) = said(xtask(&["help"]));
    let line = |line: &str| Some(line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '))?.split(' ').next()?.to_owned());
    let found: BTreeSet<String> = text.lines().filter_map(line).collect();
    assert!(found.len() > 8, "{text}");
    found
}

/// The words after each `cargo xtask` of a text.
fn named(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|letter| letter.is_ascii_lowercase()).collect::<String>();
    text.split("cargo xtask ").skip(1).map(word).filter(|word| !word.is_empty()).collect()
}

fn texts(folder: &Path, extension: &str, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules", "datos", ".git", "dist"].contains(&name.as_str()) && !path.is_symlink() {
            texts(&path, extension, found);
        } else if path.extension().is_some_and(|has| has == extension) {
            found.push((path.clone(), fs::read_to_string(&path).expect("text")));
        }
    }
}

#[test]
fn every_order_that_anybody_names_exists() {
    let orders = orders();
    let mut files = Vec::new();
    for extension in ["md", "yml", "toml"] {
        texts(&root(), extension, &mut files);
    }
    files.push((PathBuf::from(".ci/run"), fs::read_to_string(root().join(".ci/run")).expect("there")));
    let mut count = 0;
    for (path, text) in &files {
        for order in named(text) {
            assert!(orders.contains(&order), "{} names «cargo xtask {order}», which does not exist", path.display());
            count += 1;
        }
    }
    assert!(count > 30, "only {count} were found");
    assert_eq!(named("`cargo xtask bench x`, cargo xtask ORDEN, cargo xtask sqlx --check"), ["bench", "sqlx"]);
}

// --- Workflows -----------------------------------------------------------------------------------------------

/// One key of a workflow and what is indented below it. Just enough of YAML for files that are written the usual way.
fn below<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let mut lines = text.lines();
    let Some(first) = lines.find(|line| line.trim_end() == format!("{key}:") || line.starts_with(&format!("{key}: "))) else {
        return Vec::new();
    };
    let depth = first.len() - first.trim_start().len();
    lines
        .take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() > depth)
        .filter(|line| !line.trim().is_empty())
        .collect()
}

/// Each job with its lines.
fn jobs(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for line in below(text, "jobs") {
        match line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ') && !rest.starts_with('#')) {
            Some(name) => found.push((name.trim_end_matches(':').to_owned(), Vec::new())),
            None => found.last_mut().expect("a job comes first").1.push(line),
        }
    }
    found
}

/// Each step with its lines.
fn steps<'a>(job: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    for line in job.iter().skip_while(|line| line.trim() != "steps:").skip(1) {
        if line.starts_with("      - ") {
            found.push(Vec::new());
        }
        if let Some(step) = found.last_mut() {
            step.push(line);
        }
    }
    found
}

fn workflows() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    texts(&root().join(".github/workflows"), "yml", &mut found);
    assert!(found.len() >= 2);
    found
}

#[test]
fn workflows_are_whole() {
    for (path, text) in workflows() {
        let name = path.display();
        assert!(!text.contains('\t'), "{name} has a tab");
        assert_eq!(text.matches("{{").count(), text.matches("}}").count(), "{name}: an expression is not closed");
        for key in ["on", "permissions"] {
            assert!(!below(&text, key).is_empty(), "{name} has no {key}");
        }
        let jobs = jobs(&text);
        assert!(!jobs.is_empty(), "{name} has no job");
        for (job, lines) in &jobs {
            let has = |key: &str| lines.iter().any(|line| line.trim_start().starts_with(key));
            assert!(has("runs-on:") && has("timeout-minutes:") && has("steps:"), "{name}, {job}: {lines:#?}");
            for step in steps(lines) {
                let of = |key: &str| step.iter().filter(|line| line.trim_start().trim_start_matches("- ").starts_with(key)).count();
                assert_eq!(of("uses:") + of("run:"), 1, "{name}, {job}: a step that runs nothing, or two things: {step:#?}");
                for line in &step {
                    // A release of somebody else's action is named, so that the same one runs tomorrow.
                    let uses = line.trim_start().trim_start_matches("- ").strip_prefix("uses: ");
                    assert!(
                        uses.is_none_or(|uses| uses.split_once('@').is_some_and(|(_, version)| !version.is_empty() && version != "main")),
                        "{line}"
                    );
                }
            }
        }
    }
}

/// What a person types and what runs for everybody are the same.
#[test]
fn workflows_call_the_commands_of_a_person() {
    let of = |name: &str| fs::read_to_string(root().join(".github/workflows").join(name)).expect("there");
    let runs = |text: &str| -> String { text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n") };
    let (ci, release) = (runs(&of("ci.yml")), runs(&of("release.yml")));
    for order in ["lint", "sqlx", "test", "coverage", "deny"] {
        assert!(named(&ci).iter().any(|named| named == order), "ci.yml does not call cargo xtask {order}");
    }
    assert!(ci.contains("docker/build-push-action") && ci.contains("docker run"), "the image is built and run");
    let everything = fs::read_to_string(root().join(".ci/run")).expect("there");
    assert_eq!(named(&everything), ["lint", "sqlx", "test"]);
    assert!(release.contains("bash .ci/run"), "what is released passed everything");
    // The list of parts: made of the server's own manifest, published beside the program, and in the image.
    for part in [
        "tool: cargo-cyclonedx",
        "cargo cyclonedx --manifest-path platform/server/Cargo.toml --format json",
        "cp platform/server/huella-sbom.json \"out/$name.cdx.json\"",
        "gh release create \"$GITHUB_REF_NAME\" out/*",
        "sbom: true",
    ] {
        assert!(release.contains(part), "release.yml lacks «{part}»");
    }
    // In production nothing of the demonstration is built in.
    let image = fs::read_to_string(root().join("Dockerfile")).expect("there");
    // The portal is, and a build without it fails.
    for part in ["npm run build && test -s dist/index.html", "COPY --from=portal /web/dist platform/portal/web/dist"] {
        assert!(image.contains(part), "the Dockerfile lacks «{part}»");
    }
    assert!(release.contains("test -s platform/portal/web/dist/index.html"), "a release may lack the portal");
    for (name, text) in [("release.yml", &release), ("Dockerfile", &image)] {
        assert!(
            text.contains("cargo build --release --locked --package server --bin huella") && !text.contains("--features demo"),
            "{name}"
        );
    }
}

#[test]
fn the_reader_of_workflows_sees_what_is_wrong() {
    let text = "on:\n  push:\njobs:\n  uno:\n    runs-on: x\n    steps:\n      - uses: a/b@v1\n        with:\n          c: d\n      - run: |\n          cargo xtask lint\n          otra\n  dos:\n    steps:\n      - name: nada\n";
    let jobs = jobs(text);
    assert_eq!(jobs.iter().map(|(name, lines)| (name.as_str(), steps(lines).len())).collect::<Vec<_>>(), [("uno", 2), ("dos", 1)]);
    assert_eq!(below(text, "on"), ["  push:"]);
    assert_eq!(steps(&jobs[0].1)[1].len(), 3);
}
