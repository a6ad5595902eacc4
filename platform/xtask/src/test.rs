//! `cargo xtask test`: everything, against a PostgreSQL and a Redis of its own.
use crate::{
    e2e,
    job::{APART, Job, interrupted, say},
    packages::{self, Need, ensure},
    paths, plugins, recorrido,
    redis::Redis,
};
use anyhow::{Result, bail};
use cluster::{Cluster, Options};
use std::process::ExitCode;

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    if let Some(("e2e", rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        ensure(&[Need::Compiler])?;
        e2e::ready()?;
        compile_demo()?;
        return Ok(closing(&e2e::run(rest)?, true));
    }
    // Whoever names a test does not mean the browser's.
    let whole = arguments.is_empty();
    ready(whole)?;
    let servers = Servers::start()?;
    // The tests also run the program itself; in one build with them, so that nothing is compiled twice.
    servers.lend(Job::workspace("compilando", "build").args(["--bins"])).ok()?;
    for package in APART {
        Job::apart("compilando aparte", "build", package).ok()?;
    }
    plugins::build()?;
    let job = Job::workspace("probando", "test").args(["--no-fail-fast"]).args(arguments);
    let done = servers.lend(job).run()?;
    drop(servers);
    let of_plugins = plugins::test(arguments).run()?;
    let mut tally = Tally::of(&(done.text + &of_plugins.text));
    if whole {
        tally.include("navegador (tests/e2e)", e2e::days());
    }
    if whole && !interrupted() {
        tally.include("recorrido del README", recorrido::walk());
    }
    let code = closing(&tally, done.status.success() && of_plugins.status.success());
    if interrupted() {
        bail!("interrumpido");
    }
    Ok(code)
}

/// Asks for all that the run takes before any of it is compiled: what is missing at the end would cost what came before.
fn ready(whole: bool) -> Result<()> {
    let mut needs = vec![Need::Compiler, Need::Certificates, Need::Postgres, Need::Redis];
    if whole {
        needs.push(Need::Tour);
        // Ubuntu has no package of a browser.
        needs.extend((!packages::is_ubuntu()).then_some(Need::Browser));
    }
    ensure(&needs)?;
    plugins::compiler()?;
    if whole {
        e2e::ready()?;
    }
    Ok(())
}

/// The program with its demonstration, and the one that compiles plugins for it.
pub fn compile_demo() -> Result<()> {
    ensure(&[Need::Compiler, Need::Certificates, Need::Postgres])?;
    plugins::compiler()?;
    Job::cargo("compilando").args(["build", "--package", "server", "--features", "demo", "--bin", "huella"]).ok()?;
    for package in APART {
        Job::apart("compilando aparte", "build", package).ok()?;
    }
    plugins::run(&[]).map(drop)
}

fn closing(tally: &Tally, ended_well: bool) -> ExitCode {
    tally.print();
    if ended_well && tally.passed > 0 && tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the tests are run against.
pub struct Servers {
    cluster: Cluster,
    redis: Redis,
}

impl Servers {
    pub fn start() -> Result<Self> {
        ensure(&[Need::Compiler, Need::Certificates, Need::Postgres, Need::Redis])?;
        std::fs::create_dir_all(paths::target())?;
        let cluster = Cluster::throwaway(&paths::target().join("pruebas"), &Options::throwaway())?;
        let redis = Redis::start()?;
        say(&format!("PostgreSQL {} en el puerto {} y Redis en {}", cluster.major(), cluster.port(), redis.url()));
        Ok(Self { cluster, redis })
    }

    /// Every test database is made from this server; the tests sign in as its superuser and step down from there.
    pub fn lend(&self, job: Job) -> Job {
        job.env("DATABASE_URL", self.cluster.url("postgres"))
            .env("REDIS_URL", self.redis.url())
            .env("HUELLA_BIN", paths::target().join("debug/huella"))
    }
}

/// The closing lines of all test programs together.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    failed: u64,
    ignored: u64,
    failures: Vec<String>,
}

impl Tally {
    pub fn of(text: &str) -> Self {
        let mut tally = Self::default();
        let mut listing = false;
        for line in text.lines().map(str::trim_end) {
            if let Some(counts) = line.strip_prefix("test result: ") {
                tally.count(counts);
                listing = false;
            } else if line == "failures:" {
                listing = true;
            } else if let Some(name) = line.strip_prefix("    ").filter(|name| listing && !name.contains(' ')) {
                tally.failures.push(name.to_owned());
            }
        }
        tally
    }

    /// The closing lines of Playwright: ` 12 passed (1.4m)`. One that says nothing failed.
    pub fn of_browser(text: &str, ended_well: bool) -> Self {
        let mut tally = Self::default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else { continue };
            match words.next() {
                // Right the second time is right; the browser's own lines above name it as flaky.
                Some("passed" | "flaky") => tally.passed += number,
                Some("failed" | "interrupted") => tally.failed += number,
                Some("skipped" | "did") => tally.ignored += number,
                _ => {}
            }
        }
        if !ended_well && tally.failed == 0 {
            tally.failed = 1;
        }
        if tally.failed > 0 {
            tally.failures.push("navegador (tests/e2e)".to_owned());
        }
        tally
    }

    /// One more that passed or failed.
    pub fn note(&mut self, name: &str, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.failures.push(name.to_owned());
        }
    }

    /// Another part. One that could not be run counts as one that failed, so that all the others are still told.
    fn include(&mut self, name: &str, part: Result<Self>) {
        match part {
            Ok(part) => self.add(part),
            Err(error) => {
                eprintln!("error: {name}: {error:#}");
                self.note(name, false);
            }
        }
    }

    pub fn failed(&self) -> bool {
        self.failed > 0
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.failures.extend(other.failures);
    }

    fn count(&mut self, counts: &str) {
        for part in counts.split(['.', ';']).map(str::trim) {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<u64>().ok()) else { continue };
            match words.next() {
                Some("passed") => self.passed += number,
                Some("failed") => self.failed += number,
                Some("ignored") => self.ignored += number,
                _ => {}
            }
        }
    }

    pub fn print(&self) {
        if !self.failures.is_empty() {
            println!("\nFallaron:\n  {}", self.failures.join("\n  "));
        }
        println!("\n{} passed, {} failed, {} skipped", self.passed, self.failed, self.ignored);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_programs_are_added_up_and_each_failure_is_named_once() {
        let text = "running 2 tests\ntest a ... ok\n\nfailures:\n\n---- m::b stdout ----\n    indented words\n\n\nfailures:\n    m::b\n\n\
                    test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.26s\n\
                    test result: ok. 5 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.02s\n";
        let tally = Tally::of(text);
        assert_eq!(tally, Tally { passed: 6, failed: 1, ignored: 2, failures: vec!["m::b".into()] });
    }

    #[test]
    fn the_browsers_closing_lines_count_too() {
        let text = "Running 9 tests using 1 worker\n\n  1 failed\n    [chromium] › agenda.spec.ts:3:5 › x\n  1 flaky\n  2 skipped\n  5 passed (1.4m)\n";
        let tally = Tally::of_browser(text, false);
        assert_eq!((tally.passed, tally.failed, tally.ignored), (6, 1, 2));
        let mut both = Tally { passed: 1, ignored: 1, ..Tally::default() };
        both.add(tally);
        assert_eq!(both, Tally { passed: 7, failed: 1, ignored: 3, failures: vec!["navegador (tests/e2e)".into()] });
        both.include("recorrido", Err(anyhow::anyhow!("no arrancó")));
        assert_eq!((both.passed, both.failed, both.failures.len()), (7, 2, 2), "what could not be run has failed, and the rest is told");
        assert_eq!(Tally::of_browser("Error: No tests found", false).failed, 1);
        assert_eq!(Tally::of_browser("  3 passed (2.1s)", true), Tally { passed: 3, ..Tally::default() });
    }
}
