//! Secrets, files that only their owner reads, and free ports.
use crate::{Error, Result};
use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// From the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0u8; N];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(|error| Error::io("No se pudo leer", source, &error))?;
    Ok(bytes)
}

/// 32 hexadecimal digits: needs no quoting in SQL, in a URL or in a shell.
pub fn random_secret() -> Result<String> {
    Ok(random_bytes::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file with mode 0600 from the first byte on, beside the old one, and then takes its place.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension(format!("nuevo-{}", std::process::id()));
    let made = || -> io::Result<()> {
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
    kept_in(path, random_secret)
}

/// The text kept in `path` (mode 0600), made at the first call by `make`.
pub fn kept_in(path: &Path, make: impl FnOnce() -> Result<String>) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => {
            let secret = make()?;
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
    try_port(port).is_ok()
}

/// Why nobody can listen there at this moment, if so.
pub fn try_port(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| cannot_listen(port, &error))
}

/// In use is only one of the reasons.
pub fn cannot_listen(port: u16, error: &io::Error) -> Error {
    Error::new(match error.kind() {
        io::ErrorKind::AddrInUse => format!("el puerto {port} está en uso"),
        io::ErrorKind::PermissionDenied => {
            format!("no hay permiso para escuchar en el puerto {port} (los menores de 1024 suelen ser de root)")
        }
        _ => format!("no se puede escuchar en el puerto {port}: {error}"),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_says_why_nobody_can_listen_there() {
        let said = |kind: io::ErrorKind| cannot_listen(80, &kind.into()).to_string();
        assert_eq!(said(io::ErrorKind::AddrInUse), "el puerto 80 está en uso");
        assert!(said(io::ErrorKind::PermissionDenied).starts_with("no hay permiso para escuchar en el puerto 80"));
        assert!(said(io::ErrorKind::AddrNotAvailable).starts_with("no se puede escuchar en el puerto 80: "));
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = taken.local_addr().expect("an address").port();
        assert_eq!(try_port(port).expect_err("taken").to_string(), format!("el puerto {port} está en uso"));
    }
}
