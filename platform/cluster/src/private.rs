//! Secrets, files that only their owner reads, and free ports.
use crate::{Error, Result};
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// 32 hexadecimal digits from the operating system: needs no quoting in SQL, in a URL or in a shell.
pub fn random_secret() -> Result<String> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0u8; 16];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|error| Error::io("No se pudo leer", source, &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file with mode 0600 from the first byte on, beside the old one, and then takes its place.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension(format!("nuevo-{}", std::process::id()));
    let made = || -> std::io::Result<()> {
        if beside.exists() {
            fs::remove_file(&beside)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    made().map_err(|error| Error::io("No se pudo escribir", path, &error))
}

/// The secret kept in `path`, made at the first call.
pub fn secret_in(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => {
            let secret = random_secret()?;
            write(path, &format!("{secret}\n"))?;
            Ok(secret)
        }
    }
}

/// A TCP port of 127.0.0.1 that nobody uses at this moment.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| Error::new(format!("No hay puertos libres: {error}")))?;
    listener.local_addr().map(|address| address.port()).map_err(|error| Error::new(format!("No hay puertos libres: {error}")))
}

pub fn port_is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The port kept in `path` if it is still free, or else a new one, kept from now on: addresses that a person
/// noted down stay valid from one start to the next.
pub fn port_in(path: &Path) -> Result<u16> {
    let kept = fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
    match kept {
        Some(port) if port_is_free(port) => Ok(port),
        _ => {
            let port = free_port()?;
            write(path, &format!("{port}\n"))?;
            Ok(port)
        }
    }
}
