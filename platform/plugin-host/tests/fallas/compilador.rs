//! Components that are made to break the compiler: it has its limits before it reads them, and nobody waits for it.
use crate::{
    codigo::check,
    mundo::{PROGRAM, packaged},
};
use plugin_host::{CompileError, Compiler, Profile};
use rstest::rstest;
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Little to read and much to compile: in each function so many loops within one another, each of which hands on as many values.
fn bomb(functions: usize, many: usize) -> Vec<u8> {
    let steps: String = (1..=many).map(|n| format!("local.get {n} local.get 0 i64.add local.set {n} ")).collect();
    let (locals, begin) = ("i64 ".repeat(many), "loop ".repeat(many));
    let end = "local.get 1 i64.eqz br_if 0 end ".repeat(many);
    let function = format!("(func (param i64) (result i64) (local {locals}) {begin} {steps} {end} local.get 1)");
    let module = check("", "(call $ok)").replacen("(global $top", &format!("{} (global $top", function.repeat(functions)), 1);
    packaged("notification", &module, json!({}), None)
}

/// The compiler, given less than it would take for itself.
fn tight(limit: &str) -> Compiler {
    let script = std::env::temp_dir().join(format!("huella-compilar-{}-{}", std::process::id(), limit.replace([' ', '-'], "")));
    fs::write(&script, format!("#!/bin/sh\nulimit {limit}\nexec {} \"$@\"\n", PROGRAM.display())).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).expect("its mode");
    Compiler::at(script)
}

#[rstest]
#[case::time("-t 1", "toma demasiado tiempo de compilar")]
#[case::memory("-d 60000", "toma demasiada memoria de compilar")]
#[tokio::test]
async fn a_component_that_takes_too_much_to_compile_is_refused_and_told_why(#[case] limit: &str, #[case] expected: &str) {
    let bomb = bomb(8, 900);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    let began = Instant::now();
    let Err(CompileError::Refused(why)) = tight(limit).compile(&bomb, Profile::Io).await else { panic!("compiled") };
    assert_eq!(why, expected);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let harmless = packaged("notification", &check("", "(call $ok)"), json!({}), None);
    assert!(tight(limit).compile(&harmless, Profile::Io).await.is_ok(), "what takes little has enough");
}

/// Waits for its component.
struct Waiting(Child);

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn limit(of: &Path, name: &str) -> Option<String> {
    let limits = fs::read_to_string(of.join("limits")).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next().map(str::to_owned)
}

#[test]
fn it_has_its_limits_and_no_network_before_it_reads_a_byte() {
    let child = Command::new(PROGRAM.as_path()).arg("io").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("started");
    let waiting = Waiting(child);
    let there = Path::new("/proc").join(waiting.0.id().to_string());
    let network = |of: &Path| fs::read_link(of.join("ns/net")).ok();
    let own = network(Path::new("/proc/self"));
    // Whether anybody may: in some containers nobody.
    let may = Command::new("unshare").args(["--user", "--net", "true"]).status().is_ok_and(|status| status.success());
    let until = Instant::now() + Duration::from_secs(10);
    let settled = || limit(&there, "Max cpu time").as_deref() == Some("60") && (!may || network(&there) != own);
    while !settled() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    let limits =
        ["Max cpu time", "Max data size", "Max address space", "Max open files", "Max core file size"].map(|name| limit(&there, name));
    assert_eq!(limits.map(Option::unwrap_or_default), ["60", "2147483648", "4294967296", "16", "0"]);
    assert!(own.is_some());
    if may {
        assert_ne!(network(&there), own, "it is where everybody is");
    } else {
        println!("no user may leave the network on this machine");
    }
}
