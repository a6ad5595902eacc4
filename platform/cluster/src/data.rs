//! The data folder: made once, and at most one server at work in it.
use crate::{Binaries, Durability, Error, Result, Supervised, Target, account::Account, private::write};
use std::{
    ffi::OsStr,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub(crate) fn major_of(data: &Path) -> Result<Option<u32>> {
    let path = data.join("PG_VERSION");
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).map_err(|error| Error::io("No se pudo leer", &path, &error))?;
    text.trim().parse().map(Some).map_err(|_| Error::new(format!("{} no dice una versión de PostgreSQL", path.display())))
}

/// Made beside and renamed at the end: an interrupted `initdb` never looks like a cluster.
pub(crate) fn init(binaries: &Binaries, account: Account, data: &Path, password: &str, durability: Durability) -> Result<()> {
    let beside = data.with_extension("nuevo");
    let pwfile = data.with_extension("clave");
    write(&pwfile, password)?;
    account.give(&pwfile)?;
    let mut made = Err(Error::new("initdb no se ejecutó"));
    // The second one for systems whose C library has no C.UTF-8.
    for locale in ["C.UTF-8", "en_US.UTF-8"] {
        if beside.exists() {
            fs::remove_dir_all(&beside).map_err(|error| Error::io("No se pudo borrar", &beside, &error))?;
        }
        made = initdb(binaries, account, &beside, &pwfile, locale, durability);
        if made.is_ok() {
            break;
        }
    }
    let _ = fs::remove_file(&pwfile);
    made?;
    fs::rename(&beside, data).map_err(|error| Error::io("No se pudo crear", data, &error))
}

/// Supervised, because whoever loses patience meanwhile must not leave it running.
fn initdb(binaries: &Binaries, account: Account, data: &Path, pwfile: &Path, locale: &str, durability: Durability) -> Result<()> {
    let sync = if durability == Durability::Off { "--no-sync" } else { "--data-checksums" };
    let fixed = ["--locale", locale, "-E", "UTF8", "-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256"];
    let folders = [OsStr::new("-D"), data.as_os_str(), OsStr::new("--pwfile"), pwfile.as_os_str()];
    let arguments = fixed.into_iter().chain(["--no-instructions", sync]).map(OsStr::new).chain(folders);
    let mut running = Supervised::spawn(Target::Group, binaries.path("initdb"), arguments, |command| {
        account.apply(command);
        command.env("LC_ALL", locale).stdout(Stdio::null()).stderr(Stdio::piped());
    })?;
    let mut told = String::new();
    if let Some(mut pipe) = running.child().stderr.take() {
        let _ = pipe.read_to_string(&mut told);
    }
    if running.wait()?.success() {
        return Ok(());
    }
    Err(Error::new(format!("initdb no pudo crear {}:\n{}", data.display(), told.trim())))
}

pub(crate) fn pid_of(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("postmaster.pid")).ok()?.lines().next()?.trim().parse().ok()
}

/// Whether `pid` is a server of this very folder, and not somebody who got the number of one that died.
fn serves(pid: u32, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    if !Path::new("/proc/self").exists() {
        // No /proc (macOS): believe the file, as pg_ctl does.
        return Command::new("kill").args(["-0", &pid.to_string()]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    }
    // A server changes into its data folder.
    fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == data)
}

pub(crate) fn stop_leftover(binaries: &Binaries, account: Account, data: &Path) -> Result<()> {
    let Some(pid) = pid_of(data) else { return Ok(()) };
    for mode in ["fast", "immediate"] {
        if !serves(pid, data) {
            break;
        }
        let mut command = Command::new(binaries.path("pg_ctl"));
        account.apply(&mut command);
        command.arg("-D").arg(data).args(["stop", "-m", mode, "-w", "-t", "20"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
    if serves(pid, data) {
        return Err(Error::new(format!("No se pudo detener el PostgreSQL anterior (proceso {pid})")));
    }
    // PostgreSQL itself would refuse to start if another program has that number today.
    let _ = fs::remove_file(data.join("postmaster.pid"));
    Ok(())
}
