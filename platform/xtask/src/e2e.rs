//! The portal in a real browser: `tests/e2e` against a demonstration of its own.
use crate::{
    job::{Pulse, interrupted, say},
    node::Node,
    packages::{self, Need, ensure},
    paths,
    portal::{self, Types},
    test::Tally,
};
use anyhow::{Context, Result, bail};
use cluster::{Supervised, Target, private::free_port};
use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Enough for a full agenda, few enough to be there in seconds.
const MASCOTAS: &str = "600";
const LONGEST_START: Duration = Duration::from_secs(300);
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

fn folder() -> PathBuf {
    paths::root().join("tests/e2e")
}

/// Every screen: in every width under axe, with nothing and with nothing to be read, its lists as files; and the figures: many
/// minutes. The rest are the days of each role, at a desk's width.
const IN_DEPTH: &str = r"(calidad|descargas|estados|figuras)\.spec\.ts|se usa a (360|820) px";

/// What each role does in a day; `cargo xtask test e2e` runs the rest as well.
pub fn days() -> Result<Tally> {
    run(&["--grep-invert".to_owned(), IN_DEPTH.to_owned()])
}

/// What a browser does, with the programs as they were last built.
pub fn run(arguments: &[String]) -> Result<Tally> {
    portal::build(Types::Check)?;
    let done = playwright("probando el portal en un navegador", arguments)?;
    Ok(Tally::of_browser(&done.text, done.status.success()))
}

/// `cargo xtask screenshots`: every screen, in three widths, light and dark.
pub fn screenshots(arguments: &[String]) -> Result<ExitCode> {
    pictures("tomando capturas", "capturas.config.ts", arguments)
}

/// `cargo xtask imagenes`: those of the README, into `docs/imagenes`.
pub fn imagenes(arguments: &[String]) -> Result<ExitCode> {
    pictures("tomando las imágenes del README", "imagenes.config.ts", arguments)
}

fn pictures(label: &str, config: &str, arguments: &[String]) -> Result<ExitCode> {
    crate::test::compile_demo()?;
    portal::build(Types::Check)?;
    let with: Vec<String> = ["--config".to_owned(), config.to_owned()].into_iter().chain(arguments.iter().cloned()).collect();
    let done = playwright(label, &with)?;
    Ok(if done.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn playwright(label: &str, arguments: &[String]) -> Result<crate::job::Done> {
    let (node, browser) = ready()?;
    let demo = Demo::start("e2e")?;
    let job = node.job(label, "npx", &folder()).args(["--no-install", "playwright", "test"]).args(arguments);
    let mut job = match browser {
        Browser::At(path) => job.env("HUELLA_CHROMIUM", path),
        Browser::Own => job.without("HUELLA_CHROMIUM").env(OWN_PLACE.0, OWN_PLACE.1),
    };
    for (name, value) in demo.logins()? {
        job = job.env(&name, value);
    }
    job.run()
}

/// What the tests are run in.
pub enum Browser {
    At(OsString),
    /// The one of Playwright's version, beside its program.
    Own,
}

/// In `node_modules`, so that another version of Playwright finds none of an earlier one's.
const OWN_PLACE: (&str, &str) = ("PLAYWRIGHT_BROWSERS_PATH", "0");
/// Says that it is there.
const OWN_MARK: &str = "node_modules/.huella-navegador";

/// Node, the programs of these tests and a browser: all that they take, so that it can be asked for before anything is built.
pub fn ready() -> Result<(Node, Browser)> {
    let node = Node::find()?;
    node.install(&folder())?;
    let browser = match browser() {
        Some(path) => Browser::At(path),
        // Its package of that name is an empty one that asks for a snap.
        None if packages::is_ubuntu() => own(&node)?,
        None => {
            ensure(&[Need::Browser])?;
            Browser::At(browser().context("no hay Chromium")?)
        }
    };
    Ok((node, browser))
}

fn own(node: &Node) -> Result<Browser> {
    let mark = folder().join(OWN_MARK);
    if !mark.is_file() {
        say("Ubuntu no trae Chromium entre sus paquetes; se trae el de Playwright, con las bibliotecas que necesita");
        packages::may_install("npx playwright install-deps chromium")?;
        let job = node.job("trayendo el navegador", "npx", &folder()).without("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD");
        let install = ["--no-install", "playwright", "install", "--with-deps", "chromium"];
        job.env(OWN_PLACE.0, OWN_PLACE.1).env("DEBIAN_FRONTEND", "noninteractive").args(install).ok()?;
        fs::write(&mark, "")?;
    }
    Ok(Browser::Own)
}

pub fn browser() -> Option<OsString> {
    let given = std::env::var_os("HUELLA_CHROMIUM").filter(|path| !path.is_empty());
    let found = || BROWSERS.into_iter().filter_map(paths::in_path).find(|path| packages::runs(path));
    given.or_else(|| found().map(OsString::from))
}

/// In these folders of programs.
pub fn browser_in(path: &OsStr) -> Option<PathBuf> {
    BROWSERS.into_iter().find_map(|name| paths::find(path, name))
}

/// A demonstration with few data, made anew and gone at the end.
pub struct Demo {
    data: PathBuf,
    server: Supervised,
}

impl Demo {
    /// In a folder of this name in `target/`.
    pub fn start(name: &str) -> Result<Self> {
        let data = paths::target().join(name);
        fs::create_dir_all(&data)?;
        let port = free_port()?;
        let number = port.to_string();
        let log = fs::File::create(data.join("demo.log"))?;
        let program = paths::target().join("debug/huella");
        let mut arguments: Vec<OsString> =
            ["demo", "--fresh", "--mascotas", MASCOTAS, "--port", &number, "--data"].map(OsString::from).into();
        arguments.push(data.join("datos").into());
        let errors = log.try_clone()?;
        let server = Supervised::spawn(Target::Group, &program, &arguments, |command| {
            command.current_dir(paths::root()).stdout(Stdio::from(log)).stderr(Stdio::from(errors));
        })?;
        let mut demo = Self { data, server };
        let (start, pulse) = (Instant::now(), Pulse::default());
        while !answers(port) {
            if interrupted() {
                bail!("interrumpido");
            }
            if let Some(sign) = pulse.sign_of_life("arrancando la demostración para las pruebas", start) {
                eprintln!("{sign}");
            }
            if demo.server.ended()?.is_some() || start.elapsed() > LONGEST_START {
                let log = fs::read_to_string(demo.data.join("demo.log")).unwrap_or_default();
                bail!("la demostración para las pruebas no arrancó:\n{log}");
            }
            thread::sleep(Duration::from_millis(100));
        }
        say(&format!("demostración para las pruebas lista en {:.0} s, en el puerto {port}", start.elapsed().as_secs_f64()));
        Ok(demo)
    }

    /// Its own folder, for whatever goes with it, and in there the one of its data.
    pub fn folder(&self) -> &Path {
        &self.data
    }
    pub fn data(&self) -> PathBuf {
        self.data.join("datos")
    }

    /// Where it is and who signs in; none of its other secrets.
    fn logins(&self) -> Result<Vec<(String, String)>> {
        let path = self.data().join("conexion.env");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(text.lines().filter_map(login).collect())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.server.stop();
    }
}

/// `HUELLA_URL='…'`, `HUELLA_DEMO_*='…'` and where its mail can be read.
fn login(line: &str) -> Option<(String, String)> {
    let (name, quoted) = line.split_once("='")?;
    let wanted = matches!(name, "HUELLA_URL" | "CORREO_PAGINA") || name.starts_with("HUELLA_DEMO_");
    wanted.then(|| Some((name.to_owned(), quoted.strip_suffix('\'')?.to_owned()))).flatten()
}

/// Whether it answers: it listens long before it serves.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = [0u8; 12];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_logins_and_no_other_secret() {
        assert_eq!(login("HUELLA_URL='http://127.0.0.1:1'"), Some(("HUELLA_URL".into(), "http://127.0.0.1:1".into())));
        assert!(login("HUELLA_DEMO_CLAVE='x'").is_some());
        for line in ["DATABASE_URL='postgres://x'", "S3_SECRET_KEY='x'", "# HUELLA_URL", "HUELLA_CLAVES='/x'"] {
            assert_eq!(login(line), None, "{line}");
        }
    }
}
